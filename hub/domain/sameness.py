"""What makes two documents under one number the same document."""

from hub.canonical.order import Order, OrderLine


def says_the_same(one: Order, other: Order) -> bool:
    """Tell whether two orders say the same, but for their version and function: a repetition may differ in those."""
    return one == other.changed(version=one.version, function=one.function)


def asks_for_the_same(one: Order, other: Order) -> bool:
    """Tell whether two orders ask for the same goods, prices and place, whatever else is said about them."""
    return _asked(one) == _asked(other)


def _asked(order: Order) -> tuple[object, ...]:
    lines = tuple(map(_without_words, order.lines))
    return order.currency, order.tax_included, order.delivery, order.allowances, lines


def _without_words(line: OrderLine) -> OrderLine:
    return line.changed(notes=(), extensions={})
