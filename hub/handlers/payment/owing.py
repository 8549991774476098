"""Owing: an invoice opens a receivable, and takes what was paid for its order before."""

from collections.abc import Iterable

from hub.canonical.envelope import Message
from hub.canonical.invoice import InvoiceIssued
from hub.canonical.order import order_names
from hub.handlers.payment.service import arrival, prepayments, receivables, service
from hub.handlers.payment.settling import put, tell, tell_paid
from hub.handlers.service import order_key
from hub.store.payment import OpenAmount, OrderAccount, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, lock, meeting


def _owing(message: Message[InvoiceIssued]) -> Iterable[Need]:
    order_id, invoice = message.data.order_id, message.data.invoice
    yield meeting(arrival(invoice.number))
    yield lock(OrderAccount, order_id)
    yield lock(PayerAccount, message.data.buyer_key, invoice.currency)
    yield from receivables([invoice.number])


@service.on(InvoiceIssued, needs=_owing, then=prepayments, key=order_key)
def owe(message: Message[InvoiceIssued], work: Work) -> None:
    """Open the receivable, and put against it what was paid with the order."""
    number, order_id = message.data.invoice.number, message.data.order_id
    if work.get(ReceivableRow, number) is not None:
        work.end("duplicate", f"invoice {number} was entered before")
        return
    _open(_receivable(message), work)
    account = work.get(OrderAccount, order_id) or OrderAccount(order_id)
    work.save(account._replace(invoices=(*account.invoices, number)))
    for reference in account.prepayments:
        payment = work.get(PaymentRow, order_id, reference)
        if payment is not None and payment.unallocated > 0:
            _, parts = put(payment, [number], "prepaid", work)
            tell(payment, parts, work)
    work.here(arrival(number))


def _receivable(message: Message[InvoiceIssued]) -> ReceivableRow:
    """Return what the invoice makes its buyer owe: what is payable, and what it counts as prepaid."""
    issued, invoice = message.data, message.data.invoice
    return ReceivableRow(
        invoice_number=invoice.number,
        **order_names(issued),
        payer=issued.buyer_key,
        currency=invoice.currency,
        issued=invoice.issued,
        due=invoice.due,
        amount=invoice.payable + invoice.prepaid,
        partner=message.partner,
        correlation_id=message.correlationid,
    )


def _open(receivable: ReceivableRow, work: Work) -> None:
    """Enter a receivable; where it comes to nothing, it is paid."""
    work.save(receivable, OpenAmount(receivable.invoice_number, receivable.amount))
    if receivable.amount == 0:
        tell_paid(receivable, work)
        return
    account = work.get(PayerAccount, receivable.payer, receivable.currency)
    account = account or PayerAccount(receivable.payer, receivable.currency, {})
    work.save(account._replace(open={**account.open, receivable.invoice_number: receivable.issued}))
