"""What was not taken in: the last of what nobody we know has sent, and what named somebody else."""

from hub.store.master import Quarantine
from hub.store.messages import Ring
from hub.store.queries.view import Selection, select
from hub.store.statements import Job


def unknown(*, endpoint: str | None = None, limit: int = 100) -> Job[list[Ring]]:
    """Return what unknown senders tried, the newest first; of each endpoint only the last few are kept."""
    found = yield from select(Ring, Selection().equal(endpoint=endpoint), order="at desc, endpoint", limit=limit)
    return found


def quarantined(*, limit: int = 100) -> Job[list[Quarantine]]:
    """Return what known senders sent in the name of others, the newest first."""
    found = yield from select(Quarantine, order="at desc, id", limit=limit)
    return found
