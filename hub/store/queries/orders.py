"""Orders, found by our number, by theirs, or by id."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.canonical.envelope import named_id
from hub.store.order import OrderInvoice, OrderLineRow, OrderRow
from hub.store.queries.view import Selection, View, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load, LoadGroups, Query


@dataclass(frozen=True, slots=True)
class Found:
    """An order with its lines and what was invoiced of it."""

    order: OrderRow
    lines: tuple[OrderLineRow, ...]
    invoices: tuple[OrderInvoice, ...]


def order(view: View, number: str) -> Job[Found | None]:
    """Return the order with this number of ours, or this id; None if there is none to be seen."""
    selection = Selection().visible(view).also("(number = :wanted or order_id = :wanted)", wanted=number)
    found = yield from select(OrderRow, selection, limit=1)
    whole = yield from _whole(found)
    return whole[0] if whole else None


def orders(
    view: View,
    *,
    partner: str | None = None,
    number: str | None = None,
    state: str | None = None,
    channel: str | None = None,
    limit: int = 100,
) -> Job[list[OrderRow]]:
    """Return orders with the buyer's `number`, or all, the newest first; several buyers may use one number."""
    selection = Selection().visible(view).equal(partner=partner, buyers_number=number, state=state, channel=channel)
    found = yield from select(OrderRow, selection, order="received_at desc, order_id", limit=limit)
    return found


def orders_of(business_keys: Sequence[str]) -> Job[dict[str, str]]:
    """Return the ids of the orders that these keys name, as far as there are such orders.

    A key is `<buyer>/<their number>` or, of a receipt, its own.
    """
    wanted = {_order_id(key): key for key in business_keys if "/" in key}
    receipts = [key for key in business_keys if "/" not in key]
    rows: list[OrderRow] = yield Load(SPECS[OrderRow], sorted((one,) for one in wanted))
    found = yield Query(
        "select number, order_id from sales_order where number in :keys", {"keys": receipts}, (str, str)
    )
    return {wanted[row.order_id]: row.order_id for row in rows} | dict(found)


def _order_id(business_key: str) -> str:
    buyer, _, number = business_key.partition("/")
    return str(named_id("order", buyer, number))


def _whole(rows: list[OrderRow]) -> Job[list[Found]]:
    keys = sorted((row.order_id,) for row in rows)
    lines: list[OrderLineRow] = yield LoadGroups(SPECS[OrderLineRow], keys)
    invoices: list[OrderInvoice] = yield LoadGroups(SPECS[OrderInvoice], keys)
    return [
        Found(
            row,
            tuple(line for line in lines if line.order_id == row.order_id),
            tuple(one for one in invoices if one.order_id == row.order_id),
        )
        for row in rows
    ]
