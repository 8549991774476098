"""The records of the payment service: what is owed, what came in, and which part of it settled what.

Sum of receivables - sum of allocations = sum of what is open; a payment's amount =
its allocations + what is unallocated. A till's tenders settle their own receipt.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.store.records import table

CHUNK = 100
"""How many receivables of a payer stand together."""
BANK = ""
"""The source of payments that were recorded for themselves: their reference is unique everywhere."""


@table("payer_account", key=2)
class PayerAccount(NamedTuple):
    """What a payer owes in a currency; whoever changes any of it locks this row first.

    Receivables stand in chunks of `CHUNK`, in the order in which they were entered, so
    that the oldest open ones are found without reading all: `open` counts the open ones
    of each chunk that has any.
    """

    payer: str
    currency: str
    entered: int
    open: dict[int, int]
    version: int = 0


@table("receivable", key=4, group=3, indexes=[("order_id",), ("payer", "issued")], unique=[("invoice_number",)])
class ReceivableRow(NamedTuple):
    """What an invoice made somebody owe, before anything paid in advance (`amount`), and what is open of it.

    `payer` is the buyer's key. `partner` and `correlation_id` are those of the order.
    """

    payer: str
    currency: str
    chunk: int
    invoice_number: str
    order_id: str
    order_number: str
    buyer_key: str
    buyers_number: str
    issued: date
    due: date | None
    amount: Decimal
    open: Decimal
    partner: str | None
    correlation_id: UUID
    version: int = 0


@table("invoice_debtor")
class InvoiceDebtor(NamedTuple):
    """Where the receivable of an invoice stands: money names the invoice alone."""

    invoice_number: str
    payer: str
    currency: str
    chunk: int


@table("order_account")
class OrderAccount(NamedTuple):
    """What an order was paid before its invoices, and its invoices: each finds the other, whichever comes first.

    `prepayments` are references of payments, `invoices` numbers with the chunk of their
    receivable. `revision` is that of the last answer whose payments were booked.
    """

    order_id: str
    revision: int
    prepayments: tuple[str, ...]
    invoices: dict[str, int]
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
    """A part of a payment put against an invoice, and by which rule: named, oldest, prepaid, decided."""

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
