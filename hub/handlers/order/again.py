"""The same order number again: a repetition, another snapshot of a shop, a cancellation, or a conflict.

The same content gets the last answer again. A newer snapshot may cancel, add payments,
or ask a person; an older one has no effect. Anything else under a known number is a
person's decision.
"""

from collections.abc import Sequence

from hub.canonical.envelope import Message
from hub.canonical.order import Order, OrderCancelled, OrderReceived, order_names
from hub.canonical.stock import ReleaseStock
from hub.domain.order_changes import wanted_otherwise
from hub.domain.order_lines import CANCELLED, REJECTED, cancelled, order_state
from hub.domain.sameness import asks_for_the_same, says_the_same
from hub.errors import NeedsDecision
from hub.handlers.order.service import answer_order, first_answer, publish, quantities_of, service, with_quantities
from hub.store.messages import Event
from hub.store.order import OrderLineRow, OrderRow, answer
from hub.store.work import Work

_TOLD = 10
"""Differences that a reason has room for; the parked message has them all."""


def come_again(message: Message[OrderReceived], row: OrderRow, work: Work) -> None:
    """Say what an order is whose number stands for the order `row` already."""
    order = message.data.order
    if order.function == "cancellation":
        _cancel(row, "cancelled by the buyer", work)
    elif order.version and row.source_version:
        _snapshot(message, row, work)
    elif says_the_same(order, _known_as(row, work)):
        work.end("duplicate", f"order {row.number} again")
        _repeat(row, work)
    elif order.function in {"replace", "change"}:
        told = list(wanted_otherwise(order, _known_as(row, work)))
        more = f", and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
        raise NeedsDecision(f"order {row.number}: the buyer wants it changed: {'; '.join(told[:_TOLD])}{more}")
    else:
        raise NeedsDecision(f"conflict: {message.subject} came before as order {row.number}, with other content")


def _repeat(row: OrderRow, work: Work) -> None:
    """Publish the last answer again; an order that has none yet will get its first."""
    if row.revision and row.state != CANCELLED:
        lines = work.group(OrderLineRow, row.order_id)
        publish(answer(first_answer(lines), row, lines, repeated=True), row, work)


def _known_as(row: OrderRow, work: Work) -> Order:
    """Return the order as the document said it that it stands as. Raises NeedsDecision where that is not kept."""
    event = work.get(Event, row.document)
    if event is None:
        raise NeedsDecision(f"order {row.number}: the document that it came by is not in the event log any more")
    earlier: OrderReceived = service.reader.validate_json(event.body).data
    return earlier.order


def _snapshot(message: Message[OrderReceived], row: OrderRow, work: Work) -> None:
    """Take in another snapshot of a shop's order: a cancellation, payments; other goods are for a person."""
    order, known = message.data.order, row.source_version
    if order.version is None or known is None or order.version < known:
        work.end("duplicate", f"order {row.number} is known as of {known}, this snapshot is of {order.version}")
        return
    before = _known_as(row, work)
    if says_the_same(order, before):
        work.end("duplicate", f"order {row.number}: the snapshot says nothing new")
    newer = row._replace(document=message.id, source_version=order.version)
    if order.cancelled:
        _cancel(newer, "cancelled in the shop", work)
        return
    if row.state == CANCELLED:
        raise NeedsDecision(f"order {row.number} was cancelled and is restored in the shop")
    if not asks_for_the_same(order, before):
        work.task(
            "order_changed_in_shop", row.number, "goods, prices or address were changed in the shop", row.order_id
        )
    _take_payments(order, newer, work)


def _take_payments(order: Order, row: OrderRow, work: Work) -> None:
    if order.payments == row.head.payments:
        work.save(row)
        return
    row = row._replace(head=row.head.model_copy(update={"payments": order.payments}))
    if row.revision and row.state != REJECTED:
        answer_order(row, work.group(OrderLineRow, row.order_id), work)
    else:
        work.save(row)


def _cancel(row: OrderRow, reason: str, work: Work) -> None:
    """Call an order off whose goods have not left; doing it twice changes nothing and says so."""
    lines = work.group(OrderLineRow, row.order_id)
    if row.state in {CANCELLED, REJECTED}:
        work.end("duplicate", f"order {row.number} is {row.state}: there is nothing to cancel")
        work.save(row)
        return
    if any(line.quantities.shipped for line in lines):
        raise NeedsDecision(f"order {row.number} is to be cancelled ({reason}), but goods have left")
    call_off(row, lines, reason, work)
    work.publish(ReleaseStock(**order_names(row), reason=reason), partner=row.partner, correlation=row.correlation_id)


def call_off(row: OrderRow, lines: Sequence[OrderLineRow], reason: str, work: Work) -> None:
    """Cancel all lines of an order and say so."""
    off = with_quantities(lines, map(cancelled, quantities_of(lines)))
    work.save(row._replace(state=order_state(quantities_of(off))), *off)
    parties = {"buyer": row.head.buyer, "seller": row.head.seller}
    publish(OrderCancelled(**order_names(row), **parties, reason=reason, revision=row.revision + 1), row, work)
