"""What a person must decide on."""

from uuid import UUID

from hub.store.messages import Event, Parked
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load


def parked(*, state: str = "parked", service: str | None = None, limit: int = 100) -> Job[list[Parked]]:
    """Return parked messages, the oldest first."""
    selection = Selection().equal(state=state, service=service)
    found = yield from select(Parked, selection, order="at, service, message_id", limit=limit)
    return found


def parked_one(service: str, message_id: UUID) -> Job[tuple[Parked, bytes] | None]:
    """Return one parked message and what it says, from the event log where its row has not kept it."""
    rows = yield Load(SPECS[Parked], [(service, message_id)])
    if not rows:
        return None
    events = yield Load(SPECS[Event], [(message_id,)])
    return rows[0], rows[0].body or (events[0].body if events else b"")
