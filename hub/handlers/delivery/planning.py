"""Planning: a delivery order is made for what is confirmed and in none yet, and taken off with its order."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from hub.canonical.delivery import DeliveryPlanned
from hub.canonical.envelope import Message
from hub.canonical.order import (
    AgreedLine,
    OrderAccepted,
    OrderAnswer,
    OrderCancelled,
    OrderChanged,
    OrderPartlyAccepted,
    order_names,
)
from hub.domain.delivery import DELIVERY, open_to_deliver
from hub.handlers.delivery.service import cancel_delivery, deliveries_of, lines_of, service
from hub.handlers.service import order_key
from hub.store.delivery import DeliveryLine, DeliveryNumber, DeliveryOrder, DeliveryPlan
from hub.store.master import COMPANY, PartyRow
from hub.store.work import Need, Work, peek, series

DELIVERY_NUMBERS = "delivery"


def _planning(message: Message[OrderAnswer]) -> Iterable[Need]:
    return [*deliveries_of(message.data.order_id), peek(PartyRow, COMPANY), series(DELIVERY_NUMBERS)]


def plan(message: Message[OrderAnswer], work: Work) -> None:
    """Make a delivery order of the goods that the answer confirms and no delivery order holds yet."""
    answer = message.data
    row = work.get(DeliveryPlan, answer.order_id) or DeliveryPlan(answer.order_id)
    if row.cancelled or answer.revision <= row.revision:
        return
    work.save(row._replace(revision=answer.revision))
    goods = [line for line in answer.lines if line.stocked and line.sku]
    delivering = [(line.order_line, line.planned - line.cancelled) for line in work.group(DeliveryLine, row.order_id)]
    open_ = open_to_deliver({line.line_id: line.confirmed for line in goods}, delivering)
    _report_too_much(answer, open_, work)
    wanted = [line for line in goods if open_[line.line_id] > 0]
    if wanted:
        _write(f"D-{work.number(DELIVERY_NUMBERS):08d}", message, wanted, open_, work)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderChanged):
    service.on(_answer, needs=_planning, key=order_key)(plan)


def _report_too_much(answer: OrderAnswer, open_: Mapping[str, Decimal], work: Work) -> None:
    for line_id, quantity in open_.items():
        if quantity < 0:
            reason = f"line {line_id}: {-quantity} more in delivery orders than is confirmed"
            work.task("delivery_exceeds_order", answer.order_number, reason, answer.order_id)


def _write(
    number: str, message: Message[OrderAnswer], wanted: list[AgreedLine], open_: Mapping[str, Decimal], work: Work
) -> None:
    answer = message.data
    company = work.get(PartyRow, COMPANY)
    delivery = DeliveryOrder(
        number=number,
        order_id=answer.order_id,
        order_number=answer.order_number,
        buyer_key=answer.buyer_key,
        buyers_number=answer.buyers_number,
        state=DELIVERY.start,
        buyer=answer.buyer,
        seller=company.party if company else answer.seller,
        delivery=answer.delivery,
        references=answer.references,
        partner=message.partner,
        correlation_id=message.correlationid,
        planned_at=work.now,
    )
    lines = [_line(delivery, str(n), line, open_[line.line_id]) for n, line in enumerate(wanted, 1)]
    work.save(delivery, DeliveryNumber(number, answer.order_id), *lines)
    work.publish(DeliveryPlanned(**order_names(answer), delivery_number=number))


def _line(delivery: DeliveryOrder, line_id: str, line: AgreedLine, quantity: Decimal) -> DeliveryLine:
    return DeliveryLine(
        order_id=delivery.order_id,
        delivery_number=delivery.number,
        line_id=line_id,
        order_line=line.line_id,
        sku=line.sku or "",
        item=line.item,
        unit=line.ordered.unit,
        ordered=line.ordered.value,
        location=line.location,
        planned=quantity,
    )


@service.on(OrderCancelled, needs=lambda m: deliveries_of(m.data.order_id), key=order_key)
def cancel(message: Message[OrderCancelled], work: Work) -> None:
    """Cancel what has not left; goods that were picked already go back to their place, which is a person's task."""
    order_id = message.data.order_id
    row = work.get(DeliveryPlan, order_id) or DeliveryPlan(order_id)
    work.save(row._replace(cancelled=True))
    for delivery in work.group(DeliveryOrder, order_id):
        if delivery.state == "shipped":
            reason = "the order was cancelled after it had left"
            work.task("shipped_before_cancellation", delivery.number, reason, order_id)
            continue
        if delivery.state in {"picked", "packed"}:
            reason = "the order was cancelled: the picked goods go back to their place"
            work.task("put_back", delivery.number, reason, order_id)
        cancel_delivery(delivery, lines_of(delivery, work), work)
