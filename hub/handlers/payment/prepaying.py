"""Prepaying: what a buyer paid with the order is booked with the answer, and put against the order's invoices."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from hub.canonical.envelope import Message
from hub.canonical.order import (
    OrderAccepted,
    OrderAnswer,
    OrderCancelled,
    OrderChanged,
    OrderPartlyAccepted,
    OrderReference,
    OrderRejected,
    PaymentMade,
)
from hub.handlers.payment.service import order_account, prepayments, service
from hub.handlers.payment.settling import book
from hub.handlers.service import order_key
from hub.store.payment import OrderAccount, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, lock


def _prepaying(message: Message[OrderAnswer]) -> Iterable[Need]:
    answer = message.data
    if answer.payments:
        yield lock(OrderAccount, answer.order_id)
        yield lock(PayerAccount, answer.buyer_key, answer.currency)
    yield from (lock(PaymentRow, answer.order_id, payment.reference) for payment in answer.payments)


def _invoices_of_order(message: Message[OrderAnswer], work: Work) -> Iterable[Need]:
    answer = message.data
    order = work.get(OrderAccount, answer.order_id) if answer.payments else None
    for number, chunk in order.invoices.items() if order else ():
        yield lock(ReceivableRow, answer.buyer_key, answer.currency, chunk, number)


def book_prepayments(message: Message[OrderAnswer], work: Work) -> None:
    """Book what the buyer has paid already, and put it against invoices of the order that are there."""
    answer = message.data
    if not answer.payments:
        return
    order = order_account(answer.order_id, work)
    if answer.revision <= order.revision:
        return
    references = dict.fromkeys((*order.prepayments, *(payment.reference for payment in answer.payments)))
    work.save(order._replace(revision=answer.revision, prepayments=tuple(references)))
    for payment in answer.payments:
        _prepay(answer, payment, order.invoices, work)
    if isinstance(answer, OrderRejected):
        _report_refund(answer, tuple(references), work)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderRejected, OrderChanged):
    service.on(_answer, needs=_prepaying, then=_invoices_of_order, key=order_key)(book_prepayments)


def _prepay(answer: OrderAnswer, payment: PaymentMade, invoices: Mapping[str, int], work: Work) -> None:
    """Book a payment of a shop; one that has grown since is booked again, with the money that came in."""
    known = work.get(PaymentRow, answer.order_id, payment.reference)
    more = payment.amount - (known.amount if known else Decimal(0))
    if more < 0:
        reason = f"payment {payment.reference} was {known.amount if known else 0} and is {payment.amount} now"
        work.task("prepayment_lowered", answer.order_number, reason, answer.order_id)
    if more <= 0:
        return
    row = known or PaymentRow(
        source=answer.order_id,
        reference=payment.reference,
        means=payment.means,
        currency=answer.currency,
        amount=Decimal(0),
        value_date=work.now.date(),
        payer=answer.buyer_key,
        invoices=(),
        unallocated=Decimal(0),
        booked_at=work.now,
    )
    keys = [(answer.buyer_key, answer.currency, chunk, number) for number, chunk in invoices.items()]
    receivables = [receivable for key in keys if (receivable := work.get(ReceivableRow, *key)) is not None]
    book(row._replace(amount=row.amount + more, unallocated=row.unallocated + more), receivables, "prepaid", work)


@service.on(OrderCancelled, needs=lambda m: [lock(OrderAccount, m.data.order_id)], then=prepayments, key=order_key)
def ask_for_refund(message: Message[OrderCancelled], work: Work) -> None:
    """Ask a person to give back what was paid for an order that is off."""
    account = work.get(OrderAccount, message.data.order_id)
    _report_refund(message.data, account.prepayments if account else (), work)


def _report_refund(order: OrderReference, references: Iterable[str], work: Work) -> None:
    for reference in references:
        payment = work.get(PaymentRow, order.order_id, reference)
        if payment is not None and payment.unallocated:
            reason = f"{payment.currency} {payment.unallocated} of payment {reference} was paid for nothing"
            work.task("refund_due", order.order_number, reason, order.order_id)
