"""The life of a delivery order, and what of an order is still to be put into one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from hub.canonical.delivery import PickedLine
from hub.domain.life_cycle import LifeCycle
from hub.errors import BusinessRefusal

DELIVERY = LifeCycle(
    "delivery",
    start="planned",
    moves={
        ("planned", "release"): "released",
        ("released", "pick"): "picked",
        ("picked", "pack"): "packed",
        ("packed", "ship"): "shipped",
        ("planned", "cancel"): "cancelled",
        ("released", "cancel"): "cancelled",
        ("picked", "cancel"): "cancelled",
        ("packed", "cancel"): "cancelled",
    },
)


def open_to_deliver(confirmed: Mapping[str, Decimal], delivering: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Return, per order line, confirmed less what stands in delivery orders.

    `delivering` are pairs of order line and quantity, line to line: the same item may
    stand on several lines. Below zero: more is on its way than is confirmed.
    """
    open_ = dict(confirmed)
    for line_id, quantity in delivering:
        open_[line_id] = open_.get(line_id, Decimal(0)) - quantity
    return open_


def picked_quantities(found: Sequence[PickedLine], asked: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return what was found of each line that was asked for; nothing reported means everything.

    Raises BusinessRefusal that names everything wrong with the report: it must tell of
    every line exactly once, and of no more than was asked.
    """
    if not found:
        return dict(asked)
    problems = [*_wrong_lines(found, asked), *_wrong_quantities(found, asked)]
    if problems:
        raise BusinessRefusal("; ".join(problems), problems=problems)
    return {line.line_id: line.quantity for line in found}


def _wrong_lines(found: Sequence[PickedLine], asked: Mapping[str, Decimal]) -> Iterator[str]:
    times = Counter(line.line_id for line in found)
    for line_id, reported in times.items():
        if line_id not in asked:
            yield f"line {line_id} is not of this delivery order"
        elif reported > 1:
            yield f"line {line_id} is reported {reported} times"
    yield from (f"line {line_id} is not reported" for line_id in asked if line_id not in times)


def _wrong_quantities(found: Sequence[PickedLine], asked: Mapping[str, Decimal]) -> Iterator[str]:
    for line in found:
        if line.quantity < 0 or line.quantity > asked.get(line.line_id, line.quantity):
            yield f"line {line.line_id}: {line.quantity} picked, {asked.get(line.line_id)} asked"
