"""Stock: commands to it and what it answers. Quantities are in the item's own unit."""

from typing import ClassVar

from hub.canonical.envelope import Payload
from hub.canonical.order import OrderReference
from hub.canonical.values import Amount, Identifier, Value


class AllocationWanted(Value):
    """How much of an item an order line wants from a location."""

    line_id: Identifier
    sku: Identifier
    location: Identifier
    quantity: Amount


class AllocationMade(Value):
    """What an order line got: wanted = allocated + short."""

    line_id: Identifier
    sku: Identifier
    location: Identifier
    wanted: Amount
    allocated: Amount
    short: Amount


class AllocateStock(OrderReference):
    """Reserve stock for the lines of an order; what is short waits for goods where `backorder` says so."""

    TYPE: ClassVar[str] = "stock.allocate.v1"
    lines: tuple[AllocationWanted, ...]
    backorder: bool = True


class ReleaseStock(OrderReference):
    """Give back whatever an order still holds."""

    TYPE: ClassVar[str] = "stock.release.v1"
    reason: str


class StockAllocated(OrderReference):
    """Every line got what it wanted. `backorder` tells that goods arrived for an order answered before."""

    TYPE: ClassVar[str] = "stock.allocated.v1"
    lines: tuple[AllocationMade, ...]
    backorder: bool = False


class StockShort(OrderReference):
    """At least one line got less than it wanted; every line is listed."""

    TYPE: ClassVar[str] = "stock.short.v1"
    lines: tuple[AllocationMade, ...]


class ServeBackorders(Payload):
    """Give the goods that are free of an item at a location to the orders that wait for them, the oldest first."""

    TYPE: ClassVar[str] = "stock.serve.v1"
    sku: Identifier
    location: Identifier

    @property
    def business_key(self) -> str:
        return f"{self.sku}/{self.location}"


class StockCount(Value):
    """A change of the quantity on hand of one item at one location."""

    sku: Identifier
    location: Identifier
    quantity: Amount


class AdjustStock(Payload):
    """Move stock in (positive) or out (negative) of locations; `reason` says why (opening, receipt, count …)."""

    TYPE: ClassVar[str] = "stock.adjust.v1"
    movements: tuple[StockCount, ...]
    reason: str

    @property
    def business_key(self) -> str:
        return self.reason
