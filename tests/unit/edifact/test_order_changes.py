"""ORDCHG: which order it is about, what is to be done with it, and which lines it speaks of."""

from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.order import Order
from tests.edifact_inputs import HEAD, agreement, errors, order_of, read_one

ORDCHG = "ORDCHG:D:96A:UN:EAN005"
START = ("BGM+230+CH-7+4", "DTM+137:20261002:102", "RFF+ON:128576", "NAD+BY+5412345000013::9")
TERMS = agreement(receives=("ORDERS", "ORDCHG"))


def change(*segments: str, **other: Any) -> Order:
    return order_of(read_one(*segments, identifier=ORDCHG, terms=TERMS, **other))


@pytest.mark.parametrize(
    ("code", "function"), [("1", "cancellation"), ("4", "change"), ("", "change"), ("36", "change"), ("5", "replace")]
)
def test_what_is_to_be_done_with_the_order(code: str, function: str) -> None:
    order = change(
        START[0].replace("+4", f"+{code}").rstrip("+"), *START[1:], "LIN+1++5410738100159:EN", "QTY+21:48", "UNS+S"
    )
    assert (order.number, order.function, order.cancelled) == ("128576", function, code == "1")
    assert order.extensions["BGM"][0].startswith("BGM+230+CH-7")


def test_a_cancellation_needs_no_line() -> None:
    assert change(START[0].replace("+4", "+1"), *START[1:], "UNS+S").lines == ()


def test_the_lines_say_what_becomes_of_them_and_a_deleted_one_needs_no_quantity() -> None:
    lines = (
        "LIN+1+3+5410738100159:EN",
        "QTY+21:20",
        "LIN+2+2+5410738100166:EN",
        "LIN+3+1+5410738100173:EN",
        "QTY+21:7",
    )
    order = change(*START, *lines, "UNS+S", "CNT+2:3")
    assert [(line.line_id, line.quantity.value, line.extensions["LIN+1229"]) for line in order.lines] == [
        ("1", Decimal(20), ("3",)),
        ("2", Decimal(0), ("2",)),
        ("3", Decimal(7), ("1",)),
    ]


def test_a_line_that_is_not_deleted_needs_its_quantity() -> None:
    checked = read_one(*START, "LIN+1+3+5410738100159:EN", "UNS+S", identifier=ORDCHG, terms=TERMS)
    assert errors(checked.messages[0].verdict.findings) == [("13", "QTY", 6, None, None)]


def test_a_change_names_its_order() -> None:
    segments = (*START[:2], START[3], "LIN+1+3+5410738100159:EN", "QTY+21:20", "UNS+S")
    checked = read_one(*segments, identifier=ORDCHG, terms=TERMS)
    assert errors(checked.messages[0].verdict.findings) == [("13", "RFF", 2, None, None)]


def test_what_is_no_change_is_told() -> None:
    checked = read_one(START[0].replace("+4", "+31"), *START[1:], "UNS+S", identifier=ORDCHG, terms=TERMS)
    assert ("14", "BGM", 2, 4, None) in errors(checked.messages[0].verdict.findings)


def test_changes_are_taken_where_they_are_agreed() -> None:
    checked = read_one(*HEAD, "UNS+S", identifier=ORDCHG)
    assert errors(checked.messages[0].verdict.findings) == [("17", "UNH", 1, 3, 1)]
