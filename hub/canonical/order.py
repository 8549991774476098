"""The order and what happens to it. Names after UBL 2.1 Order and OrderResponse; EDIFACT ORDERS and ORDRSP."""

from datetime import date
from typing import Any, ClassVar, Literal

from pydantic import AwareDatetime, Field

from hub.canonical.catalogue import AllowanceCharge, ItemIdentification, Price
from hub.canonical.document import Note, Period, Reference
from hub.canonical.envelope import Payload
from hub.canonical.party import OtherParty, Party
from hub.canonical.trade import Details
from hub.canonical.values import Amount, Currency, Identifier, Quantity, Rate, Value

LineKind = Literal["item", "shipping", "fee", "tip", "gift_card", "deposit", "bundle_parent"]
OrderFunction = Literal["original", "replace", "change", "cancellation", "duplicate", "proposal", "confirmation"]
"""What the buyer wants done with the document; EDIFACT 1225 9, 5, 4, 1, 7, 16, 6/42."""


class PaymentMade(Value):
    """Money that the buyer has paid already, as the shop states it."""

    reference: Identifier
    means: str
    amount: Amount


class OrderLine(Value):
    """One line as the buyer stated it. `line_id` is the buyer's and is given back unchanged."""

    line_id: Identifier
    kind: LineKind = "item"
    parent_line: Identifier | None = None
    item: ItemIdentification
    quantity: Quantity
    price: Price | None = None
    stated_amount: Amount | None = None
    tax_rate: Rate | None = None
    tax_amount: Amount | None = None
    requested_delivery: Period | None = None
    delivery: Party | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    details: Details | None = None
    extensions: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class StatedTotals(Value):
    """Totals as the sender stated them, kept beside what is computed. None: not stated."""

    lines: Amount | None = None
    allowances: Amount | None = None
    charges: Amount | None = None
    tax: Amount | None = None
    payable: Amount | None = None
    line_count: int | None = None
    quantity: Amount | None = None


class Order(Value):
    """An order as its buyer stated it: the whole document, nothing dropped.

    Amounts are in `currency`. `tax_included` tells whether prices include VAT.
    `version` orders the snapshots of one shop order: when the shop changed it; None where
    the source has no versions.
    """

    number: Identifier
    function: OrderFunction = "original"
    kind: str = "220"
    issued: date
    currency: Currency
    tax_included: bool = False
    buyer: Party
    seller: Party | None = None
    delivery: Party | None = None
    invoicee: Party | None = None
    other_parties: tuple[OtherParty, ...] = ()
    requested_delivery: Period | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    payment_terms_days: int | None = None
    lines: tuple[OrderLine, ...]
    allowances: tuple[AllowanceCharge, ...] = ()
    stated: StatedTotals = StatedTotals()
    payments: tuple[PaymentMade, ...] = ()
    version: AwareDatetime | None = None
    cancelled: bool = False
    details: Details | None = None
    extensions: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class OrderReceived(Payload):
    """A buyer wants goods; nothing has happened yet. `buyer_key` + `order.number` is the business key."""

    TYPE: ClassVar[str] = "order.received.v1"
    buyer_key: Identifier
    order: Order

    @property
    def business_key(self) -> str:
        return f"{self.buyer_key}/{self.order.number}"


class OrderReference(Payload):
    """What every later message of an order repeats: who ordered under which number, and our own number for it."""

    order_id: Identifier
    order_number: Identifier
    buyer_key: Identifier
    buyers_number: Identifier

    @property
    def business_key(self) -> str:
        return self.order_number


_ORDER_NAMES = tuple(OrderReference.model_fields)


def order_names(source: object) -> dict[str, Any]:
    """Return the fields of `OrderReference` as `source` has them: a message of an order, or a row that keeps them."""
    return {name: getattr(source, name) for name in _ORDER_NAMES}


class AgreedLine(Value):
    """One line of our answer.

    `status` is accepted, changed (quantity, price or date differ from what was ordered) or rejected;
    ordered = confirmed + backordered + rejected. `sku` is None where the item is unknown to us and on
    lines that are no goods (shipping, fee, tip …); `stocked` tells whether the line waits for stock and
    leaves with a shipment, `location` where its goods lie. `reasons` read `code: sentence`.

    Money is in the order's own sense: with VAT where `tax_included` says so, else without. `amount` is
    what the whole ordered quantity costs after all allowances, the line's own and its share of the
    document's, rounded to the currency. It is binding: the first q of the ordered quantity cost
    amount x q / ordered, rounded; an invoice bills that less what was billed before, so that the parts
    always sum to the whole. `price` is per unit after allowances, for people and documents to show: as
    stated or listed, else amount / ordered to 10 digits. `tax_rate` is the VAT rate that will be invoiced;
    `tax_amount` the VAT of the whole ordered quantity as a shop has charged it, None where nobody has:
    what a shop's customer paid is the sum of `amount` (and of `tax_amount`, where VAT is not included).
    """

    line_id: Identifier
    kind: LineKind = "item"
    item: ItemIdentification
    sku: Identifier | None = None
    ordered: Quantity
    confirmed: Amount
    backordered: Amount
    rejected: Amount
    stocked: bool = True
    location: Identifier = "main"
    price: Amount
    amount: Amount
    vat_code: Identifier | None = None
    tax_category: Identifier = "S"
    tax_rate: Rate
    tax_amount: Amount | None = None
    status: Literal["accepted", "changed", "rejected"]
    reasons: tuple[str, ...] = ()


class OrderAnswer(OrderReference):
    """Our answer to an order, with every line and what later documents need of its head.

    `revision` counts our answers, from 1; each states the whole order as it is agreed now. A buyer who
    sends an order twice gets the last answer again: `repeated`, under its old revision, for the partner
    alone. Whoever acts on answers acts once on each revision.
    """

    currency: Currency
    tax_included: bool = False
    issued: date
    buyer: Party
    seller: Party | None = None
    delivery: Party | None = None
    invoicee: Party | None = None
    payment_terms_days: int | None = None
    requested_delivery: Period | None = None
    references: tuple[Reference, ...] = ()
    lines: tuple[AgreedLine, ...]
    payments: tuple[PaymentMade, ...] = ()
    revision: int = 1
    repeated: bool = False


class OrderAccepted(OrderAnswer):
    """We deliver everything as ordered."""

    TYPE: ClassVar[str] = "order.accepted.v1"
    PARTNER_FACING: ClassVar[bool] = True


class OrderPartlyAccepted(OrderAnswer):
    """We deliver, but not everything, or not as ordered."""

    TYPE: ClassVar[str] = "order.partly_accepted.v1"
    PARTNER_FACING: ClassVar[bool] = True


class OrderRejected(OrderAnswer):
    """We deliver nothing of this order; each line says why."""

    TYPE: ClassVar[str] = "order.rejected.v1"
    PARTNER_FACING: ClassVar[bool] = True


class OrderChanged(OrderAnswer):
    """What was agreed has changed since our last answer: backordered goods arrived, or the buyer changed the order."""

    TYPE: ClassVar[str] = "order.changed.v1"
    PARTNER_FACING: ClassVar[bool] = True


class OrderCancelled(OrderReference):
    """The order is off; what was reserved is free again. `revision` goes on counting our answers."""

    TYPE: ClassVar[str] = "order.cancelled.v1"
    PARTNER_FACING: ClassVar[bool] = True
    reason: str
    buyer: Party | None = None
    seller: Party | None = None
    revision: int = 1


class OrderCompleted(OrderReference):
    """Every line's net ordered quantity is shipped, invoiced and paid."""

    TYPE: ClassVar[str] = "order.completed.v1"
    PARTNER_FACING: ClassVar[bool] = True
