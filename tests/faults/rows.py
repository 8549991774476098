"""The hub's rows as a checker reads them: one snapshot of the database, beside the running hub."""

import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from hub.domain.order_lines import LineQuantities
from hub.seams import Seams
from hub.store.archive import bodies
from hub.store.database import open_database
from hub.store.invoice import InvoiceRow
from hub.store.order import OrderLineRow
from hub.store.queries.view import select
from hub.store.statements import Job, Query
from hub.store.status import Transmission

T = TypeVar("T")
UNSETTLED = {
    "documents without an end": "select count(*) from document where ended is null or ended = 'waiting'",
    "events in the outbox": "select count(*) from outbox",
    "messages that wait": "select count(*) from waiting",
    "documents not sent": "select count(*) from transmission where state = 'queued'",
    "events without an outcome": """
        select cast(coalesce(sum(length(destinations) - length(replace(destinations, ' ', '')) + 1), 0) as bigint)
             - (select count(*) from inbox i join event_log e on e.id = i.message_id)
        from event_log where destinations <> ''""",
}
"""What counts as unsettled; the last is what lies in a broker or in a process's memory."""


@dataclass(frozen=True)
class Archived:
    """What the archive holds of one input or document: the hash of its bytes as we compute it, and as it is stated."""

    sha256: str
    stated: str
    size: int
    body: bytes


@dataclass(frozen=True)
class Order:
    """An order of the hub with its lines as (item, quantities)."""

    channel: str
    state: str
    total: Decimal
    lines: list[tuple[str, LineQuantities]]


@dataclass(frozen=True)
class Rows:
    """One moment of the database. Keys are what a partner knows: hashes of bytes, its own numbers, references."""

    unsettled: dict[str, int]
    came_in: list[Archived]
    sent: dict[UUID, Archived]
    documents: dict[str, list[tuple[str | None, str, str | None]]]
    """By sha256 of the bytes they came in: business key, end, reason."""
    orders: dict[str, Order]
    invoices: list[tuple[str, str, Decimal]]
    """Number, order, and what the buyer has to pay or has paid."""
    open_receivables: Decimal
    tenders: dict[str, Decimal]
    revenue: dict[str, Decimal]
    payments: dict[str, Decimal]
    payment_rows: int
    stock: dict[tuple[str, str], Decimal]
    movements: list[tuple[str, str, Decimal]]
    transmissions: list[Transmission]
    feed: list[tuple[int, UUID, str, str]]
    missing_outcomes: int
    bare_parked: int


async def snapshot(url: str) -> Rows:
    """Read everything at one moment."""
    return await _read(url, _rows)


async def unsettled(url: str) -> dict[str, int]:
    """Return what still has to happen by itself, by kind; nothing if the hub has come to rest."""
    return await _read(url, _unsettled)


async def _read(url: str, job: Callable[[], Job[T]]) -> T:
    database = open_database(url, seams=Seams())
    try:
        return await database.read(job)
    finally:
        await database.close()


def _unsettled() -> Job[dict[str, int]]:
    found = {}
    for kind, sql in UNSETTLED.items():
        ((count,),) = yield Query(sql, types=(int,))
        if count:
            found[kind] = count
    return found


def _rows() -> Job[Rows]:
    came_in, sent = (yield from _archive("in")), (yield from _archive("out"))
    return Rows(
        unsettled=(yield from _unsettled()),
        came_in=list(came_in.values()),
        sent=sent,
        documents=(yield from _documents(came_in)),
        orders=(yield from _orders()),
        invoices=[
            (row.number, row.order_id, row.payable + row.invoice.prepaid) for row in (yield from select(InvoiceRow))
        ],
        open_receivables=(yield Query("select coalesce(sum(open), '0') from receivable", types=(Decimal,)))[0][0]
        if (yield Query("select count(*) from receivable", types=(int,)))[0][0]
        else Decimal(0),
        tenders=dict((yield Query("select receipt_key, sum(amount) from tender group by 1", types=(str, Decimal)))),
        revenue=dict((yield from _revenue())),
        payments=dict((yield Query("select reference, sum(amount) from payment group by 1", types=(str, Decimal)))),
        payment_rows=(yield Query("select count(*) from payment", types=(int,)))[0][0],
        stock={
            (sku, location): held
            for sku, location, held in (
                yield Query("select sku, location, on_hand from stock_item", types=(str, str, Decimal))
            )
        },
        movements=(yield Query("select sku, location, quantity from stock_movement", types=(str, str, Decimal))),
        transmissions=(yield from select(Transmission)),
        feed=(
            yield Query(
                "select f.position, f.event_id, f.partner, e.subject from feed f join event_log e on e.id = f.event_id"
                " order by f.position",
                types=(int, UUID, str, str),
            )
        ),
        missing_outcomes=(yield from _missing_outcomes()),
        bare_parked=(yield Query("select count(*) from parked where error = ''", types=(int,)))[0][0],
    )


def _archive(direction: str) -> Job[dict[UUID, Archived]]:
    ids = yield Query(
        "select id from archive where direction = :direction order by id", {"direction": direction}, (UUID,)
    )
    held = yield from bodies(one for (one,) in ids)
    return {
        identifier: Archived(hashlib.sha256(body).hexdigest(), row.sha256, row.size, body)
        for identifier, (row, body) in held.items()
    }


def _documents(came_in: dict[UUID, Archived]) -> Job[dict[str, list[tuple[str | None, str, str | None]]]]:
    rows = yield Query(
        "select archive_id, business_key, coalesce(ended, 'in flight'), reason from document",
        types=(UUID, str | None, str, str | None),
    )
    found = defaultdict(list)
    for archive_id, key, ended, reason in rows:
        found[came_in[archive_id].sha256].append((key, ended, reason))
    return dict(found)


def _orders() -> Job[dict[str, Order]]:
    rows = yield Query(
        "select order_id, buyer_key, buyers_number, channel, state, total from sales_order",
        types=(str, str, str, str, str, Decimal),
    )
    lines = defaultdict(list)
    for line in (yield from select(OrderLineRow)):
        lines[line.order_id].append((line.sku or "", line.quantities))
    found: dict[str, Order] = {}
    for identifier, buyer, number, channel, state, total in rows:
        key = f"{buyer}/{number}"
        assert key not in found, f"two orders are {key}"
        found[key] = Order(channel, state, total, lines[identifier])
    return found


def _revenue() -> Job[list[tuple[str, Decimal]]]:
    rows = yield Query("select receipt_key, net, tax from revenue_entry", types=(str, Decimal, Decimal))
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for key, net, tax in rows:
        sums[key] += net + tax
    return list(sums.items())


def _missing_outcomes() -> Job[int]:
    """Return how many events were sent to a service that has no outcome of them."""
    events = yield Query("select id, destinations from event_log", types=(UUID, str))
    outcomes = yield Query("select message_id, service from inbox", types=(UUID, str))
    settled = set(outcomes)
    return sum((identifier, service) not in settled for identifier, names in events for service in names.split())
