"""From what a buyer wants to what is agreed, and on until all of it is shipped, invoiced and paid."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.catalogue import AllowanceCharge
from hub.canonical.delivery import DespatchedLine, ShipmentDespatched
from hub.canonical.invoice import Invoice, InvoiceIssued, InvoiceLine, TaxSubtotal
from hub.canonical.order import (
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderCompleted,
    OrderPartlyAccepted,
    OrderReceived,
    OrderRejected,
    PaymentMade,
    order_names,
)
from hub.canonical.party import Party
from hub.canonical.payment import PaymentAllocated
from hub.canonical.stock import AllocateStock, AllocationMade, ReleaseStock, StockAllocated, StockShort
from hub.canonical.values import Money, Quantity
from hub.errors import MustWait, NeedsDecision
from hub.handlers.order import service
from hub.store.messages import Task
from hub.store.order import OrderLineRow, OrderRow
from hub.store.work import Work
from tests.desk import Desk, identifier, payloads
from tests.unit.handlers.orders import GTIN, MASTER_DATA, agreement, order, wants
from tests.unit.handlers.receipts import receipt, sold

SHOP = {"channel": "webshop", "partner": "retail"}
PENS_AND_BOOKS = (wants("1", "5", "1.20"), wants("2", "2", "10.00", sku="BOOK"))
FIRST_SNAPSHOT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    return Desk(service).put(*MASTER_DATA, agreement())


def receive(desk: Desk, incoming: OrderReceived, **envelope: Any) -> Work:
    return desk.handle(incoming, **({"partner": "retail", "channel": "edi", "correlationid": identifier(7)} | envelope))


def the_order(desk: Desk) -> OrderRow:
    (row,) = desk.all(OrderRow)
    return row


def quantities(desk: Desk) -> dict[str, Any]:
    return {line.line_id: line.quantities for line in desk.all(OrderLineRow)}


def stock_answers(desk: Desk, *, backorder: bool = False, **allocated: str) -> Work:
    """Let stock say how much each line (`l1`, `l2` …) got."""
    lines = []
    for line in desk.all(OrderLineRow):
        got = Decimal(allocated.get(f"l{line.line_id}", 0))
        wanted = line.quantities.wanted - line.quantities.reserved
        if line.terms.stocked and f"l{line.line_id}" in allocated:
            made = AllocationMade(
                line_id=line.line_id, sku=line.sku, location="main", wanted=wanted, allocated=got, short=wanted - got
            )
            lines.append(made)
    told = order_names(the_order(desk)) | {"lines": tuple(lines)}
    short = any(line.short for line in lines) and not backorder
    return desk.handle(StockShort(**told) if short else StockAllocated(**told, backorder=backorder))


def ship(desk: Desk, **shipped: str) -> Work:
    lines = tuple(
        DespatchedLine(
            delivery_line=line.line_id,
            line_id=line.line_id,
            sku=line.sku,
            item=line.terms.item,
            quantity=Quantity(value=Decimal(shipped[f"l{line.line_id}"])),
            ordered=line.quantities.ordered,
            location="main",
        )
        for line in desk.all(OrderLineRow)
        if f"l{line.line_id}" in shipped
    )
    shipment = ShipmentDespatched(
        **order_names(the_order(desk)),
        despatch_number="DA-1",
        delivery_number="D-1",
        despatched_at=desk.now,
        buyer=Party(),
        lines=lines,
    )
    return desk.handle(shipment)


def invoice_for(desk: Desk, number: str = "I-1", **nets: str) -> InvoiceIssued:
    """Return an invoice over whole lines, `l1="6.00"`: net amounts at 19 %."""
    rows = {f"l{line.line_id}": line for line in desk.all(OrderLineRow)}
    lines = tuple(
        InvoiceLine(
            line_id=str(n),
            order_line=rows[name].line_id,
            item=rows[name].terms.item,
            quantity=Quantity(value=rows[name].quantities.ordered),
            price=rows[name].terms.price,
            net=Decimal(net),
            tax_rate=Decimal(19),
        )
        for n, (name, net) in enumerate(nets.items(), 1)
    )
    net = sum((line.net for line in lines), Decimal(0))
    tax = (net * Decimal("0.19")).quantize(Decimal("0.01"))
    invoice = Invoice(
        number=number,
        issued=date(2026, 11, 25),
        currency="EUR",
        buyer=Party(),
        seller=Party(),
        lines=lines,
        taxes=(TaxSubtotal(category="S", rate=Decimal(19), base=net, tax=tax),),
        line_total=net,
        net_total=net,
        tax_total=tax,
        gross_total=net + tax,
        payable=net + tax,
    )
    return InvoiceIssued(**order_names(the_order(desk)), invoice=invoice)


def payment(desk: Desk, amount: str, number: str = "I-1") -> PaymentAllocated:
    money = Money(amount=Decimal(amount), currency="EUR")
    return PaymentAllocated(**order_names(the_order(desk)), reference="B-1", invoice_number=number, money=money)


# What is agreed


def test_an_order_asks_stock_for_its_goods_before_it_is_answered(desk: Desk) -> None:
    (command,) = payloads(receive(desk, order(PENS_AND_BOOKS)))
    assert isinstance(command, AllocateStock)
    assert [(line.line_id, line.sku, line.quantity) for line in command.lines] == [("1", "PEN", 5), ("2", "BOOK", 2)]
    assert (command.order_number, the_order(desk).state) == ("A-00000001", "received")


def test_an_order_whose_goods_are_all_there_is_accepted(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    (answer,) = payloads(stock_answers(desk, l1="5", l2="2"))
    assert isinstance(answer, OrderAccepted)
    assert [(line.status, line.confirmed, line.amount) for line in answer.lines] == [
        ("accepted", 5, Decimal("6.00")),
        ("accepted", 2, Decimal("20.00")),
    ]
    assert [line.tax_rate for line in answer.lines] == [19, 7]
    assert the_order(desk).state == "confirmed"


def test_an_answer_goes_to_the_orders_partner_in_its_conversation(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    (sent,) = stock_answers(desk, l1="5", l2="2").published
    assert (sent.partner, sent.correlationid) == ("retail", identifier(7))


@pytest.mark.parametrize("names", [{"gtin": GTIN}, {"sku": "PEN"}, {"gtin": GTIN, "sku": "NOBODY"}])
def test_an_item_is_found_by_any_of_its_numbers(desk: Desk, names: dict[str, str]) -> None:
    receive(desk, order([wants("1", "1", "1.20", **names)]))
    assert [line.sku for line in desk.all(OrderLineRow)] == ["PEN"]


def test_a_buyers_own_item_number_is_understood_from_that_buyer_alone(desk: Desk) -> None:
    receive(desk, order([wants("1", "1", "10.00", buyers="R-4711")]))
    (rejected,) = payloads(desk.handle(order([wants("1", "1", "10.00", buyers="R-4711")], number="PO-8")))
    assert [line.sku for line in desk.all(OrderLineRow)].count("BOOK") == 1
    assert isinstance(rejected, OrderRejected)


def test_an_unknown_item_is_refused_with_its_number_and_the_others_go_on(desk: Desk) -> None:
    receive(desk, order([wants("1", "5", "1.20"), wants("2", "1", "3.00", sku="NOBODY")]))
    (answer,) = payloads(stock_answers(desk, l1="5"))
    assert isinstance(answer, OrderPartlyAccepted)
    assert answer.lines[1].status == "rejected"
    assert answer.lines[1].reasons == ("item.unknown: NOBODY is not in our catalogue",)


def test_an_order_of_which_nothing_can_be_delivered_is_rejected_at_once(desk: Desk) -> None:
    (answer,) = payloads(receive(desk, order([wants("1", "0", "1.20"), wants("2", "1", sku="NOBODY")])))
    assert isinstance(answer, OrderRejected)
    assert [line.rejected for line in answer.lines] == [0, 1]
    assert the_order(desk).state == "rejected"


def test_who_paid_for_an_order_of_which_nothing_is_accepted_gets_his_money_back(desk: Desk) -> None:
    lines = [wants("1", "1", sku="NOBODY"), wants("2", "1", "4.90", sku="DHL", kind="shipping")]
    paid = PaymentMade(reference="1001", means="card", amount=Decimal("24.90"))
    (answer,) = payloads(receive(desk, order(lines, payments=(paid,)), channel="webshop"))
    assert isinstance(answer, OrderRejected)
    (task,) = [one for one in desk.all(Task) if one.kind == "refund_due"]
    assert task.reason == "EUR 24.90 was paid, and nothing of the order is accepted"


def test_what_is_no_goods_is_confirmed_without_stock(desk: Desk) -> None:
    lines = [wants("1", "1", "5.00", sku="SERVICE"), wants("2", "1", "4.90", sku="DHL", kind="shipping")]
    (answer,) = payloads(receive(desk, order(lines)))
    assert isinstance(answer, OrderAccepted)
    assert [(line.sku, line.stocked, line.confirmed) for line in answer.lines] == [
        ("SERVICE", False, 1),
        (None, False, 1),
    ]


def test_what_is_short_is_promised_for_later(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    (answer,) = payloads(stock_answers(desk, l1="3", l2="2"))
    assert isinstance(answer, OrderPartlyAccepted)
    assert (answer.lines[0].confirmed, answer.lines[0].backordered) == (3, 2)
    assert answer.lines[0].reasons == ("stock.backordered: 2 follow when goods arrive",)
    assert the_order(desk).state == "part_confirmed"


def test_goods_that_arrive_change_the_answer(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    stock_answers(desk, l1="3", l2="2")
    (answer,) = payloads(stock_answers(desk, backorder=True, l1="2"))
    assert isinstance(answer, OrderChanged)
    assert (answer.revision, answer.lines[0].confirmed, answer.lines[0].backordered) == (2, 5, 0)
    assert the_order(desk).state == "confirmed"


def test_where_no_part_deliveries_are_agreed_the_whole_order_waits_for_the_last_piece(desk: Desk) -> None:
    desk.put(agreement(partial_delivery=False))
    receive(desk, order(PENS_AND_BOOKS))
    (first,) = payloads(stock_answers(desk, l1="3", l2="2"))
    assert [(line.confirmed, line.backordered) for line in first.lines] == [(0, 5), (0, 2)]
    assert payloads(stock_answers(desk, backorder=True, l1="1")) == []
    (then,) = payloads(stock_answers(desk, backorder=True, l1="1"))
    assert [(line.confirmed, line.backordered) for line in then.lines] == [(5, 0), (2, 0)]


def test_a_price_that_is_not_ours_is_amended_and_said(desk: Desk) -> None:
    receive(desk, order([wants("1", "5", "1.00")]))
    (answer,) = payloads(stock_answers(desk, l1="5"))
    assert isinstance(answer, OrderPartlyAccepted)
    (line,) = answer.lines
    assert (line.status, line.price, line.amount) == ("changed", Decimal("1.20"), Decimal("6.00"))
    assert line.reasons == ("price.amended: 1.00 stated, 1.20 is agreed",)


@pytest.mark.parametrize(("issued", "price"), [(date(2026, 11, 30), "1.20"), (date(2026, 12, 1), "1.50")])
def test_the_price_is_that_of_the_day_on_which_it_was_ordered(desk: Desk, issued: date, price: str) -> None:
    receive(desk, order([wants("1", "5")], issued=issued))
    assert [line.terms.price for line in desk.all(OrderLineRow)] == [Decimal(price)]


def test_an_order_without_a_vat_rate_waits_for_a_person(desk: Desk) -> None:
    with pytest.raises(NeedsDecision, match="no VAT rate is registered for line 1"):
        Desk(service).put(*MASTER_DATA[:9]).handle(order([wants("1", "5", "1.20")]))


def test_a_shops_order_keeps_what_its_customer_paid_and_the_difference_is_shown(desk: Desk) -> None:
    lines = [wants("1", "3", "1.99", tax_rate="19", allowances=[AllowanceCharge(charge=False, amount=Decimal("0.97"))])]
    receive(desk, order(lines, tax_included=True, version=FIRST_SNAPSHOT), **SHOP)
    (answer,) = payloads(stock_answers(desk, l1="3"))
    assert isinstance(answer, OrderAccepted)
    assert answer.lines[0].amount == Decimal("5.00")
    assert round(answer.lines[0].price * 3, 2) == Decimal("5.00")
    assert "price 1.99 stated, list price 1.43" in desk.all(Task)[0].reason


def test_a_discount_of_the_document_is_shared_by_its_goods_to_the_cent(desk: Desk) -> None:
    off = [AllowanceCharge(charge=False, amount=Decimal(1))]
    receive(desk, order([*PENS_AND_BOOKS, wants("3", "1", "1.20")], allowances=off), channel="webshop")
    amounts = [line.terms.amount for line in desk.all(OrderLineRow)]
    assert sum(amounts) == Decimal("26.20")
    assert amounts == [Decimal("5.78"), Decimal("19.26"), Decimal("1.16")]


def test_a_test_order_is_answered_as_if_all_were_there_and_asks_nobody(desk: Desk) -> None:
    work = receive(desk, order(PENS_AND_BOOKS), testindicator=True)
    (sent,) = work.published
    assert isinstance(sent.data, OrderAccepted)
    assert sent.testindicator
    assert sent.data.order_number == "T-PO-7"


# The same number again


def test_the_same_order_again_gets_the_last_answer_again(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    (first,) = payloads(stock_answers(desk, l1="5", l2="2"))
    work = receive(desk, order(PENS_AND_BOOKS))
    (again,) = payloads(work)
    assert work.ended == "duplicate"
    assert again == first.model_copy(update={"repeated": True})


def test_the_same_order_again_before_its_answer_gets_no_second_one(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    work = receive(desk, order(PENS_AND_BOOKS))
    assert (work.ended, work.published) == ("duplicate", [])


def test_the_same_numbers_written_otherwise_are_the_same_order(desk: Desk) -> None:
    receive(desk, order([wants("1", "6", "1.20")]))
    assert receive(desk, order([wants("1", "6.0", "1.2")])).ended == "duplicate"


def test_what_comes_again_when_the_first_document_is_not_kept_is_for_a_person(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    desk.log.clear()
    with pytest.raises(NeedsDecision, match="A-00000001: the document that it came by is not in the event log"):
        receive(desk, order(PENS_AND_BOOKS))


def test_another_order_under_a_known_number_is_for_a_person(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    with pytest.raises(NeedsDecision, match="retail/PO-7 came before as order A-00000001, with other content"):
        receive(desk, order([wants("1", "6", "1.20")]))


def test_a_conflict_holds_nothing_of_the_good_order_back() -> None:
    assert not service.handlings[OrderReceived.TYPE].holds


def test_the_same_number_of_another_buyer_is_another_order(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    receive(desk, order([wants("1", "6", "1.20")], buyer_key="other"))
    assert len(desk.all(OrderRow)) == 2


@pytest.mark.parametrize("function", ["replace", "change"])
def test_a_change_is_for_a_person_and_says_what_it_is(desk: Desk, function: str) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    with pytest.raises(NeedsDecision, match="the buyer wants it changed: line 1: 6 instead of"):
        receive(desk, order([wants("1", "6", "1.20")], function=function))


def test_a_cancellation_before_its_order_waits_for_it(desk: Desk) -> None:
    with pytest.raises(MustWait) as waiting:
        receive(desk, order(PENS_AND_BOOKS, function="cancellation"))
    assert receive(desk, order(PENS_AND_BOOKS)).arrived == [waiting.value.awaits]


def test_a_cancelled_order_gives_back_its_goods_and_says_so(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    stock_answers(desk, l1="5", l2="2")
    released = payloads(receive(desk, order(PENS_AND_BOOKS, function="cancellation")))
    assert [type(one) for one in released] == [OrderCancelled, ReleaseStock]
    assert the_order(desk).state == "cancelled"


def test_cancelling_twice_changes_nothing_and_says_so(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    receive(desk, order(PENS_AND_BOOKS, function="cancellation"))
    work = receive(desk, order(PENS_AND_BOOKS, function="cancellation"))
    assert (work.ended, work.published) == ("duplicate", [])


def test_stock_that_answers_after_the_cancellation_promises_nothing(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    receive(desk, order(PENS_AND_BOOKS, function="cancellation"))
    assert payloads(stock_answers(desk, l1="5", l2="2")) == []
    assert the_order(desk).state == "cancelled"


def test_what_has_left_cannot_be_cancelled_without_a_person(desk: Desk) -> None:
    receive(desk, order(PENS_AND_BOOKS))
    stock_answers(desk, l1="5", l2="2")
    ship(desk, l1="5")
    with pytest.raises(NeedsDecision, match="goods have left"):
        receive(desk, order(PENS_AND_BOOKS, function="cancellation"))


def snapshot(minutes: int, lines: Any = PENS_AND_BOOKS, **fields: Any) -> OrderReceived:
    return order(lines, version=FIRST_SNAPSHOT + timedelta(minutes=minutes), **fields)


def test_an_older_snapshot_has_no_effect_and_says_so(desk: Desk) -> None:
    receive(desk, snapshot(5), **SHOP)
    work = receive(desk, snapshot(1, cancelled=True), **SHOP)
    assert (work.ended, work.published, work.saved) == ("duplicate", [], {})


def test_a_newer_snapshot_that_says_nothing_new_is_a_duplicate(desk: Desk) -> None:
    receive(desk, snapshot(0), **SHOP)
    work = receive(desk, snapshot(5), **SHOP)
    assert (work.ended, work.published) == ("duplicate", [])
    assert the_order(desk).source_version == FIRST_SNAPSHOT + timedelta(minutes=5)


def test_a_newer_snapshot_cancels_the_order(desk: Desk) -> None:
    receive(desk, snapshot(0), **SHOP)
    assert OrderCancelled in [type(one) for one in payloads(receive(desk, snapshot(5, cancelled=True), **SHOP))]


def test_another_snapshot_of_the_same_moment_counts_too(desk: Desk) -> None:
    receive(desk, snapshot(0), **SHOP)
    assert OrderCancelled in [type(one) for one in payloads(receive(desk, snapshot(0, cancelled=True), **SHOP))]


def test_an_order_that_comes_cancelled_is_kept_and_reserves_nothing(desk: Desk) -> None:
    (told,) = payloads(receive(desk, snapshot(0, cancelled=True), **SHOP))
    assert isinstance(told, OrderCancelled)
    assert the_order(desk).state == "cancelled"


def test_a_payment_in_a_newer_snapshot_is_told_to_whoever_books_payments(desk: Desk) -> None:
    receive(desk, snapshot(0), **SHOP)
    stock_answers(desk, l1="5", l2="2")
    paid = (PaymentMade(reference="card:1", means="card", amount=Decimal("28.54")),)
    (changed,) = payloads(receive(desk, snapshot(5, payments=paid), **SHOP))
    assert isinstance(changed, OrderChanged)
    assert (changed.payments, changed.revision) == (paid, 2)


def test_other_goods_in_a_newer_snapshot_are_shown_to_a_person_once(desk: Desk) -> None:
    receive(desk, snapshot(0), **SHOP)
    receive(desk, snapshot(5, [wants("1", "4", "1.20")]), **SHOP)
    receive(desk, snapshot(6, [wants("1", "4", "1.20")]), **SHOP)
    assert [task.kind for task in desk.all(Task)] == ["order_changed_in_shop"]


# Until nothing is left to do


def agreed(desk: Desk) -> Desk:
    receive(desk, order([wants("1", "5", "1.20"), wants("2", "1", "5.00", sku="SERVICE")]))
    stock_answers(desk, l1="5")
    return desk


def test_an_order_is_complete_when_all_of_it_is_shipped_invoiced_and_paid(desk: Desk) -> None:
    agreed(desk)
    assert payloads(ship(desk, l1="5")) == []
    assert the_order(desk).state == "shipped"
    assert payloads(desk.handle(invoice_for(desk, l1="6.00", l2="5.00"))) == []
    assert payloads(desk.handle(payment(desk, "13.00"))) == []
    (told,) = payloads(desk.handle(payment(desk, "0.09")))
    assert isinstance(told, OrderCompleted)
    assert the_order(desk).state == "completed"
    assert [line.paid_amount for line in quantities(desk).values()] == [Decimal("7.14"), Decimal("5.95")]


def test_money_for_a_part_of_an_invoice_never_pays_a_line_beyond_what_it_is_billed(desk: Desk) -> None:
    receive(desk, order([wants(str(n), "1", "0.04") for n in range(20)]), channel="webshop")
    stock_answers(desk, **{f"l{n}": "1" for n in range(20)})
    ship(desk, **{f"l{n}": "1" for n in range(20)})
    desk.handle(invoice_for(desk, **{f"l{n}": "0.04" for n in range(20)}))
    billed = [line.invoiced_amount for line in quantities(desk).values()]
    for amount in ("0.49", "0.01", "0.30"):
        desk.handle(payment(desk, amount))
        paid = [line.paid_amount for line in quantities(desk).values()]
        assert all(0 <= one <= most for one, most in zip(paid, billed, strict=True))
    assert sum(paid) == Decimal("0.80")


def test_an_invoice_of_an_order_that_was_cancelled_meanwhile_is_for_a_person(desk: Desk) -> None:
    agreed(desk)
    receive(desk, order(PENS_AND_BOOKS, function="cancellation"))
    desk.handle(invoice_for(desk, l2="5.00"))
    assert [task.kind for task in desk.all(Task)] == ["invoiced_before_cancellation"]
    assert the_order(desk).state == "cancelled"


def test_part_of_an_order_that_has_left_is_part_shipped(desk: Desk) -> None:
    agreed(desk)
    ship(desk, l1="2")
    assert the_order(desk).state == "part_shipped"
    assert [line.shipped for line in quantities(desk).values()] == [2, 0]


def test_what_is_no_goods_has_left_with_the_last_of_them(desk: Desk) -> None:
    agreed(desk)
    ship(desk, l1="2")
    ship(desk, l1="3")
    assert [line.shipped for line in quantities(desk).values()] == [5, 1]


def test_a_refused_line_does_not_keep_an_order_from_being_complete(desk: Desk) -> None:
    receive(desk, order([wants("1", "5", "1.20"), wants("2", "1", "3.00", sku="NOBODY")]))
    stock_answers(desk, l1="5")
    ship(desk, l1="5")
    desk.handle(invoice_for(desk, l1="6.00"))
    (told,) = payloads(desk.handle(payment(desk, "7.14")))
    assert isinstance(told, OrderCompleted)


def test_a_payment_that_overtakes_its_invoice_waits_for_it(desk: Desk) -> None:
    agreed(desk)
    with pytest.raises(MustWait) as waiting:
        desk.handle(payment(desk, "13.09"))
    assert desk.handle(invoice_for(desk, l1="6.00", l2="5.00")).arrived == [waiting.value.awaits]


def test_an_invoice_that_overtakes_its_shipment_is_counted_all_the_same(desk: Desk) -> None:
    agreed(desk)
    desk.handle(invoice_for(desk, l1="6.00", l2="5.00"))
    desk.handle(payment(desk, "13.09"))
    (told,) = payloads(ship(desk, l1="5"))
    assert isinstance(told, OrderCompleted)


def test_the_same_invoice_under_another_message_is_counted_once(desk: Desk) -> None:
    agreed(desk)
    desk.handle(invoice_for(desk, l1="6.00", l2="5.00"))
    assert desk.handle(invoice_for(desk, l1="6.00", l2="5.00")).ended == "duplicate"
    assert quantities(desk)["1"].invoiced == 5


def test_more_goods_than_promised_are_shown_to_a_person(desk: Desk) -> None:
    agreed(desk)
    ship(desk, l1="6")
    assert [(task.kind, task.reason) for task in desk.all(Task)] == [
        ("shipped_more", "line 1: 6 shipped, 5 promised"),
    ]


def test_an_event_of_an_order_that_nobody_knows_is_for_a_person(desk: Desk) -> None:
    agreed(desk)
    shipment = invoice_for(desk, l1="6.00").model_copy(update={"order_id": "nobody"})
    with pytest.raises(NeedsDecision, match="there is no order"):
        desk.handle(shipment)


# Tills


def test_a_receipt_is_an_order_that_is_complete_on_arrival(desk: Desk) -> None:
    lines = [sold("1", "3", "4.29", "19", item={"gtin": GTIN}), sold("2", "1", "9.00", "19", voided=True)]
    (told,) = payloads(desk.handle(receipt(lines), channel="pos"))
    assert isinstance(told, OrderCompleted)
    assert (the_order(desk).number, the_order(desk).state) == ("s1:t1:20261125:17", "completed")
    (line,) = desk.all(OrderLineRow)
    assert (line.sku, line.quantities.shipped, line.quantities.paid_amount) == ("PEN", 3, Decimal("4.29"))


def test_a_receipt_with_an_unknown_item_or_another_price_is_kept_and_shown(desk: Desk) -> None:
    lines = [sold("1", "1", "0.99", "19", item={"gtin": GTIN}), sold("2", "1", "5.00", "19", item={"name": "Bag"})]
    desk.handle(receipt(lines))
    assert {task.kind: task.reason for task in desk.all(Task)} == {
        "unknown_item": "line 2: Bag is not in our catalogue",
        "price_differs": "line 1: price 0.99 stated, list price 1.43",
    }


def test_goods_brought_back_make_a_receipt_with_negative_lines(desk: Desk) -> None:
    desk.handle(receipt([sold("1", "-1", "-1.43", "19", item={"gtin": GTIN})], kind="return"))
    (line,) = desk.all(OrderLineRow)
    assert (line.quantities.shipped, line.quantities.paid_amount) == (-1, Decimal("-1.43"))
    assert line.quantities.is_complete


def test_a_void_that_repeats_a_receipt_takes_back_its_lines(desk: Desk) -> None:
    desk.handle(receipt([sold("1", "1", "1.43", "19", item={"gtin": GTIN})], kind="void"))
    (line,) = desk.all(OrderLineRow)
    assert (line.quantities.shipped, line.quantities.paid_amount) == (-1, Decimal("-1.43"))
    assert line.quantities.is_complete


def test_the_same_receipt_under_another_message_is_kept_once(desk: Desk) -> None:
    lines = [sold("1", "1", "1.43", "19", item={"gtin": GTIN})]
    desk.handle(receipt(lines))
    work = desk.handle(receipt(lines))
    assert (work.ended, work.saved, work.published) == ("duplicate", {}, [])


def test_what_a_till_reports_of_itself_has_no_effect(desk: Desk) -> None:
    work = desk.handle(receipt([], kind="control"))
    assert (work.saved, work.published) == ({}, [])
