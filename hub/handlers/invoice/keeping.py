"""Keeping: of each answer to an order, what its invoices will need."""

from collections.abc import Iterable
from decimal import Decimal

from hub.canonical.envelope import Message
from hub.canonical.order import AgreedLine, OrderAccepted, OrderAnswer, OrderChanged, OrderPartlyAccepted
from hub.handlers.invoice.issuing import Bill, issue, with_services
from hub.handlers.invoice.service import arrival, bills_of, invoice_number, service
from hub.handlers.service import order_key
from hub.store.invoice import BillingLine, BillingOrder
from hub.store.work import Need, Work


def _number_for_services(message: Message[OrderAnswer], work: Work) -> Iterable[Need]:
    return () if _expects_goods(message.data, work) else invoice_number(message, work)


def _expects_goods(answer: OrderAnswer, work: Work) -> bool:
    """Tell whether goods of the order are still to leave, and so another invoice will come."""
    shipped = {line.line_id: line.shipped for line in work.group(BillingLine, answer.order_id)}
    expected = {line.line_id: line.confirmed + line.backordered for line in answer.lines if line.stocked}
    return any(quantity > shipped.get(line_id, Decimal(0)) for line_id, quantity in expected.items())


def keep(message: Message[OrderAnswer], work: Work) -> None:
    """Keep what invoices will need of the order as it is agreed now; bill at once what no shipment will bring."""
    answer = message.data
    known = work.get(BillingOrder, answer.order_id)
    if known is not None and answer.revision <= known.revision:
        return
    order = _order(message, known)
    lines = {line.line_id: line for line in work.group(BillingLine, answer.order_id)}
    kept = [
        _kept(answer.order_id, position, line, lines.get(line.line_id)) for position, line in enumerate(answer.lines)
    ]
    work.save(order, *kept)
    work.here(arrival(answer.order_id))
    services = [] if _expects_goods(answer, work) else with_services([], kept, order.currency)
    if services:
        issue(order, Bill(services, despatch_number=None, delivered=work.now.date()), work)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderChanged):
    service.on(_answer, needs=bills_of, then=_number_for_services, key=order_key)(keep)


def _order(message: Message[OrderAnswer], known: BillingOrder | None) -> BillingOrder:
    answer = message.data
    return BillingOrder(
        order_id=answer.order_id,
        order_number=answer.order_number,
        buyer_key=answer.buyer_key,
        buyers_number=answer.buyers_number,
        revision=answer.revision,
        currency=answer.currency,
        tax_included=answer.tax_included,
        buyer=answer.buyer,
        seller=answer.seller,
        delivery=answer.delivery,
        invoicee=answer.invoicee,
        payment_terms_days=answer.payment_terms_days,
        references=answer.references,
        paid_before=sum((payment.amount for payment in answer.payments), Decimal(0)),
        partner=message.partner,
        correlation_id=message.correlationid,
        prepaid=known.prepaid if known else Decimal(0),
        despatches=known.despatches if known else (),
        version=known.version if known else 0,
    )


def _kept(order_id: str, position: int, agreed: AgreedLine, known: BillingLine | None) -> BillingLine:
    line = known or BillingLine(order_id, agreed.line_id, position, agreed)
    return line._replace(position=position, agreed=agreed)
