"""The warehouse without people: every delivery order is released, picked, packed and despatched as soon as it may be.

Only there where `HUB_AUTO_WAREHOUSE` says so: for the demo, and for a warehouse whose own
system does not tell us. It keeps nothing; it answers each step with the next command.
"""

from hub.canonical.delivery import (
    ConfirmPick,
    DeliveryPacked,
    DeliveryPicked,
    DeliveryPlanned,
    DeliveryReleased,
    DespatchShipment,
    PackDelivery,
    ReleaseDelivery,
)
from hub.canonical.envelope import Message
from hub.handlers.service import Service
from hub.store.work import Work

service = Service("warehouse")

CARRIER = "own transport"


@service.on(DeliveryPlanned)
def release(message: Message[DeliveryPlanned], work: Work) -> None:
    """Start at once."""
    work.publish(ReleaseDelivery(delivery_number=message.data.delivery_number))


@service.on(DeliveryReleased)
def pick(message: Message[DeliveryReleased], work: Work) -> None:
    """Find everything."""
    work.publish(ConfirmPick(delivery_number=message.data.delivery_number))


@service.on(DeliveryPicked)
def pack(message: Message[DeliveryPicked], work: Work) -> None:
    """Put everything into one carton on one pallet."""
    work.publish(PackDelivery(delivery_number=message.data.delivery_number))


@service.on(DeliveryPacked)
def despatch(message: Message[DeliveryPacked], work: Work) -> None:
    """Send it off."""
    work.publish(DespatchShipment(delivery_number=message.data.delivery_number, carrier=CARRIER))
