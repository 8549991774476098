"""Order to cash through all services, each with its own handlers and nothing between them but messages."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.catalogue import AllowanceCharge
from hub.canonical.order import OrderReceived, PaymentMade
from hub.canonical.payment import RecordPayment
from hub.canonical.stock import AdjustStock, StockCount
from hub.canonical.values import Money
from tests.desk_house import DeskHouse
from tests.unit.handlers.answers import COMPANY
from tests.unit.handlers.orders import MASTER_DATA, agreement, wants
from tests.unit.handlers.orders import order as order_of


@pytest.fixture
def house() -> DeskHouse:
    return DeskHouse([*MASTER_DATA, agreement(), COMPANY])


def arrived(**pieces: str) -> AdjustStock:
    counts = tuple(StockCount(sku=sku, location="main", quantity=Decimal(number)) for sku, number in pieces.items())
    return AdjustStock(movements=counts, reason="receipt")


def transfer(amount: str, *invoices: str) -> RecordPayment:
    money = Money(amount=Decimal(amount), currency="EUR")
    return RecordPayment(reference="B-1", money=money, value_date=date(2026, 12, 20), payer="retail", invoices=invoices)


def in_the_shop(lines: Iterable[Any], paid: str, **fields: Any) -> OrderReceived:
    payments = (PaymentMade(reference="T-1", means="card", amount=Decimal(paid)),)
    return order_of(tuple(lines), payments=payments, **fields)


def test_a_retailer_s_order_is_complete_when_its_invoice_is_paid(house: DeskHouse) -> None:
    house.hears(arrived(PEN="100", BOOK="10"))
    house.hears(order_of((wants("1", "50", "1.20"), wants("2", "2", "10.00", sku="BOOK"))), channel="edi")
    (bill,) = house.invoices
    assert (bill.gross_total, house.open, house.states) == (Decimal("92.80"), Decimal("92.80"), ["shipped"])
    house.hears(transfer("92.80", bill.number))
    assert (house.open, house.states, house.tasks) == (0, ["completed"], [])


def test_backordered_goods_follow_in_a_shipment_and_an_invoice_of_their_own(house: DeskHouse) -> None:
    house.hears(arrived(PEN="30"))
    house.hears(order_of((wants("1", "50", "1.20"),)), channel="edi")
    house.hears(arrived(PEN="70"))
    assert [bill.line_total for bill in house.invoices] == [36, 24]
    house.hears(transfer("71.40"))
    assert (house.open, house.states) == (0, ["completed"])


def test_a_paid_order_of_a_shop_is_complete_when_it_has_left(house: DeskHouse) -> None:
    house.hears(arrived(PEN="100"))
    lines = [
        wants("1", "3", "9.99", stated_amount=Decimal("29.97"), tax_rate=Decimal(19)),
        wants("9", "1", "4.95", kind="shipping", sku="post", tax_rate=Decimal(19)),
    ]
    house.hears(in_the_shop(lines, "34.92", tax_included=True), channel="webshop")
    (bill,) = house.invoices
    assert (bill.gross_total + bill.rounding, bill.prepaid, bill.payable) == (Decimal("34.92"), Decimal("34.92"), 0)
    assert (house.open, house.states) == (0, ["completed"])


def test_a_discount_of_a_shop_is_billed_and_the_order_complete(house: DeskHouse) -> None:
    house.hears(arrived(PEN="100"))
    lines = [
        wants("1", "10", "1.20", tax_rate=Decimal(19)),
        wants("8", "1", "-2.00", kind="fee", sku="coupon", tax_rate=Decimal(19)),
    ]
    off = (AllowanceCharge(charge=False, amount=Decimal("1.00")),)
    house.hears(in_the_shop(lines, "10.71", allowances=off), channel="webshop")
    (bill,) = house.invoices
    assert (bill.net_total, bill.payable) == (9, 0)
    assert house.states == ["completed"]


def test_an_order_of_services_alone_is_billed_at_once(house: DeskHouse) -> None:
    house.hears(
        in_the_shop([wants("1", "1", "50.00", kind="gift_card", sku="card", tax_amount=Decimal(0))], "50.00"),
        channel="webshop",
    )
    (bill,) = house.invoices
    assert (bill.payable, house.states) == (0, ["completed"])
