"""Exception tasks, as a person sees them: listed, shown, and closed once what is odd has been looked at."""

from uuid import UUID

from hub.store.audit import By, audited
from hub.store.messages import Task
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load, Query

OPEN, CLOSED = "open", "closed"


def tasks(
    *, state: str | None = OPEN, kind: str | None = None, order_id: str | None = None, limit: int = 100
) -> Job[list[Task]]:
    """Return exception tasks, the oldest first; `state` None: in any."""
    selection = Selection().equal(state=state, kind=kind, order_id=order_id)
    found = yield from select(Task, selection, order="at, id", limit=limit)
    return found


def task(identifier: UUID, *, lock: bool = False) -> Job[Task | None]:
    """Return a task, None if there is none."""
    rows = yield Load(SPECS[Task], [(identifier,)], lock=lock)
    return rows[0] if rows else None


def close(identifier: UUID, by: By) -> Job[Task | None]:
    """Close a task and return it; one that is closed stays as it is. None: there is none."""
    known = yield from task(identifier, lock=True)
    if known is None or known.state == CLOSED:
        return known
    closed: Task = known._replace(state=CLOSED, closed_at=by.now, closed_by=by.actor, note=by.reason)
    yield Query(
        "update task set state = :state, closed_at = :at, closed_by = :actor, note = :note where id = :id",
        {"state": CLOSED, "at": by.now, "actor": by.actor, "note": by.reason, "id": identifier},
    )
    yield from audited(by, "task.closed", f"{known.kind} {known.subject}", known.reason, cause=identifier)
    return closed
