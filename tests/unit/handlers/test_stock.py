"""Goods are kept for those who ordered first, never twice, and every change is in the ledger."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.delivery import DespatchedLine, ShipmentDespatched
from hub.canonical.party import Party
from hub.canonical.stock import (
    AdjustStock,
    AllocateStock,
    AllocationWanted,
    ReleaseStock,
    ServeBackorders,
    StockAllocated,
    StockCount,
    StockShort,
)
from hub.canonical.values import Quantity
from hub.handlers.stock import service
from hub.store.messages import Task
from hub.store.stock import Movement, Reservation, StockItem
from hub.store.work import Work
from tests.desk import NOW, Desk, identifier, payloads
from tests.unit.handlers.orders import GTIN, MASTER_DATA
from tests.unit.handlers.receipts import receipt, sold


@pytest.fixture
def desk() -> Desk:
    desk = Desk(service).put(*MASTER_DATA)
    counted(desk, "10")
    return desk


def counted(desk: Desk, quantity: str, sku: str = "PEN", location: str = "main") -> Work:
    """Move goods in, and serve those who wait for them."""
    count = StockCount(sku=sku, location=location, quantity=Decimal(quantity))
    return desk.handle(AdjustStock(movements=(count,), reason="opening"))


def reference(number: int) -> dict[str, str]:
    name = f"{number:08d}"
    return {
        "order_id": f"order-{name}",
        "order_number": f"A-{name}",
        "buyer_key": "retail",
        "buyers_number": f"PO-{number}",
    }


def allocate(desk: Desk, number: int, *quantities: str, sku: str = "PEN", **envelope: Any) -> Work:
    """Let order `number` want these quantities, one a line."""
    lines = tuple(
        AllocationWanted(line_id=str(n), sku=sku, location="main", quantity=Decimal(quantity))
        for n, quantity in enumerate(quantities, 1)
    )
    time = NOW + timedelta(minutes=number)
    return desk.handle(AllocateStock(**reference(number), lines=lines), **({"time": time} | envelope))


def serve(desk: Desk) -> Work:
    return desk.handle(ServeBackorders(sku="PEN", location="main"))


def despatch(desk: Desk, number: int, quantity: str) -> Work:
    line = DespatchedLine(
        delivery_line="1",
        line_id="1",
        sku="PEN",
        item={},
        quantity=Quantity(value=Decimal(quantity)),
        ordered=Decimal(quantity),
        location="main",
    )
    shipment = ShipmentDespatched(
        **reference(number),
        despatch_number="DA-1",
        delivery_number="D-1",
        despatched_at=NOW,
        buyer=Party(),
        lines=(line,),
    )
    return desk.handle(shipment)


def pens(desk: Desk, location: str = "main") -> StockItem:
    return desk.rows[StockItem]["PEN", location]


def ledger(desk: Desk, location: str = "main") -> Decimal:
    return sum((one.quantity for one in desk.all(Movement) if one.location == location), Decimal(0))


def test_what_is_there_is_reserved_and_said(desk: Desk) -> None:
    (told,) = payloads(allocate(desk, 1, "4"))
    assert isinstance(told, StockAllocated)
    assert [(line.wanted, line.allocated, line.short) for line in told.lines] == [(4, 4, 0)]
    assert (pens(desk).on_hand, pens(desk).reserved) == (10, 4)


def test_two_lines_of_one_item_never_get_more_together_than_there_is(desk: Desk) -> None:
    (told,) = payloads(allocate(desk, 1, "7", "7"))
    assert isinstance(told, StockShort)
    assert [line.allocated for line in told.lines] == [7, 3]


def test_an_item_that_was_never_there_is_short(desk: Desk) -> None:
    (told,) = payloads(allocate(desk, 1, "2", sku="NOBODY"))
    assert [(line.allocated, line.short) for line in told.lines] == [(0, 2)]


def test_without_backorders_nobody_waits(desk: Desk) -> None:
    wanted = AllocationWanted(line_id="1", sku="PEN", location="main", quantity=Decimal(12))
    desk.handle(AllocateStock(**reference(1), lines=(wanted,), backorder=False))
    assert pens(desk).waiting == ()


def test_goods_that_arrive_go_to_those_who_wait_in_the_order_of_their_orders(desk: Desk) -> None:
    allocate(desk, 1, "10")
    allocate(desk, 3, "4")
    allocate(desk, 2, "3")
    (command,) = payloads(counted(desk, "5"))
    assert command == ServeBackorders(sku="PEN", location="main")
    told = payloads(serve(desk))
    assert [(one.order_number, one.backorder, one.lines[0].allocated, one.lines[0].short) for one in told] == [
        ("A-00000002", True, 3, 0),
        ("A-00000003", True, 2, 2),
    ]


def test_nobody_gets_between_goods_that_arrived_and_those_who_wait_for_them(desk: Desk) -> None:
    allocate(desk, 1, "12")
    counted(desk, "5")
    (told,) = payloads(allocate(desk, 2, "4"))
    assert [line.allocated for line in told.lines] == [3]
    (waited,) = payloads(serve(desk))
    assert (waited.order_number, waited.lines[0].allocated) == ("A-00000001", 2)


def test_goods_for_a_waiting_order_are_told_to_its_partner_in_its_conversation(desk: Desk) -> None:
    allocate(desk, 1, "12", partner="retail", correlationid=identifier(7))
    counted(desk, "5")
    (sent,) = serve(desk).published
    assert (sent.partner, sent.correlationid) == ("retail", identifier(7))


def test_serving_where_nobody_waits_changes_nothing(desk: Desk) -> None:
    assert payloads(serve(desk)) == []
    assert pens(desk).reserved == 0


def test_a_released_order_gives_its_goods_to_who_waits(desk: Desk) -> None:
    allocate(desk, 1, "8")
    allocate(desk, 2, "5")
    assert payloads(desk.handle(ReleaseStock(**reference(1), reason="cancelled"))) == [
        ServeBackorders(sku="PEN", location="main")
    ]
    (told,) = payloads(serve(desk))
    assert (told.order_number, told.lines[0].allocated) == ("A-00000002", 3)
    assert pens(desk).reserved == 5


def test_a_released_order_waits_no_longer(desk: Desk) -> None:
    allocate(desk, 1, "12")
    desk.handle(ReleaseStock(**reference(1), reason="cancelled"))
    assert (pens(desk).waiting, pens(desk).reserved) == ((), 0)


def test_releasing_twice_frees_once(desk: Desk) -> None:
    allocate(desk, 1, "8")
    for _ in range(2):
        desk.handle(ReleaseStock(**reference(1), reason="cancelled"))
    assert pens(desk).reserved == 0


def test_what_leaves_uses_up_its_reservation_and_is_booked_out(desk: Desk) -> None:
    allocate(desk, 1, "4")
    despatch(desk, 1, "4")
    assert (pens(desk).on_hand, pens(desk).reserved) == (6, 0)
    assert desk.all(Reservation)[0].held == 0
    (movement,) = [one for one in desk.all(Movement) if one.reason == "shipment"]
    assert (movement.quantity, movement.document, movement.line_id) == (-4, "DA-1", "1")


def test_goods_that_left_without_a_reservation_are_booked_out_all_the_same(desk: Desk) -> None:
    despatch(desk, 1, "11")
    assert pens(desk).on_hand == -1
    assert [task.kind for task in desk.all(Task)] == ["stock_negative"]


def test_taking_out_what_orders_hold_is_done_and_shown(desk: Desk) -> None:
    allocate(desk, 1, "8")
    counted(desk, "-5")
    assert pens(desk).on_hand == 5
    assert [task.reason for task in desk.all(Task)] == ["opening: 8 reserved, 5 on hand"]


def test_a_sale_leaves_the_store_even_if_nothing_was_there(desk: Desk) -> None:
    desk.handle(receipt([sold("1", "3", "4.29", "19", item={"gtin": GTIN})]))
    assert pens(desk, "s1").on_hand == -3
    assert [task.kind for task in desk.all(Task)] == ["stock_negative"]


def test_a_store_that_stays_below_zero_is_shown_once(desk: Desk) -> None:
    for number in ("1", "2"):
        desk.handle(receipt([sold("1", "3", "4.29", "19", item={"gtin": GTIN})], number=number))
    assert len(desk.all(Task)) == 1


def test_goods_brought_back_are_in_the_store_again(desk: Desk) -> None:
    counted(desk, "5", location="s1")
    desk.handle(receipt([sold("1", "-1", "-1.43", "19", item={"gtin": GTIN})], kind="return"))
    assert pens(desk, "s1").on_hand == 6


def test_a_void_that_repeats_a_receipt_brings_its_goods_back(desk: Desk) -> None:
    counted(desk, "5", location="s1")
    desk.handle(receipt([sold("1", "1", "1.43", "19", item={"gtin": GTIN})], kind="void"))
    assert pens(desk, "s1").on_hand == 6


def test_what_was_voided_unknown_or_no_goods_moves_nothing(desk: Desk) -> None:
    lines = [
        sold("1", "1", "1.43", "19", item={"gtin": GTIN}, voided=True),
        sold("2", "1", "5.00", "19", item={"name": "Bag"}),
        sold("3", "1", "5.95", "19", item={"sellers": "SERVICE"}),
    ]
    assert desk.handle(receipt(lines)).saved == {}
    assert desk.handle(receipt([], kind="control")).saved == {}


def test_what_lies_there_is_the_sum_of_its_movements(desk: Desk) -> None:
    allocate(desk, 1, "4")
    despatch(desk, 1, "4")
    counted(desk, "-1")
    assert pens(desk).on_hand == ledger(desk) == 5
