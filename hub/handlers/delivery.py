"""Delivery: from what an order was promised to the goods that leave the house.

A delivery order is made for what is confirmed and not in one yet; the warehouse releases,
picks, packs and despatches it. What a short pick did not find is open again: it is
reported, and comes into a further delivery order with the next answer to the order.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from hub.canonical.delivery import (
    ConfirmPick,
    DeliveryCommand,
    DeliveryPacked,
    DeliveryPicked,
    DeliveryPlanned,
    DeliveryReleased,
    DespatchedLine,
    DespatchShipment,
    PackDelivery,
    ReleaseDelivery,
    ShipmentDespatched,
)
from hub.canonical.envelope import Message
from hub.canonical.order import (
    AgreedLine,
    OrderAccepted,
    OrderAnswer,
    OrderCancelled,
    OrderChanged,
    OrderPartlyAccepted,
    OrderReference,
)
from hub.canonical.values import Quantity
from hub.domain import packing
from hub.domain.delivery import DELIVERY, open_to_deliver, picked_quantities
from hub.errors import BusinessRefusal
from hub.handlers.service import Service
from hub.store.delivery import DeliveryLine, DeliveryOrder, DeliveryPlan, HandlingUnitRow
from hub.store.master import COMPANY, PartyRow
from hub.store.work import Need, Work, group, lock, peek, series

service = Service("delivery")

DELIVERY_NUMBERS = "delivery"
DESPATCH_NUMBERS = "despatch"


def order_key(message: Message[OrderReference]) -> str:
    """Return the key of the order that a message is about."""
    return f"{message.data.buyer_key}/{message.data.buyers_number}"


def _planning(message: Message[OrderAnswer]) -> Iterable[Need]:
    yield lock(DeliveryPlan, message.data.order_id)
    yield peek(PartyRow, COMPANY)


def _deliveries(message: Message[OrderReference], work: Work) -> Iterable[Need]:
    plan = work.get(DeliveryPlan, message.data.order_id)
    for number in plan.deliveries if plan else ():
        yield lock(DeliveryOrder, number)
        yield group(DeliveryLine, number)


def _deliveries_and_number(message: Message[OrderAnswer], work: Work) -> Iterable[Need]:
    yield from _deliveries(message, work)
    yield series(DELIVERY_NUMBERS)


def plan_delivery(message: Message[OrderAnswer], work: Work) -> None:
    """Make a delivery order of the goods that the answer confirms and no delivery order holds yet."""
    answer = message.data
    plan = work.get(DeliveryPlan, answer.order_id) or DeliveryPlan(answer.order_id, revision=0)
    if plan.cancelled or answer.revision <= plan.revision:
        return
    goods = [line for line in answer.lines if line.stocked and line.sku]
    open_ = open_to_deliver({line.line_id: line.confirmed for line in goods}, _delivering(plan, work))
    _report_too_much(answer, open_, work)
    plan = plan._replace(revision=answer.revision)
    wanted = [line for line in goods if open_[line.line_id] > 0]
    if wanted:
        number = f"D-{work.number(DELIVERY_NUMBERS):08d}"
        _write_delivery(number, message, wanted, open_, work)
        plan = plan._replace(deliveries=(*plan.deliveries, number))
    work.save(plan)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderChanged):
    service.on(_answer, needs=_planning, then=_deliveries_and_number, key=order_key)(plan_delivery)


def _delivering(plan: DeliveryPlan, work: Work) -> Iterable[tuple[str, Decimal]]:
    """Yield what each line has in delivery orders: as planned, after the pick as found."""
    for number in plan.deliveries:
        order = _known(number, work)
        for line in work.group(DeliveryLine, number) if order.state != "cancelled" else ():
            yield line.order_line, line.picked if order.picked_at else line.planned


def _report_too_much(answer: OrderAnswer, open_: Mapping[str, Decimal], work: Work) -> None:
    for line_id, quantity in open_.items():
        if quantity < 0:
            reason = f"line {line_id}: {-quantity} more in delivery orders than is confirmed"
            work.task("delivery_exceeds_order", answer.order_number, reason, answer.order_id)


def _write_delivery(
    number: str, message: Message[OrderAnswer], wanted: list[AgreedLine], open_: Mapping[str, Decimal], work: Work
) -> None:
    answer = message.data
    company = work.get(PartyRow, COMPANY)
    work.save(
        DeliveryOrder(
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
        ),
        *(_line(number, str(position), line, open_[line.line_id]) for position, line in enumerate(wanted, 1)),
    )
    work.publish(DeliveryPlanned(**_reference(answer), delivery_number=number))


def _line(number: str, line_id: str, line: AgreedLine, quantity: Decimal) -> DeliveryLine:
    return DeliveryLine(
        delivery_number=number,
        line_id=line_id,
        order_line=line.line_id,
        sku=line.sku or "",
        item=line.item,
        unit=line.ordered.unit,
        ordered=line.ordered.value,
        location=line.location,
        planned=quantity,
    )


@service.on(OrderCancelled, needs=lambda m: [lock(DeliveryPlan, m.data.order_id)], then=_deliveries, key=order_key)
def cancel(message: Message[OrderCancelled], work: Work) -> None:
    """Cancel what has not left; goods that were picked already go back to their place, which is a person's task."""
    order_id = message.data.order_id
    plan = work.get(DeliveryPlan, order_id) or DeliveryPlan(order_id, revision=0)
    work.save(plan._replace(cancelled=True))
    for number in plan.deliveries:
        delivery = _known(number, work)
        if delivery.state == "shipped":
            work.task("shipped_before_cancellation", number, "the order was cancelled after it had left", order_id)
            continue
        if delivery.picked_at:
            work.task("put_back", number, "the order was cancelled: the picked goods go back to their place", order_id)
        _cancel(delivery, work)


def _cancel(delivery: DeliveryOrder, work: Work) -> None:
    step = DELIVERY.step(delivery.state, "cancel")
    if step.made:
        work.save(delivery._replace(state=step.state, cancelled_at=work.now))


def _delivery(message: Message[DeliveryCommand]) -> list[Need]:
    return [lock(DeliveryOrder, message.data.delivery_number)]


def _delivery_and_lines(message: Message[DeliveryCommand]) -> list[Need]:
    return [*_delivery(message), group(DeliveryLine, message.data.delivery_number)]


@service.on(ReleaseDelivery, needs=_delivery)
def release(message: Message[ReleaseDelivery], work: Work) -> None:
    """Let the warehouse start."""
    delivery = _known(message.data.delivery_number, work)
    step = DELIVERY.step(delivery.state, "release")
    if not step.made:
        _say_made(delivery, "released", work)
        return
    work.save(delivery._replace(state=step.state, released_at=work.now))
    _publish(DeliveryReleased(**_reference(delivery), delivery_number=delivery.number), delivery, work)


@service.on(ConfirmPick, needs=_delivery_and_lines)
def pick(message: Message[ConfirmPick], work: Work) -> None:
    """Take in what was found. Less than asked is a short pick: the delivery goes on with what is there."""
    command = message.data
    delivery = _known(command.delivery_number, work)
    lines = work.group(DeliveryLine, delivery.number)
    step = DELIVERY.step(delivery.state, "pick")
    found = picked_quantities(command.lines, {line.line_id: line.planned for line in lines})
    if not step.made:
        _same_pick(command, found, lines)
        _say_made(delivery, "picked", work)
        return
    for line in lines:
        _report_short(delivery, line, found[line.line_id], work)
    work.save(*(line._replace(picked=found[line.line_id]) for line in lines))
    if not any(found.values()):
        _cancel(delivery, work)
        return
    work.save(delivery._replace(state=step.state, picked_at=work.now))
    _publish(DeliveryPicked(**_reference(delivery), delivery_number=delivery.number), delivery, work)


def _same_pick(command: ConfirmPick, found: Mapping[str, Decimal], lines: Iterable[DeliveryLine]) -> None:
    other = [line.line_id for line in lines if command.lines and found[line.line_id] != line.picked]
    if other:
        raise BusinessRefusal(f"{command.delivery_number} was picked before, with other quantities of {other}")


def _report_short(delivery: DeliveryOrder, line: DeliveryLine, found: Decimal, work: Work) -> None:
    if found < line.planned:
        reason = f"line {line.order_line}, {line.sku} at {line.location}: {found} of {line.planned} found"
        work.task("short_pick", delivery.number, reason, delivery.order_id)


def _packing(message: Message[PackDelivery]) -> list[Need]:
    return [*_delivery_and_lines(message), peek(PartyRow, COMPANY)]


def _company_prefix(work: Work) -> str:
    company = work.get(PartyRow, COMPANY)
    return packing.company_prefix(company.party.gln if company else None)


def _sscc_series(_: Message[PackDelivery], work: Work) -> list[Need]:
    company = work.get(PartyRow, COMPANY)
    has_prefix = company is not None and company.party.gln is not None
    return [series(f"sscc/{_company_prefix(work)}")] if has_prefix else []


@service.on(PackDelivery, needs=_packing, then=_sscc_series)
def pack(message: Message[PackDelivery], work: Work) -> None:
    """Lay every picked piece into exactly one unit, and give each unit its label."""
    delivery = _known(message.data.delivery_number, work)
    step = DELIVERY.step(delivery.state, "pack")
    if not step.made:
        _say_made(delivery, "packed", work)
        return
    lines = work.group(DeliveryLine, delivery.number)
    picked = {line.line_id: line.picked for line in lines}
    units = message.data.units or packing.one_pallet(picked)
    packing.check(units, picked)
    prefix = _company_prefix(work)
    labels = [packing.sscc(prefix, work.number(f"sscc/{prefix}")) for _ in units]
    labelled = packing.labelled(units, labels)
    work.save(*(HandlingUnitRow(delivery.number, n, unit.sscc, unit) for n, unit in enumerate(labelled)))
    work.save(*(line._replace(packed=line.picked) for line in lines))
    work.save(delivery._replace(state=step.state, packed_at=work.now))
    _publish(DeliveryPacked(**_reference(delivery), delivery_number=delivery.number), delivery, work)


def _despatching(message: Message[DespatchShipment]) -> list[Need]:
    number = message.data.delivery_number
    return [*_delivery_and_lines(message), group(HandlingUnitRow, number), series(DESPATCH_NUMBERS)]


@service.on(DespatchShipment, needs=_despatching)
def despatch(message: Message[DespatchShipment], work: Work) -> None:
    """Let the packed goods leave: the despatch advice says what is on its way, and in which packages."""
    command = message.data
    delivery = _known(command.delivery_number, work)
    step = DELIVERY.step(delivery.state, "ship")
    if not step.made:
        _say_made(delivery, "despatched", work)
        return
    lines = work.group(DeliveryLine, delivery.number)
    shipped = [line._replace(shipped=line.packed) for line in lines]
    delivery = delivery._replace(
        state=step.state,
        shipped_at=work.now,
        despatch_number=f"DA-{work.number(DESPATCH_NUMBERS):08d}",
        carrier=command.carrier,
        vehicle=command.vehicle,
        tracking=command.tracking,
    )
    work.save(delivery, *shipped)
    _publish(_advice(command, delivery, shipped, work), delivery, work)


def _advice(
    command: DespatchShipment, delivery: DeliveryOrder, lines: list[DeliveryLine], work: Work
) -> ShipmentDespatched:
    return ShipmentDespatched(
        **_reference(delivery),
        despatch_number=delivery.despatch_number or "",
        delivery_number=delivery.number,
        despatched_at=work.now,
        estimated_arrival=command.estimated_arrival,
        buyer=delivery.buyer,
        seller=delivery.seller,
        delivery=delivery.delivery,
        references=delivery.references,
        carrier=command.carrier,
        vehicle=command.vehicle,
        tracking=command.tracking,
        lines=tuple(_despatched(line) for line in lines if line.shipped),
        units=tuple(row.unit for row in work.group(HandlingUnitRow, delivery.number)),
    )


def _despatched(line: DeliveryLine) -> DespatchedLine:
    return DespatchedLine(
        delivery_line=line.line_id,
        line_id=line.order_line,
        sku=line.sku,
        item=line.item,
        quantity=Quantity(value=line.shipped, unit=line.unit),
        ordered=line.ordered,
        location=line.location,
    )


def _known(number: str, work: Work) -> DeliveryOrder:
    delivery = work.get(DeliveryOrder, number)
    if delivery is None:
        raise BusinessRefusal(f"there is no delivery order {number}")
    return delivery


def _say_made(delivery: DeliveryOrder, move: str, work: Work) -> None:
    work.end("duplicate", f"{delivery.number} had been {move} before; it is {delivery.state}")


def _publish(payload: OrderReference, delivery: DeliveryOrder, work: Work) -> None:
    work.publish(payload, partner=delivery.partner, correlation=delivery.correlation_id)


def _reference(source: DeliveryOrder | OrderAnswer) -> dict[str, Any]:
    return {
        "order_id": source.order_id,
        "order_number": source.order_number,
        "buyer_key": source.buyer_key,
        "buyers_number": source.buyers_number,
    }
