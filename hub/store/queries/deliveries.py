"""Delivery orders and their lines."""

from hub.store.delivery import DeliveryLine, DeliveryOrder, HandlingUnitRow
from hub.store.queries.view import Selection, View, select
from hub.store.records import SPECS
from hub.store.statements import Job, LoadGroups


def deliveries(
    view: View, *, state: str | None = None, order_id: str | None = None, limit: int = 100
) -> Job[list[DeliveryOrder]]:
    """Return delivery orders: of a state or an order the one planned first first, else the newest first."""
    selection = Selection().visible(view).equal(state=state, order_id=order_id)
    order = "planned_at desc, number desc" if state is None and order_id is None else "planned_at, number"
    found = yield from select(DeliveryOrder, selection, order=order, limit=limit)
    return found


def delivery(view: View, number: str) -> Job[tuple[DeliveryOrder, list[DeliveryLine], list[HandlingUnitRow]] | None]:
    """Return one delivery order with its lines and packages, None if there is none to be seen."""
    found = yield from select(DeliveryOrder, Selection().visible(view).equal(number=number))
    if not found:
        return None
    lines: list[DeliveryLine] = yield LoadGroups(SPECS[DeliveryLine], [(found[0].order_id,)])
    units: list[HandlingUnitRow] = yield LoadGroups(SPECS[HandlingUnitRow], [(number,)])
    return found[0], [line for line in lines if line.delivery_number == number], units
