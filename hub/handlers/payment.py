"""Payments: what is owed, what came in, and which part of the money settled what.

An invoice is owed from its issue. Money that a shop's customer paid with the order is
booked when the order is accepted and put against its invoices, whichever comes first.
Money that is recorded goes to the invoices that it names, in their order, else to the
oldest open ones of its payer; what finds nothing open stays unallocated, for a person.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from hub.canonical.envelope import Message
from hub.canonical.invoice import InvoiceIssued
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
from hub.canonical.payment import InvoicePaid, PaymentAllocated, PaymentBooked, RecordPayment
from hub.canonical.sale import Sale, SaleRecorded
from hub.canonical.values import Money, round_amount
from hub.domain.revenue import effect_sign
from hub.domain.settlement import OpenItem, Part, settle
from hub.errors import BusinessRefusal, MustWait, NeedsDecision
from hub.handlers.service import Service
from hub.store.payment import (
    BANK,
    AllocationRow,
    OpenAmount,
    OrderAccount,
    PayerAccount,
    PaymentRow,
    ReceivableRow,
    TenderRow,
)
from hub.store.work import Need, Work, lock, meeting, peek

service = Service("payment")

ON_ACCOUNT = "account"
"""The means of payment that is none: the customer owes."""


def order_key(message: Message[OrderReference]) -> str:
    """Return the key of the order that a message is about."""
    return f"{message.data.buyer_key}/{message.data.buyers_number}"


def _arrival(invoice_number: str) -> str:
    return f"payment/invoice/{invoice_number}"


def _receivables(invoice_numbers: Iterable[str]) -> Iterable[Need]:
    for number in invoice_numbers:
        yield peek(ReceivableRow, number)
        yield lock(OpenAmount, number)


# What was paid with the order


def _prepaying(message: Message[OrderAnswer]) -> Iterable[Need]:
    answer = message.data
    yield lock(OrderAccount, answer.order_id)
    yield lock(PayerAccount, answer.buyer_key, answer.currency)
    yield from (lock(PaymentRow, answer.order_id, payment.reference) for payment in answer.payments)


def _invoices_of_order(message: Message[OrderAnswer], work: Work) -> Iterable[Need]:
    account = work.get(OrderAccount, message.data.order_id)
    return _receivables(account.invoices if account else ())


def book_prepayments(message: Message[OrderAnswer], work: Work) -> None:
    """Book what the buyer has paid already, and put it against invoices of the order that are there."""
    answer = message.data
    account = work.get(OrderAccount, answer.order_id) or OrderAccount(answer.order_id)
    if answer.revision <= account.revision:
        return
    references = dict.fromkeys((*account.prepayments, *(payment.reference for payment in answer.payments)))
    work.save(account._replace(revision=answer.revision, prepayments=tuple(references)))
    for payment in answer.payments:
        _prepay(answer, payment, account.invoices, work)
    if isinstance(answer, OrderRejected):
        _report_refund(answer, tuple(references), work)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderRejected, OrderChanged):
    service.on(_answer, needs=_prepaying, then=_invoices_of_order, key=order_key)(book_prepayments)


def _prepay(answer: OrderAnswer, payment: PaymentMade, invoices: Sequence[str], work: Work) -> None:
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
    _book(row._replace(amount=row.amount + more, unallocated=row.unallocated + more), invoices, "prepaid", work)


def _prepayments(message: Message[OrderReference], work: Work) -> Iterable[Need]:
    account = work.get(OrderAccount, message.data.order_id)
    for reference in account.prepayments if account else ():
        yield lock(PaymentRow, message.data.order_id, reference)


@service.on(OrderCancelled, needs=lambda m: [lock(OrderAccount, m.data.order_id)], then=_prepayments, key=order_key)
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


# What is owed


def _owing(message: Message[InvoiceIssued]) -> Iterable[Need]:
    order_id, invoice = message.data.order_id, message.data.invoice
    yield meeting(_arrival(invoice.number))
    yield lock(OrderAccount, order_id)
    yield lock(PayerAccount, message.data.buyer_key, invoice.currency)
    yield from _receivables([invoice.number])


@service.on(InvoiceIssued, needs=_owing, then=_prepayments, key=order_key)
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
            _, parts = _put(payment, [number], "prepaid", work)
            _tell(payment, parts, work)
    work.here(_arrival(number))


def _receivable(message: Message[InvoiceIssued]) -> ReceivableRow:
    """Return what the invoice makes its buyer owe: what is payable, and what it counts as prepaid."""
    issued, invoice = message.data, message.data.invoice
    return ReceivableRow(
        invoice_number=invoice.number,
        order_id=issued.order_id,
        order_number=issued.order_number,
        buyer_key=issued.buyer_key,
        buyers_number=issued.buyers_number,
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
        _tell_paid(receivable, work)
        return
    account = work.get(PayerAccount, receivable.payer, receivable.currency)
    account = account or PayerAccount(receivable.payer, receivable.currency, {})
    work.save(account._replace(open={**account.open, receivable.invoice_number: receivable.issued}))


# What comes in


def _recording(message: Message[RecordPayment]) -> Iterable[Need]:
    payment = message.data
    yield lock(PaymentRow, BANK, payment.reference)
    if payment.payer and not payment.invoices:
        yield lock(PayerAccount, payment.payer, payment.money.currency)
    for number in payment.invoices:
        yield meeting(_arrival(number))
        yield peek(ReceivableRow, number)


def _wanted(message: Message[RecordPayment], work: Work) -> Iterable[Need]:
    payment = message.data
    if not payment.invoices:
        yield from _receivables(_oldest_first(payment, work))
    for number in payment.invoices:
        receivable = work.get(ReceivableRow, number)
        if receivable is not None:
            yield lock(PayerAccount, receivable.payer, receivable.currency)
            yield lock(OpenAmount, number)


def _oldest_first(payment: RecordPayment, work: Work) -> Sequence[str]:
    if payment.payer is None:
        return ()
    account = work.get(PayerAccount, payment.payer, payment.money.currency)
    return sorted(account.open, key=lambda number: (account.open[number], number)) if account else ()


@service.on(RecordPayment, needs=_recording, then=_wanted, holds=False)
def record(message: Message[RecordPayment], work: Work) -> None:
    """Book money that has come in, and settle with it what it is meant for."""
    payment = message.data
    known = work.get(PaymentRow, BANK, payment.reference)
    if known is not None:
        _same_money(payment, known)
        work.end("duplicate", f"payment {payment.reference} was booked before")
        return
    _check_amount(payment)
    for number in payment.invoices:
        _check_invoice(number, payment, work)
    row = PaymentRow(
        source=BANK,
        reference=payment.reference,
        means=payment.means,
        currency=payment.money.currency,
        amount=payment.money.amount,
        value_date=payment.value_date,
        payer=payment.payer,
        invoices=payment.invoices,
        unallocated=payment.money.amount,
        booked_at=work.now,
    )
    meant = tuple(dict.fromkeys(payment.invoices)) or _oldest_first(payment, work)
    row = _book(row, meant, "named" if payment.invoices else "oldest", work)
    if row.unallocated:
        reason = f"{row.currency} {row.unallocated} of {row.amount} found nothing open"
        work.task("payment_unallocated", row.reference, reason)


def _same_money(payment: RecordPayment, known: PaymentRow) -> None:
    """Raise NeedsDecision where a reference comes again for other money."""
    before = (known.means, known.currency, known.amount, known.value_date, known.payer, known.invoices)
    money = payment.money
    if before != (payment.means, money.currency, money.amount, payment.value_date, payment.payer, payment.invoices):
        raise NeedsDecision(f"payment {payment.reference} was booked before with other content: {before}")


def _check_amount(payment: RecordPayment) -> None:
    amount, currency = payment.money.amount, payment.money.currency
    if amount <= 0:
        raise BusinessRefusal(f"payment {payment.reference}: {amount} is not above zero")
    if amount != round_amount(amount, currency):
        raise BusinessRefusal(f"payment {payment.reference}: {amount} is finer than {currency} can be paid")


def _check_invoice(number: str, payment: RecordPayment, work: Work) -> None:
    """Raise MustWait for an invoice that is not here yet, NeedsDecision for one in another currency."""
    receivable = work.get(ReceivableRow, number)
    if receivable is None:
        raise MustWait(f"payment {payment.reference} names invoice {number}, not known yet", awaits=_arrival(number))
    if receivable.currency != payment.money.currency:
        raise NeedsDecision(
            f"payment {payment.reference} is in {payment.money.currency}, invoice {number} in {receivable.currency}"
        )


# Settling


def _book(payment: PaymentRow, invoices: Iterable[str], reason: str, work: Work) -> PaymentRow:
    """Put what a payment holds against invoices, keep it, and tell everybody."""
    payment, parts = _put(payment, invoices, reason, work)
    booked = PaymentBooked(
        reference=payment.reference,
        means=payment.means,
        money=Money(amount=payment.amount, currency=payment.currency),
        payer=payment.payer,
        unallocated=payment.unallocated,
    )
    work.publish(booked)
    _tell(payment, parts, work)
    return payment


def _put(payment: PaymentRow, invoices: Iterable[str], reason: str, work: Work) -> tuple[PaymentRow, tuple[Part, ...]]:
    """Put the unallocated money of a payment against invoices in the order given; return it with its new parts."""
    settlement = settle(payment.unallocated, [OpenItem(number, _open_of(number, work).open) for number in invoices])
    for n, part in enumerate(settlement.parts, payment.allocations):
        receivable = _receivable_of(part, work)
        row = AllocationRow(
            source=payment.source,
            reference=payment.reference,
            n=n,
            invoice_number=part.invoice_number,
            order_id=receivable.order_id,
            amount=part.amount,
            reason=reason,
            at=work.now,
        )
        work.save(row)
        _reduce(receivable, part.amount, work)
    count = payment.allocations + len(settlement.parts)
    payment = payment._replace(unallocated=settlement.unallocated, allocations=count)
    work.save(payment)
    return payment, settlement.parts


def _reduce(receivable: ReceivableRow, amount: Decimal, work: Work) -> None:
    """Reduce what is open of an invoice; once nothing is, it leaves its payer's account."""
    row = _open_of(receivable.invoice_number, work)
    row = row._replace(open=row.open - amount)
    work.save(row)
    account = work.get(PayerAccount, receivable.payer, receivable.currency)
    if row.open == 0 and account is not None:
        rest = {number: day for number, day in account.open.items() if number != receivable.invoice_number}
        work.save(account._replace(open=rest))


def _open_of(invoice_number: str, work: Work) -> OpenAmount:
    return work.get(OpenAmount, invoice_number) or OpenAmount(invoice_number, Decimal(0))


def _receivable_of(part: Part, work: Work) -> ReceivableRow:
    receivable = work.get(ReceivableRow, part.invoice_number)
    if receivable is None:
        raise NeedsDecision(f"invoice {part.invoice_number} has an open amount, but is not in the books")
    return receivable


def _tell(payment: PaymentRow, parts: Iterable[Part], work: Work) -> None:
    """Tell, invoice by invoice, what was put against it, and whether it is paid now."""
    for part in parts:
        receivable = _receivable_of(part, work)
        allocated = PaymentAllocated(
            **_reference(receivable),
            reference=payment.reference,
            invoice_number=part.invoice_number,
            money=Money(amount=part.amount, currency=payment.currency),
        )
        work.publish(allocated, partner=receivable.partner, correlation=receivable.correlation_id)
        if _open_of(part.invoice_number, work).open == 0:
            _tell_paid(receivable, work)


def _tell_paid(receivable: ReceivableRow, work: Work) -> None:
    paid = InvoicePaid(
        **_reference(receivable),
        invoice_number=receivable.invoice_number,
        money=Money(amount=receivable.amount, currency=receivable.currency),
    )
    work.publish(paid, partner=receivable.partner, correlation=receivable.correlation_id)


def _reference(receivable: ReceivableRow) -> dict[str, str]:
    return {
        "order_id": receivable.order_id,
        "order_number": receivable.order_number,
        "buyer_key": receivable.buyer_key,
        "buyers_number": receivable.buyers_number,
    }


# The tills


@service.on(SaleRecorded, needs=lambda m: [peek(TenderRow, m.data.sale.receipt_key, 0)], holds=False)
def take_tenders(message: Message[SaleRecorded], work: Work) -> None:
    """Keep how a receipt was paid: its tenders settle it."""
    sale = message.data.sale
    if work.get(TenderRow, sale.receipt_key, 0) is not None:
        work.end("duplicate", f"the tenders of receipt {sale.receipt_key} were kept before")
        return
    sign = effect_sign(sale)
    for n, tender in enumerate(sale.tenders):
        row = TenderRow(
            receipt_key=sale.receipt_key,
            n=n,
            business_date=sale.business_date,
            store=sale.store,
            terminal=sale.terminal,
            means=tender.means,
            currency=sale.currency,
            amount=sign * tender.amount,
            reference=tender.reference,
            settled=tender.means != ON_ACCOUNT,
        )
        work.save(row)
    _report_odd_tenders(sale, work)


def _report_odd_tenders(sale: Sale, work: Work) -> None:
    paid = sum((tender.amount for tender in sale.tenders), Decimal(0))
    if sale.kind != "control" and paid != sale.total + sale.rounding:
        reason = f"tenders of {paid} for a total of {sale.total} and a rounding of {sale.rounding}"
        work.task("tenders_differ", sale.receipt_key, reason)
    if any(tender.means == ON_ACCOUNT for tender in sale.tenders):
        work.task("sale_on_account", sale.receipt_key, "sold on account: nothing has come in, and no invoice is owed")
