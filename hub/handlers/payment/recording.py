"""Recording: money that has come in is booked once, and settles what it is meant for."""

from collections.abc import Iterable, Sequence

from hub.canonical.envelope import Message
from hub.canonical.payment import RecordPayment
from hub.canonical.values import round_amount
from hub.errors import BusinessRefusal, MustWait, NeedsDecision
from hub.handlers.payment.service import arrival, receivables, service
from hub.handlers.payment.settling import book
from hub.store.payment import BANK, OpenAmount, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, lock, meeting, peek


def _recording(message: Message[RecordPayment]) -> Iterable[Need]:
    payment = message.data
    yield lock(PaymentRow, BANK, payment.reference)
    if payment.payer and not payment.invoices:
        yield lock(PayerAccount, payment.payer, payment.money.currency)
    for number in payment.invoices:
        yield meeting(arrival(number))
        yield peek(ReceivableRow, number)


def _wanted(message: Message[RecordPayment], work: Work) -> Iterable[Need]:
    payment = message.data
    if not payment.invoices:
        yield from receivables(_oldest_first(payment, work))
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
    row = book(row, meant, "named" if payment.invoices else "oldest", work)
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
        raise MustWait(f"payment {payment.reference} names invoice {number}, not known yet", awaits=arrival(number))
    if receivable.currency != payment.money.currency:
        raise NeedsDecision(
            f"payment {payment.reference} is in {payment.money.currency}, invoice {number} in {receivable.currency}"
        )
