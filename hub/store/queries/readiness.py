"""Whether work goes on, as rows tell it to a process that does none of it: who reads, and how long events wait."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from hub.store import leases
from hub.store.statements import Job, Query


def unread(services: Iterable[str], now: datetime) -> Job[list[str]]:
    """Return those of these services that no worker reads for."""
    held = yield from leases.live("partition/", now)
    read = {name.split("/")[1] for name in held}
    return sorted(set(services) - read)


def longest_wait(now: datetime) -> Job[timedelta]:
    """Return how long the event that was published first has waited for the broker's word; nothing if none does."""
    rows = yield Query(
        "select e.at from outbox o join event_log e on e.id = o.event_id order by o.id limit 1", types=(datetime,)
    )
    return max(timedelta(0), now - rows[0][0]) if rows else timedelta(0)
