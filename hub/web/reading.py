"""The API's questions: each answers what the asker may see."""

from functools import partial
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Query

from hub.canonical.problem import Rejected, rejected
from hub.store.check import Check
from hub.store.queries.deliveries import deliveries, delivery
from hub.store.queries.documents import document, documents
from hub.store.queries.figures import Figures, figures
from hub.store.queries.orders import order, orders
from hub.store.queries.parking import parked
from hub.store.queries.payments import payments
from hub.store.queries.stock import stock
from hub.store.queries.timeline import timeline
from hub.store.queries.turned_away import quarantined, unknown
from hub.store.queries.view import View
from hub.store.statements import Job
from hub.store.transmissions import feed_after
from hub.store.verify import documents_agree, verify
from hub.web.asking import Inside, Seeing, The
from hub.web.house_models import (
    CheckAnswer,
    ParkedAnswer,
    QuarantineAnswer,
    SummaryAnswer,
    TurnedAwayAnswer,
    UnknownAnswer,
    VerifyAnswer,
)
from hub.web.models import (
    DocumentDetail,
    DocumentPage,
    FeedAnswer,
    FeedPage,
    TimelineAnswer,
    place_of,
)
from hub.web.trade_models import (
    AllocationAnswer,
    DeliveryAnswer,
    DeliveryDetail,
    OrderAnswer,
    OrderDetail,
    OrderList,
    PaymentAnswer,
    StockAnswer,
)

router = APIRouter()

Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/orders", tags=["orders"], summary="Orders by the partner's own number")
async def orders_by_number(
    backend: The, view: Seeing, partner: str | None = None, number: str | None = None, limit: Limit = 100
) -> OrderList:
    """Answer all orders with this number, since several buyers may use the same; without a number the newest."""
    found = await backend.database.read(partial(orders, view, partner=partner, number=number, limit=limit))
    return OrderList(orders=[OrderAnswer.of_order(one) for one in found])


@router.get("/orders/{number}", tags=["orders"], summary="One order by our number or its id")
async def order_by_number(backend: The, view: Seeing, number: str) -> OrderDetail:
    """Answer the order with its lines: ordered, confirmed, backordered, rejected, shipped, invoiced, paid."""
    found = await backend.database.read(partial(order, view, number))
    if found is None:
        raise _no("order", number)
    return OrderDetail.of_found(found)


@router.get("/orders/{number}/timeline", tags=["orders"], summary="Everything that happened to one order")
async def order_timeline(backend: The, view: Seeing, number: str) -> TimelineAnswer:
    """Answer its events, the oldest first, from the archived bytes on, and every document sent because of it."""
    found = await backend.database.read(partial(order, view, number))
    life = await backend.database.read(partial(timeline, view, found.order.order_id)) if found else None
    if life is None:
        raise _no("order", number)
    return TimelineAnswer.of_timeline(life)


@router.get("/messages", tags=["messages"], summary="Documents and what became of them")
async def messages(
    backend: The,
    view: Seeing,
    end: Annotated[
        str | None, Query(pattern="^(applied|duplicate|refused|waiting|parked|dropped|split|in_flight)$")
    ] = None,
    channel: str | None = None,
    partner: str | None = None,
    kind: str | None = None,
    business_key: str | None = None,
    source_key: str | None = None,
    correlation: UUID | None = None,
    cursor: str | None = None,
    limit: Limit = 100,
) -> DocumentPage:
    """Answer documents, the newest first. What must miss nothing reads `/events`, not this list."""
    found = await backend.database.read(
        partial(
            documents,
            view,
            end=end,
            channel=channel,
            partner=partner,
            kind=kind,
            business_key=business_key,
            source_key=source_key,
            correlation=correlation,
            before=place_of(cursor) if cursor else None,
            limit=limit,
        )
    )
    return DocumentPage.of_documents(found, limit)


@router.get("/messages/{document_id}", tags=["messages"], summary="One document and what it says")
async def message_by_id(backend: The, view: Seeing, document_id: UUID) -> DocumentDetail:
    """Answer a document of the books, and the canonical message (a CloudEvent) that was made of it."""
    found = await backend.database.read(partial(document, view, document_id))
    if found is None:
        raise _no("message", str(document_id))
    return DocumentDetail.of_found(*found)


@router.get("/events", tags=["messages"], summary="The feed of partner-facing events")
async def events(
    backend: The,
    view: Seeing,
    after: Annotated[int, Query(ge=0)] = 0,
    partner: str | None = None,
    limit: Limit = 100,
) -> FeedPage:
    """Answer the events after a position as CloudEvents; ask again after `next`. Nothing appears before it later."""
    if partner is not None and not view.sees(partner):
        raise _no("partner", partner)
    one = partner or _only(view)
    found = await backend.database.read(partial(feed_after, one, after, limit))
    entries = [FeedAnswer(position=entry.position, event=orjson.loads(body)) for entry, body in found]
    return FeedPage(events=entries, next=entries[-1].position if entries else after)


@router.get("/stock", tags=["stock"], summary="What is on hand and what is promised")
async def stock_levels(
    backend: The, _: Inside, sku: str | None = None, location: str | None = None, limit: Limit = 1000
) -> list[StockAnswer]:
    """Answer quantities by item and location, in the item's own unit."""
    found = await backend.database.read(partial(stock, sku=sku, location=location, limit=limit))
    return [StockAnswer.of(one) for one in found]


@router.get("/deliveries", tags=["deliveries"], summary="Delivery orders")
async def delivery_list(
    backend: The, view: Seeing, state: str | None = None, order_id: str | None = None, limit: Limit = 100
) -> list[DeliveryAnswer]:
    """Answer delivery orders: those in a state or of an order the oldest first, else the newest first."""
    found = await backend.database.read(partial(deliveries, view, state=state, order_id=order_id, limit=limit))
    return [DeliveryAnswer.of(one) for one in found]


@router.get("/deliveries/{number}", tags=["deliveries"], summary="One delivery order")
async def delivery_by_number(backend: The, view: Seeing, number: str) -> DeliveryDetail:
    """Answer a delivery order with its lines and packages."""
    found = await backend.database.read(partial(delivery, view, number))
    if found is None:
        raise _no("delivery", number)
    return DeliveryDetail.of_delivery(*found)


@router.get("/payments", tags=["payments"], summary="Payments and what they settled")
async def payment_list(
    backend: The,
    _: Inside,
    reference: str | None = None,
    payer: str | None = None,
    limit: Limit = 100,
    *,
    unallocated: Annotated[bool, Query(description="Only those that have something left.")] = False,
) -> list[PaymentAnswer]:
    """Answer payments, the newest first."""
    wanted = partial(payments, reference=reference, payer=payer, unallocated=unallocated, limit=limit)
    found = await backend.database.read(wanted)
    return [
        PaymentAnswer.of(row, allocations=[AllocationAnswer.of(one) for one in allocations])
        for row, allocations in found
    ]


@router.get("/parked", tags=["messages"], summary="What a person must decide on")
async def parked_list(
    backend: The,
    _: Inside,
    state: Annotated[str, Query(pattern="^(parked|replayed|dropped)$")] = "parked",
    service: str | None = None,
    limit: Limit = 100,
) -> list[ParkedAnswer]:
    """Answer parked messages, the oldest first."""
    found = await backend.database.read(partial(parked, state=state, service=service, limit=limit))
    return [ParkedAnswer.of(one) for one in found]


@router.get("/turned-away", tags=["messages"], summary="What was not taken in")
async def turned_away(backend: The, _: Inside, endpoint: str | None = None, limit: Limit = 100) -> TurnedAwayAnswer:
    """Answer why unknown senders were turned away, and what was quarantined: to find a wrong secret or address."""
    rings = await backend.database.read(partial(unknown, endpoint=endpoint, limit=limit))
    apart = await backend.database.read(partial(quarantined, limit=limit))
    return TurnedAwayAnswer(
        unknown=[UnknownAnswer.of_ring(row) for row in rings], quarantined=[QuarantineAnswer.of(row) for row in apart]
    )


@router.get("/summary", tags=["messages"], summary="What came, what became of it, and whether the books balance")
async def summary(backend: The, _: Inside) -> SummaryAnswer:
    """Answer the figures, and whether the documents counted one by one agree with them; `/verify` recounts all."""
    counted, books = await backend.database.read(_figures_and_books)
    return SummaryAnswer.of_figures(counted, balanced=books.ok)


def _figures_and_books() -> Job[tuple[Figures, Check]]:
    """Return both of one snapshot, so that they belong together."""
    return (yield from figures()), (yield from documents_agree())


@router.get("/verify", tags=["messages"], summary="A recount of the books")
async def verification(backend: The, _: Inside) -> VerifyAnswer:
    """Recount from rows and archived bytes, and answer each thing that must hold."""
    checks = await backend.database.read(partial(verify, backend.seams.now()))
    shown = [CheckAnswer.of(check) for check in checks]
    return VerifyAnswer(balanced=all(check.ok for check in checks), checks=shown)


def _only(view: View) -> str | None:
    """Return the partner whose feed is meant, None for all of them."""
    if view.partners is None:
        return None
    if len(view.partners) > 1:
        raise rejected(422, "this credential speaks for several partners", "Name one: ?partner=<id>.")
    return min(view.partners)


def _no(what: str, key: str) -> Rejected:
    return rejected(404, f"there is no {what} {key}", "Look at the list, or ask with a credential that may see it.")
