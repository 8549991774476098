"""The revenue of a receipt per VAT rate."""

from decimal import Decimal
from typing import Any

from hub.canonical.sale import SaleTax
from hub.domain.revenue import revenue_of
from tests.unit.handlers.receipts import receipt, sold


def tax(rate: str, amount: str, base: str | None = None) -> SaleTax:
    return SaleTax(rate=Decimal(rate), amount=Decimal(amount), base=None if base is None else Decimal(base))


def revenue(*lines: Any, **fields: Any) -> list[tuple[Decimal | None, Decimal, Decimal]]:
    return [tuple(entry) for entry in revenue_of(receipt(lines, **fields).sale)]


def test_tax_is_taken_out_of_prices_that_include_it() -> None:
    assert revenue(sold("1", "1", "11.90", "19")) == [(19, 10, Decimal("1.90"))]


def test_the_tax_that_the_till_states_is_the_tax() -> None:
    assert revenue(sold("1", "1", "11.90", "19"), taxes=(tax("19", "1.91"),)) == [
        (19, Decimal("9.99"), Decimal("1.91"))
    ]


def test_tax_comes_on_top_of_prices_that_do_not_include_it() -> None:
    found = revenue(sold("1", "1", "10.00", "19"), tax_included=False, total=Decimal("11.90"))
    assert found == [(19, 10, Decimal("1.90"))]


def test_lines_of_one_rate_are_one_entry() -> None:
    assert revenue(sold("1", "1", "5.95", "19"), sold("2", "1", "5.95", "19")) == [(19, 10, Decimal("1.90"))]


def test_a_return_is_negative() -> None:
    assert revenue(sold("1", "-1", "-11.90", "19"), kind="return") == [(19, -10, Decimal("-1.90"))]


def test_a_void_that_repeats_the_amounts_is_negative() -> None:
    assert revenue(sold("1", "1", "11.90", "19"), kind="void") == [(19, -10, Decimal("-1.90"))]


def test_a_void_with_its_own_sign_is_taken_as_it_stands() -> None:
    assert revenue(sold("1", "-1", "-11.90", "19"), kind="void") == [(19, -10, Decimal("-1.90"))]


def test_a_gift_card_that_is_sold_is_no_revenue() -> None:
    assert revenue(sold("1", "1", "11.90", "19"), sold("2", "1", "50.00", None, kind="gift_card")) == [
        (19, 10, Decimal("1.90"))
    ]


def test_voided_lines_do_not_count() -> None:
    assert revenue(sold("1", "1", "11.90", "19"), sold("2", "1", "99.00", "19", voided=True)) == [
        (19, 10, Decimal("1.90"))
    ]


def test_where_lines_tell_no_rate_the_receipt_s_taxes_do() -> None:
    found = revenue(sold("1", "1", "11.90", None), taxes=(tax("19", "1.90", "10.00"),))
    assert found == [(19, 10, Decimal("1.90"))]


def test_what_no_rate_is_stated_for_stands_under_no_rate() -> None:
    assert revenue(sold("1", "1", "11.90", None)) == [(None, Decimal("11.90"), 0)]


def test_a_difference_to_the_stated_total_is_shown_and_not_mended() -> None:
    found = revenue(sold("1", "1", "11.90", "19"), total=Decimal("12.00"))
    assert found == [(19, 10, Decimal("1.90")), (None, Decimal("0.10"), 0)]


def test_a_control_transaction_is_no_revenue() -> None:
    assert revenue(kind="control", total=Decimal(0)) == []
