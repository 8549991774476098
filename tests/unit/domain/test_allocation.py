"""The shelf: what is free of it, and who is served first."""

from datetime import timedelta
from decimal import Decimal

from hub.domain.allocation import Shelf, allocate, leave, move, next_in_line, serve, wait
from tests.desk import NOW

TEN = Shelf(on_hand=Decimal(10))


def waiting(shelf: Shelf, *orders: tuple[int, int]) -> Shelf:
    """Let orders wait: (minutes after now, quantity)."""
    for minutes, quantity in orders:
        since = NOW + timedelta(minutes=minutes)
        shelf = wait(shelf, f"order-{minutes}", "1", Decimal(quantity), since)
    return shelf


def test_what_is_reserved_is_not_free() -> None:
    shelf, allocated = allocate(TEN, Decimal(7))
    assert (allocated, shelf.free) == (7, 3)


def test_no_more_is_reserved_than_is_free() -> None:
    shelf, allocated = allocate(TEN, Decimal(12))
    assert (allocated, shelf.free) == (10, 0)


def test_a_shelf_below_zero_gives_nothing() -> None:
    assert allocate(Shelf(on_hand=Decimal(-3)), Decimal(1))[1] == 0


def test_what_is_owed_to_who_waits_is_not_free() -> None:
    assert waiting(TEN, (1, 4)).free == 6
    assert waiting(TEN, (1, 40)).free == 0


def test_the_line_is_one_of_order_times_whoever_comes_first() -> None:
    shelf = waiting(Shelf(), (3, 1), (1, 1), (2, 1))
    assert [one.order_id for one in shelf.waiting] == ["order-1", "order-2", "order-3"]


def test_the_last_who_is_served_may_get_a_part_and_keeps_the_turn() -> None:
    shelf, shares = serve(move(waiting(Shelf(), (1, 3), (2, 4), (3, 1)), Decimal(5)))
    assert [(share.order_id, share.quantity) for share in shares] == [("order-1", 3), ("order-2", 2)]
    assert [(one.order_id, one.quantity) for one in shelf.waiting] == [("order-2", 2), ("order-3", 1)]
    assert (shelf.reserved, shelf.free) == (5, 0)


def test_nobody_is_next_where_nothing_is_left() -> None:
    assert list(next_in_line(waiting(Shelf(), (1, 3)))) == []


def test_who_leaves_waits_for_nothing() -> None:
    shelf = leave(waiting(Shelf(), (1, 3), (2, 4)), "order-1")
    assert [one.order_id for one in shelf.waiting] == ["order-2"]
