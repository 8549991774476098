"""The records of the payment service: what is owed, what came in, and which part of it settled what.

Sum of receivables - sum of allocations = sum of what is open; a payment's amount =
its allocations + what is unallocated. A till's tenders settle their own receipt.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.store.records import table

BANK = ""
"""The source of payments that were recorded for themselves: their reference is unique everywhere."""


@table("receivable", indexes=[("order_id",), ("payer", "issued")])
class ReceivableRow(NamedTuple):
    """What an invoice made somebody owe, before anything paid in advance; it never changes.

    `payer` is the buyer's key. `partner` and `correlation_id` are those of the order.
    """

    invoice_number: str
    order_id: str
    order_number: str
    buyer_key: str
    buyers_number: str
    payer: str
    currency: str
    issued: date
    due: date | None
    amount: Decimal
    partner: str | None
    correlation_id: UUID


@table("open_amount", indexes=[("open",)])
class OpenAmount(NamedTuple):
    """What is still open of an invoice. It is locked after the account of its payer."""

    invoice_number: str
    open: Decimal
    version: int = 0


@table("payer_account", key=2)
class PayerAccount(NamedTuple):
    """Which invoices of a payer in a currency are open, with their days of issue."""

    payer: str
    currency: str
    open: dict[str, date]
    version: int = 0


@table("order_account")
class OrderAccount(NamedTuple):
    """What an order was paid before its invoices (references of payments), and its invoices: each finds the other.

    `revision` is that of the last answer whose payments were booked.
    """

    order_id: str
    revision: int = 0
    prepayments: tuple[str, ...] = ()
    invoices: tuple[str, ...] = ()
    version: int = 0


@table("payment", key=2, indexes=[("payer",), ("value_date",)])
class PaymentRow(NamedTuple):
    """Money that came in. Its key is who gave the reference and the reference.

    `source` is `BANK`, or the order id of a shop's order: a shop's references are unique
    within the order. `invoices` are those that it named. `allocations` counts its
    allocation rows.
    """

    source: str
    reference: str
    means: str
    currency: str
    amount: Decimal
    value_date: date
    payer: str | None
    invoices: tuple[str, ...]
    unallocated: Decimal
    booked_at: datetime
    allocations: int = 0
    version: int = 0


@table("allocation", key=3, indexes=[("invoice_number",), ("order_id",)])
class AllocationRow(NamedTuple):
    """A part of a payment put against an invoice, and by which rule: named, oldest, prepaid."""

    source: str
    reference: str
    n: int
    invoice_number: str
    order_id: str
    amount: Decimal
    reason: str
    at: datetime


@table("tender", key=2, indexes=[("business_date", "store")])
class TenderRow(NamedTuple):
    """How a receipt was paid: money that settles this receipt alone. Change, and what a void gives back, is negative.

    `settled` is false for what was sold on account: nothing has come in for it.
    """

    receipt_key: str
    n: int
    business_date: date
    store: str
    terminal: str
    means: str
    currency: str
    amount: Decimal
    reference: str | None
    settled: bool
