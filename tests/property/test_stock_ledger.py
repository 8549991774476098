"""Whatever happens to stock, in whatever order: nothing is promised twice and every piece is in the ledger."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.delivery import DespatchedLine, ShipmentDespatched
from hub.canonical.envelope import Message
from hub.canonical.party import Party
from hub.canonical.stock import (
    AdjustStock,
    AllocateStock,
    AllocationWanted,
    ReleaseStock,
    ServeBackorders,
    StockCount,
)
from hub.canonical.values import Quantity
from hub.handlers.stock import service
from hub.store.stock import Movement, Reservation, StockItem
from hub.store.work import Batch, Need, Work
from tests.desk import NOW, Desk, message

SKUS = ("PEN", "BOOK")
SMALL = st.integers(min_value=0, max_value=9).map(Decimal)


def reference(number: int) -> dict[str, str]:
    return {"order_id": f"{number}", "order_number": f"A-{number}", "buyer_key": "b", "buyers_number": f"{number}"}


def allocation(number: int, wanted: list[tuple[str, Decimal]]) -> AllocateStock:
    lines = tuple(
        AllocationWanted(line_id=str(n), sku=sku, location="main", quantity=quantity)
        for n, (sku, quantity) in enumerate(wanted)
    )
    return AllocateStock(**reference(number), lines=lines)


def arrival(sku: str, quantity: Decimal) -> AdjustStock:
    return AdjustStock(movements=(StockCount(sku=sku, location="main", quantity=quantity),), reason="receipt")


def shipment(reservation: Reservation, quantity: Decimal) -> ShipmentDespatched:
    line = DespatchedLine(
        delivery_line="1",
        line_id=reservation.line_id,
        sku=reservation.sku,
        item={},
        quantity=Quantity(value=quantity),
        ordered=reservation.wanted,
        location="main",
    )
    head = reference(int(reservation.order_id)) | {"despatch_number": "DA", "delivery_number": "D"}
    return ShipmentDespatched(**head, despatched_at=NOW, buyer=Party(), lines=(line,))


WANTED = st.lists(st.tuples(st.sampled_from(SKUS), SMALL.filter(bool)), min_size=1, max_size=4)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("allocate"), WANTED),
        st.tuples(st.just("arrive"), st.sampled_from(SKUS), SMALL),
        st.tuples(st.just("serve"), st.sampled_from(SKUS)),
        st.tuples(st.just("release"), st.integers(min_value=1, max_value=6)),
        st.tuples(st.just("ship"), st.integers(min_value=0, max_value=20)),
    ),
    max_size=25,
)


def take_step(desk: Desk, number: int, step: tuple[Any, ...]) -> None:
    kind, *values = step
    held = [one for one in desk.all(Reservation) if one.held]
    if kind == "allocate":
        desk.handle(allocation(number, values[0]))
    elif kind == "arrive":
        desk.handle(arrival(*values))
    elif kind == "serve":
        desk.handle(ServeBackorders(sku=values[0], location="main"))
    elif kind == "release":
        desk.handle(ReleaseStock(**reference(values[0]), reason="cancelled"))
    elif held:
        one = held[values[0] % len(held)]
        desk.handle(shipment(one, one.held))


def check(desk: Desk) -> None:
    for item in desk.all(StockItem):
        mine = [one for one in desk.all(Reservation) if one.sku == item.sku]
        assert item.on_hand == sum(one.quantity for one in desk.all(Movement) if one.sku == item.sku)
        assert item.reserved == sum(one.held for one in mine)
        assert 0 <= item.reserved <= item.on_hand
    waiting = {(one.order_id, one.line_id): one.quantity for item in desk.all(StockItem) for one in item.waiting}
    for one in desk.all(Reservation):
        still = waiting.get((one.order_id, one.line_id), 0)
        assert one.held >= 0
        assert one.wanted == one.allocated + still or still == 0


@given(STEPS)
def test_nothing_is_oversold_and_stock_is_the_sum_of_its_movements(steps: list[tuple[Any, ...]]) -> None:
    desk = Desk(service)
    for number, step in enumerate(steps, 1):
        take_step(desk, number, step)
        check(desk)


@given(st.lists(SMALL.filter(bool), min_size=1, max_size=8), st.lists(SMALL, max_size=8))
def test_who_waited_longest_is_served_first(wanted: list[Decimal], arrivals: list[Decimal]) -> None:
    desk = Desk(service)
    for number, quantity in enumerate(wanted, 1):
        desk.handle(allocation(number, [("PEN", quantity)]))
    for quantity in arrivals:
        desk.handle(arrival("PEN", quantity))
        desk.handle(ServeBackorders(sku="PEN", location="main"))
    full = [one.allocated == one.wanted for one in desk.all(Reservation)]
    begun = [one.allocated > 0 for one in desk.all(Reservation)]
    assert full == sorted(full, reverse=True)
    assert all(before or not got for got, before in zip(begun[1:], full, strict=False))


def as_one_batch(desk: Desk, messages: Iterable[Message[Any]]) -> dict[type[Any], dict[Any, Any]]:
    """Run messages as the runner does, on one batch over the desk's tables, and return the rows that they changed."""
    batch = Batch()
    incoming = list(messages)
    needs: set[Need] = {need for one in incoming for need in service.handlings[one.type].needs(one)}
    for need in needs:
        rows = desk.rows.get(need.record, {})
        batch.loaded(need.record, [need.key], [rows[need.key]] if need.key in rows else [])
    for one in incoming:
        work = Work(batch, one, service.name, NOW)
        service.handlings[one.type].handler(one, work)
        batch.take(work)
    return {record: {row[:2]: row for row in rows} for record, rows in batch.changed()}


@given(SMALL, st.lists(WANTED, min_size=1, max_size=6))
def test_a_batch_of_orders_gets_what_they_get_one_by_one(
    there: Decimal, orders: list[list[tuple[str, Decimal]]]
) -> None:
    together, apart = Desk(service), Desk(service)
    for desk in (together, apart):
        desk.handle(arrival("PEN", there))
    messages = [message(allocation(number, wanted)) for number, wanted in enumerate(orders, 1)]
    changed = as_one_batch(together, messages)
    for one in messages:
        apart.handle(one)
    for row in apart.all(Reservation):
        assert changed[Reservation][row.order_id, row.line_id]._replace(version=1) == row
    for row in apart.all(StockItem):
        known = changed[StockItem].get((row.sku, row.location))
        assert known is None or known._replace(version=row.version) == row


@given(STEPS)
def test_a_message_gives_the_same_rows_and_ids_whenever_it_runs(steps: list[tuple[Any, ...]]) -> None:
    desk = Desk(service)
    for number, step in enumerate(steps, 1):
        take_step(desk, number, step)
    incoming = message(allocation(1_000, [("PEN", Decimal(3)), ("BOOK", Decimal(2))]))
    first, second = (Desk(service, {kind: dict(rows) for kind, rows in desk.rows.items()}) for _ in range(2))
    once, again = first.handle(incoming), second.handle(incoming)
    assert (once.saved, once.published) == (again.saved, again.published)
