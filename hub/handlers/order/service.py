"""The order service itself, and what all its handlers share: finding an order, answering it, telling its partner."""

from collections.abc import Iterable, Sequence

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Message
from hub.canonical.order import (
    OrderAccepted,
    OrderAnswer,
    OrderChanged,
    OrderPartlyAccepted,
    OrderReceived,
    OrderReference,
    OrderRejected,
)
from hub.canonical.sale import SaleRecorded
from hub.domain.order_lines import LineQuantities, order_state, promise
from hub.errors import NeedsDecision
from hub.handlers.service import Service
from hub.store.master import AgreementRow
from hub.store.order import OrderLineRow, OrderRow, answer
from hub.store.work import Need, Work, group, lock, peek

service = Service("order", documents=[OrderReceived, SaleRecorded])


def order_and_lines(message: Message[OrderReference]) -> list[Need]:
    """Want an order, locked, with its lines."""
    return [lock(OrderRow, message.data.order_id), group(OrderLineRow, message.data.order_id)]


def known_order(message: Message[OrderReference], work: Work) -> OrderRow:
    """Return the order that a message is about. Raises NeedsDecision if there is none."""
    row = work.get(OrderRow, message.data.order_id)
    if row is None:
        raise NeedsDecision(f"{message.type}: there is no order {message.data.order_number}")
    return row


def quantities_of(lines: Iterable[OrderLineRow]) -> list[LineQuantities]:
    """Return what has happened to these lines."""
    return [line.quantities for line in lines]


def with_quantities(lines: Sequence[OrderLineRow], quantities: Iterable[LineQuantities]) -> list[OrderLineRow]:
    """Return the lines with other quantities, one for each."""
    return [line._replace(quantities=new) for line, new in zip(lines, quantities, strict=True)]


def answer_order(row: OrderRow, lines: Sequence[OrderLineRow], work: Work) -> None:
    """Promise what is reserved and tell the buyer: the first answer, or what has changed since."""
    promised = with_quantities(lines, promise(quantities_of(lines), partial=row.partial))
    kind = OrderChanged if row.revision else first_answer(promised)
    row = row._replace(revision=row.revision + 1, state=order_state(quantities_of(promised)))
    work.save(row, *promised)
    publish(answer(kind, row, promised), row, work)


def first_answer(lines: Sequence[OrderLineRow]) -> type[OrderAnswer]:
    """Return what an order with these lines is called that is answered for the first time."""
    wanted = [line for line in lines if line.quantities.wanted]
    if not wanted:
        return OrderRejected
    kept = all(line.quantities.confirmed == line.quantities.ordered and not line.terms.reasons for line in lines)
    return OrderAccepted if kept else OrderPartlyAccepted


def publish(payload: OrderReference, row: OrderRow, work: Work) -> None:
    """Publish to the order's own partner, in its own conversation, whoever caused it."""
    work.publish(payload, partner=row.partner, correlation=row.correlation_id)


def agreement_of(partner: str | None) -> Iterable[Need]:
    """Want what is agreed with a partner."""
    return [peek(AgreementRow, partner)] if partner else []


def agreed_with(partner: str | None, work: Work) -> Agreement | None:
    """Return what is agreed with a partner, None if there is nothing."""
    row = work.get(AgreementRow, partner) if partner else None
    return row.agreement if row else None


def remark(kind: str, remarks: Iterable[str], row: OrderRow, work: Work) -> None:
    """Show a person what is odd about an order, in one task."""
    text = "; ".join(remarks)
    if text:
        work.task(kind, row.number, text, row.order_id)
