"""The tills: a receipt is settled by its own tenders, and by nothing else."""

from decimal import Decimal

from hub.canonical.envelope import Message
from hub.canonical.sale import Sale, SaleRecorded
from hub.handlers.payment.service import service
from hub.store.payment import TenderRow
from hub.store.work import Work, peek

ON_ACCOUNT = "account"
"""The means of payment that is none: the customer owes."""


@service.on(SaleRecorded, needs=lambda m: [peek(TenderRow, m.data.sale.receipt_key, 0)], holds=False)
def take_tenders(message: Message[SaleRecorded], work: Work) -> None:
    """Keep how a receipt was paid: its tenders settle it."""
    sale = message.data.sale
    if work.get(TenderRow, sale.receipt_key, 0) is not None:
        work.end("duplicate", f"the tenders of receipt {sale.receipt_key} were kept before")
        return
    for n, tender in enumerate(sale.tenders):
        row = TenderRow(
            receipt_key=sale.receipt_key,
            n=n,
            business_date=sale.business_date,
            store=sale.store,
            terminal=sale.terminal,
            means=tender.means,
            currency=sale.currency,
            amount=sale.sign * tender.amount,
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
