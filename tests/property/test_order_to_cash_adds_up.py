"""Whatever is ordered, in whatever parts it leaves: invoices sum to the order, VAT is right, and no piece is lost."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.agreement import Agreement
from hub.canonical.catalogue import AllowanceCharge, ItemIdentification, Price
from hub.canonical.delivery import (
    ConfirmPick,
    DespatchShipment,
    PackDelivery,
    PickedLine,
    ReleaseDelivery,
    ReplanDelivery,
)
from hub.canonical.order import Order, OrderLine, OrderReceived, PaymentMade
from hub.canonical.party import Party
from hub.canonical.payment import RecordPayment
from hub.canonical.stock import AdjustStock, StockCount
from hub.canonical.values import Money, Quantity
from hub.store.delivery import DeliveryLine, DeliveryOrder
from hub.store.master import HOME, AgreementRow, ItemRow, PriceRow, VatRow
from hub.store.order import OrderLineRow
from hub.store.payment import PaymentRow
from hub.store.stock import Movement, StockItem
from tests.accountant import wrong_in
from tests.desk_house import DeskHouse
from tests.unit.handlers.answers import COMPANY

CENT = Decimal("0.01")
RATES = {"standard": Decimal(19), "reduced": Decimal(7), "none": Decimal(0)}
SKUS = {"A": "standard", "B": "reduced", "C": "none", "D": "standard"}
LONG_AGO = date(2026, 1, 1)
TERMS = Agreement.model_validate({"partner": "retail", "party": {}, "tolerances": {"on_difference": "accept"}})
MASTER_DATA = (
    COMPANY,
    AgreementRow("retail", TERMS, "", datetime(2026, 1, 1, tzinfo=UTC), 1),
    *(VatRow(HOME, code, LONG_AGO, "S" if rate else "Z", rate) for code, rate in RATES.items()),
    *(ItemRow(sku, None, sku, "C62", code, stocked=True) for sku, code in SKUS.items()),
    *(PriceRow(sku, "EUR", LONG_AGO, Decimal("9.99")) for sku in SKUS),
)
MONEY = st.integers(min_value=1, max_value=30_000).map(lambda cents: Decimal(cents) / 100)
WANTED = st.tuples(
    st.sampled_from(sorted(SKUS)),
    st.integers(min_value=1, max_value=40),
    MONEY,
    st.sampled_from([1, 1, 12, 100]),
    st.integers(min_value=0, max_value=90),
)


@dataclass(frozen=True)
class Case:
    """An order and how it leaves: what is on the shelf at first, and how many in ten a picker finds of each line."""

    wanted: list[tuple[str, int, Decimal, int, int]]
    shop: bool
    tax_included: bool
    tax_stated: bool
    shipping: Decimal
    fee: Decimal
    discount: int
    on_shelf: int
    found: list[int]
    instalments: list[int]


CASES = st.builds(
    Case,
    wanted=st.lists(WANTED, min_size=1, max_size=5),
    shop=st.booleans(),
    tax_included=st.booleans(),
    tax_stated=st.booleans(),
    shipping=st.sampled_from([Decimal(0), Decimal("4.95"), Decimal("0.01")]),
    fee=st.sampled_from([Decimal(0), Decimal(-1), Decimal("-0.50"), Decimal("0.07")]),
    discount=st.sampled_from([0, 0, 5, 33]),
    on_shelf=st.integers(min_value=0, max_value=10),
    found=st.lists(st.integers(min_value=0, max_value=10), min_size=5, max_size=5),
    instalments=st.lists(st.integers(min_value=1, max_value=100), min_size=1, max_size=3),
)


def rounded(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def lines_of(case: Case) -> list[OrderLine]:
    """Return the lines; a discount in percent is stated as an amount on each."""
    lines = []
    for position, (sku, quantity, price, base, off) in enumerate(case.wanted, 1):
        gross = price * quantity / base
        allowance = (gross * off / 100).quantize(CENT, ROUND_DOWN) if off > 60 else Decimal(0)
        lines.append(
            OrderLine(
                line_id=str(position),
                item=ItemIdentification(sellers=sku),
                quantity=Quantity(value=Decimal(quantity)),
                price=Price(amount=price, base_quantity=Decimal(base)),
                allowances=(AllowanceCharge(charge=False, amount=allowance),) if allowance else (),
                **_tax(case, rounded(gross - allowance), RATES[SKUS[sku]]),
            )
        )
    beside = (("shipping", case.shipping), ("fee", case.fee)) if case.shop else ()
    for kind, amount in beside:
        if amount:
            lines.append(
                OrderLine(
                    line_id=kind,
                    kind=kind,
                    item=ItemIdentification(name=kind),
                    quantity=Quantity(value=Decimal(1)),
                    price=Price(amount=amount),
                    **_tax(case, amount, Decimal(19)),
                )
            )
    return lines


def _tax(case: Case, amount: Decimal, rate: Decimal) -> dict[str, Decimal]:
    """Return the tax as a shop states it."""
    if not (case.shop and case.tax_stated):
        return {}
    tax = amount * rate / (100 + rate) if case.tax_included else amount * rate / 100
    return {"tax_rate": rate, "tax_amount": rounded(tax)}


def amount_of(line: OrderLine) -> Decimal:
    assert line.price is not None
    gross = line.price.amount * line.quantity.value / line.price.base_quantity
    return rounded(gross - sum((one.amount or Decimal(0) for one in line.allowances), Decimal(0)))


def to_pay(lines: list[OrderLine], discount: Decimal, *, with_tax: bool) -> Decimal:
    """Return what the buyer was told to pay."""
    taxes = (line.tax_amount or Decimal(0) for line in lines) if with_tax else ()
    return sum(map(amount_of, lines), Decimal(0)) - discount + sum(taxes, Decimal(0))


def arrives(house: DeskHouse, **pieces: int) -> None:
    counts = tuple(StockCount(sku=sku, location="main", quantity=Decimal(number)) for sku, number in pieces.items())
    house.hears(AdjustStock(movements=counts, reason="receipt"))


def deliver(house: DeskHouse, found: list[int]) -> None:
    """Let everything planned leave; of each line a picker finds so many of ten, and all when he looks again."""
    shares = iter([*found, *([10] * 1000)])
    while planned := [row for row in house.rows("delivery", DeliveryOrder) if row.state == "planned"]:
        for delivery in planned:
            _leave(house, delivery, shares)


def _leave(house: DeskHouse, delivery: DeliveryOrder, shares: Any) -> None:
    number = delivery.number
    lines = [line for line in house.rows("delivery", DeliveryLine) if line.delivery_number == number]
    picked = tuple(
        PickedLine(line_id=line.line_id, quantity=Decimal(int(line.planned * next(shares) / 10))) for line in lines
    )
    house.hears(ReleaseDelivery(delivery_number=number))
    house.hears(ConfirmPick(delivery_number=number, lines=picked))
    if any(line.quantity for line in picked):
        house.hears(PackDelivery(delivery_number=number), DespatchShipment(delivery_number=number))
    house.hears(ReplanDelivery(delivery_number=number))


def pay(house: DeskHouse, instalments: list[int]) -> None:
    """Pay what is open, in parts of which none names an invoice."""
    payer, open_ = "retail", house.open
    for n, weight in enumerate(instalments):
        last = n == len(instalments) - 1
        amount = house.open if last else rounded(open_ * weight / 100 / len(instalments))
        if amount > 0:
            money = Money(amount=amount, currency="EUR")
            house.hears(RecordPayment(reference=f"B-{n}", money=money, value_date=LONG_AGO, payer=payer))
            for row in house.rows("order", OrderLineRow):
                assert abs(row.quantities.paid_amount) <= abs(row.quantities.invoiced_amount)


@given(CASES)
def test_every_order_is_invoiced_and_paid_to_the_cent(case: Case) -> None:
    included = case.shop and case.tax_included
    lines = lines_of(case)
    goods = sum((amount_of(line) for line in lines if line.kind == "item"), Decimal(0))
    discount = rounded(goods * case.discount / 100) if not case.tax_stated else Decimal(0)
    told = to_pay(lines, discount, with_tax=case.tax_stated and case.shop and not included)
    if goods - discount + case.fee * 2 <= 0:
        return
    prepaid = case.shop and (included or case.tax_stated)
    order = Order(
        number="PO-7",
        issued=date(2026, 11, 20),
        currency="EUR",
        tax_included=included,
        buyer=Party(name="Retail SA"),
        lines=tuple(lines),
        allowances=(AllowanceCharge(charge=False, amount=discount),) if discount else (),
        payments=(PaymentMade(reference="T-1", means="card", amount=told),) if prepaid else (),
    )
    house = DeskHouse(MASTER_DATA, auto_warehouse=False)
    wanted = {sku: sum(one[1] for one in case.wanted if one[0] == sku) for sku in SKUS}
    first = {sku: number * case.on_shelf // 10 for sku, number in wanted.items()}
    arrives(house, **first)
    house.hears(OrderReceived(buyer_key="retail", order=order), channel="webshop" if case.shop else "edi")
    deliver(house, case.found)
    arrives(house, **{sku: number + 3 - first[sku] for sku, number in wanted.items()})
    deliver(house, [])
    bills = house.invoices
    assert [problem for bill in bills for problem in wrong_in(bill)] == []
    total = sum((bill.gross_total + bill.rounding for bill in bills), Decimal(0))
    if prepaid:
        assert total == told
        assert [bill.payable for bill in bills] == [0] * len(bills)
    elif not included:
        assert sum((bill.net_total for bill in bills), Decimal(0)) == told
    pay(house, case.instalments)
    assert (house.open, house.states) == (0, ["completed"])
    assert sum((row.unallocated for row in house.rows("payment", PaymentRow)), Decimal(0)) == 0
    for row in house.rows("order", OrderLineRow):
        done = row.quantities
        assert done.ordered == done.confirmed == done.shipped == done.invoiced
        assert done.paid_amount == done.invoiced_amount
    for row in house.rows("stock", StockItem):
        moved = [one.quantity for one in house.rows("stock", Movement) if one.sku == row.sku]
        assert (row.on_hand, row.reserved, sum(moved, Decimal(0))) == (3, 0, 3)
