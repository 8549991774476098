"""Who takes the cent that is left."""

from decimal import Decimal

from hub.domain.splitting import share, split


def test_the_largest_weight_takes_the_rest() -> None:
    assert split(Decimal(10), [Decimal(1), Decimal(2), Decimal(3)], "EUR") == (
        Decimal("1.67"),
        Decimal("3.33"),
        Decimal("5.00"),
    )
    thirds = [Decimal("0.5"), Decimal(1), Decimal("1.5")]
    assert split(Decimal("0.01"), thirds, "EUR") == (Decimal("0.00"), Decimal("0.00"), Decimal("0.01"))


def test_of_equal_weights_the_first_takes_the_rest() -> None:
    assert split(Decimal(10), [Decimal(1)] * 3, "EUR") == (Decimal("3.34"), Decimal("3.33"), Decimal("3.33"))


def test_a_currency_without_cents_is_split_into_whole_units() -> None:
    assert split(Decimal(100), [Decimal(1)] * 3, "JPY") == (34, 33, 33)


def test_weights_of_nothing_leave_everything_to_the_first() -> None:
    assert split(Decimal(1), [Decimal(0), Decimal(0)], "EUR") == (1, 0)
    assert split(Decimal(1), [], "EUR") == ()


def test_the_last_share_is_exact() -> None:
    assert share(Decimal("10.00"), Decimal(1), Decimal(3), "EUR") == Decimal("3.33")
    assert share(Decimal("10.00"), Decimal(3), Decimal(3), "EUR") == Decimal("10.00")
