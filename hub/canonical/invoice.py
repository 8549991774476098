"""The invoice. Names and arithmetic after EN 16931; EDIFACT INVOIC."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.document import Reference
from hub.canonical.order import OrderReference
from hub.canonical.party import Party
from hub.canonical.values import Amount, Currency, Identifier, Quantity, Rate, Value


class InvoiceLine(Value):
    """A line; `net` is BT-131 = quantity x net price, rounded. `order_line` is the buyer's line number."""

    line_id: Identifier
    order_line: Identifier
    despatch_number: Identifier | None = None
    item: ItemIdentification
    quantity: Quantity
    price: Amount
    net: Amount
    tax_category: Identifier = "S"
    tax_rate: Rate


class TaxSubtotal(Value):
    """VAT per category and rate: base (BT-116), tax (BT-117), and why there is none (BT-121, a VATEX code)."""

    category: Identifier
    rate: Rate
    base: Amount
    tax: Amount
    exemption: Identifier | None = None


class Invoice(Value):
    """An issued invoice; it never changes. Totals are BT-106, BT-109, BT-110, BT-112, BT-113, BT-114, BT-115.

    `prepaid` is what was paid before, without an invoice of its own. `rounding` is the
    named difference to what the buyer was told to pay; payable = gross - prepaid + rounding.
    """

    number: Identifier
    kind: Identifier = "380"
    issued: date
    due: date | None = None
    delivered: date | None = None
    currency: Currency
    buyer: Party
    seller: Party
    delivery: Party | None = None
    invoicee: Party | None = None
    references: tuple[Reference, ...] = ()
    lines: tuple[InvoiceLine, ...]
    taxes: tuple[TaxSubtotal, ...]
    line_total: Amount
    net_total: Amount
    tax_total: Amount
    gross_total: Amount
    prepaid: Amount = Decimal(0)
    rounding: Amount = Decimal(0)
    payable: Amount
    payment_terms_days: int | None = None


class InvoiceIssued(OrderReference):
    """An invoice was issued for a shipment."""

    TYPE: ClassVar[str] = "invoice.issued.v1"
    PARTNER_FACING: ClassVar[bool] = True
    invoice: Invoice
