"""Money received, and which invoices it settles."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from hub.canonical.envelope import Payload
from hub.canonical.order import OrderReference
from hub.canonical.values import Amount, Identifier, Money


class RecordPayment(Payload):
    """Money has come in. It is allocated to `invoices` in the order given, oldest first if none is named.

    `reference` is the bank's or provider's own id of the payment: the same reference is the same money.
    `payer` is the buyer's key as orders have it: a GLN, or `shop:shopify:acme`.
    """

    TYPE: ClassVar[str] = "payment.record.v1"
    reference: Identifier
    means: Identifier = "transfer"
    money: Money
    value_date: date
    payer: Identifier | None = None
    invoices: tuple[Identifier, ...] = ()

    @property
    def business_key(self) -> str:
        return self.reference


class AllocatePayment(Payload):
    """Put what is unallocated of a payment that was recorded against these invoices, in the order given."""

    TYPE: ClassVar[str] = "payment.allocate.v1"
    reference: Identifier
    invoices: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=100)]

    @property
    def business_key(self) -> str:
        return self.reference


class PaymentBooked(Payload):
    """A payment is in the books: money = allocations + unallocated. One that has grown is told again, whole."""

    TYPE: ClassVar[str] = "payment.booked.v1"
    reference: Identifier
    means: Identifier
    money: Money
    payer: Identifier | None = None
    unallocated: Amount

    @property
    def business_key(self) -> str:
        return self.reference


class PaymentAllocated(OrderReference):
    """A part of a payment was put against an invoice of this order."""

    TYPE: ClassVar[str] = "payment.allocated.v1"
    reference: Identifier
    invoice_number: Identifier
    money: Money


class InvoicePaid(OrderReference):
    """Nothing of this invoice is open any more."""

    TYPE: ClassVar[str] = "invoice.paid.v1"
    PARTNER_FACING: ClassVar[bool] = True
    invoice_number: Identifier
    money: Money
