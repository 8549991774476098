"""What a buyer wants otherwise is said line by line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.catalogue import ItemIdentification, Price
from hub.canonical.document import Period
from hub.canonical.order import Order, OrderLine
from hub.canonical.party import Party
from hub.canonical.values import Quantity
from hub.domain.order_changes import wanted_otherwise

DAY = date(2026, 12, 1)


def line(line_id: str, quantity: str, price: str | None = None, **more: Any) -> OrderLine:
    return OrderLine(
        line_id=line_id,
        item=ItemIdentification(gtin="4012345001013", name="tea"),
        quantity=Quantity(value=Decimal(quantity), unit="C62"),
        price=None if price is None else Price(amount=Decimal(price)),
        **more,
    )


def order(*lines: OrderLine, **more: Any) -> Order:
    return Order(number="1", issued=DAY, currency="EUR", buyer=Party(name="B"), lines=lines, **more)


BEFORE = order(line("1", "48", "3.40"), line("2", "24"))


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (order(line("1", "20"), function="change"), ["line 1: 20 instead of 48"]),
        (order(line("1", "48", "3.40"), function="change"), []),
        (order(line("1", "48", "3.30"), line("2", "24", "1"), function="change"),
         ["line 1: at 3.30 instead of 3.40", "line 2: at 1 instead of the list price"]),
        (order(line("2", "0"), function="change"), ["line 2 is off"]),
        (order(line("3", "7"), function="change"), ["line 3 is new: 7 of tea"]),
        (order(line("4", "0"), function="change"), []),
        (order(line("1", "48"), function="replace"), ["line 2 is off"]),
        (order(line("1", "48", requested_delivery=Period(start=DAY)), function="change"),
         ["line 1: another delivery date"]),
        (order(requested_delivery=Period(start=DAY), function="change"), ["another delivery date"]),
    ],
)  # fmt: skip
def test_each_difference_is_told(wanted: Order, told: list[str]) -> None:
    assert list(wanted_otherwise(wanted, BEFORE)) == told
