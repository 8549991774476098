"""What is on hand, kept for somebody, and free."""

from decimal import Decimal
from typing import NamedTuple

from hub.store.queries.view import Selection, select
from hub.store.statements import Job
from hub.store.stock import StockItem


class Level(NamedTuple):
    """One item at one location, in the item's own unit; `short` is what order lines still wait for."""

    sku: str
    location: str
    on_hand: Decimal
    reserved: Decimal
    free: Decimal
    short: Decimal


def stock(*, sku: str | None = None, location: str | None = None, limit: int = 1000) -> Job[list[Level]]:
    """Return stock levels, sorted by item and location."""
    selection = Selection().equal(sku=sku, location=location)
    found = yield from select(StockItem, selection, order="sku, location", limit=limit)
    return [
        Level(
            sku=row.sku,
            location=row.location,
            on_hand=row.on_hand,
            reserved=row.reserved,
            free=row.on_hand - row.reserved,
            short=sum((one.quantity for one in row.waiting), Decimal(0)),
        )
        for row in found
    ]
