"""What a person must decide on, and what is odd about what was applied all the same."""

from hub.store.messages import Parked, Task
from hub.store.queries.view import Selection, select
from hub.store.statements import Job


def parked(*, state: str = "parked", service: str | None = None, limit: int = 100) -> Job[list[Parked]]:
    """Return parked messages, the oldest first."""
    selection = Selection().equal(state=state, service=service)
    found = yield from select(Parked, selection, order="at, service, message_id", limit=limit)
    return found


def tasks(*, state: str = "open", limit: int = 100) -> Job[list[Task]]:
    """Return exception tasks, the oldest first."""
    found = yield from select(Task, Selection().equal(state=state), order="at, id", limit=limit)
    return found
