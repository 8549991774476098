"""Who gets which goods: never more than there are, those who wait first, in the order of their orders.

A shelf is one item at one location. What is free of it is on hand, not reserved, and
not owed to somebody who has waited longer. Only a till takes what is not there: the
goods are gone already.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.values import Value

NONE = Decimal(0)


class Waiting(Value):
    """What an order line still waits for; `since` is when its order came."""

    order_id: str
    line_id: str
    quantity: Decimal
    since: datetime


class Shelf(NamedTuple):
    """One item at one location: what lies there, what is kept for orders, and who waits, the longest first."""

    on_hand: Decimal = NONE
    reserved: Decimal = NONE
    waiting: tuple[Waiting, ...] = ()

    @property
    def free(self) -> Decimal:
        """What nobody has and nobody waits for; never below zero."""
        unreserved = self.on_hand - self.reserved
        if unreserved <= 0 or not self.waiting:
            return max(unreserved, NONE)
        return max(unreserved - sum((one.quantity for one in self.waiting), NONE), NONE)


class Share(NamedTuple):
    """What somebody who waited gets."""

    order_id: str
    line_id: str
    quantity: Decimal


def allocate(shelf: Shelf, wanted: Decimal) -> tuple[Shelf, Decimal]:
    """Reserve what is free of `wanted`. Return the shelf afterwards and how much it was."""
    allocated = min(shelf.free, max(wanted, NONE))
    return shelf._replace(reserved=shelf.reserved + allocated), allocated


def wait(shelf: Shelf, order_id: str, line_id: str, quantity: Decimal, since: datetime) -> Shelf:
    """Let an order line wait at its turn: by the time of its order, behind those of the same time."""
    mine = Waiting(order_id=order_id, line_id=line_id, quantity=quantity, since=since)
    place = bisect_right(shelf.waiting, since, key=lambda one: one.since)
    return shelf._replace(waiting=(*shelf.waiting[:place], mine, *shelf.waiting[place:]))


def leave(shelf: Shelf, order_id: str) -> Shelf:
    """Let an order wait no longer."""
    return shelf._replace(waiting=tuple(one for one in shelf.waiting if one.order_id != order_id))


def serve(shelf: Shelf) -> tuple[Shelf, tuple[Share, ...]]:
    """Give what is not reserved to those who wait, the longest first; the last one may get a part."""
    left = shelf.on_hand - shelf.reserved
    if left <= 0:
        return shelf, ()
    shares: list[Share] = []
    waiting: list[Waiting] = []
    for one in shelf.waiting:
        quantity = min(left, one.quantity)
        left -= quantity
        if quantity:
            shares.append(Share(one.order_id, one.line_id, quantity))
        if quantity < one.quantity:
            waiting.append(one.model_copy(update={"quantity": one.quantity - quantity}))
    given = sum((share.quantity for share in shares), NONE)
    return shelf._replace(reserved=shelf.reserved + given, waiting=tuple(waiting)), tuple(shares)


def next_in_line(shelf: Shelf) -> Iterable[Waiting]:
    """Return those who would be served now."""
    _, shares = serve(shelf)
    served = {(share.order_id, share.line_id) for share in shares}
    return (one for one in shelf.waiting if (one.order_id, one.line_id) in served)


def move(shelf: Shelf, quantity: Decimal) -> Shelf:
    """Move goods in (positive) or out (negative)."""
    return shelf._replace(on_hand=shelf.on_hand + quantity)


def release(shelf: Shelf, quantity: Decimal) -> Shelf:
    """Give back what was reserved."""
    return shelf._replace(reserved=shelf.reserved - quantity)
