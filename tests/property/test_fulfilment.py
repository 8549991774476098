"""Whatever is ordered, however it is shipped and in whatever order the services hear of it: goods and money add up."""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.envelope import Message
from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.order import AgreedLine, OrderAccepted, OrderChanged, OrderPartlyAccepted, PaymentMade
from hub.canonical.payment import InvoicePaid, RecordPayment
from hub.canonical.values import Money, round_amount
from hub.domain.settlement import OpenItem, settle
from hub.domain.splitting import share, split
from hub.domain.tax import nets_of
from hub.errors import MustWait
from hub.handlers import delivery, invoice, payment, warehouse
from hub.store.delivery import DeliveryLine, HandlingUnitRow
from hub.store.invoice import BillingLine, InvoiceRow
from hub.store.messages import Task
from hub.store.payment import AllocationRow, PayerAccount, PaymentRow, ReceivableRow
from tests.desk import Desk, message
from tests.unit.handlers.answers import COMPANY, answer, line

NOTHING = Decimal(0)
amounts = st.decimals(min_value=0, max_value=500, places=2)
rates = st.sampled_from(["0", "7", "19", "21", "25.5"])


@dataclass
class House:
    """The services with their tables in memory; messages of one sender keep their order, all else is the seed's."""

    random: Random
    desks: dict[str, Desk] = field(
        default_factory=lambda: {
            one.service.name: Desk(one.service).put(COMPANY) for one in (delivery, warehouse, invoice, payment)
        }
    )
    published: list[Message[Any]] = field(default_factory=list)
    lanes: dict[tuple[str, str], deque[Message[Any]]] = field(default_factory=dict)
    waiting: list[tuple[str, Message[Any]]] = field(default_factory=list)

    def send(self, sender: str, one: Message[Any]) -> None:
        """Put a message into the lane of each service that takes it."""
        self.published.append(one)
        for name, desk in self.desks.items():
            if one.type in desk.service.handlings:
                self.lanes.setdefault((sender, name), deque()).append(one)

    def settle(self) -> None:
        """Deliver until everything is settled; what must wait is tried again whenever something has happened."""
        while lanes := [lane for lane, messages in sorted(self.lanes.items()) if messages]:
            lane = self.random.choice(lanes)
            self._handle(lane[1], self.lanes[lane].popleft())
            waiting, self.waiting = self.waiting, []
            for name, one in waiting:
                self._handle(name, one)

    def _handle(self, name: str, one: Message[Any]) -> None:
        try:
            work = self.desks[name].handle(one)
        except MustWait:
            self.waiting.append((name, one))
            return
        for caused in work.published:
            self.send(name, caused)

    def rows(self, service: str, record: type[Any]) -> list[Any]:
        return self.desks[service].all(record)

    def heard(self, kind: type[Any]) -> list[Any]:
        return [one.data for one in self.published if isinstance(one.data, kind)]


@st.composite
def agreed_lines(draw: st.DrawFn) -> list[AgreedLine]:
    """Return goods, each part confirmed at first, and maybe shipping; costs may be anything."""
    stated = draw(st.booleans())
    lines = []
    for position in range(draw(st.integers(1, 5))):
        ordered = draw(st.integers(1, 9))
        amount, rate = draw(amounts), draw(rates)
        tax = round_amount(amount * Decimal(rate) / 100, "EUR") if stated else None
        fields = {"confirmed": str(draw(st.integers(0, ordered))), "tax_rate": rate, "tax_amount": tax}
        lines.append(line(str(position), f"SKU-{position % 2}", str(ordered), str(amount), **fields))
    if draw(st.booleans()):
        tax = Decimal("0.94") if stated else None
        lines.append(line("ship", None, "1", "4.95", kind="shipping", tax_amount=tax))
    return lines


def whole(lines: list[AgreedLine]) -> list[AgreedLine]:
    return [one.model_copy(update={"confirmed": one.ordered.value, "backordered": NOTHING}) for one in lines]


def sum_of(values: Any) -> Decimal:
    return sum(values, NOTHING)


def told_to_pay(lines: list[AgreedLine], *, tax_included: bool) -> Decimal | None:
    if tax_included:
        return sum_of(one.amount for one in lines)
    if any(one.tax_amount is None for one in lines):
        return None
    return sum_of(one.amount + (one.tax_amount or NOTHING) for one in lines)


@given(lines=agreed_lines(), tax_included=st.booleans(), seed=st.integers(0, 2**32))
def test_an_order_shipped_in_parts_adds_up_in_pieces_and_in_money(
    lines: list[AgreedLine], tax_included: bool, seed: int
) -> None:
    house = House(Random(seed))
    told = told_to_pay(lines, tax_included=tax_included)
    payments = (PaymentMade(reference="T", means="card", amount=told),) if told else ()
    head = {"tax_included": tax_included, "payments": payments}
    first = OrderAccepted if whole(lines) == lines else OrderPartlyAccepted
    house.send("order", message(answer(lines, first, **head)))
    house.send("order", message(answer(whole(lines), OrderChanged, revision=2, **head)))
    house.settle()

    assert house.waiting == []
    _every_piece_lies_in_one_unit(house)
    _everything_is_shipped_and_billed_once(house, lines)
    _every_invoice_adds_up(house)
    _the_books_balance(house)
    if told is not None:
        assert (
            sum_of(row.invoice.gross_total + row.invoice.rounding for row in house.rows("invoice", InvoiceRow)) == told
        )
        assert {row.open for row in house.rows("payment", ReceivableRow)} == {NOTHING}
        assert len(house.heard(InvoicePaid)) == len(house.heard(InvoiceIssued))
        assert house.rows("invoice", Task) == []


def _every_piece_lies_in_one_unit(house: House) -> None:
    units = house.rows("delivery", HandlingUnitRow)
    assert max(Counter(row.sscc for row in units).values()) == 1
    for shipment in house.heard(ShipmentDespatched):
        packed: Counter[str] = Counter()
        for unit in shipment.units:
            for part in unit.content:
                packed[part.delivery_line] += part.quantity
        assert packed == {one.delivery_line: one.quantity.value for one in shipment.lines}


def _everything_is_shipped_and_billed_once(house: House, lines: list[AgreedLine]) -> None:
    shipped: Counter[str] = Counter()
    for row in house.rows("delivery", DeliveryLine):
        shipped[row.order_line] += row.shipped
    assert shipped == {one.line_id: one.ordered.value for one in lines if one.stocked}
    for row in house.rows("invoice", BillingLine):
        assert (row.invoiced, row.billed) == (row.agreed.ordered.value, row.agreed.amount)


def _every_invoice_adds_up(house: House) -> None:
    invoices: list[Invoice] = [row.invoice for row in house.rows("invoice", InvoiceRow)]
    assert [one.number for one in invoices] == [f"2026-{n:06d}" for n in range(1, len(invoices) + 1)]
    for one in invoices:
        assert one.line_total == one.net_total == sum_of(row.net for row in one.lines)
        assert one.tax_total == sum_of(tax.tax for tax in one.taxes)
        assert one.gross_total == one.net_total + one.tax_total
        assert one.payable == one.gross_total - one.prepaid + one.rounding
        assert sum_of(tax.base for tax in one.taxes) == one.net_total
        for tax in one.taxes:
            assert tax.tax == round_amount(tax.base * tax.rate / 100, "EUR")
        for row in one.lines:
            assert row.net == round_amount(row.quantity.value * row.price, "EUR")


def _the_books_balance(house: House) -> None:
    receivables = house.rows("payment", ReceivableRow)
    allocations = house.rows("payment", AllocationRow)
    owed = {row.invoice_number: row.amount for row in receivables}
    for row in allocations:
        owed[row.invoice_number] -= row.amount
    assert owed == {row.invoice_number: row.open for row in receivables}
    for row in house.rows("payment", PaymentRow):
        mine = [one.amount for one in allocations if (one.source, one.reference) == (row.source, row.reference)]
        assert row.amount == sum_of(mine) + row.unallocated
        assert len(mine) == row.allocations
    still_open = Counter((row.payer, row.chunk) for row in receivables if row.open)
    accounts = house.rows("payment", PayerAccount)
    assert {(row.payer, chunk): count for row in accounts for chunk, count in row.open.items()} == still_open


@given(
    sums=st.lists(amounts.filter(bool), min_size=1, max_size=6),
    money=st.lists(st.tuples(amounts.filter(bool), st.booleans()), min_size=1, max_size=6),
    seed=st.integers(0, 2**32),
)
def test_money_and_invoices_meet_in_any_order_and_the_books_balance(
    sums: list[Decimal], money: list[tuple[Decimal, bool]], seed: int
) -> None:
    house = House(Random(seed))
    numbers = [f"2026-{n:06d}" for n in range(1, len(sums) + 1)]
    for n, amount in enumerate(sums):
        order = {"order_id": f"order-{n}", "order_number": f"O-{n}", "buyers_number": f"PO-{n}"}
        lines = [line("1", None, "1", str(amount), kind="fee", tax_rate="0")]
        house.send(f"buyer-{n}", message(answer(lines, **order)))
    for n, (amount, named) in enumerate(money):
        wanted = tuple(house.random.sample(numbers, k=house.random.randint(1, len(numbers)))) if named else ()
        euros = Money(amount=amount, currency="EUR")
        paid = RecordPayment(
            reference=f"B-{n}", money=euros, value_date=date(2026, 11, 26), payer="retail", invoices=wanted
        )
        house.send(f"bank-{n}", message(paid))
    house.settle()

    assert house.waiting == []
    _the_books_balance(house)
    left = sum_of(row.open for row in house.rows("payment", ReceivableRow))
    unallocated = sum_of(row.unallocated for row in house.rows("payment", PaymentRow))
    assert sum_of(sums) - sum_of(amount for amount, _ in money) == left - unallocated


@given(amount=amounts, weights=st.lists(amounts, min_size=1, max_size=12), currency=st.sampled_from(["EUR", "JPY"]))
def test_the_parts_of_a_split_always_sum_to_the_whole(amount: Decimal, weights: list[Decimal], currency: str) -> None:
    assert sum_of(split(amount, weights, currency)) == amount


@given(amount=amounts, steps=st.lists(st.integers(1, 20), min_size=1, max_size=8))
def test_what_each_delivery_of_a_line_costs_sums_to_what_the_line_costs(amount: Decimal, steps: list[int]) -> None:
    ordered, billed, before = Decimal(sum(steps)), [], NOTHING
    for step in steps:
        upto = before + step
        billed.append(share(amount, upto, ordered, "EUR") - sum_of(billed))
        before = upto
    assert sum_of(billed) == amount


@given(grosses=st.lists(amounts, min_size=1, max_size=12), rate=rates.map(Decimal))
def test_net_and_tax_come_back_to_the_gross_sum_within_one_cent(grosses: list[Decimal], rate: Decimal) -> None:
    base = sum_of(nets_of(grosses, rate, "EUR"))
    tax = round_amount(base * rate / 100, "EUR")
    assert abs(base + tax - sum_of(grosses)) <= Decimal("0.01")


@given(money=amounts, opens=st.lists(amounts, max_size=8))
def test_money_is_its_allocations_and_what_is_left(money: Decimal, opens: list[Decimal]) -> None:
    items = [OpenItem(str(n), amount) for n, amount in enumerate(opens)]
    settlement = settle(money, items)
    assert sum_of(part.amount for part in settlement.parts) + settlement.unallocated == money
    assert all(0 < part.amount <= opens[int(part.invoice_number)] for part in settlement.parts)
    assert settlement.unallocated == max(NOTHING, money - sum_of(opens))
