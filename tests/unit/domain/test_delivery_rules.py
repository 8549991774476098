"""What of an order is still to be delivered."""

from decimal import Decimal

from hub.domain.delivery import DELIVERY, open_to_deliver


def test_open_is_confirmed_less_what_is_being_delivered_line_to_line() -> None:
    confirmed = {"1": Decimal(100), "2": Decimal(40)}
    delivering = [("1", Decimal(50)), ("1", Decimal(10)), ("2", Decimal(40))]
    assert open_to_deliver(confirmed, delivering) == {"1": 40, "2": 0}


def test_the_last_two_pieces_of_many_are_still_open() -> None:
    assert open_to_deliver({"1": Decimal(250_002)}, [("1", Decimal(250_000))]) == {"1": 2}


def test_what_has_left_or_was_cancelled_moves_no_more() -> None:
    assert (DELIVERY.allowed("shipped"), DELIVERY.allowed("cancelled")) == ((), ())
