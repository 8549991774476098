"""Settling: money is put against receivables, the balances follow, and everybody is told."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from hub.canonical.order import order_names
from hub.canonical.payment import InvoicePaid, PaymentAllocated, PaymentBooked
from hub.canonical.values import Money
from hub.domain.settlement import OpenItem, Part, settle
from hub.store.payment import AllocationRow, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Work


def book(payment: PaymentRow, receivables: Iterable[ReceivableRow], reason: str, work: Work) -> PaymentRow:
    """Put what a payment holds against receivables, keep it, and tell everybody."""
    payment, settled = _put(payment, receivables, reason, work)
    booked = PaymentBooked(
        reference=payment.reference,
        means=payment.means,
        money=Money(amount=payment.amount, currency=payment.currency),
        payer=payment.payer,
        unallocated=payment.unallocated,
    )
    work.publish(booked)
    _tell(payment, settled, work)
    return payment


def allocate(payment: PaymentRow, receivables: Iterable[ReceivableRow], reason: str, work: Work) -> None:
    """Put what is unallocated of a payment booked before against receivables, and tell everybody."""
    payment, settled = _put(payment, receivables, reason, work)
    _tell(payment, settled, work)


def _put(
    payment: PaymentRow, receivables: Iterable[ReceivableRow], reason: str, work: Work
) -> tuple[PaymentRow, list[tuple[ReceivableRow, Part]]]:
    """Put money against receivables in the order given; return the payment and what was settled, as it is now."""
    asked: dict[str, ReceivableRow] = {}
    settlement = settle(payment.unallocated, _open_items(receivables, asked))
    settled = []
    for n, part in enumerate(settlement.parts, payment.allocations):
        receivable = _reduced(asked[part.invoice_number], part.amount, work)
        settled.append((receivable, part))
        work.save(
            AllocationRow(
                source=payment.source,
                reference=payment.reference,
                n=n,
                invoice_number=part.invoice_number,
                order_id=receivable.order_id,
                amount=part.amount,
                reason=reason,
                at=work.now,
            )
        )
    count = payment.allocations + len(settled)
    payment = payment._replace(unallocated=settlement.unallocated, allocations=count)
    work.save(payment)
    return payment, settled


def _open_items(receivables: Iterable[ReceivableRow], asked: dict[str, ReceivableRow]) -> Iterator[OpenItem]:
    for receivable in receivables:
        asked[receivable.invoice_number] = receivable
        yield OpenItem(receivable.invoice_number, receivable.open)


def _reduced(receivable: ReceivableRow, amount: Decimal, work: Work) -> ReceivableRow:
    """Reduce what is open of a receivable; once nothing is, its payer's account counts it no more."""
    receivable = receivable._replace(open=receivable.open - amount)
    work.save(receivable)
    account = work.get(PayerAccount, receivable.payer, receivable.currency)
    if receivable.open == 0 and account is not None:
        left = {**account.open, receivable.chunk: account.open.get(receivable.chunk, 0) - 1}
        work.save(account._replace(open={chunk: count for chunk, count in left.items() if count > 0}))
    return receivable


def _tell(payment: PaymentRow, settled: Iterable[tuple[ReceivableRow, Part]], work: Work) -> None:
    """Tell, invoice by invoice, what was put against it, and whether it is paid now."""
    for receivable, part in settled:
        allocated = PaymentAllocated(
            **order_names(receivable),
            reference=payment.reference,
            invoice_number=part.invoice_number,
            money=Money(amount=part.amount, currency=payment.currency),
        )
        work.publish(allocated, partner=receivable.partner, correlation=receivable.correlation_id)
        if receivable.open == 0:
            tell_paid(receivable, work)


def tell_paid(receivable: ReceivableRow, work: Work) -> None:
    """Tell that nothing of an invoice is open any more."""
    paid = InvoicePaid(
        **order_names(receivable),
        invoice_number=receivable.invoice_number,
        money=Money(amount=receivable.amount, currency=receivable.currency),
    )
    work.publish(paid, partner=receivable.partner, correlation=receivable.correlation_id)
