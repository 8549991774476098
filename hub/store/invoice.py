"""The records of the invoice service: what may be billed of each order, what was billed, and the tills' revenue."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.canonical.document import Reference
from hub.canonical.invoice import Invoice
from hub.canonical.order import AgreedLine
from hub.canonical.party import Party
from hub.store.records import table


@table("billing_order")
class BillingOrder(NamedTuple):
    """What invoices need of an order's head, as last answered (`revision`).

    `paid_before` is what the buyer has paid without an invoice, `prepaid` how much of it
    stands on invoices. `despatches` are the shipments billed. `partner` and `correlation_id`
    are those of the order.
    """

    order_id: str
    order_number: str
    buyer_key: str
    buyers_number: str
    revision: int
    currency: str
    tax_included: bool
    buyer: Party
    seller: Party | None
    delivery: Party | None
    invoicee: Party | None
    payment_terms_days: int | None
    references: tuple[Reference, ...]
    paid_before: Decimal
    partner: str | None
    correlation_id: UUID
    prepaid: Decimal = Decimal(0)
    despatches: tuple[str, ...] = ()
    version: int = 0


@table("billing_line", key=2, group=1)
class BillingLine(NamedTuple):
    """An order line as it is agreed, its place in the order, and how much of it was shipped and billed.

    `billed` and `billed_tax` are what invoices hold of `agreed.amount` and `agreed.tax_amount`,
    in the order's own sense: with VAT where its prices include it.
    """

    order_id: str
    line_id: str
    position: int
    agreed: AgreedLine
    shipped: Decimal = Decimal(0)
    invoiced: Decimal = Decimal(0)
    billed: Decimal = Decimal(0)
    billed_tax: Decimal = Decimal(0)
    version: int = 0


@table("invoice", indexes=[("order_id",), ("issued",)])
class InvoiceRow(NamedTuple):
    """An issued invoice; it never changes. `despatch_number` is the shipment that it bills, None for services alone."""

    number: str
    order_id: str
    order_number: str
    buyer_key: str
    despatch_number: str | None
    issued: date
    due: date | None
    currency: str
    gross_total: Decimal
    payable: Decimal
    invoice: Invoice


@table("revenue_entry", key=2, indexes=[("business_date", "store")])
class RevenueEntry(NamedTuple):
    """Revenue of one receipt at one VAT rate; returns and voids are negative. `rate` None: the till did not say."""

    receipt_key: str
    n: int
    business_date: date
    store: str
    terminal: str
    kind: str
    currency: str
    rate: Decimal | None
    net: Decimal
    tax: Decimal
