"""The records of the delivery service: what the warehouse is to send, what it found, how it packed it."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.delivery import HandlingUnit
from hub.canonical.document import Reference
from hub.canonical.order import AgreedLine
from hub.canonical.party import Party
from hub.store.records import table


@table("delivery_plan")
class DeliveryPlan(NamedTuple):
    """One row per order: whoever plans, moves or cancels any of its delivery orders locks it first.

    `revision` is that of the last answer to the order that was planned for, `goods` its
    lines that leave with a shipment.
    """

    order_id: str
    revision: int = 0
    goods: tuple[AgreedLine, ...] = ()
    cancelled: bool = False
    version: int = 0


@table("delivery_number")
class DeliveryNumber(NamedTuple):
    """Which order a delivery order is of: commands name its number alone."""

    number: str
    order_id: str


@table("delivery_order", key=2, group=1, indexes=[("state", "planned_at"), ("planned_at",)], unique=[("number",)])
class DeliveryOrder(NamedTuple):
    """What the warehouse is to send to one place for one order; a shipment once it has left.

    Parties and references are frozen when it is planned. `partner` and `correlation_id`
    are those of the order: its events go to the order's partner, whoever gave the command.
    """

    order_id: str
    number: str
    order_number: str
    buyer_key: str
    buyers_number: str
    state: str
    buyer: Party
    seller: Party | None
    delivery: Party | None
    references: tuple[Reference, ...]
    partner: str | None
    correlation_id: UUID
    planned_at: datetime
    released_at: datetime | None = None
    picked_at: datetime | None = None
    packed_at: datetime | None = None
    shipped_at: datetime | None = None
    cancelled_at: datetime | None = None
    despatch_number: str | None = None
    carrier: str | None = None
    vehicle: str | None = None
    tracking: str | None = None
    version: int = 0


@table("delivery_line", key=3, group=1)
class DeliveryLine(NamedTuple):
    """A quantity of one order line in one delivery order, as it happened: planned, picked, packed, shipped.

    `line_id` counts within the delivery order; `order_line` is the buyer's line number.
    `cancelled` is what of the planned quantity was given up: it was not found, or the
    delivery order is off. planned - cancelled is on its way or has left.
    """

    order_id: str
    delivery_number: str
    line_id: str
    order_line: str
    sku: str
    item: ItemIdentification
    unit: str
    ordered: Decimal
    location: str
    planned: Decimal
    cancelled: Decimal = Decimal(0)
    picked: Decimal = Decimal(0)
    packed: Decimal = Decimal(0)
    shipped: Decimal = Decimal(0)
    version: int = 0


@table("handling_unit", key=2, group=1, unique=[("sscc",)])
class HandlingUnitRow(NamedTuple):
    """A labelled package of a delivery order; `n` is its place in the packing, from 0."""

    delivery_number: str
    n: int
    sscc: str
    unit: HandlingUnit
