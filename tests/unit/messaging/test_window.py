"""The relay's window: per key nothing overtakes, per destination nobody starves, and nothing is overlooked."""

from uuid import UUID

from hub.messaging.window import GROUP, WINDOW, Window
from hub.store.outbox import Outgoing


def row(number: int, okey: str = "") -> Outgoing:
    return Outgoing(number, UUID(int=number), "order", okey or f"key {number}", "t", b"body")


def window(*rows: Outgoing) -> Window:
    new = Window("order")
    new.look()
    new.found(rows, whole=True)
    return new


def ids(rows: list[Outgoing]) -> list[int]:
    return [one.id for one in rows]


def test_rows_go_out_in_the_order_of_their_ids_in_groups_of_a_bounded_size() -> None:
    one = window(*[row(n) for n in range(450, 0, -1)])
    assert ids(one.group()) == list(range(1, GROUP + 1))
    assert ids(one.group()) == list(range(GROUP + 1, 2 * GROUP + 1))
    assert ids(one.group()) == list(range(2 * GROUP + 1, 451))
    assert one.group() == []


def test_a_group_may_hold_several_rows_of_a_key_but_the_next_group_waits_for_it() -> None:
    one = window(row(1, "a"), row(2, "a"), row(3, "b"))
    first = one.group()
    assert ids(first) == [1, 2, 3]
    one.offer(row(4, "a"))
    one.offer(row(5, "c"))
    assert ids(one.group()) == [5]
    one.settled(first, [])
    assert ids(one.group()) == [4]


def test_a_refused_row_holds_its_key_and_no_other_and_goes_out_again_first() -> None:
    one = window(row(1, "a"), row(2, "b"))
    first = one.group()
    one.settled(first, first[:1])
    one.offer(row(3, "a"))
    one.offer(row(4, "b"))
    assert ids(one.group()) == [4]
    one.free(first[:1])
    assert ids(one.group()) == [1, 3]


def test_a_row_is_not_taken_twice_however_it_becomes_known() -> None:
    one = window(row(1))
    one.offer(row(1))
    one.found([row(1), row(2)], whole=True)
    assert ids(one.group()) == [1, 2]
    assert one.group() == []


def test_a_row_that_is_deleted_during_a_look_is_not_published_again_by_what_the_look_saw() -> None:
    one = window(row(1))
    group = one.group()
    one.look()
    one.settled(group, [])
    one.deleted(group[0])
    one.found([row(1)], whole=True)
    assert one.group() == []


def test_a_row_that_becomes_visible_late_is_found_by_the_next_look() -> None:
    one = window(row(2))
    one.group()
    one.look()
    one.found([row(1)], whole=True)
    assert ids(one.group()) == [1]


def test_nothing_is_offered_past_rows_that_are_not_known_yet() -> None:
    one = Window("order")
    one.offer(row(9, "a"))
    assert one.group() == []
    assert one.wants_more
    one.look()
    one.found([row(8, "a"), row(9, "a")], whole=True)
    assert ids(one.group()) == [8, 9]


def test_a_row_missed_during_a_look_leaves_the_window_incomplete() -> None:
    one = Window("order")
    one.look()
    one.offer(row(1))
    one.found([], whole=True)
    assert not one.complete


def test_the_window_is_bounded_whatever_is_offered() -> None:
    one = window()
    for number in range(1, 3 * WINDOW):
        one.offer(row(number))
    assert len(one.known) == 2 * WINDOW
    assert not one.complete
