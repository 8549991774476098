"""What a buyer wants otherwise, in words: for the person who decides."""

from collections.abc import Iterator

from hub.canonical.order import Order


def wanted_otherwise(order: Order, before: Order) -> Iterator[str]:
    """Yield what a change or a replacement says otherwise than the order `before`, line by line.

    A change speaks of some lines, a replacement of all; a quantity of nothing takes a line off.
    """
    known = {line.line_id: line for line in before.lines}
    for line in order.lines:
        held = known.pop(line.line_id, None)
        named = f"line {line.line_id}"
        if held is None:
            if line.quantity.value:
                yield f"{named} is new: {line.quantity.value} of {line.item.name or line.item.gtin or 'an item'}"
            continue
        if not line.quantity.value:
            yield f"{named} is off"
            continue
        if line.quantity != held.quantity:
            yield f"{named}: {line.quantity.value} instead of {held.quantity.value}"
        if line.price is not None and line.price != held.price:
            price = "the list price" if held.price is None else held.price.amount
            yield f"{named}: at {line.price.amount} instead of {price}"
        if line.requested_delivery not in {None, held.requested_delivery}:
            yield f"{named}: another delivery date"
    if order.function == "replace":
        yield from (f"line {line_id} is off" for line_id in known)
    if order.requested_delivery not in {None, before.requested_delivery}:
        yield "another delivery date"
