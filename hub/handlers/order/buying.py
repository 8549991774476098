"""An order comes in: judged line by line, reserved, answered; goods that arrive later change the answer."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.envelope import Message, named_id
from hub.canonical.order import OrderReceived, order_names
from hub.canonical.stock import AllocateStock, AllocationWanted, StockAllocated, StockShort
from hub.domain.acceptance import Judged, Policy, judge, policy_of
from hub.domain.order_lines import CANCELLED, NONE, RECEIVED, promise
from hub.errors import MustWait, NeedsDecision
from hub.handlers.order.again import call_off, come_again
from hub.handlers.order.service import (
    agreed_with,
    agreement_of,
    answer_order,
    known_order,
    order_and_lines,
    quantities_of,
    remark,
    service,
)
from hub.handlers.service import order_key
from hub.store import catalogue
from hub.store.messages import Event
from hub.store.order import OrderHead, OrderLineRow, OrderRow
from hub.store.work import Need, Work, group, lock, peek, series

ORDER_NUMBERS = "order"
_NEXT_NUMBER = series(ORDER_NUMBERS)
JUST_SEEN = 1_000
"""Order ids that are kept at hand: each is asked for several times in its batch."""
STANDARD_VAT = "standard"
"""The VAT code of what is no item: shipping, fees."""
_HEAD = tuple(OrderHead.model_fields)


def _order_id(message: Message[OrderReceived]) -> str:
    return _id_of(message.data.buyer_key, message.data.order.number)


@lru_cache(JUST_SEEN)
def _id_of(buyer_key: str, number: str) -> str:
    return str(named_id("order", buyer_key, number))


def _ordered_items(message: Message[OrderReceived]) -> list[ItemIdentification]:
    return [line.item for line in message.data.order.lines if line.kind == "item"]


def _receiving(message: Message[OrderReceived]) -> Iterable[Need]:
    return [
        lock(OrderRow, _order_id(message)),
        _NEXT_NUMBER,
        catalogue.vat_rates(),
        *agreement_of(message.partner),
        *catalogue.codes(_ordered_items(message), message.partner),
    ]


def _judging(message: Message[OrderReceived], work: Work) -> Iterable[Need]:
    row = _known(message, work)
    if row is not None:
        return [group(OrderLineRow, row.order_id), peek(Event, row.document)]
    return catalogue.facts(work, _ordered_items(message), message.partner)


def _known(message: Message[OrderReceived], work: Work) -> OrderRow | None:
    """Return the order that the number stands for already; what a test message asks for is always new."""
    return None if message.testindicator else work.get(OrderRow, _order_id(message))


@service.on(OrderReceived, needs=_receiving, then=_judging, holds=False)
def receive(message: Message[OrderReceived], work: Work) -> None:
    """Take an order in, or say what it is when its number is known. A conflict holds nobody back."""
    function = message.data.order.function
    row = _known(message, work)
    if row is not None:
        come_again(message, row, work)
    elif function in {"cancellation", "change"}:
        raise MustWait(f"{function} of an order that has not come", awaits=f"order/{message.subject}")
    elif function in {"proposal", "confirmation"}:
        raise NeedsDecision(f"a {function} is no order")
    else:
        _place(message, work)
        work.here(f"order/{message.subject}")


def _place(message: Message[OrderReceived], work: Work) -> None:
    """Judge a new order, and ask stock for its goods or answer at once."""
    order = message.data.order
    judged = _judged(message, work)
    row = _new_order(message, judged, work)
    lines = [
        OrderLineRow(row.order_id, position, one.line_id, one.sku, one.terms, one.quantities)
        for position, one in enumerate(judged)
    ]
    remark("order_differs", (remark for one in judged for remark in one.remarks), row, work)
    if order.payments and not any(line.quantities.wanted for line in lines):
        paid = sum((payment.amount for payment in order.payments), NONE)
        remark("refund_due", [f"{order.currency} {paid} was paid, and nothing of the order is accepted"], row, work)
    if order.cancelled:
        call_off(row, lines, "cancelled before it came", work)
        return
    if message.testindicator:
        answer_order(row, [_reserved(line, line.quantities.wanted) for line in lines], work)
        return
    wanted = [line for line in lines if line.terms.stocked and line.quantities.wanted]
    if not wanted:
        answer_order(row, lines, work)
        return
    work.save(row, *lines)
    work.publish(AllocateStock.trusted(**order_names(row), lines=tuple(map(_wanted, wanted))))


def _judged(message: Message[OrderReceived], work: Work) -> Sequence[Judged]:
    order = message.data.order
    named = [(line.line_id, line.item) for line in order.lines if line.kind == "item"]
    items = catalogue.items_on(work, named, message.partner, order.issued, order.currency)
    return judge(order, items, work.shared(_policy, message.partner, message.channel, order.issued))


def _policy(work: Work, partner: str | None, channel: str, day: date) -> Policy:
    vat = catalogue.vat_on(work, day).get(STANDARD_VAT)
    return policy_of(agreed_with(partner, work), already_sold=channel == "webshop", service_vat=vat)


def _new_order(message: Message[OrderReceived], judged: Sequence[Judged], work: Work) -> OrderRow:
    order = message.data.order
    agreement = agreed_with(message.partner, work)
    said = {name: vars(order)[name] for name in _HEAD}
    if order.payment_terms_days is None and agreement is not None:
        said["payment_terms_days"] = agreement.payment_terms_days
    return OrderRow(
        order_id=_order_id(message),
        number=f"T-{order.number}" if message.testindicator else f"A-{work.number(ORDER_NUMBERS):08d}",
        buyer_key=message.data.buyer_key,
        buyers_number=order.number,
        channel=message.channel,
        partner=message.partner,
        state=RECEIVED,
        received_at=work.now,
        correlation_id=message.correlationid,
        total=sum((one.terms.amount for one in judged if one.quantities.wanted), NONE),
        head=OrderHead.trusted(**said),
        document=message.id,
        source_version=order.version,
        revision=0,
        partial=agreement is None or agreement.partial_delivery,
    )


def _wanted(line: OrderLineRow) -> AllocationWanted:
    return AllocationWanted.trusted(
        line_id=line.line_id, sku=line.sku or "", location=line.terms.location, quantity=line.quantities.wanted
    )


def _reserved(line: OrderLineRow, quantity: Decimal) -> OrderLineRow:
    return line._replace(quantities=line.quantities.changed(reserved=quantity))


@service.on(StockAllocated, needs=order_and_lines, key=order_key)
def allocated(message: Message[StockAllocated], work: Work) -> None:
    """Promise what stock has reserved; goods that came for an order already answered change the answer."""
    _reserve(message, work)


@service.on(StockShort, needs=order_and_lines, key=order_key)
def short(message: Message[StockShort], work: Work) -> None:
    """Promise what there is. What is missing waits, unless the buyer takes all or nothing: then all of it does."""
    _reserve(message, work)


def _reserve(message: Message[StockAllocated] | Message[StockShort], work: Work) -> None:
    row = known_order(message, work)
    if row.state == CANCELLED:  # it is on its way back to stock
        return
    made = {line.line_id: line.allocated for line in message.data.lines}
    before = work.group(OrderLineRow, row.order_id)
    lines = [_reserved(line, line.quantities.reserved + made.get(line.line_id, NONE)) for line in before]
    promised = promise(quantities_of(lines), partial=row.partial)
    if row.revision and all(
        new.confirmed == old.confirmed for new, old in zip(promised, quantities_of(before), strict=True)
    ):
        work.save(*lines)
    else:
        answer_order(row, lines, work)
