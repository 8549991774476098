"""Locks are taken in one order, whatever order the messages of a batch name things in."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.messaging.loading import Loading
from hub.store.messages import Expected, NumberSeries
from hub.store.order import OrderRow
from hub.store.records import SPECS
from hub.store.statements import Insert, Load
from hub.store.stock import StockItem
from hub.store.work import Need, lock, meeting, series

NEEDS = st.one_of(
    st.builds(lambda name: meeting(f"stock/{name}"), st.sampled_from("abcdef")),
    st.builds(lambda name: lock(OrderRow, name), st.sampled_from("abcdef")),
    st.builds(lambda sku: lock(StockItem, sku, "main"), st.sampled_from("abcdef")),
    st.builds(series, st.sampled_from("abc")),
)
LOCKED = [Expected, OrderRow, StockItem, NumberSeries]
"""The records of these needs, in the order in which everybody locks them."""


def locked(needs: list[Need]) -> list[tuple[int, Any]]:
    """Return what is locked, in its order: the place of the table, and the key."""
    job = Loading().load(needs)
    found: list[tuple[int, Any]] = []
    answer: Any = None
    try:
        while True:
            asked = job.send(answer)
            answer = []
            if isinstance(asked, Load):
                assert asked.lock
                found += [(LOCKED.index(asked.spec.record), key) for key in asked.keys]
            else:
                assert isinstance(asked, Insert), "a meeting place must be there to be locked"
                assert asked.spec is SPECS[Expected]
                assert list(asked.rows) == sorted(asked.rows)
    except StopIteration:
        return found


@given(needs=st.lists(NEEDS, max_size=30))
def test_whatever_the_order_of_the_messages_rows_are_locked_in_one_order(needs: list[Need]) -> None:
    order = locked(needs)
    assert order == sorted(order)
    assert {key for _, key in order} == {need.key for need in needs}
