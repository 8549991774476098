"""Stock: what lies where, what is kept for whom, and who is served next.

Check and reservation are one step under the item's lock, so a batch of orders never gets
more than there is. Whoever makes goods free where somebody waits asks for the waiting
to be served (`stock.serve`), and until then nobody else can take them.
"""

from collections.abc import Iterable
from decimal import Decimal

from hub.canonical.delivery import DespatchedLine, ShipmentDespatched
from hub.canonical.envelope import Message, derive_id
from hub.canonical.order import order_names
from hub.canonical.sale import SaleLine, SaleRecorded
from hub.canonical.stock import (
    AdjustStock,
    AllocateStock,
    AllocationMade,
    AllocationWanted,
    ReleaseStock,
    ServeBackorders,
    StockAllocated,
    StockShort,
)
from hub.domain import allocation
from hub.domain.allocation import Share
from hub.domain.receipts import counted
from hub.errors import NeedsDecision
from hub.handlers.service import Service, order_key
from hub.store import catalogue
from hub.store.master import ItemRow
from hub.store.stock import Movement, Reservation, StockItem
from hub.store.work import Need, Work, group, lock, peek

service = Service("stock")


def _item(work: Work, sku: str, location: str) -> StockItem:
    return work.get(StockItem, sku, location) or StockItem(sku, location)


@service.on(
    AllocateStock,
    needs=lambda m: [lock(StockItem, line.sku, line.location) for line in m.data.lines],
    key=order_key,
)
def allocate(message: Message[AllocateStock], work: Work) -> None:
    """Reserve what is free for each line and say what it got; the rest waits at the order's turn."""
    made = tuple(_allocate_line(message, line, work) for line in message.data.lines)
    kind = StockShort if any(line.short for line in made) else StockAllocated
    work.publish(kind(**order_names(message.data), lines=made))


def _allocate_line(message: Message[AllocateStock], line: AllocationWanted, work: Work) -> AllocationMade:
    item = _item(work, line.sku, line.location)
    shelf, allocated = allocation.allocate(item.shelf, line.quantity)
    short = line.quantity - allocated
    order = message.data
    if short and order.backorder:
        shelf = allocation.wait(shelf, order.order_id, line.line_id, short, message.time)
    reservation = Reservation(
        order_id=order.order_id,
        line_id=line.line_id,
        sku=line.sku,
        location=line.location,
        order_number=order.order_number,
        buyer_key=order.buyer_key,
        buyers_number=order.buyers_number,
        partner=message.partner,
        correlation_id=message.correlationid,
        wanted=line.quantity,
        allocated=allocated,
    )
    work.save(item.on(shelf), reservation)
    return AllocationMade(
        line_id=line.line_id,
        sku=line.sku,
        location=line.location,
        wanted=line.quantity,
        allocated=allocated,
        short=short,
    )


def _shelves(message: Message[ReleaseStock], work: Work) -> Iterable[Need]:
    return (lock(StockItem, one.sku, one.location) for one in work.group(Reservation, message.data.order_id))


@service.on(ReleaseStock, needs=lambda m: [group(Reservation, m.data.order_id)], then=_shelves, key=order_key)
def release(message: Message[ReleaseStock], work: Work) -> None:
    """Give back whatever the order still holds, and let it wait no longer."""
    for reservation in work.group(Reservation, message.data.order_id):
        item = _item(work, reservation.sku, reservation.location)
        shelf = allocation.leave(allocation.release(item.shelf, reservation.held), reservation.order_id)
        work.save(item.on(shelf), reservation._replace(released=reservation.released + reservation.held))
        _serve_later(item.on(shelf), work)


def _serve_later(item: StockItem, work: Work) -> None:
    """Ask for the waiting to be served where goods have become free."""
    if any(allocation.next_in_line(item.shelf)):
        work.publish(ServeBackorders(sku=item.sku, location=item.location))


def _move(work: Work, item: StockItem, quantity: Decimal, reason: str, document: str, **line: str | None) -> StockItem:
    """Book a movement and return the item with it."""
    ordinal = len(work.saved.get(Movement, ()))
    movement = Movement(
        id=derive_id(work.message.id, work.service, "movement", ordinal),
        sku=item.sku,
        location=item.location,
        quantity=quantity,
        at=work.now,
        reason=reason,
        document=document,
        line_id=line.get("line_id"),
        order_id=line.get("order_id"),
    )
    moved = item.on(allocation.move(item.shelf, quantity))
    if moved.on_hand < 0 <= item.on_hand:
        work.task("stock_negative", f"{item.sku}/{item.location}", f"{reason} {document}: {moved.on_hand} on hand")
    work.save(movement)
    return moved


@service.on(
    AdjustStock, needs=lambda m: [lock(StockItem, one.sku, one.location) for one in m.data.movements], holds=False
)
def adjust(message: Message[AdjustStock], work: Work) -> None:
    """Move stock in or out. Taking out what orders hold is done, and a person sees that it was."""
    for one in message.data.movements:
        item = _move(work, _item(work, one.sku, one.location), one.quantity, message.data.reason, str(message.id))
        work.save(item)
        if item.on_hand < item.reserved:
            reason = f"{message.data.reason}: {item.reserved} reserved, {item.on_hand} on hand"
            work.task("stock_oversold", f"{item.sku}/{item.location}", reason)
        _serve_later(item, work)


def _next_in_line(message: Message[ServeBackorders], work: Work) -> Iterable[Need]:
    item = _item(work, message.data.sku, message.data.location)
    return (lock(Reservation, one.order_id, one.line_id) for one in allocation.next_in_line(item.shelf))


@service.on(ServeBackorders, needs=lambda m: [lock(StockItem, m.data.sku, m.data.location)], then=_next_in_line)
def serve(message: Message[ServeBackorders], work: Work) -> None:
    """Give what is free to those who wait, the oldest order first, and tell each of these orders."""
    item = _item(work, message.data.sku, message.data.location)
    shelf, shares = allocation.serve(item.shelf)
    work.save(item.on(shelf))
    for share in shares:
        _give(share, work)


def _give(share: Share, work: Work) -> None:
    reservation = work.get(Reservation, share.order_id, share.line_id)
    if reservation is None:
        raise NeedsDecision(f"order {share.order_id} waits for line {share.line_id} without a reservation")
    reservation = reservation._replace(allocated=reservation.allocated + share.quantity)
    short = reservation.wanted - reservation.allocated
    work.save(reservation)
    line = AllocationMade(
        line_id=share.line_id,
        sku=reservation.sku,
        location=reservation.location,
        wanted=share.quantity + short,
        allocated=share.quantity,
        short=short,
    )
    told = StockAllocated(**order_names(reservation), lines=(line,), backorder=True)
    work.publish(told, partner=reservation.partner, correlation=reservation.correlation_id)


def _despatching(message: Message[ShipmentDespatched]) -> Iterable[Need]:
    for line in message.data.lines:
        yield lock(StockItem, line.sku, line.location)
        yield lock(Reservation, message.data.order_id, line.line_id)


@service.on(ShipmentDespatched, needs=_despatching, key=order_key)
def despatch(message: Message[ShipmentDespatched], work: Work) -> None:
    """Book out what has left, and use up what was reserved for it."""
    for line in message.data.lines:
        _despatch_line(message.data, line, work)


def _despatch_line(shipment: ShipmentDespatched, line: DespatchedLine, work: Work) -> None:
    item = _item(work, line.sku, line.location)
    reservation = work.get(Reservation, shipment.order_id, line.line_id)
    if reservation is not None and (reservation.sku, reservation.location) == (line.sku, line.location):
        used = min(reservation.held, line.quantity.value)
        work.save(reservation._replace(consumed=reservation.consumed + used))
        item = item.on(allocation.release(item.shelf, used))
    place = {"line_id": line.line_id, "order_id": shipment.order_id}
    work.save(_move(work, item, -line.quantity.value, "shipment", shipment.despatch_number, **place))


def _selling(message: Message[SaleRecorded]) -> Iterable[Need]:
    return catalogue.codes((line.item for line in message.data.sale.lines), message.partner)


def _sold_items(message: Message[SaleRecorded], work: Work) -> Iterable[Need]:
    for line in message.data.sale.lines:
        sku = catalogue.sku_of(work, line.item, message.partner)
        if sku is not None:
            yield peek(ItemRow, sku)
            yield lock(StockItem, sku, message.data.sale.store)


@service.on(SaleRecorded, needs=_selling, then=_sold_items)
def sell(message: Message[SaleRecorded], work: Work) -> None:
    """Book out of the store what a till has sold, and in what was brought back: it has happened, whatever is there."""
    sale = message.data.sale
    if sale.kind == "control":
        return
    for line in counted(sale):
        if line.kind == "item":
            _sell_line(message, line, work)


def _sell_line(message: Message[SaleRecorded], line: SaleLine, work: Work) -> None:
    sale = message.data.sale
    sku = catalogue.sku_of(work, line.item, message.partner)
    known = work.get(ItemRow, sku) if sku else None
    if known is None or not known.stocked or not line.quantity.value:
        return
    item = _item(work, known.sku, sale.store)
    item = _move(work, item, -line.quantity.value, sale.kind, sale.receipt_key, line_id=line.line_id)
    work.save(item)
    _serve_later(item, work)
