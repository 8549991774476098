"""The recount of orders: their lines, delivery orders and payments, held against what was told of them.

What a service has decided it has told in the same transaction, so a row that was lost or
changed later differs from a message that stands in the event log.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from hub.canonical.delivery import DeliveryPlanned, ShipmentDespatched
from hub.canonical.envelope import Message, Payload, message_model
from hub.canonical.order import OrderAccepted, OrderAnswer, OrderPartlyAccepted, OrderRejected
from hub.canonical.payment import PaymentBooked
from hub.store.check import Check, outcome
from hub.store.delivery import DeliveryLine, DeliveryOrder
from hub.store.order import OrderLineRow, OrderRow
from hub.store.payment import PaymentRow
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load, LoadGroups, Query
from hub.store.told import FIRST, page

Booking = tuple[str, UUID]
"""A payment as messages name it: its reference, and the conversation in which it was booked."""


def orders() -> Job[list[Check]]:
    """Return the checks of what orders have become."""
    return [(yield from _answered()), (yield from _delivered()), (yield from _booked())]


def _answered() -> Job[Check]:
    """Every order that was answered is there, with the lines and quantities of its answer."""
    wrong: list[str] = []
    count = 0
    for kind in (OrderAccepted, OrderPartlyAccepted, OrderRejected):
        last = FIRST
        while found := (yield from page(kind.TYPE, last)):
            last = found[-1][0]
            answers: list[OrderAnswer] = [one.data for one in _read(kind, found) if not one.testindicator]
            ids = sorted({(one.order_id,) for one in answers})
            kept: list[OrderRow] = yield Load(SPECS[OrderRow], ids)
            lines: list[OrderLineRow] = yield LoadGroups(SPECS[OrderLineRow], ids)
            count += len(answers)
            wrong += _lost(answers, kept, lines)
    return outcome("orders are what was answered", wrong, f"{count} answers")


def _lost(answers: Iterable[OrderAnswer], kept: Iterable[OrderRow], lines: Iterable[OrderLineRow]) -> Iterator[str]:
    known = {row.order_id for row in kept}
    ordered = {(row.order_id, row.line_id): row.quantities.ordered for row in lines}
    for answer in answers:
        if answer.order_id not in known:
            yield f"{answer.order_number} was answered and is not there"
        for line in answer.lines:
            quantity = ordered.get((answer.order_id, line.line_id))
            if quantity != line.ordered.value:
                yield f"{answer.order_number} line {line.line_id}: {line.ordered.value} answered, {quantity} kept"


def _delivered() -> Job[Check]:
    """Every delivery order that was planned is there, and what was despatched of it has left."""
    wrong: list[str] = []
    count = 0
    for kind in (DeliveryPlanned, ShipmentDespatched):
        last = FIRST
        while found := (yield from page(kind.TYPE, last)):
            last = found[-1][0]
            told = [one.data for one in _read(kind, found)]
            ids = sorted({(one.order_id,) for one in told})
            kept: list[DeliveryOrder] = yield LoadGroups(SPECS[DeliveryOrder], ids)
            lines: list[DeliveryLine] = yield LoadGroups(SPECS[DeliveryLine], ids)
            count += len(told)
            wrong += _missing(told, kept, lines)
    return outcome("delivery orders are what was planned and despatched", wrong, f"{count} told")


def _missing(told: Iterable[Any], kept: Iterable[DeliveryOrder], lines: Sequence[DeliveryLine]) -> Iterator[str]:
    numbers = {row.number for row in kept}
    rows = {(row.delivery_number, row.line_id): row for row in lines}
    for one in told:
        step = "shipped" if isinstance(one, ShipmentDespatched) else "planned"
        if one.delivery_number not in numbers:
            yield f"{one.delivery_number} was planned and is not there"
        for line in one.lines:
            quantity = getattr(rows.get((one.delivery_number, line.delivery_line)), step, None)
            if quantity != line.quantity.value:
                yield f"{one.delivery_number} line {line.delivery_line}: {line.quantity.value} {step}, {quantity} kept"


def _booked() -> Job[Check]:
    """Every payment is there with the amount with which it was booked last: one that has grown was told again."""
    wrong: dict[Booking, str] = {}
    last = FIRST
    while found := (yield from page(PaymentBooked.TYPE, last)):
        last = found[-1][0]
        told = _read(PaymentBooked, found)
        references = sorted({one.data.reference for one in told})
        rows = yield from select(PaymentRow, Selection().also("reference in :references", references=references))
        kept = {(row.reference, row.currency, row.amount) for row in rows}
        for one in told:
            booking, money = (one.data.reference, one.correlationid), one.data.money
            wrong.pop(booking, None)
            if (one.data.reference, money.currency, money.amount) not in kept:
                wrong[booking] = f"{one.data.reference}: {money.currency} {money.amount} was booked and is not there"
    bookings = yield Query(
        "select count(*) from (select distinct subject, correlation_id from event_log where type = :type) as booked",
        {"type": PaymentBooked.TYPE},
        (int,),
    )
    total = yield Query("select count(*) from payment", types=(int,))
    counts = [] if total == bookings else [f"{total[0][0]} payments are kept, {bookings[0][0]} were booked"]
    return outcome("payments are what was booked", [*wrong.values(), *counts], f"{total[0][0]} payments")


def _read(kind: type[Payload], found: Iterable[tuple[UUID, bytes]]) -> list[Message[Any]]:
    return [message_model(kind).model_validate_json(body) for _, body in found]
