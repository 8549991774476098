"""Whatever is ordered and whatever stock says: on every line, ordered = confirmed + backordered + rejected."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.order import OrderAnswer, OrderLine, order_names
from hub.canonical.stock import AllocateStock, AllocationMade, StockAllocated, StockShort
from hub.handlers.order import service
from hub.store.order import OrderLineRow, OrderRow
from hub.store.work import Work
from tests.desk import Desk, payloads
from tests.unit.handlers.orders import MASTER_DATA, agreement, order, wants

QUANTITIES = st.decimals(min_value=-2, max_value=50, places=1)
PRICES = st.one_of(st.none(), st.decimals(min_value=0, max_value=20, places=2).map(str))
SKUS = st.sampled_from(["PEN", "BOOK", "SERVICE", "NOBODY"])
KINDS = st.sampled_from(["item", "item", "item", "shipping", "fee"])
LINES = st.lists(st.tuples(QUANTITIES, PRICES, SKUS, KINDS), min_size=1, max_size=6)
SHARES = st.lists(st.integers(min_value=0, max_value=4), min_size=12, max_size=12)


def lines_of(wanted: list[tuple[Decimal, str | None, str, str]]) -> list[OrderLine]:
    return [
        wants(str(n), str(quantity), price, sku=sku, kind=kind) for n, (quantity, price, sku, kind) in enumerate(wanted)
    ]


def answers(work: Work) -> list[OrderAnswer]:
    return [one for one in payloads(work) if isinstance(one, OrderAnswer)]


def made(command: AllocateStock, quarters: list[int]) -> tuple[AllocationMade, ...]:
    return tuple(
        AllocationMade(
            line_id=line.line_id,
            sku=line.sku,
            location=line.location,
            wanted=line.quantity,
            allocated=line.quantity * part / 4,
            short=line.quantity - line.quantity * part / 4,
        )
        for line, part in zip(command.lines, quarters, strict=False)
    )


@given(LINES, SHARES, st.booleans(), st.booleans())
def test_every_answer_adds_up(
    wanted: list[tuple[Decimal, str | None, str, str]], shares: list[int], partial: bool, test: bool
) -> None:
    desk = Desk(service).put(*MASTER_DATA, agreement(partial_delivery=partial))
    work = desk.handle(order(lines_of(wanted)), partner="retail", testindicator=test)
    told = answers(work)
    commands = [one for one in payloads(work) if isinstance(one, AllocateStock)]
    for command in commands:
        head = order_names(desk.all(OrderRow)[0])
        first = made(command, shares)
        told += answers(desk.handle(StockShort(**head, lines=first)))
        rest = tuple(line.model_copy(update={"allocated": line.short, "short": Decimal(0)}) for line in first)
        told += answers(desk.handle(StockAllocated(**head, lines=rest, backorder=True)))
    assert told
    for answer in told:
        for line in answer.lines:
            assert line.ordered.value == line.confirmed + line.backordered + line.rejected
            assert (line.status == "rejected") == (line.rejected == line.ordered.value)
    if commands:
        assert all(line.backordered == 0 for line in told[-1].lines)
        assert all(row.quantities.undecided == 0 for row in desk.all(OrderLineRow))


@given(LINES)
def test_the_same_order_under_another_message_changes_nothing(
    wanted: list[tuple[Decimal, str | None, str, str]],
) -> None:
    desk = Desk(service).put(*MASTER_DATA, agreement())
    desk.handle(order(lines_of(wanted)), partner="retail")
    before = {kind: dict(rows) for kind, rows in desk.rows.items()}
    assert desk.handle(order(lines_of(wanted)), partner="retail").ended == "duplicate"
    assert desk.rows == before
