"""A retailer buys by EDI: order, delivery, invoice and payment fit to the cent, whatever happens on the way."""

import asyncio
import base64
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from hub.connectors.sending import Sender
from hub.store.delivery import DeliveryOrder
from hub.store.order import OrderRow
from hub.store.payment import PaymentRow, ReceivableRow
from hub.store.status import Transmission
from hub.store.stock import Movement, StockItem
from tests.trading_house import GTINS, RETAILERS, US, House, agreements, interchange


async def on_hand(house: House, sku: str) -> tuple[Decimal, Decimal]:
    """Return what lies there of an item and what is reserved of it."""
    (row,) = [row for row in await house.all(StockItem) if (row.sku, row.location) == (sku, "main")]
    return row.on_hand, row.reserved


async def open_amounts(house: House) -> dict[str, Decimal]:
    return {row.invoice_number: row.open for row in await house.all(ReceivableRow)}


async def delivery_of(house: House, number: str, state: str = "planned") -> DeliveryOrder:
    (found,) = [row for row in await house.all(DeliveryOrder) if (row.buyers_number, row.state) == (number, state)]
    return found


async def test_an_order_with_a_short_item_is_delivered_and_invoiced_in_two_parts_and_paid_by_one_transfer(
    any_house: House,
) -> None:
    house = any_house
    await house.goods(PEN=30, BOOK=5)
    assert (await house.order("PO-1", "PEN 50 1.20", "BOOK 3 10.00")).state == "part_shipped"
    await house.goods(PEN=100)
    first, second = await house.invoices("PO-1")
    assert (first.gross_total, second.gross_total) == (Decimal("74.94"), Decimal("28.56"))
    assert await house.pay("B-1", "103.50", first.number, second.number) == ("applied", None)
    assert (await house.order_of("PO-1")).state == "completed"
    assert await on_hand(house, "PEN") == (80, 0)
    assert await house.tasks() == []


async def test_one_transfer_pays_three_invoices(any_house: House) -> None:
    house = any_house
    await house.goods(PEN=100)
    for number in ("PO-1", "PO-2", "PO-3"):
        await house.order(number, "PEN 10 1.20")
    numbers = [invoice.number for invoice in await house.invoices()]
    assert await house.pay("B-1", "42.84", *numbers) == ("applied", None)
    assert {row.state for row in await house.all(OrderRow)} == {"completed"}
    assert set((await open_amounts(house)).values()) == {Decimal(0)}


async def test_a_transfer_that_names_no_invoice_pays_the_oldest_and_a_part_of_the_next(house: House) -> None:
    await house.goods(PEN=100)
    await house.order("PO-1", "PEN 10 1.20")
    await house.order("PO-2", "PEN 20 1.20")
    payer = (await house.order_of("PO-1")).buyer_key
    await house.pay("B-1", "20.00", payer=payer)
    assert list((await open_amounts(house)).values()) == [0, Decimal("22.84")]


async def test_an_overpayment_stays_on_account_and_a_person_is_told(any_house: House) -> None:
    house = any_house
    await house.goods(PEN=100)
    await house.order("PO-1", "PEN 10 1.20")
    await house.pay("B-1", "20.00", "2026-000001")
    (payment,) = await house.all(PaymentRow)
    assert payment.unallocated == Decimal("5.72")
    assert await house.tasks() == [("payment_unallocated", "EUR 5.72 of 20.00 found nothing open")]
    assert (await house.order_of("PO-1")).state == "completed"


async def test_what_an_overpayment_left_pays_a_later_invoice_when_a_person_says_so(any_house: House) -> None:
    house = any_house
    await house.goods(PEN=100)
    await house.order("PO-1", "PEN 10 1.20")
    await house.pay("B-1", "20.00", "2026-000001")
    await house.order("PO-2", "PEN 4 1.20")
    told = await house.command("/payments/allocate", {"reference": "B-1", "invoices": ["2026-000002"]})
    assert told == [("applied", None)]
    (payment,) = await house.all(PaymentRow)
    assert payment.unallocated == Decimal("0.01")
    assert [(await house.order_of(number)).state for number in ("PO-1", "PO-2")] == ["completed", "completed"]


async def test_the_same_bank_reference_is_booked_once_and_other_money_under_it_goes_to_a_person(house: House) -> None:
    await house.goods(PEN=100)
    await house.order("PO-1", "PEN 10 1.20")
    await house.pay("B-1", "10.00", "2026-000001")
    await house.pay("B-1", "10.00", "2026-000001")
    outcome, reason = await house.pay("B-1", "4.28", "2026-000001")
    assert outcome == "parked"
    assert reason is not None
    assert "booked before with other content" in reason
    assert await open_amounts(house) == {"2026-000001": Decimal("4.28")}


async def test_a_payment_that_comes_before_its_invoice_waits_for_it(any_house: House) -> None:
    house = any_house
    assert (await house.pay("B-1", "14.28", "2026-000001"))[0] == "waiting"
    await house.goods(PEN=100)
    assert (await house.order("PO-1", "PEN 10 1.20")).state == "completed"
    assert await open_amounts(house) == {"2026-000001": 0}


async def test_money_in_another_currency_or_of_nothing_or_finer_than_a_cent_pays_no_invoice(house: House) -> None:
    await house.goods(PEN=100)
    await house.order("PO-1", "PEN 10 1.20")
    assert (await house.pay("B-1", "14.28", "2026-000001", currency="JPY"))[0] == "refused"
    assert (await house.pay("B-2", "14", "2026-000001", currency="JPY"))[0] == "parked"
    assert (await house.pay("B-3", "0", "2026-000001"))[0] == "refused"
    assert (await house.pay("B-4", "-14.28", "2026-000001"))[0] == "refused"
    assert (await house.pay("B-5", "14.281", "2026-000001"))[0] == "refused"
    assert await open_amounts(house) == {"2026-000001": Decimal("14.28")}


async def test_an_order_cancelled_before_picking_frees_its_stock_and_who_waits_gets_it(manned_house: House) -> None:
    house = manned_house
    await house.goods(PEN=10)
    await house.order("PO-1", "PEN 10 1.20")
    await house.order("PO-2", "PEN 8 1.20", partner="other")
    assert (await house.lines_of("PO-2"))["1"].quantities.backordered == 8
    assert (await house.order("PO-1", function="1")).state == "cancelled"
    assert (await house.lines_of("PO-2"))["1"].quantities.confirmed == 8
    assert await on_hand(house, "PEN") == (10, 8)
    await house.deliver((await delivery_of(house, "PO-2")).number)
    assert await on_hand(house, "PEN") == (2, 0)
    assert [invoice.line_total for invoice in await house.invoices()] == [Decimal("9.60")]


async def test_an_order_cancelled_after_it_has_left_is_not_cancelled_and_a_person_learns_why(house: House) -> None:
    await house.goods(PEN=10)
    await house.order("PO-1", "PEN 10 1.20")
    assert (await house.order("PO-1", function="1")).state == "shipped"
    (reason,) = await house.parked()
    assert "goods have left" in reason
    assert await house.ends("ORDERS") == ["applied", "parked"]


async def test_a_short_pick_ships_what_is_there_and_the_rest_follows(manned_house: House) -> None:
    house = manned_house
    await house.goods(PEN=10, BOOK=2)
    await house.order("PO-1", "PEN 10 1.20", "BOOK 2 10.00")
    number = (await delivery_of(house, "PO-1")).number
    await house.deliver(number, line1="7", line2="2")
    assert (await house.order_of("PO-1")).state == "part_shipped"
    assert await house.tasks() == [("short_pick", "line 1, PEN at main: 7 of 10 found")]
    await house.command(f"/deliveries/{number}/replan")
    await house.deliver((await delivery_of(house, "PO-1")).number)
    invoices = await house.invoices("PO-1")
    assert [invoice.line_total for invoice in invoices] == [Decimal("28.40"), Decimal("3.60")]
    await house.pay("B-1", "35.68", *(invoice.number for invoice in invoices))
    assert (await house.order_of("PO-1")).state == "completed"
    assert await on_hand(house, "PEN") == (0, 0)


async def test_a_pick_that_finds_nothing_takes_the_delivery_off_and_bills_nothing(manned_house: House) -> None:
    house = manned_house
    await house.goods(PEN=10)
    await house.order("PO-1", "PEN 10 1.20")
    number = (await delivery_of(house, "PO-1")).number
    await house.deliver(number, line1="0")
    assert await house.invoices() == []
    assert (await house.order_of("PO-1")).state == "confirmed"


@pytest.mark.parametrize(
    ("partner", "stated", "amount", "reason"),
    [
        ("retail", "1.10", "12.00", "price.amended: 1.10 stated, 1.20 is agreed"),
        ("accepting", "1.10", "11.00", None),
        ("lenient", "1.15", "11.50", None),
        ("lenient", "1.10", "12.00", "price.amended: 1.10 stated, 1.20 is agreed"),
    ],
)
async def test_a_price_that_is_not_ours_ends_as_the_agreement_says(
    house: House, partner: str, stated: str, amount: str, reason: str | None
) -> None:
    await house.goods(PEN=10)
    await house.order("PO-1", f"PEN 10 {stated}", partner=partner)
    assert [invoice.line_total for invoice in await house.invoices()] == [Decimal(amount)]
    assert (await house.lines_of("PO-1"))["1"].terms.reasons == ((reason,) if reason else ())


async def test_a_price_that_is_not_ours_is_refused_where_that_is_agreed(house: House) -> None:
    await house.goods(PEN=10)
    assert (await house.order("PO-1", "PEN 10 1.10", partner="rejecting")).state == "rejected"
    assert (await house.invoices(), await on_hand(house, "PEN")) == ([], (10, 0))


async def test_unknown_items_and_quantities_of_nothing_are_refused_by_line_and_the_others_go_on(house: House) -> None:
    await house.goods(PEN=10)
    await house.order("PO-1", "4012345009996 1 5.00", "PEN 0 1.20", "PEN 4 1.20")
    lines = await house.lines_of("PO-1")
    assert [lines[number].quantities.confirmed for number in "123"] == [0, 0, 4]
    assert [invoice.line_total for invoice in await house.invoices()] == [Decimal("4.80")]
    await house.pay("B-1", "5.71", "2026-000001")
    assert (await house.order_of("PO-1")).state == "completed"


async def test_a_line_of_less_than_nothing_is_refused_with_its_interchange_s_answer(house: House) -> None:
    await house.goods(PEN=10)
    await house.orders(interchange(900, "PO-1", "PEN -4 1.20"))
    assert (await house.all(OrderRow), await house.ends("ORDERS")) == ([], ["refused"])


async def test_without_part_deliveries_nothing_leaves_until_everything_is_there(house: House) -> None:
    await house.goods(PEN=30, BOOK=5)
    await house.order("PO-1", "PEN 50 1.20", "BOOK 3 10.00", partner="whole")
    assert (await house.invoices(), await on_hand(house, "PEN")) == ([], (30, 30))
    await house.goods(PEN=20)
    (invoice,) = await house.invoices()
    assert invoice.gross_total == Decimal("103.50")


@pytest.mark.parametrize(
    ("currency", "line", "net", "payable"),
    [
        ("JPY", "PEN 7 150", "1050", "1250"),
        ("KWD", "PEN 7 0.375", "2.625", "3.124"),
        ("JPY", "PEN 3 150", "450", "536"),
    ],
)
async def test_a_currency_has_its_own_decimals(house: House, currency: str, line: str, net: str, payable: str) -> None:
    await house.goods(PEN=10)
    await house.order("PO-1", line, currency=currency)
    (invoice,) = await house.invoices()
    assert (invoice.line_total, invoice.payable) == (Decimal(net), Decimal(payable))
    await house.pay("B-1", payable, invoice.number, currency=currency)
    assert (await house.order_of("PO-1")).state == "completed"


async def test_two_orders_at_once_for_the_last_piece_get_one_piece(any_house: House) -> None:
    house = any_house
    await house.goods(LAMP=1)
    await asyncio.gather(
        house.post("/edi", interchange(801, "PO-1", "LAMP 1"), "partner:retail"),
        house.post("/edi", interchange(802, "PO-2", "LAMP 1", partner="other"), "partner:other"),
    )
    await house.rest()
    confirmed = [(await house.lines_of(number))["1"].quantities.confirmed for number in ("PO-1", "PO-2")]
    assert sorted(confirmed) == [0, 1]
    assert [invoice.line_total for invoice in await house.invoices()] == [Decimal("49.99")]
    assert await on_hand(house, "LAMP") == (0, 0)


async def test_invoices_of_a_new_year_begin_a_series_of_their_own(house: House) -> None:
    await house.goods(PEN=30)
    house.clock.now = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)
    await house.order("PO-1", "PEN 10 1.20")
    house.clock.now = datetime(2027, 1, 1, 0, 0, 0, tzinfo=UTC)
    await house.order("PO-2", "PEN 10 1.20")
    await house.order("PO-3", "PEN 10 1.20")
    assert [invoice.number for invoice in await house.invoices()] == ["2026-000001", "2027-000001", "2027-000002"]


async def test_a_test_order_is_answered_and_touches_neither_stock_nor_numbers_nor_books(house: House) -> None:
    await house.goods(PEN=10)
    await house.orders(interchange(901, "PO-1", "PEN 10 1.20", test="1"))
    assert await house.all(OrderRow) == []
    assert await on_hand(house, "PEN") == (10, 0)
    assert [row.reason for row in await house.all(Movement)] == ["receipt"]
    assert (await house.order("PO-1", "PEN 10 1.20")).number == "A-00000001"
    assert [invoice.number for invoice in await house.invoices()] == ["2026-000001"]


async def test_the_same_order_twice_is_delivered_and_billed_once(house: House) -> None:
    await house.goods(PEN=100)
    await house.order("PO-1", "PEN 10 1.20")
    await house.order("PO-1", "PEN 10 1.20")
    assert len(await house.invoices()) == 1
    assert await on_hand(house, "PEN") == (90, 0)
    assert await house.ends("ORDERS") == ["applied", "duplicate"]


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("PEN 10 1.20/MOA+203:0.12", ""),
        ("PEN 10 1.20/ALC+A/PCD+3:50", ""),
        ("PEN 10 1.20", "ALC+A/PCD+3:90"),
        ("PEN 10 1.20", "ALC+A/MOA+8:5000"),
        ("PEN 10 -1.20", ""),
    ],
)
async def test_a_buyer_who_writes_himself_a_discount_does_not_get_it_and_is_told(
    house: House, line: str, head: str
) -> None:
    await house.goods(PEN=10)
    await house.order("PO-1", line, head=head)
    assert [invoice.line_total for invoice in await house.invoices()] == [Decimal("12.00")]
    assert "amended" in (await house.lines_of("PO-1"))["1"].terms.reasons[0]


async def test_an_amount_finer_than_a_cent_is_billed_in_cents(house: House) -> None:
    await house.goods(PEN=10)
    await house.order("PO-1", "PEN 10 1.20/MOA+203:12.0049")
    assert [invoice.line_total for invoice in await house.invoices()] == [Decimal("12.00")]


async def test_nobody_is_paid_for_taking_goods(house: House) -> None:
    await house.goods(PEN=10)
    assert (await house.order("PO-1", "PEN 10 -1.20", currency="USD")).state == "rejected"


async def test_invoices_leave_together_and_one_of_them_is_refused(any_house: House) -> None:
    house = any_house
    terms = f"{agreements()[0]}collects = {{ INVOIC = {{ minutes = 60, documents = 2 }} }}\n"
    await house.post("/partners", terms.encode())
    await house.goods(PEN=100)
    for number in ("PO-1", "PO-2", "PO-3"):
        await house.order(number, "PEN 10 1.20")
    await Sender(house.database, {}, house.seams).drain()
    found = await house.client.get("/edi/outbound", headers=await house.key("partner:retail"))
    (sent,) = [one for one in found.json()["documents"] if one["kind"] == "interchange"]
    assert base64.b64decode(sent["content"]).count(b"BGM+380") == 2
    us, them = f"{US}:14", f"{RETAILERS['retail'][0]}:14"
    answer = f"UNH+1+CONTRL:D:3:UN'UCI+{sent['reference']}+{us}+{them}+7'UCM+2+INVOIC:D:96A:UN+4+12'UNT+4+1'"
    await house.orders(f"UNB+UNOC:3+{them}+{us}+261125:0900+77'{answer}UNZ+1+77'".encode())
    rows = sorted((row.reference, row.state) for row in await house.all(Transmission) if row.kind == "INVOIC")
    assert rows == [("", "waiting"), (f"{sent['reference']}/1", "acknowledged"), (f"{sent['reference']}/2", "refused")]
    assert [kind for kind, _ in await house.tasks()] == ["document_refused"]


async def test_an_order_names_items_by_the_buyers_own_numbers_as_far_as_they_are_agreed(any_house: House) -> None:
    house = any_house
    await house.goods(PEN=100)
    await house.post("/partners", f'item_numbers = {{ "R-1" = "PEN", "R-2" = "BOOK" }}\n{agreements()[0]}'.encode())
    order = interchange(1, "PO-1", "PEN 10 1.20").replace(f"{GTINS['PEN']}:EN".encode(), b"R-1:IN")
    await house.orders(order)
    assert (await house.lines_of("PO-1"))["1"].sku == "PEN"
    await house.post("/partners", f'item_numbers = {{ "R-2" = "PEN" }}\n{agreements()[0]}'.encode())
    await house.orders(order.replace(b"PO-1", b"PO-2").replace(b"0900+1", b"0900+2").replace(b"UNZ+1+1", b"UNZ+1+2"))
    assert (await house.lines_of("PO-2"))["1"].sku is None
    await house.orders(
        order.replace(b"PO-1", b"PO-3")
        .replace(b"R-1", b"R-2")
        .replace(b"0900+1", b"0900+3")
        .replace(b"UNZ+1+1", b"UNZ+1+3")
    )
    assert (await house.lines_of("PO-3"))["1"].sku == "PEN"


async def test_an_order_in_characters_of_two_bytes_is_answered_in_them(house: House) -> None:
    terms = f'{agreements()[0]}codec = "utf-16-be"\nsyntax_identifier = "UNOY"\nsyntax_version = 4\n'
    await house.post("/partners", terms.encode())
    await house.goods(PEN=100)
    order = interchange(1, "PO-1", "PEN 10 1.20").decode()
    order = order.replace("UNOC:3", "UNOY:4").replace("::9'NAD+SU", "::9++\u682a\u5f0f\u4f1a\u793e'NAD+SU")
    await house.orders(order.encode("utf-16-be"))
    assert (await house.order_of("PO-1")).state == "shipped"
    found = await house.client.get("/edi/outbound", headers=await house.key("partner:retail"))
    answers = [base64.b64decode(one["content"]).decode("utf-16-be") for one in found.json()["documents"]]
    assert [one.split("UNH+1+")[1][:6] for one in answers] == ["ORDRSP", "DESADV", "INVOIC"]
    assert await house.tasks() == []
