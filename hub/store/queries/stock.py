"""What is on hand, kept for somebody, and free."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from hub.store.master import ItemRow
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load
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


def unknown_items(skus: Iterable[str]) -> Job[list[str]]:
    """Return those of these numbers that no item has, sorted."""
    asked = set(skus)
    rows: list[ItemRow] = yield Load(SPECS[ItemRow], sorted((sku,) for sku in asked))
    return sorted(asked - {row.sku for row in rows})
