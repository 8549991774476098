"""Planning: a delivery order is made for what is confirmed and in none yet, and taken off with its order or alone."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from hub.canonical.delivery import CancelDelivery, DeliveryPlanned, PlannedLine, ReplanDelivery
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
from hub.canonical.values import Quantity
from hub.domain.delivery import DELIVERY, open_to_deliver
from hub.errors import BusinessRefusal
from hub.handlers.delivery.service import (
    cancel_delivery,
    deliveries_of,
    its_deliveries,
    known_delivery,
    named_delivery,
    publish,
    say_made,
    service,
)
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
    known = work.get(DeliveryPlan, answer.order_id) or DeliveryPlan(answer.order_id)
    if known.cancelled or answer.revision <= known.revision:
        return
    goods = tuple(line for line in answer.lines if line.stocked and line.sku)
    work.save(known._replace(revision=answer.revision, goods=goods))
    _report_too_much(answer, goods, work)
    _plan_open(_head(message, work), goods, work)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderChanged):
    service.on(_answer, needs=_planning, key=order_key)(plan)


def _open(goods: Iterable[AgreedLine], order_id: str, work: Work) -> dict[str, Decimal]:
    """Return what of each line is confirmed and in no delivery order."""
    delivering = [(line.order_line, line.planned - line.cancelled) for line in work.group(DeliveryLine, order_id)]
    return open_to_deliver({line.line_id: line.confirmed for line in goods}, delivering)


def _report_too_much(answer: OrderAnswer, goods: Sequence[AgreedLine], work: Work) -> None:
    for line_id, quantity in _open(goods, answer.order_id, work).items():
        if quantity < 0:
            reason = f"line {line_id}: {-quantity} more in delivery orders than is confirmed"
            work.task("delivery_exceeds_order", answer.order_number, reason, answer.order_id)


def _head(message: Message[OrderAnswer], work: Work) -> DeliveryOrder:
    """Return a delivery order for an answer, still without a number."""
    answer = message.data
    company = work.get(PartyRow, COMPANY)
    return DeliveryOrder(
        **order_names(answer),
        number="",
        state=DELIVERY.start,
        buyer=answer.buyer,
        seller=company.party if company else answer.seller,
        delivery=answer.delivery,
        references=answer.references,
        partner=message.partner,
        correlation_id=message.correlationid,
        planned_at=work.now,
    )


def _plan_open(head: DeliveryOrder, goods: Iterable[AgreedLine], work: Work) -> bool:
    """Write a delivery order of what is open of these goods, and tell whether anything is."""
    open_ = _open(goods, head.order_id, work)
    wanted = [line for line in goods if open_[line.line_id] > 0]
    if not wanted:
        return False
    delivery = head._replace(number=f"D-{work.number(DELIVERY_NUMBERS):08d}")
    lines = [_line(delivery, str(n), line, open_[line.line_id]) for n, line in enumerate(wanted, 1)]
    work.save(delivery, DeliveryNumber(delivery.number, delivery.order_id), *lines)
    planned = tuple(map(_planned, lines))
    publish(DeliveryPlanned(**order_names(delivery), delivery_number=delivery.number, lines=planned), delivery, work)
    return True


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


def _planned(line: DeliveryLine) -> PlannedLine:
    return PlannedLine(
        delivery_line=line.line_id,
        line_id=line.order_line,
        sku=line.sku,
        quantity=Quantity(value=line.planned, unit=line.unit),
        location=line.location,
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
        cancel_delivery(delivery, work)


@service.on(CancelDelivery, needs=named_delivery, then=its_deliveries)
def cancel_one(message: Message[CancelDelivery], work: Work) -> None:
    """Cancel one delivery order; the order stands, and what the delivery order held is open again."""
    delivery = known_delivery(message.data.delivery_number, work)
    if not DELIVERY.step(delivery.state, "cancel").made:
        say_made(delivery, "cancelled", work)
        return
    cancel_delivery(delivery, work)


def _replanning(message: Message[ReplanDelivery], work: Work) -> list[Need]:
    return [*its_deliveries(message, work), series(DELIVERY_NUMBERS)]


@service.on(ReplanDelivery, needs=named_delivery, then=_replanning)
def replan(message: Message[ReplanDelivery], work: Work) -> None:
    """Make a further delivery order of what the order has open again, for the same place."""
    earlier = known_delivery(message.data.delivery_number, work)
    known = work.get(DeliveryPlan, earlier.order_id)
    if known is None or known.cancelled:
        raise BusinessRefusal(f"order {earlier.order_number} is cancelled: nothing of it is delivered any more")
    if not _plan_open(_anew(earlier, work), known.goods, work):
        work.end("duplicate", f"nothing of order {earlier.order_number} is open")


def _anew(earlier: DeliveryOrder, work: Work) -> DeliveryOrder:
    """Return a delivery order for the same place as an earlier one, still without a number."""
    return DeliveryOrder(
        **order_names(earlier),
        number="",
        state=DELIVERY.start,
        buyer=earlier.buyer,
        seller=earlier.seller,
        delivery=earlier.delivery,
        references=earlier.references,
        partner=earlier.partner,
        correlation_id=earlier.correlation_id,
        planned_at=work.now,
    )
