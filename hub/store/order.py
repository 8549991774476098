"""The records of the order service: what buyers want, what was agreed, and how much of it has happened."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple, TypeVar
from uuid import UUID

from hub.canonical.document import Period, Reference
from hub.canonical.order import OrderAnswer, PaymentMade, order_names
from hub.canonical.party import Party
from hub.canonical.values import Currency, Sparse
from hub.domain.order_lines import LineQuantities, LineTerms, agreed_line
from hub.store.records import table

A = TypeVar("A", bound=OrderAnswer)


class OrderHead(Sparse):
    """What of an order's head later documents repeat, as it was when the order came; see `Order`."""

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
    payments: tuple[PaymentMade, ...] = ()


@table(
    "sales_order",
    indexes=[("buyers_number",), ("state", "received_at"), ("received_at",), ("partner", "received_at")],
    unique=[("number",)],
)
class OrderRow(NamedTuple):
    """An order, or a till's receipt kept as one. `number` is ours, `buyers_number` theirs.

    `state` is what `order_state` makes of the lines, kept for queries. `total` is what the
    lines that were not refused cost, in the order's own sense (with VAT where its prices
    include it). `document` is the message that the order stands as, in the event log: what
    comes again is held against it. `source_version` orders a shop's snapshots. `revision` counts our answers;
    `partial` tells whether part deliveries are agreed.
    """

    order_id: str
    number: str
    buyer_key: str
    buyers_number: str
    channel: str
    partner: str | None
    state: str
    received_at: datetime
    correlation_id: UUID
    total: Decimal
    head: OrderHead
    document: UUID
    source_version: datetime | None
    revision: int
    partial: bool
    version: int = 0

    @property
    def order_number(self) -> str:
        """Our number, by the name that messages and other services' rows have for it."""
        return self.number


@table("order_line", key=2, group=1)
class OrderLineRow(NamedTuple):
    """One line of an order: its terms never change, its quantities are as they happened. `line_id` is the buyer's."""

    order_id: str
    position: int
    line_id: str
    sku: str | None
    terms: LineTerms
    quantities: LineQuantities
    version: int = 0


@table("order_invoice", key=2, group=1)
class OrderInvoice(NamedTuple):
    """An invoice of an order: what it bills of each line, with VAT, by the buyer's line number; and what is paid."""

    order_id: str
    invoice_number: str
    currency: str
    amounts: dict[str, Decimal]
    paid: Decimal
    version: int = 0


def answer(kind: type[A], row: OrderRow, lines: Sequence[OrderLineRow], *, repeated: bool = False) -> A:
    """Return the order as it is agreed now, as an answer of this kind."""
    agreed = tuple(agreed_line(line.line_id, line.sku, line.terms, line.quantities) for line in lines)
    return kind.model_validate(
        order_names(row) | dict(row.head) | {"lines": agreed, "revision": row.revision, "repeated": repeated}
    )
