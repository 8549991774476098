"""A till's receipt: kept as an order that is complete on arrival, never refused."""

from collections.abc import Iterable

from hub.canonical.agreement import Tolerances
from hub.canonical.envelope import Message, named_id
from hub.canonical.order import OrderCompleted, order_names
from hub.canonical.party import Party
from hub.canonical.sale import Sale, SaleRecorded
from hub.domain.order_lines import COMPLETED
from hub.domain.receipts import SoldLine, price_differences, sold_lines, unknown_items
from hub.handlers.order.service import agreed_with, agreement_of, publish, remark, service
from hub.store import catalogue
from hub.store.order import OrderHead, OrderLineRow, OrderRow
from hub.store.work import Need, Work, lock


def _receipt_id(sale: Sale) -> str:
    return str(named_id("order", f"pos:{sale.store}", sale.receipt_key))


def _recording(message: Message[SaleRecorded]) -> Iterable[Need]:
    sale = message.data.sale
    yield lock(OrderRow, _receipt_id(sale))
    yield catalogue.vat_rates()
    yield from agreement_of(message.partner)
    yield from catalogue.codes((line.item for line in sale.lines), message.partner)


def _pricing(message: Message[SaleRecorded], work: Work) -> Iterable[Need]:
    return catalogue.facts(work, (line.item for line in message.data.sale.lines), message.partner)


@service.on(SaleRecorded, needs=_recording, then=_pricing)
def record_sale(message: Message[SaleRecorded], work: Work) -> None:
    """Keep a receipt as an order complete on arrival. What is odd about it becomes a task, never a refusal."""
    sale = message.data.sale
    if sale.kind == "control":
        return
    if work.get(OrderRow, _receipt_id(sale)) is not None:
        work.end("duplicate", f"receipt {sale.receipt_key} is known")
        return
    named = ((line.line_id, line.item) for line in sale.lines)
    items = catalogue.items_on(work, named, message.partner, sale.business_date, sale.currency)
    row = _receipt(message, work)
    work.save(row, *(_sold(row, position, line) for position, line in enumerate(sold_lines(sale, items))))
    agreement = agreed_with(message.partner, work)
    tolerances = agreement.tolerances if agreement else Tolerances()
    remark("unknown_item", unknown_items(sale, items), row, work)
    remark("price_differs", price_differences(sale, items, tolerances), row, work)
    publish(OrderCompleted(**order_names(row)), row, work)


def _sold(row: OrderRow, position: int, line: SoldLine) -> OrderLineRow:
    return OrderLineRow(row.order_id, position, line.line_id, line.sku, line.terms, line.quantities)


def _receipt(message: Message[SaleRecorded], work: Work) -> OrderRow:
    sale = message.data.sale
    return OrderRow(
        order_id=_receipt_id(sale),
        number=sale.receipt_key,
        buyer_key=f"pos:{sale.store}",
        buyers_number=sale.receipt_key,
        channel=message.channel,
        partner=message.partner,
        state=COMPLETED,
        received_at=work.now,
        correlation_id=message.correlationid,
        total=sale.sign * sale.total,
        head=OrderHead(
            currency=sale.currency, tax_included=sale.tax_included, issued=sale.business_date, buyer=Party()
        ),
        document=message.id,
        source_version=None,
        revision=1,
        partial=True,
    )
