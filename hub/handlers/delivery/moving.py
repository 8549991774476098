"""Moving goods: a delivery order is released, picked, packed and despatched, each once and in this order."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from hub.canonical.delivery import (
    ConfirmPick,
    DeliveryPacked,
    DeliveryPicked,
    DeliveryReleased,
    DespatchedLine,
    DespatchShipment,
    PackDelivery,
    ReleaseDelivery,
    ShipmentDespatched,
)
from hub.canonical.envelope import Message
from hub.canonical.order import order_names
from hub.canonical.values import Quantity
from hub.domain import packing
from hub.domain.delivery import DELIVERY, picked_quantities
from hub.errors import BusinessRefusal, NeedsDecision
from hub.handlers.delivery.service import (
    cancel_delivery,
    its_deliveries,
    known_delivery,
    lines_of,
    named_delivery,
    publish,
    say_made,
    service,
)
from hub.store.delivery import DeliveryLine, DeliveryOrder, HandlingUnitRow
from hub.store.master import COMPANY, PartyRow
from hub.store.work import Need, Work, group, peek, series

DESPATCH_NUMBERS = "despatch"


@service.on(ReleaseDelivery, needs=named_delivery, then=its_deliveries)
def release(message: Message[ReleaseDelivery], work: Work) -> None:
    """Let the warehouse start."""
    delivery = known_delivery(message.data.delivery_number, work)
    step = DELIVERY.step(delivery.state, "release")
    if not step.made:
        say_made(delivery, "released", work)
        return
    work.save(delivery._replace(state=step.state, released_at=work.now))
    publish(DeliveryReleased(**order_names(delivery), delivery_number=delivery.number), delivery, work)


@service.on(ConfirmPick, needs=named_delivery, then=its_deliveries)
def pick(message: Message[ConfirmPick], work: Work) -> None:
    """Take in what was found. Less than asked is a short pick: the delivery goes on with what is there.

    The rest is reported and open again: it comes into a further delivery order with the
    next answer to the order, or when a person says so (`ReplanDelivery`).
    """
    command = message.data
    delivery = known_delivery(command.delivery_number, work)
    lines = lines_of(delivery, work)
    step = DELIVERY.step(delivery.state, "pick")
    found = picked_quantities(command.lines, {line.line_id: line.planned for line in lines})
    if not step.made:
        _same_pick(command, found, lines)
        say_made(delivery, "picked", work)
        return
    for line in lines:
        _report_short(delivery, line, found[line.line_id], work)
    if not any(found.values()):
        cancel_delivery(delivery, work)
        return
    work.save(*(_picked(line, found[line.line_id]) for line in lines))
    work.save(delivery._replace(state=step.state, picked_at=work.now))
    publish(DeliveryPicked(**order_names(delivery), delivery_number=delivery.number), delivery, work)


def _same_pick(command: ConfirmPick, found: Mapping[str, Decimal], lines: Iterable[DeliveryLine]) -> None:
    other = [line.line_id for line in lines if command.lines and found[line.line_id] != line.picked]
    if other:
        raise BusinessRefusal(f"{command.delivery_number} was picked before, with other quantities of {other}")


def _report_short(delivery: DeliveryOrder, line: DeliveryLine, found: Decimal, work: Work) -> None:
    if found < line.planned:
        reason = f"line {line.order_line}, {line.sku} at {line.location}: {found} of {line.planned} found"
        work.task("short_pick", delivery.number, reason, delivery.order_id)


def _picked(line: DeliveryLine, found: Decimal) -> DeliveryLine:
    return line._replace(picked=found, cancelled=line.planned - found)


def _packing(message: Message[PackDelivery]) -> list[Need]:
    return [*named_delivery(message), peek(PartyRow, COMPANY)]


def _company_prefix(work: Work) -> str | None:
    company = work.get(PartyRow, COMPANY)
    return packing.company_prefix(company.party) if company else None


def _labels(prefix: str) -> str:
    """Return the series of the SSCCs of a company prefix."""
    return f"sscc/{prefix}"


def _labelling(message: Message[PackDelivery], work: Work) -> Iterable[Need]:
    yield from its_deliveries(message, work)
    prefix = _company_prefix(work)
    if prefix is not None:
        yield series(_labels(prefix))


@service.on(PackDelivery, needs=_packing, then=_labelling)
def pack(message: Message[PackDelivery], work: Work) -> None:
    """Lay every picked piece into exactly one unit, and give each unit its label."""
    delivery = known_delivery(message.data.delivery_number, work)
    step = DELIVERY.step(delivery.state, "pack")
    if not step.made:
        say_made(delivery, "packed", work)
        return
    lines = lines_of(delivery, work)
    picked = {line.line_id: line.picked for line in lines}
    units = message.data.units or packing.one_pallet(picked)
    packing.check(units, picked)
    labels = _take_labels(len(units), work)
    labelled = packing.labelled(units, labels)
    work.save(*(HandlingUnitRow(delivery.number, n, unit.sscc, unit) for n, unit in enumerate(labelled)))
    work.save(*(line._replace(packed=line.picked) for line in lines))
    work.save(delivery._replace(state=step.state, packed_at=work.now))
    publish(DeliveryPacked(**order_names(delivery), delivery_number=delivery.number), delivery, work)


def _take_labels(count: int, work: Work) -> list[str]:
    prefix = _company_prefix(work)
    if prefix is None:
        raise NeedsDecision("no package can get an SSCC: the party 'company' has no GLN and no gs1_prefix")
    return [packing.sscc(prefix, work.number(_labels(prefix))) for _ in range(count)]


def _despatching(message: Message[DespatchShipment], work: Work) -> list[Need]:
    units = group(HandlingUnitRow, message.data.delivery_number)
    return [*its_deliveries(message, work), units, series(DESPATCH_NUMBERS)]


@service.on(DespatchShipment, needs=named_delivery, then=_despatching)
def despatch(message: Message[DespatchShipment], work: Work) -> None:
    """Let the packed goods leave: the despatch advice says what is on its way, and in which packages."""
    command = message.data
    delivery = known_delivery(command.delivery_number, work)
    step = DELIVERY.step(delivery.state, "ship")
    if not step.made:
        say_made(delivery, "despatched", work)
        return
    lines = [line._replace(shipped=line.packed) for line in lines_of(delivery, work)]
    delivery = delivery._replace(
        state=step.state,
        shipped_at=work.now,
        despatch_number=f"DA-{work.number(DESPATCH_NUMBERS):08d}",
        carrier=command.carrier,
        vehicle=command.vehicle,
        tracking=command.tracking,
    )
    work.save(delivery, *lines)
    publish(_advice(command, delivery, lines, work), delivery, work)


def _advice(
    command: DespatchShipment, delivery: DeliveryOrder, lines: Iterable[DeliveryLine], work: Work
) -> ShipmentDespatched:
    return ShipmentDespatched(
        **order_names(delivery),
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
