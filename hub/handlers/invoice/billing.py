"""Billing: what has left is billed for what it holds, line to line."""

from decimal import Decimal

from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.envelope import Message
from hub.errors import MustWait
from hub.handlers.invoice.issuing import Bill, issue, with_services
from hub.handlers.invoice.service import arrival, bills_of, invoice_number, service
from hub.handlers.service import order_key
from hub.store.invoice import BillingLine, BillingOrder
from hub.store.work import Work


@service.on(ShipmentDespatched, needs=bills_of, then=invoice_number, key=order_key)
def bill_shipment(message: Message[ShipmentDespatched], work: Work) -> None:
    """Issue the invoice for what has left, and for what of the order is no goods and not billed yet."""
    shipment = message.data
    order = work.get(BillingOrder, shipment.order_id)
    if order is None:
        raise _too_early(shipment, "the order's answer has not come yet")
    if shipment.despatch_number in order.despatches:
        work.end("duplicate", f"shipment {shipment.despatch_number} was billed before")
        return
    lines = work.group(BillingLine, order.order_id)
    shipped = _shipped(shipment, {line.line_id: line for line in lines})
    goods = [(line._replace(shipped=line.shipped + quantity), quantity) for line, quantity in shipped]
    order = order._replace(despatches=(*order.despatches, shipment.despatch_number))
    bill = Bill(with_services(goods, lines, order.currency), shipment.despatch_number, shipment.despatched_at.date())
    issue(order, bill, work)


def _shipped(shipment: ShipmentDespatched, lines: dict[str, BillingLine]) -> list[tuple[BillingLine, Decimal]]:
    """Return the lines of the shipment with their quantities, line to line. Raises MustWait for more than is agreed."""
    quantities: dict[str, Decimal] = {}
    for part in shipment.lines:
        quantities[part.line_id] = quantities.get(part.line_id, Decimal(0)) + part.quantity.value
    for line_id, quantity in quantities.items():
        line = lines.get(line_id)
        if line is None or line.shipped + quantity > line.agreed.confirmed:
            raise _too_early(shipment, f"line {line_id} is shipped beyond what is known to be confirmed")
    return [(lines[line_id], quantity) for line_id, quantity in quantities.items()]


def _too_early(shipment: ShipmentDespatched, reason: str) -> MustWait:
    return MustWait(f"shipment {shipment.despatch_number}: {reason}", awaits=arrival(shipment.order_id))
