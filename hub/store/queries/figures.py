"""How much came, what became of it, and what is under way: the numbers of the console, the metrics and the summary."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from hub.domain.order_lines import COMPLETED
from hub.store.statements import Job, Query
from hub.store.status import LEAVES, SENT

OUTCOMES: Mapping[str, tuple[str, ...]] = {
    "applied": ("applied",),
    "duplicates": ("duplicate",),
    "refused": ("refused",),
    "parked": ("parked", "dropped"),
}
"""The name of each end in the books, and the counters that add up to it; what was dropped stays counted as parked."""


class Books(NamedTuple):
    """Documents of one channel: received = applied + duplicates + refused + parked + in flight."""

    channel: str
    received: int
    applied: int
    duplicates: int
    refused: int
    parked: int
    in_flight: int
    unauthenticated: int


class Backlog(NamedTuple):
    """One service's work: published and not confirmed, waiting, parked."""

    service: str
    outbox: int
    waiting: int
    parked: int


class Figures(NamedTuple):
    """Everything that is counted, read in one snapshot; documents sent and open tasks by their kind."""

    books: tuple[Books, ...]
    documents_sent: dict[str, int]
    orders_complete: int
    backlog: tuple[Backlog, ...]
    outbox_oldest: datetime | None
    tasks: dict[str, int]
    unsent: int

    @property
    def under_way(self) -> int:
        """Everything that will still move by itself: events not confirmed, messages waiting, documents not sent."""
        return sum(row.outbox + row.waiting for row in self.backlog) + self.unsent

    @property
    def total(self) -> Books:
        """All channels together."""
        sums = [sum(column) for column in zip(*(row[1:] for row in self.books), strict=True)]
        return Books("all", *(sums or [0] * 7))


def figures() -> Job[Figures]:
    """Return all figures; run it as one read, so that they belong together."""
    books = yield from _books()
    sent = yield Query(f"select kind, count(*) from transmission where {SENT} group by kind", types=(str, int))
    complete = yield Query("select count(*) from sales_order where state = :done", {"done": COMPLETED}, (int,))
    oldest = yield Query(
        "select min(e.at) from outbox o join event_log e on e.id = o.event_id", types=(datetime | None,)
    )
    tasks = yield Query("select kind, count(*) from task where state = 'open' group by kind", types=(str, int))
    unsent = yield Query(f"select count(*) from transmission where {LEAVES}", types=(int,))
    backlog = yield from _backlog()
    return Figures(
        books=books,
        documents_sent=dict(sorted(sent)),
        orders_complete=complete[0][0],
        backlog=backlog,
        outbox_oldest=oldest[0][0],
        tasks=dict(sorted(tasks)),
        unsent=unsent[0][0],
    )


def unsettled_and_settled() -> Job[tuple[int, int]]:
    """Return how many documents have no end yet (waiting ones left out), and how many ever got one."""
    unsettled = yield Query("select count(*) from document where ended is null", types=(int,))
    settled = yield Query(
        "select cast(coalesce(sum(n), 0) as bigint) from counter where outcome in :ends",
        {"ends": [end for ends in OUTCOMES.values() for end in ends]},
        (int,),
    )
    return unsettled[0][0], settled[0][0]


def _books() -> Job[tuple[Books, ...]]:
    rows = yield Query(
        "select channel, outcome, cast(sum(n) as bigint) from counter group by channel, outcome", types=(str, str, int)
    )
    counted = {(channel, outcome): n for channel, outcome, n in rows}
    return tuple(_of_channel(channel, counted) for channel in sorted({channel for channel, _ in counted}))


def _of_channel(channel: str, counted: Mapping[tuple[str, str], int]) -> Books:
    received = counted.get((channel, "received"), 0)
    ends = {name: sum(counted.get((channel, one), 0) for one in counters) for name, counters in OUTCOMES.items()}
    return Books(
        channel=channel,
        received=received,
        **ends,
        in_flight=received - sum(ends.values()),
        unauthenticated=counted.get((channel, "unauthenticated"), 0),
    )


def _backlog() -> Job[tuple[Backlog, ...]]:
    outbox = yield Query("select destination, count(*) from outbox group by destination", types=(str, int))
    waiting = yield Query("select service, count(*) from waiting group by service", types=(str, int))
    parked = yield Query(
        "select service, count(*) from parked where state = 'parked' group by service", types=(str, int)
    )
    columns = [dict(rows) for rows in (outbox, waiting, parked)]
    services = sorted({service for column in columns for service in column})
    return tuple(Backlog(service, *(column.get(service, 0) for column in columns)) for service in services)
