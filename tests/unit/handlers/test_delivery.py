"""From a promise to goods that leave: plan, release, pick, pack, despatch."""

from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.delivery import (
    CancelDelivery,
    ConfirmPick,
    DeliveryPacked,
    DeliveryPicked,
    DeliveryPlanned,
    DeliveryReleased,
    DespatchShipment,
    PackDelivery,
    PackedUnit,
    PickedLine,
    PlannedLine,
    ReleaseDelivery,
    ReplanDelivery,
    ShipmentDespatched,
)
from hub.canonical.order import OrderCancelled, OrderChanged, OrderPartlyAccepted
from hub.canonical.values import Quantity
from hub.errors import BusinessRefusal, IllegalTransition, NeedsDecision
from hub.handlers.delivery import service
from hub.store.delivery import DeliveryLine, DeliveryOrder, HandlingUnitRow
from hub.store.messages import NumberSeries, Task
from tests.desk import Desk, identifier, payloads
from tests.unit.handlers.answers import COMPANY, ORDER, answer, line

NUMBER = "D-00000001"
TWO_LINES = (line("10", "SKU-A", "5", "50.00"), line("20", "SKU-B", "3", "30.00"))


@pytest.fixture
def desk() -> Desk:
    return Desk(service).put(COMPANY)


def planned(desk: Desk, lines: Any = TWO_LINES) -> Desk:
    desk.handle(answer(lines), partner="retail", correlationid=identifier(7))
    return desk


def planned_line(delivery_line: str, line_id: str, quantity: str) -> PlannedLine:
    value = Quantity(value=Decimal(quantity), unit="C62")
    return PlannedLine(delivery_line=delivery_line, line_id=line_id, sku="SKU-A", quantity=value, location="main")


def packed(desk: Desk) -> Desk:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    desk.handle(ConfirmPick(delivery_number=NUMBER))
    desk.handle(PackDelivery(delivery_number=NUMBER))
    return desk


def found(*quantities: tuple[str, str]) -> tuple[PickedLine, ...]:
    return tuple(PickedLine(line_id=line_id, quantity=Decimal(quantity)) for line_id, quantity in quantities)


def delivery(desk: Desk, number: str = NUMBER) -> DeliveryOrder:
    return next(row for row in desk.all(DeliveryOrder) if row.number == number)


def test_a_confirmed_order_becomes_one_delivery_order_with_its_goods_line_to_line(desk: Desk) -> None:
    same_item_twice = [line("10", "SKU-A", "5", "50.00"), line("20", "SKU-A", "3", "27.00")]
    work = desk.handle(answer([*same_item_twice, line("90", None, "1", "4.90", kind="shipping")]))
    lines = (planned_line("1", "10", "5"), planned_line("2", "20", "3"))
    assert payloads(work) == [DeliveryPlanned(**ORDER, delivery_number=NUMBER, lines=lines)]
    assert [(one.order_line, one.sku, one.planned) for one in desk.all(DeliveryLine)] == [
        ("10", "SKU-A", 5),
        ("20", "SKU-A", 3),
    ]
    assert delivery(desk).seller == COMPANY.party


def test_only_what_is_confirmed_is_planned(desk: Desk) -> None:
    lines = [line("10", "SKU-A", "5", "50.00", confirmed="2"), line("20", "SKU-B", "3", "30.00", confirmed="0")]
    desk.handle(answer(lines, OrderPartlyAccepted))
    assert [(one.order_line, one.planned, one.ordered) for one in desk.all(DeliveryLine)] == [("10", 2, 5)]


def test_an_order_without_goods_gets_no_delivery_order(desk: Desk) -> None:
    assert not payloads(desk.handle(answer([line("1", None, "1", "50.00", kind="gift_card")])))
    assert not desk.all(DeliveryOrder)


def test_goods_that_arrive_later_get_a_delivery_order_of_their_own(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "5", "50.00", confirmed="2")], OrderPartlyAccepted))
    work = desk.handle(answer([line("10", "SKU-A", "5", "50.00")], OrderChanged, revision=2))
    lines = (planned_line("1", "10", "3"),)
    assert payloads(work) == [DeliveryPlanned(**ORDER, delivery_number="D-00000002", lines=lines)]
    assert [(one.delivery_number, one.planned) for one in desk.all(DeliveryLine)] == [(NUMBER, 2), ("D-00000002", 3)]


def test_an_answer_that_is_repeated_plans_nothing_again(desk: Desk) -> None:
    planned(desk)
    assert not payloads(desk.handle(answer(TWO_LINES, repeated=True)))
    assert len(desk.all(DeliveryOrder)) == 1


def test_less_confirmed_than_is_being_delivered_is_a_task(desk: Desk) -> None:
    planned(desk).handle(answer([line("10", "SKU-A", "5", "50.00", confirmed="4")], OrderChanged, revision=2))
    reasons = {task.reason for task in desk.all(Task)}
    assert "line 10: 1 more in delivery orders than is confirmed" in reasons
    assert "line 20: 3 more in delivery orders than is confirmed" in reasons


def test_the_goods_leave_as_they_were_promised(desk: Desk) -> None:
    planned(desk)
    steps = [
        (ReleaseDelivery(delivery_number=NUMBER), DeliveryReleased),
        (ConfirmPick(delivery_number=NUMBER), DeliveryPicked),
        (PackDelivery(delivery_number=NUMBER), DeliveryPacked),
    ]
    for command, event in steps:
        assert payloads(desk.handle(command)) == [event(**ORDER, delivery_number=NUMBER)]
    work = desk.handle(DespatchShipment(delivery_number=NUMBER, carrier="Swift Haul", vehicle="B-CD 12"))
    (advice,) = payloads(work)
    assert isinstance(advice, ShipmentDespatched)
    assert (advice.despatch_number, advice.carrier, advice.vehicle) == ("DA-00000001", "Swift Haul", "B-CD 12")
    assert [(one.line_id, one.quantity.value, one.location) for one in advice.lines] == [
        ("10", 5, "main"),
        ("20", 3, "main"),
    ]
    pallet, carton = advice.units
    assert (pallet.sscc, pallet.package_type, pallet.content) == ("040123450000000016", "PX", ())
    assert (carton.sscc, carton.parent) == ("040123450000000023", pallet.sscc)
    assert [(part.delivery_line, part.quantity) for part in carton.content] == [("1", 5), ("2", 3)]
    assert [(one.planned, one.picked, one.packed, one.shipped) for one in desk.all(DeliveryLine)] == [
        (5, 5, 5, 5),
        (3, 3, 3, 3),
    ]


def test_events_go_to_the_partner_of_the_order_whoever_gave_the_command(desk: Desk) -> None:
    work = planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER), partner=None)
    (released,) = work.published
    assert (released.partner, released.correlationid) == ("retail", identifier(7))


@pytest.mark.parametrize(
    "command", [ReleaseDelivery, ConfirmPick, PackDelivery, DespatchShipment], ids=lambda command: command.__name__
)
def test_repeating_a_step_changes_nothing_and_says_so(desk: Desk, command: type[Any]) -> None:
    packed(desk).handle(DespatchShipment(delivery_number=NUMBER))
    before = {record: dict(rows) for record, rows in desk.rows.items()}
    work = desk.handle(command(delivery_number=NUMBER))
    assert (work.ended, payloads(work), desk.rows) == ("duplicate", [], before)
    assert NUMBER in (work.reason or "")


@pytest.mark.parametrize("command", [ConfirmPick, PackDelivery, DespatchShipment])
def test_a_step_before_its_turn_is_refused_by_name(desk: Desk, command: type[Any]) -> None:
    planned(desk)
    with pytest.raises(IllegalTransition, match=r"not possible in state planned; possible: release, cancel"):
        desk.handle(command(delivery_number=NUMBER))


@pytest.mark.parametrize("command", [ReleaseDelivery, ConfirmPick, PackDelivery, DespatchShipment])
def test_an_unknown_delivery_order_is_refused(desk: Desk, command: type[Any]) -> None:
    with pytest.raises(BusinessRefusal, match="there is no delivery order D-00000009"):
        desk.handle(command(delivery_number="D-00000009"))


def test_a_short_pick_goes_on_with_what_was_found_and_reports_the_rest(desk: Desk) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    work = desk.handle(ConfirmPick(delivery_number=NUMBER, lines=found(("1", "4"), ("2", "0"))))
    assert payloads(work) == [DeliveryPicked(**ORDER, delivery_number=NUMBER)]
    assert {task.reason for task in desk.all(Task)} == {
        "line 10, SKU-A at main: 4 of 5 found",
        "line 20, SKU-B at main: 0 of 3 found",
    }
    desk.handle(PackDelivery(delivery_number=NUMBER))
    (advice,) = payloads(desk.handle(DespatchShipment(delivery_number=NUMBER)))
    assert [(one.line_id, one.quantity.value, one.ordered) for one in advice.lines] == [("10", 4, 5)]


def test_what_was_not_found_is_open_again_with_the_next_answer(desk: Desk) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    desk.handle(ConfirmPick(delivery_number=NUMBER, lines=found(("1", "4"), ("2", "3"))))
    desk.handle(answer(TWO_LINES, OrderChanged, revision=2))
    further = [one for one in desk.all(DeliveryLine) if one.delivery_number == "D-00000002"]
    assert [(one.order_line, one.planned) for one in further] == [("10", 1)]


def test_finding_nothing_cancels_the_delivery_order_and_its_goods_are_open_again(desk: Desk) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    work = desk.handle(ConfirmPick(delivery_number=NUMBER, lines=found(("1", "0"), ("2", "0"))))
    assert (payloads(work), delivery(desk).state) == ([], "cancelled")
    desk.handle(answer(TWO_LINES, OrderChanged, revision=2))
    assert [one.planned for one in desk.all(DeliveryLine) if one.delivery_number != NUMBER] == [5, 3]


@pytest.mark.parametrize(
    ("report", "problem"),
    [
        ([("1", "6"), ("2", "3")], "line 1: 6 picked, 5 asked"),
        ([("1", "-1"), ("2", "3")], "line 1: -1 picked, 5 asked"),
        ([("1", "5")], "line 2 is not reported"),
        ([("1", "5"), ("2", "3"), ("9", "1")], "line 9 is not of this delivery order"),
        ([("1", "2"), ("1", "3"), ("2", "3")], "line 1 is reported 2 times"),
    ],
)
def test_a_wrong_pick_report_is_refused_by_name(desk: Desk, report: Any, problem: str) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    with pytest.raises(BusinessRefusal, match=problem):
        desk.handle(ConfirmPick(delivery_number=NUMBER, lines=found(*report)))
    assert delivery(desk).state == "released"


def test_a_second_pick_report_with_other_quantities_is_refused(desk: Desk) -> None:
    packed(desk)
    with pytest.raises(BusinessRefusal, match="picked before, with other quantities"):
        desk.handle(ConfirmPick(delivery_number=NUMBER, lines=found(("1", "4"), ("2", "3"))))


def test_units_are_packed_as_given_and_labelled_in_their_order(desk: Desk) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    desk.handle(ConfirmPick(delivery_number=NUMBER))
    units = (
        PackedUnit(unit="a", parent="p", content=found(("1", "5")), gross_weight_kg=Decimal("7.5")),
        PackedUnit(unit="b", parent="p", content=found(("2", "3"))),
        PackedUnit(unit="p", package_type="PX"),
    )
    desk.handle(PackDelivery(delivery_number=NUMBER, units=units))
    first, second, pallet = (row.unit for row in desk.all(HandlingUnitRow))
    assert (first.parent, second.parent, pallet.parent) == (pallet.sscc, pallet.sscc, None)
    assert first.gross_weight_kg == Decimal("7.5")
    assert desk.rows[NumberSeries]["sscc/4012345",].last == 3


def test_a_packing_that_forgets_a_piece_is_refused_and_takes_no_number(desk: Desk) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    desk.handle(ConfirmPick(delivery_number=NUMBER))
    unit = PackedUnit(unit="a", content=found(("1", "5"), ("2", "2")))
    with pytest.raises(BusinessRefusal, match="line 2: 2 packed, 3 picked"):
        desk.handle(PackDelivery(delivery_number=NUMBER, units=(unit,)))
    assert (delivery(desk).state, desk.all(HandlingUnitRow)) == ("picked", [])
    assert ("sscc/4012345",) not in desk.rows[NumberSeries]


def test_without_a_company_gln_packing_waits_for_a_person() -> None:
    desk = planned(Desk(service))
    desk.handle(ReleaseDelivery(delivery_number=NUMBER))
    desk.handle(ConfirmPick(delivery_number=NUMBER))
    with pytest.raises(NeedsDecision, match="has no GLN"):
        desk.handle(PackDelivery(delivery_number=NUMBER))


def test_a_cancelled_order_cancels_its_delivery_order(desk: Desk) -> None:
    planned(desk).handle(OrderCancelled(**ORDER, reason="buyer's wish"))
    assert delivery(desk).state == "cancelled"
    with pytest.raises(IllegalTransition, match="release is not possible in state cancelled"):
        desk.handle(ReleaseDelivery(delivery_number=NUMBER))


def test_cancelling_after_the_pick_asks_a_person_to_put_the_goods_back(desk: Desk) -> None:
    packed(desk).handle(OrderCancelled(**ORDER, reason="buyer's wish"))
    assert (delivery(desk).state, [task.kind for task in desk.all(Task)]) == ("cancelled", ["put_back"])


def test_cancelling_what_has_left_is_a_task_and_changes_nothing(desk: Desk) -> None:
    packed(desk).handle(DespatchShipment(delivery_number=NUMBER))
    desk.handle(OrderCancelled(**ORDER, reason="buyer's wish"))
    assert (delivery(desk).state, [task.kind for task in desk.all(Task)]) == (
        "shipped",
        ["shipped_before_cancellation"],
    )


def test_what_was_not_found_goes_into_a_further_delivery_order_when_a_person_says_so(desk: Desk) -> None:
    planned(desk).handle(ReleaseDelivery(delivery_number=NUMBER))
    desk.handle(ConfirmPick(delivery_number=NUMBER, lines=found(("1", "4"), ("2", "3"))))
    work = desk.handle(ReplanDelivery(delivery_number=NUMBER), partner=None)
    lines = (planned_line("1", "10", "1"),)
    assert payloads(work) == [DeliveryPlanned(**ORDER, delivery_number="D-00000002", lines=lines)]
    assert work.published[0].partner == "retail"
    further = delivery(desk, "D-00000002")
    assert (further.state, further.picked_at, further.buyer) == ("planned", None, delivery(desk).buyer)
    assert [(one.order_line, one.planned) for one in desk.all(DeliveryLine) if one.delivery_number != NUMBER] == [
        ("10", 1)
    ]


def test_planning_again_what_is_not_open_says_so(desk: Desk) -> None:
    work = planned(desk).handle(ReplanDelivery(delivery_number=NUMBER))
    assert (work.ended, payloads(work)) == ("duplicate", [])
    assert work.reason == "nothing of order O-00000007 is open"


def test_nothing_of_a_cancelled_order_is_planned_again(desk: Desk) -> None:
    planned(desk).handle(OrderCancelled(**ORDER, reason="buyer's wish"))
    with pytest.raises(BusinessRefusal, match="O-00000007 is cancelled"):
        desk.handle(ReplanDelivery(delivery_number=NUMBER))


def test_a_delivery_order_that_is_cancelled_alone_can_be_planned_again(desk: Desk) -> None:
    packed(desk).handle(CancelDelivery(delivery_number=NUMBER, reason="the truck broke down"))
    assert (delivery(desk).state, [task.kind for task in desk.all(Task)]) == ("cancelled", ["put_back"])
    assert desk.handle(CancelDelivery(delivery_number=NUMBER, reason="again")).ended == "duplicate"
    desk.handle(ReplanDelivery(delivery_number=NUMBER))
    assert [one.planned for one in desk.all(DeliveryLine) if one.delivery_number != NUMBER] == [5, 3]


def test_an_answer_that_is_repeated_does_not_plan_again_what_was_cancelled(desk: Desk) -> None:
    planned(desk).handle(CancelDelivery(delivery_number=NUMBER, reason="the truck broke down"))
    assert not payloads(desk.handle(answer(TWO_LINES, repeated=True)))
    assert [one.number for one in desk.all(DeliveryOrder)] == [NUMBER]


def test_what_has_left_cannot_be_cancelled(desk: Desk) -> None:
    packed(desk).handle(DespatchShipment(delivery_number=NUMBER))
    with pytest.raises(IllegalTransition, match="cancel is not possible in state shipped"):
        desk.handle(CancelDelivery(delivery_number=NUMBER, reason="too late"))


def test_an_answer_after_the_cancellation_plans_nothing(desk: Desk) -> None:
    desk.handle(OrderCancelled(**ORDER, reason="buyer's wish"))
    assert not payloads(desk.handle(answer(TWO_LINES)))
