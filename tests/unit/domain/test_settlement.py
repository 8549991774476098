"""Which open invoices a sum of money settles."""

from decimal import Decimal

from hub.domain.settlement import OpenItem, Settlement, settle


def items(*amounts: str) -> list[OpenItem]:
    return [OpenItem(f"I-{n}", Decimal(amount)) for n, amount in enumerate(amounts, 1)]


def test_items_are_settled_in_their_order_until_the_money_is_used_up() -> None:
    assert settle(Decimal(25), items("10", "20", "30")) == Settlement((("I-1", 10), ("I-2", 15)), Decimal(0))


def test_money_that_finds_nothing_open_is_left() -> None:
    assert settle(Decimal(25), items("10")) == Settlement((("I-1", 10),), Decimal(15))
    assert settle(Decimal(25), []) == Settlement((), Decimal(25))


def test_what_is_settled_already_gets_nothing() -> None:
    assert settle(Decimal(5), items("0", "10")) == Settlement((("I-2", 5),), Decimal(0))
