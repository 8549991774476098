"""What the API answers: plain models for OpenAPI, made from records."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from hub.canonical.delivery import HandlingUnit
from hub.canonical.problem import rejected
from hub.domain.order_lines import LineQuantities, LineTerms
from hub.store.delivery import DeliveryLine, DeliveryOrder, HandlingUnitRow
from hub.store.messages import Document, Event, Ring
from hub.store.order import OrderRow
from hub.store.queries.figures import Figures
from hub.store.queries.orders import Found
from hub.store.queries.timeline import Timeline

BEGINNING = 1_000


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def of(cls, record: Any, **more: Any) -> Self:
        """Return what is shown of a record."""
        return cls.model_validate(record._asdict() | more)


class DocumentAnswer(Answer):
    """One document of the books. `end` is null while it is under way."""

    id: UUID
    correlation_id: UUID
    channel: str
    partner: str | None
    kind: str
    business_key: str | None
    source_key: str
    sha256: str
    end: str | None
    reason: str | None
    received_at: datetime
    ended_at: datetime | None
    test: bool

    @classmethod
    def of_document(cls, document: Document) -> Self:
        """Return what is shown of a document."""
        return cls.of(document, end=document.ended)


class DocumentPage(Answer):
    """Documents, the newest first; `next` is the cursor of the following page."""

    messages: list[DocumentAnswer]
    next: str | None

    @classmethod
    def of_documents(cls, documents: list[Document], limit: int) -> Self:
        """Return a page; there may be a next one if this one is full."""
        last = documents[-1] if len(documents) == limit else None
        shown = [DocumentAnswer.of_document(one) for one in documents]
        return cls(messages=shown, next=cursor_of(last) if last else None)


class EventAnswer(Answer):
    """One event of an order: when, what, who sent it, which services took it, and what it says."""

    id: UUID
    at: datetime
    type: str
    subject: str
    source: str
    channel: str
    partner: str | None
    correlation_id: UUID
    causation_id: UUID | None
    services: list[str]
    data: Any

    @classmethod
    def of_event(cls, event: Event) -> Self:
        """Return what is shown of an event."""
        return cls.of(event, services=event.destinations.split(), data=orjson.loads(event.body).get("data"))


class TransmissionAnswer(Answer):
    """One document or event on its way to a partner."""

    id: UUID
    partner: str
    kind: str
    event_type: str
    event_id: UUID
    subject: str
    reference: str
    transport: str
    state: str
    held: str | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    acknowledged: str | None
    last_error: str | None


class TimelineAnswer(Answer):
    """One order's life, the oldest first."""

    order_id: str
    events: list[EventAnswer]
    documents: list[TransmissionAnswer]

    @classmethod
    def of_timeline(cls, found: Timeline) -> Self:
        """Return what is shown of a timeline."""
        return cls(
            order_id=found.order_id,
            events=[EventAnswer.of_event(event) for event in found.events],
            documents=[TransmissionAnswer.of(one) for one in found.transmissions],
        )


class OrderAnswer(Answer):
    """An order: `number` is ours, `buyers_number` theirs; `total` in the order's own sense, with or without VAT."""

    order_id: str
    number: str
    buyer_key: str
    buyers_number: str
    channel: str
    partner: str | None
    state: str
    received_at: datetime
    currency: str
    tax_included: bool
    total: Decimal
    revision: int

    @classmethod
    def of_order(cls, row: OrderRow, **more: Any) -> Self:
        """Return what is shown of an order."""
        return cls.of(row, currency=row.head.currency, tax_included=row.head.tax_included, **more)


class OrderLineAnswer(Answer):
    """A line of an order: what was agreed on it, and its quantities as they happened."""

    line_id: str
    sku: str | None
    terms: LineTerms
    quantities: LineQuantities


class OrderInvoiceAnswer(Answer):
    """An invoice of an order, and what of it is paid."""

    invoice_number: str
    amount: Decimal
    paid: Decimal


class OrderDetail(OrderAnswer):
    """An order with its lines and invoices."""

    lines: list[OrderLineAnswer]
    invoices: list[OrderInvoiceAnswer]

    @classmethod
    def of_found(cls, found: Found) -> "OrderDetail":
        """Return what is shown of an order."""
        invoices = [OrderInvoiceAnswer.of(one, amount=sum(one.amounts.values())) for one in found.invoices]
        lines = [OrderLineAnswer.of(line) for line in found.lines]
        return cls.of_order(found.order, lines=lines, invoices=invoices)


class OrderList(Answer):
    """Orders, the newest first."""

    orders: list[OrderAnswer]


class FeedAnswer(Answer):
    """A partner-facing event as CloudEvents JSON, at its place in the feed."""

    position: int
    event: dict[str, Any]


class FeedPage(Answer):
    """Events in order; ask again after `next`."""

    events: list[FeedAnswer]
    next: int


class DeliveryAnswer(Answer):
    """A delivery order."""

    number: str
    order_id: str
    order_number: str
    partner: str | None
    state: str
    planned_at: datetime
    released_at: datetime | None
    picked_at: datetime | None
    packed_at: datetime | None
    shipped_at: datetime | None
    despatch_number: str | None
    tracking: str | None


class DeliveryLineAnswer(Answer):
    """One line of a delivery order; quantities in the item's unit."""

    line_id: str
    order_line: str
    sku: str
    unit: str
    location: str
    planned: Decimal
    picked: Decimal
    packed: Decimal
    shipped: Decimal


class DeliveryDetail(DeliveryAnswer):
    """A delivery order with its lines and packages."""

    lines: list[DeliveryLineAnswer]
    units: list[HandlingUnit]

    @classmethod
    def of_delivery(
        cls, one: DeliveryOrder, lines: Sequence[DeliveryLine], units: Sequence[HandlingUnitRow]
    ) -> "DeliveryDetail":
        """Return what is shown of a delivery order."""
        shown = [DeliveryLineAnswer.of(line) for line in lines]
        return cls.of(one, lines=shown, units=[row.unit for row in units])


class ParkedAnswer(Answer):
    """A message that a person must decide on."""

    service: str
    message_id: UUID
    at: datetime
    okey: str
    type: str
    error_class: str
    error: str
    state: str
    note: str | None


class ParkedDetail(ParkedAnswer):
    """A parked message with what it says, and where our program failed on it, if it did."""

    traceback: str | None
    content: str


class TaskAnswer(Answer):
    """Something odd about what was applied all the same."""

    id: UUID
    at: datetime
    service: str
    kind: str
    subject: str
    order_id: str | None
    reason: str
    state: str


class StockAnswer(Answer):
    """One item at one location, in the item's own unit; `short` is what order lines still wait for."""

    sku: str
    location: str
    on_hand: Decimal
    reserved: Decimal
    free: Decimal
    short: Decimal


class AllocationAnswer(Answer):
    """A part of a payment that was put against an invoice."""

    invoice_number: str
    order_id: str
    amount: Decimal
    reason: str
    at: datetime


class PaymentAnswer(Answer):
    """Money that has come in: amount = allocations + unallocated."""

    reference: str
    means: str
    amount: Decimal
    currency: str
    value_date: date
    payer: str | None
    unallocated: Decimal
    booked_at: datetime
    allocations: list[AllocationAnswer]


class CheckAnswer(Answer):
    """One thing that must hold, and whether it does."""

    name: str
    ok: bool
    detail: str


class VerifyAnswer(Answer):
    """A recount of the books from rows and archived bytes."""

    balanced: bool
    checks: list[CheckAnswer]


class UnknownAnswer(Answer):
    """What somebody unknown tried at an endpoint; `beginning` is text, cut short."""

    endpoint: str
    at: datetime
    reason: str
    headers: dict[str, str]
    beginning: str

    @classmethod
    def of_ring(cls, row: Ring) -> "UnknownAnswer":
        """Return what is shown of it."""
        return cls.of(row, beginning=row.body[:BEGINNING].decode(errors="replace"))


class QuarantineAnswer(Answer):
    """What a known sender sent in the name of somebody it may not speak for."""

    id: UUID
    at: datetime
    credential: str
    claimed: str
    endpoint: str
    archive_id: UUID


class TurnedAwayAnswer(Answer):
    """What was not taken in, the newest first."""

    unknown: list[UnknownAnswer]
    quarantined: list[QuarantineAnswer]


class SummaryAnswer(Answer):
    """What came, per channel, what became of it, and whether a recount agrees."""

    received: dict[str, int]
    unauthenticated: int
    outcomes: dict[str, int]
    documents_sent: dict[str, int]
    orders_complete: int
    under_way: int
    balanced: bool

    @classmethod
    def of_figures(cls, counted: Figures, *, balanced: bool) -> "SummaryAnswer":
        """Return the figures as the summary tells them."""
        total = counted.total
        ends = ("applied", "duplicates", "refused", "parked", "in_flight")
        return cls(
            received={row.channel: row.received for row in counted.books if row.received},
            unauthenticated=total.unauthenticated,
            outcomes={end: getattr(total, end) for end in ends},
            documents_sent=counted.documents_sent,
            orders_complete=counted.orders_complete,
            under_way=counted.under_way,
            balanced=balanced,
        )


def cursor_of(document: Document) -> str:
    """Return the place of a document in the list, as text."""
    return base64.urlsafe_b64encode(f"{document.received_at.isoformat()} {document.id}".encode()).decode()


def place_of(cursor: str) -> tuple[datetime, UUID]:
    """Return the place that a cursor names. Raises Rejected for one that we did not give."""
    try:
        at, _, identifier = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        return datetime.fromisoformat(at), UUID(identifier)
    except (ValueError, binascii.Error) as error:
        raise rejected(422, "the cursor is not one of ours", "Take `next` of the answer before.") from error
