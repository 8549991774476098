"""Settling: money is put against invoices, the balances follow, and everybody is told."""

from collections.abc import Iterable
from decimal import Decimal

from hub.canonical.order import order_names
from hub.canonical.payment import InvoicePaid, PaymentAllocated, PaymentBooked
from hub.canonical.values import Money
from hub.domain.settlement import OpenItem, Part, settle
from hub.errors import NeedsDecision
from hub.store.payment import AllocationRow, OpenAmount, PayerAccount, PaymentRow, ReceivableRow
from hub.store.work import Work


def book(payment: PaymentRow, invoices: Iterable[str], reason: str, work: Work) -> PaymentRow:
    """Put what a payment holds against invoices, keep it, and tell everybody."""
    payment, parts = put(payment, invoices, reason, work)
    booked = PaymentBooked(
        reference=payment.reference,
        means=payment.means,
        money=Money(amount=payment.amount, currency=payment.currency),
        payer=payment.payer,
        unallocated=payment.unallocated,
    )
    work.publish(booked)
    tell(payment, parts, work)
    return payment


def put(payment: PaymentRow, invoices: Iterable[str], reason: str, work: Work) -> tuple[PaymentRow, tuple[Part, ...]]:
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


def tell(payment: PaymentRow, parts: Iterable[Part], work: Work) -> None:
    """Tell, invoice by invoice, what was put against it, and whether it is paid now."""
    for part in parts:
        receivable = _receivable_of(part, work)
        allocated = PaymentAllocated(
            **order_names(receivable),
            reference=payment.reference,
            invoice_number=part.invoice_number,
            money=Money(amount=part.amount, currency=payment.currency),
        )
        work.publish(allocated, partner=receivable.partner, correlation=receivable.correlation_id)
        if _open_of(part.invoice_number, work).open == 0:
            tell_paid(receivable, work)


def tell_paid(receivable: ReceivableRow, work: Work) -> None:
    """Tell that nothing of an invoice is open any more."""
    paid = InvoicePaid(
        **order_names(receivable),
        invoice_number=receivable.invoice_number,
        money=Money(amount=receivable.amount, currency=receivable.currency),
    )
    work.publish(paid, partner=receivable.partner, correlation=receivable.correlation_id)
