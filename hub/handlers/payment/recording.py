"""Recording: money that has come in is booked once, and settles what it is meant for."""

from collections.abc import Iterable, Iterator

from hub.canonical.envelope import Message
from hub.canonical.payment import RecordPayment
from hub.canonical.values import round_amount
from hub.errors import BusinessRefusal, MustWait, NeedsDecision
from hub.handlers.payment.service import arrival, service
from hub.handlers.payment.settling import book
from hub.store.payment import BANK, InvoiceDebtor, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, group, lock, meeting, peek

CHUNKS_AT_ONCE = 10
"""How many chunks of receivables are loaded for money that names no invoice; more of them cost a second run."""


def _recording(message: Message[RecordPayment]) -> Iterable[Need]:
    payment = message.data
    yield lock(PaymentRow, BANK, payment.reference)
    if payment.payer and not payment.invoices:
        yield lock(PayerAccount, payment.payer, payment.money.currency)
    for number in payment.invoices:
        yield meeting(arrival(number))
        yield peek(InvoiceDebtor, number)


def _meant(message: Message[RecordPayment], work: Work) -> Iterable[Need]:
    payment = message.data
    account = _account(payment, work)
    if account is not None:
        for chunk in sorted(account.open)[:CHUNKS_AT_ONCE]:
            yield group(ReceivableRow, account.payer, account.currency, chunk)
    for number in payment.invoices:
        debtor = work.get(InvoiceDebtor, number)
        if debtor is not None:
            yield lock(PayerAccount, debtor.payer, debtor.currency)
            yield lock(ReceivableRow, debtor.payer, debtor.currency, debtor.chunk, number)


def _account(payment: RecordPayment, work: Work) -> PayerAccount | None:
    """Return the account of a payer who names no invoice."""
    if payment.payer is None or payment.invoices:
        return None
    return work.get(PayerAccount, payment.payer, payment.money.currency)


def _oldest_first(account: PayerAccount, work: Work) -> Iterator[ReceivableRow]:
    for chunk in sorted(account.open):
        receivables = work.group(ReceivableRow, account.payer, account.currency, chunk)
        yield from sorted(receivables, key=lambda one: (one.issued, one.invoice_number))


@service.on(RecordPayment, needs=_recording, then=_meant, holds=False)
def record(message: Message[RecordPayment], work: Work) -> None:
    """Book money that has come in, and settle with it what it is meant for."""
    payment = message.data
    known = work.get(PaymentRow, BANK, payment.reference)
    if known is not None:
        _same_money(payment, known)
        work.end("duplicate", f"payment {payment.reference} was booked before")
        return
    _check_amount(payment)
    named = [_named(number, payment, work) for number in dict.fromkeys(payment.invoices)]
    account = _account(payment, work)
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
    meant = _oldest_first(account, work) if account else named
    row = book(row, meant, "oldest" if account else "named", work)
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


def _named(number: str, payment: RecordPayment, work: Work) -> ReceivableRow:
    """Return the receivable of an invoice that a payment names.

    Raises MustWait for an invoice that is not here yet, NeedsDecision for one in another currency.
    """
    debtor = work.get(InvoiceDebtor, number)
    receivable = work.get(ReceivableRow, debtor.payer, debtor.currency, debtor.chunk, number) if debtor else None
    if receivable is None:
        raise MustWait(f"payment {payment.reference} names invoice {number}, not known yet", awaits=arrival(number))
    if receivable.currency != payment.money.currency:
        raise NeedsDecision(
            f"payment {payment.reference} is in {payment.money.currency}, invoice {number} in {receivable.currency}"
        )
    return receivable
