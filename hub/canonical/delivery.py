"""Delivery orders, packages and shipments. Names after UBL DespatchAdvice; EDIFACT DESADV."""

from typing import ClassVar

from pydantic import AwareDatetime

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.document import Reference
from hub.canonical.envelope import Payload
from hub.canonical.order import OrderReference
from hub.canonical.party import Party
from hub.canonical.values import Amount, Identifier, Quantity, Sscc, Value


class DeliveryCommand(Payload):
    """A command to one delivery order."""

    delivery_number: Identifier

    @property
    def business_key(self) -> str:
        return self.delivery_number


class ReleaseDelivery(DeliveryCommand):
    """Let the warehouse start picking."""

    TYPE: ClassVar[str] = "delivery.release.v1"


class PickedLine(Value):
    """How much of a delivery line was found."""

    line_id: Identifier
    quantity: Amount


class ConfirmPick(DeliveryCommand):
    """What was picked; no lines means everything as asked."""

    TYPE: ClassVar[str] = "delivery.pick.v1"
    lines: tuple[PickedLine, ...] = ()


class PackedUnit(Value):
    """One package: its type (UN/ECE Rec 21 code), its content by delivery line, and the package it stands on.

    `unit` is the packer's own mark within this command, `parent` the mark of the carrying unit.
    """

    unit: Identifier
    parent: Identifier | None = None
    package_type: Identifier = "CT"
    gross_weight_kg: Amount | None = None
    content: tuple[PickedLine, ...] = ()


class PackDelivery(DeliveryCommand):
    """Pack what was picked; no units means one carton on one pallet for everything."""

    TYPE: ClassVar[str] = "delivery.pack.v1"
    units: tuple[PackedUnit, ...] = ()


class DespatchShipment(DeliveryCommand):
    """The packed delivery leaves the house."""

    TYPE: ClassVar[str] = "delivery.ship.v1"
    carrier: str | None = None
    vehicle: str | None = None
    tracking: str | None = None
    estimated_arrival: AwareDatetime | None = None


class CancelDelivery(DeliveryCommand):
    """Take a delivery order off before it has left: what it held is open again."""

    TYPE: ClassVar[str] = "delivery.cancel.v1"
    reason: str


class ReplanDelivery(DeliveryCommand):
    """Put what is open again of the delivery's order (not found, or cancelled) into a further delivery order."""

    TYPE: ClassVar[str] = "delivery.replan.v1"


class PlannedLine(Value):
    """A quantity of one order line that is to leave; `line_id` is the buyer's, `delivery_line` ours."""

    delivery_line: Identifier
    line_id: Identifier
    sku: Identifier
    quantity: Quantity
    location: Identifier


class DeliveryPlanned(OrderReference):
    """A delivery order was made for what an order was promised and has reserved."""

    TYPE: ClassVar[str] = "delivery.planned.v1"
    delivery_number: Identifier
    lines: tuple[PlannedLine, ...]


class DeliveryReleased(OrderReference):
    """The warehouse may pick this delivery order."""

    TYPE: ClassVar[str] = "delivery.released.v1"
    PARTNER_FACING: ClassVar[bool] = True
    delivery_number: Identifier


class DeliveryPicked(OrderReference):
    """Everything of this delivery order that could be found is on the dock."""

    TYPE: ClassVar[str] = "delivery.picked.v1"
    delivery_number: Identifier


class DeliveryPacked(OrderReference):
    """What was picked lies in labelled packages."""

    TYPE: ClassVar[str] = "delivery.packed.v1"
    delivery_number: Identifier


class DespatchedLine(Value):
    """A quantity of one order line; `line_id` is the buyer's, `delivery_line` ours."""

    delivery_line: Identifier
    line_id: Identifier
    sku: Identifier
    item: ItemIdentification
    quantity: Quantity
    ordered: Amount
    location: Identifier


class UnitContent(Value):
    """How much of a delivery line lies in a unit."""

    delivery_line: Identifier
    quantity: Amount


class HandlingUnit(Value):
    """A labelled package. Every shipped piece lies in exactly one unit; a unit has at most one parent."""

    sscc: Sscc
    parent: Sscc | None = None
    package_type: Identifier
    gross_weight_kg: Amount | None = None
    content: tuple[UnitContent, ...] = ()


class ShipmentDespatched(OrderReference):
    """Goods left the house: the despatch advice."""

    TYPE: ClassVar[str] = "shipment.despatched.v1"
    PARTNER_FACING: ClassVar[bool] = True
    despatch_number: Identifier
    delivery_number: Identifier
    despatched_at: AwareDatetime
    estimated_arrival: AwareDatetime | None = None
    buyer: Party
    seller: Party | None = None
    delivery: Party | None = None
    references: tuple[Reference, ...] = ()
    carrier: str | None = None
    vehicle: str | None = None
    tracking: str | None = None
    lines: tuple[DespatchedLine, ...]
    units: tuple[HandlingUnit, ...] = ()
