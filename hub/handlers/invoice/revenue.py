"""The tills: a receipt is revenue without an invoice."""

from hub.canonical.envelope import Message
from hub.canonical.sale import SaleRecorded
from hub.domain.revenue import revenue_of
from hub.handlers.invoice.service import service
from hub.store.invoice import RevenueEntry
from hub.store.work import Work, peek


@service.on(SaleRecorded, needs=lambda m: [peek(RevenueEntry, m.data.sale.receipt_key, 0)], holds=False)
def book_revenue(message: Message[SaleRecorded], work: Work) -> None:
    """Book a receipt's revenue per VAT rate. It needs no invoice: the receipt is one."""
    sale = message.data.sale
    if work.get(RevenueEntry, sale.receipt_key, 0) is not None:
        work.end("duplicate", f"receipt {sale.receipt_key} was booked before")
        return
    work.save(
        *(
            RevenueEntry(
                receipt_key=sale.receipt_key,
                n=n,
                business_date=sale.business_date,
                store=sale.store,
                terminal=sale.terminal,
                kind=sale.kind,
                currency=sale.currency,
                rate=revenue.rate,
                net=revenue.net,
                tax=revenue.tax,
            )
            for n, revenue in enumerate(revenue_of(sale))
        )
    )
