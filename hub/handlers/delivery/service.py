"""The delivery service itself, and what its handlers share: finding delivery orders, telling what became of them."""

from hub.canonical.delivery import DeliveryCommand
from hub.canonical.envelope import Message
from hub.canonical.order import OrderReference
from hub.domain.delivery import DELIVERY
from hub.errors import BusinessRefusal
from hub.handlers.service import Service
from hub.store.delivery import DeliveryLine, DeliveryNumber, DeliveryOrder, DeliveryPlan
from hub.store.work import Need, Work, group, lock, peek

service = Service("delivery")


def deliveries_of(order_id: str) -> list[Need]:
    """Want all delivery orders of an order with their lines, under the one lock that they share."""
    return [lock(DeliveryPlan, order_id), group(DeliveryOrder, order_id), group(DeliveryLine, order_id)]


def named_delivery(message: Message[DeliveryCommand]) -> list[Need]:
    """Want to know which order the delivery order of a command is of."""
    return [peek(DeliveryNumber, message.data.delivery_number)]


def its_deliveries(message: Message[DeliveryCommand], work: Work) -> list[Need]:
    """Want the delivery orders of the order that a command is about."""
    named = work.get(DeliveryNumber, message.data.delivery_number)
    return deliveries_of(named.order_id) if named else []


def known_delivery(number: str, work: Work) -> DeliveryOrder:
    """Return the delivery order with this number. Raises BusinessRefusal if there is none."""
    named = work.get(DeliveryNumber, number)
    delivery = work.get(DeliveryOrder, named.order_id, number) if named else None
    if delivery is None:
        raise BusinessRefusal(f"there is no delivery order {number}")
    return delivery


def lines_of(delivery: DeliveryOrder, work: Work) -> list[DeliveryLine]:
    """Return the lines of one delivery order, in its order."""
    lines = [line for line in work.group(DeliveryLine, delivery.order_id) if line.delivery_number == delivery.number]
    return sorted(lines, key=lambda line: int(line.line_id))


def cancel_delivery(delivery: DeliveryOrder, work: Work) -> None:
    """Take a delivery order off: all of it is open again. Goods that were picked go back, which is a person's task."""
    step = DELIVERY.step(delivery.state, "cancel")
    if not step.made:
        return
    if delivery.picked_at:
        reason = "the delivery order was cancelled: the picked goods go back to their place"
        work.task("put_back", delivery.number, reason, delivery.order_id)
    work.save(delivery._replace(state=step.state, cancelled_at=work.now))
    work.save(*(line._replace(cancelled=line.planned) for line in lines_of(delivery, work)))


def say_made(delivery: DeliveryOrder, move: str, work: Work) -> None:
    """Say that a command came too late to change anything."""
    work.end("duplicate", f"{delivery.number} had been {move} before; it is {delivery.state}")


def publish(payload: OrderReference, delivery: DeliveryOrder, work: Work) -> None:
    """Publish to the order's own partner, in its own conversation, whoever gave the command."""
    work.publish(payload, partner=delivery.partner, correlation=delivery.correlation_id)
