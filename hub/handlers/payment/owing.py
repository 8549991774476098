"""Owing: an invoice opens a receivable, and takes what was paid for its order before."""

from collections.abc import Iterable

from hub.canonical.envelope import Message
from hub.canonical.invoice import InvoiceIssued
from hub.canonical.order import order_names
from hub.handlers.payment.service import arrival, order_account, prepayments, service
from hub.handlers.payment.settling import allocate, tell_paid
from hub.handlers.service import order_key
from hub.store.payment import CHUNK, InvoiceDebtor, OrderAccount, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, lock, meeting, peek


def _owing(message: Message[InvoiceIssued]) -> Iterable[Need]:
    order_id, invoice = message.data.order_id, message.data.invoice
    yield meeting(arrival(invoice.number))
    yield lock(OrderAccount, order_id)
    yield lock(PayerAccount, message.data.buyer_key, invoice.currency)
    yield peek(InvoiceDebtor, invoice.number)


@service.on(InvoiceIssued, needs=_owing, then=prepayments, key=order_key)
def owe(message: Message[InvoiceIssued], work: Work) -> None:
    """Open the receivable, and put against it what was paid with the order."""
    number, order_id = message.data.invoice.number, message.data.order_id
    if work.get(InvoiceDebtor, number) is not None:
        work.end("duplicate", f"invoice {number} was entered before")
        return
    receivable = _enter(message, work)
    order = order_account(order_id, work)
    work.save(order._replace(invoices={**order.invoices, number: receivable.chunk}))
    for reference in order.prepayments:
        payment = work.get(PaymentRow, order_id, reference)
        if payment is not None and payment.unallocated > 0:
            receivable = work.get(ReceivableRow, *receivable[:4]) or receivable
            allocate(payment, [receivable], "prepaid", work)
    work.here(arrival(number))


def _enter(message: Message[InvoiceIssued], work: Work) -> ReceivableRow:
    """Enter what the invoice makes its buyer owe into his account; where that is nothing, it is paid."""
    payer, currency = message.data.buyer_key, message.data.invoice.currency
    account = work.get(PayerAccount, payer, currency) or PayerAccount(payer, currency, entered=0, open={})
    chunk = account.entered // CHUNK
    receivable = _receivable(message, chunk)
    work.save(receivable, InvoiceDebtor(receivable.invoice_number, payer, currency, chunk))
    open_ = account.open
    if receivable.open:
        open_ = {**open_, chunk: open_.get(chunk, 0) + 1}
    else:
        tell_paid(receivable, work)
    work.save(account._replace(entered=account.entered + 1, open=open_))
    return receivable


def _receivable(message: Message[InvoiceIssued], chunk: int) -> ReceivableRow:
    """Return what the invoice makes its buyer owe: what is payable, and what it counts as prepaid."""
    issued, invoice = message.data, message.data.invoice
    amount = invoice.payable + invoice.prepaid
    return ReceivableRow(
        payer=issued.buyer_key,
        currency=invoice.currency,
        chunk=chunk,
        invoice_number=invoice.number,
        **order_names(issued),
        issued=invoice.issued,
        due=invoice.due,
        amount=amount,
        open=amount,
        partner=message.partner,
        correlation_id=message.correlationid,
    )
