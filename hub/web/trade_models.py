"""What the API answers about orders, deliveries, stock and money."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from hub.canonical.delivery import HandlingUnit
from hub.domain.order_lines import LineQuantities, LineTerms
from hub.store.delivery import DeliveryLine, DeliveryOrder, HandlingUnitRow
from hub.store.order import OrderRow
from hub.store.queries.orders import Found
from hub.web.models import Answer


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
