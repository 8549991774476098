"""The records of the stock service: a ledger of movements, what it sums to, and what is kept for whom.

The movements are the truth; `StockItem.on_hand` is their sum, kept beside them in the
same transaction. Reservations are rows; `StockItem.reserved` is what they still hold.
"""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.domain.allocation import Shelf, Waiting
from hub.store.records import Rank, table


@table("stock_item", key=2, rank=Rank.STOCK)
class StockItem(NamedTuple):
    """One item at one location. `waiting` are the order lines that goods are owed to, the longest waiting first."""

    sku: str
    location: str
    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)
    waiting: tuple[Waiting, ...] = ()
    version: int = 0

    @property
    def shelf(self) -> Shelf:
        """The item as the rules of allocation see it."""
        return Shelf(self.on_hand, self.reserved, self.waiting)

    def on(self, shelf: Shelf) -> "StockItem":
        """Return the item as the rules have left it."""
        return self._replace(on_hand=shelf.on_hand, reserved=shelf.reserved, waiting=shelf.waiting)


@table("stock_movement", indexes=[("sku", "location", "at"), ("order_id",)])
class Movement(NamedTuple):
    """One change of the quantity on hand: in is positive. Nothing is ever taken out of the ledger.

    `document` names what moved the goods (a despatch, a receipt, a count) and `line_id`
    its line; `order_id` is the order's, if it was one.
    """

    id: UUID
    sku: str
    location: str
    quantity: Decimal
    at: datetime
    reason: str
    document: str
    line_id: str | None
    order_id: str | None


@table("stock_reservation", key=2, group=1, rank=Rank.STOCK)
class Reservation(NamedTuple):
    """What an order line wants of an item, has got, and has taken away or given back.

    wanted = allocated + what still waits (none, once `released`). It holds
    allocated - consumed - released. `partner` and `correlation_id` are the order's.
    """

    order_id: str
    line_id: str
    sku: str
    location: str
    order_number: str
    buyer_key: str
    buyers_number: str
    partner: str | None
    correlation_id: UUID
    wanted: Decimal
    allocated: Decimal
    consumed: Decimal = Decimal(0)
    released: Decimal = Decimal(0)
    version: int = 0

    @property
    def held(self) -> Decimal:
        """What is reserved for the line now."""
        return self.allocated - self.consumed - self.released
