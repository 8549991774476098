"""Money conserves: however an amount is split, its parts are the whole."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.values import round_amount
from hub.domain.splitting import fill, share, split

AMOUNTS = st.decimals(min_value=-1_000_000, max_value=1_000_000, places=2)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=100_000, places=2), min_size=1, max_size=12)


@given(AMOUNTS, WEIGHTS)
def test_the_parts_sum_to_the_whole(amount: Decimal, weights: list[Decimal]) -> None:
    assert sum(split(amount, weights, "EUR")) == amount


@given(AMOUNTS, WEIGHTS)
def test_every_part_but_that_of_the_largest_weight_is_its_own_rounded_share(
    amount: Decimal, weights: list[Decimal]
) -> None:
    whole = sum(weights)
    if not whole:
        return
    largest = weights.index(max(weights))
    for place, part in enumerate(split(amount, weights, "EUR")):
        if place != largest:
            assert part == round_amount(amount * weights[place] / whole, "EUR")


@given(WEIGHTS)
def test_an_amount_split_by_its_own_parts_gives_these_parts(weights: list[Decimal]) -> None:
    assert list(split(sum(weights, Decimal(0)), weights, "EUR")) == weights


@given(AMOUNTS, st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=8))
def test_partial_invoices_sum_to_the_agreed_amount(amount: Decimal, shipments: list[int]) -> None:
    ordered = Decimal(sum(shipments))
    billed, upto = Decimal(0), Decimal(0)
    for quantity in shipments:
        upto += quantity
        billed += share(amount, upto, ordered, "EUR") - billed
    assert billed == amount


@given(st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=1, max_size=12), st.integers(0, 100))
def test_what_fills_a_whole_fills_no_part_beyond_its_own(weights: list[Decimal], percent: int) -> None:
    whole = sum(weights, Decimal(0))
    amount = round_amount(whole * percent / 100, "EUR")
    parts = fill(amount, weights, "EUR")
    assert sum(parts) == amount
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))
    assert list(fill(whole, weights, "EUR")) == weights
