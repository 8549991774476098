"""Which price counts, and what becomes of one that is not ours."""

from decimal import Decimal

import pytest

from hub.canonical.agreement import Tolerances
from hub.domain.pricing import CheckedPrice, check_price, unit_price, with_vat

LISTED = Decimal("1.20")
TWO_PERCENT = Tolerances(price_percent=Decimal(2))


def checked(stated: str | None, tolerances: Tolerances = TWO_PERCENT, *, already_sold: bool = False) -> CheckedPrice:
    price = None if stated is None else Decimal(stated)
    return check_price(price, LISTED, tolerances, already_sold=already_sold)


def test_no_price_stated_means_ours() -> None:
    assert checked(None) == CheckedPrice(LISTED)


def test_a_price_within_the_tolerance_stands() -> None:
    assert checked("1.224") == CheckedPrice(Decimal("1.224"))
    assert checked("1.176") == CheckedPrice(Decimal("1.176"))


def test_a_price_beyond_the_tolerance_is_amended_and_the_buyer_told() -> None:
    assert checked("1.225") == CheckedPrice(LISTED, "price.amended: 1.225 stated, 1.20 is agreed")


def test_a_price_is_refused_where_that_is_agreed() -> None:
    assert checked("1.00", Tolerances(on_difference="reject")).price is None


def test_an_accepted_difference_is_for_a_person_to_see() -> None:
    assert checked("1.00", Tolerances(on_difference="accept")) == CheckedPrice(
        Decimal("1.00"), remark="price 1.00 stated, list price 1.20"
    )


def test_what_was_sold_keeps_its_price_whatever_was_agreed() -> None:
    assert checked("1.00", Tolerances(on_difference="reject"), already_sold=True).price == Decimal("1.00")


def test_a_line_without_any_price_is_refused() -> None:
    assert check_price(None, None, TWO_PERCENT, already_sold=False).reason == "price.missing: no price is agreed"


def test_a_price_of_what_has_no_list_price_stands_and_is_seen() -> None:
    assert check_price(Decimal(3), None, TWO_PERCENT, already_sold=False).remark == "price 3 stated, no list price"


@pytest.mark.parametrize(
    ("amount", "quantity", "price"),
    [("12.50", "1", "12.50"), ("10.00", "4", "2.5"), ("100", "5", "20"), ("10.00", "3", "3.3333333333")],
)
def test_a_unit_price_is_exact_or_has_ten_places(amount: str, quantity: str, price: str) -> None:
    assert str(unit_price(Decimal(amount), Decimal(quantity))) == price


def test_a_customer_pays_the_list_price_with_vat() -> None:
    assert with_vat(Decimal("1.20"), Decimal(19), "EUR") == Decimal("1.43")


@pytest.mark.parametrize("difference", ["accept", "reject"])
def test_a_price_below_zero_is_no_price_of_a_buyer(difference: str) -> None:
    tolerances = Tolerances.model_validate({"on_difference": difference})
    assert checked("-1.20", tolerances).price is None
    assert check_price(Decimal("-1.20"), None, tolerances, already_sold=False).price is None
    assert checked("-1.20", tolerances, already_sold=True).price == Decimal("-1.20")
