"""The state of an order is what its lines make of it."""

from decimal import Decimal

import pytest

from hub.domain.order_lines import LineQuantities, cancelled, order_state, promise


def quantities(**values: int | str) -> LineQuantities:
    return LineQuantities.model_validate({"ordered": 5} | values)


UNANSWERED = quantities()
CONFIRMED = quantities(confirmed=5, reserved=5)
SHORT = quantities(confirmed=3, backordered=2, reserved=3)
REFUSED = quantities(rejected=5)
HALF_SHIPPED = quantities(confirmed=5, shipped=2)
SHIPPED = quantities(confirmed=5, shipped=5)
UNPAID = quantities(confirmed=5, shipped=5, invoiced=5, invoiced_amount="7.14")
DONE = quantities(confirmed=5, shipped=5, invoiced=5, invoiced_amount="7.14", paid_amount="7.14")
OFF = cancelled(CONFIRMED)


@pytest.mark.parametrize(
    ("lines", "state"),
    [
        ([UNANSWERED, REFUSED], "received"),
        ([CONFIRMED, CONFIRMED], "confirmed"),
        ([CONFIRMED, REFUSED], "part_confirmed"),
        ([SHORT], "part_confirmed"),
        ([REFUSED, REFUSED], "rejected"),
        ([OFF, OFF], "cancelled"),
        ([OFF, REFUSED], "cancelled"),
        ([HALF_SHIPPED, CONFIRMED], "part_shipped"),
        ([SHIPPED, CONFIRMED], "part_shipped"),
        ([SHIPPED, OFF], "shipped"),
        ([SHIPPED, DONE], "shipped"),
        ([UNPAID], "shipped"),
        ([DONE, REFUSED], "completed"),
        ([DONE, OFF], "completed"),
    ],
)
def test_the_state_follows_from_the_lines(lines: list[LineQuantities], state: str) -> None:
    assert order_state(lines) == state


def test_almost_everything_is_not_everything() -> None:
    almost = quantities(ordered=250_002, confirmed=250_002, shipped=250_000)
    assert order_state([almost]) == "part_shipped"


def test_a_line_that_is_cancelled_before_its_answer_has_none_open() -> None:
    assert (cancelled(UNANSWERED).undecided, cancelled(UNANSWERED).net_ordered) == (0, 0)


def test_what_is_reserved_is_promised_and_the_rest_for_later() -> None:
    (line,) = promise([quantities(reserved=3)], partial=True)
    assert (line.confirmed, line.backordered) == (3, 2)


def test_all_or_nothing_keeps_what_it_has_and_promises_nothing_yet() -> None:
    lines = promise([quantities(reserved=3), quantities(reserved=5)], partial=False)
    assert [(line.confirmed, line.backordered, line.reserved) for line in lines] == [(0, 5, 3), (0, 5, 5)]


def test_a_return_at_a_till_is_complete_below_zero() -> None:
    line = quantities(ordered=-1, confirmed=-1, shipped=-1, invoiced=-1, invoiced_amount="-1.43", paid_amount="-1.43")
    assert line.is_complete
    assert not line.model_copy(update={"shipped": Decimal(0)}).is_complete
