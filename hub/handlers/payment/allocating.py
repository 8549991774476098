"""Allocating: what a payment has left is put against the invoices that a person names, later."""

from collections.abc import Iterable, Iterator

from hub.canonical.envelope import Message
from hub.canonical.payment import AllocatePayment
from hub.errors import BusinessRefusal
from hub.handlers.payment.service import service
from hub.handlers.payment.settling import allocate
from hub.store.payment import BANK, InvoiceDebtor, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, lock, peek


def _allocating(message: Message[AllocatePayment]) -> Iterable[Need]:
    yield lock(PaymentRow, BANK, message.data.reference)
    for number in message.data.invoices:
        yield peek(InvoiceDebtor, number)


def _meant(message: Message[AllocatePayment], work: Work) -> Iterator[Need]:
    for number in message.data.invoices:
        debtor = work.get(InvoiceDebtor, number)
        if debtor is not None:
            yield lock(PayerAccount, debtor.payer, debtor.currency)
            yield lock(ReceivableRow, debtor.payer, debtor.currency, debtor.chunk, number)


@service.on(AllocatePayment, needs=_allocating, then=_meant, holds=False)
def allocate_later(message: Message[AllocatePayment], work: Work) -> None:
    """Put what is unallocated of a payment against invoices, in the order named; whoever owes them."""
    reference = message.data.reference
    payment = work.get(PaymentRow, BANK, reference)
    if payment is None:
        raise BusinessRefusal(f"there is no payment {reference}")
    named = [_named(number, payment, work) for number in dict.fromkeys(message.data.invoices)]
    if not payment.unallocated:
        raise BusinessRefusal(f"nothing of payment {reference} is unallocated")
    if not any(one.open for one in named):
        raise BusinessRefusal(f"nothing is open of {', '.join(one.invoice_number for one in named)}")
    allocate(payment, named, "decided", work)


def _named(number: str, payment: PaymentRow, work: Work) -> ReceivableRow:
    debtor = work.get(InvoiceDebtor, number)
    receivable = work.get(ReceivableRow, debtor.payer, debtor.currency, debtor.chunk, number) if debtor else None
    if receivable is None:
        raise BusinessRefusal(f"there is no invoice {number}")
    if receivable.currency != payment.currency:
        raise BusinessRefusal(
            f"payment {payment.reference} is in {payment.currency}, invoice {number} in {receivable.currency}"
        )
    return receivable
