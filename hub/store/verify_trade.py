"""The recount of trade: quantities of order lines, money, number series, stock.

What grows with every order is read a page at a time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal

from hub.domain.order_lines import LineQuantities
from hub.store.check import Check, equal, outcome
from hub.store.order import OrderLineRow
from hub.store.payment import PaymentRow, ReceivableRow
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Job, LoadGroups, Query
from hub.store.told import PAGE

NONE = Decimal(0)


def trade() -> Job[list[Check]]:
    """Return the checks of what services have decided."""
    return [
        (yield from _lines()),
        (yield from _shipped()),
        (yield from _receivables()),
        (yield from _payments()),
        (yield from _invoice_numbers()),
        (yield from _series()),
        (yield from _stock()),
        (yield from _reserved()),
    ]


def _lines() -> Job[Check]:
    """On every line: ordered = confirmed + backordered + rejected, and no more moved than the step before."""
    wrong: list[str] = []
    last, count = "", 0
    while orders := (yield from _next_orders(last)):
        last = orders[-1][0]
        rows: list[OrderLineRow] = yield LoadGroups(SPECS[OrderLineRow], orders)
        count += len(rows)
        wrong += [
            f"{row.order_id} line {row.line_id}: {problem}" for row in rows for problem in _problems(row.quantities)
        ]
    return outcome("ordered, confirmed, shipped and invoiced fit on every line", wrong, f"{count} lines")


def _next_orders(last: str) -> Job[list[tuple[str]]]:
    """Return the next page of order ids."""
    found: list[tuple[str]] = yield Query(
        "select order_id from sales_order where order_id > :last order by order_id limit :page",
        {"last": last, "page": PAGE},
        (str,),
    )
    return found


def _problems(line: LineQuantities) -> Iterable[str]:
    if line.undecided and (line.confirmed or line.backordered):
        yield f"{line.undecided} of {line.ordered} is not answered"
    if abs(line.shipped) > abs(line.confirmed):
        yield f"shipped {line.shipped}, confirmed {line.confirmed}"
    if abs(line.invoiced) > abs(line.confirmed):
        yield f"invoiced {line.invoiced}, confirmed {line.confirmed}"
    if abs(line.paid_amount) > abs(line.invoiced_amount):
        yield f"paid {line.paid_amount}, invoiced {line.invoiced_amount}"


def _shipped() -> Job[Check]:
    """No order line has more shipped than its delivery orders say (they may be ahead, as news travels)."""
    wrong: list[str] = []
    last, count = "", 0
    while orders := (yield from _next_orders(last)):
        last = orders[-1][0]
        found = yield Query(
            "select o.order_id, l.order_line, sum(l.shipped) from delivery_line l"
            " join delivery_order o on o.number = l.delivery_number and o.order_id = l.order_id"
            " where o.order_id in :orders group by o.order_id, l.order_line",
            {"orders": [one for (one,) in orders]},
            (str, str, Decimal),
        )
        left = {(order, line): quantity for order, line, quantity in found}
        rows: list[OrderLineRow] = yield LoadGroups(SPECS[OrderLineRow], sorted({(order,) for order, _ in left}))
        count += len(left)
        wrong += [
            f"{row.order_id} line {row.line_id}: {row.quantities.shipped}, despatched {left[row.order_id, row.line_id]}"
            for row in rows
            if (row.order_id, row.line_id) in left and row.quantities.shipped > left[row.order_id, row.line_id]
        ]
    return outcome("what orders call shipped has been despatched", wrong, f"{count} delivered lines")


def _receivables() -> Job[Check]:
    """Invoiced - allocated = open, on every invoice."""
    wrong: list[str] = []
    last, count = "", 0
    while rows := (
        yield from select(
            ReceivableRow,
            Selection().also("invoice_number > :last", last=last),
            order="invoice_number",
            limit=PAGE,
        )
    ):
        last, count = rows[-1].invoice_number, count + len(rows)
        settled = yield Query(
            "select invoice_number, sum(amount) from allocation where invoice_number in :numbers"
            " group by invoice_number",
            {"numbers": [row.invoice_number for row in rows]},
            (str, Decimal),
        )
        paid = dict(settled)
        wrong += [
            f"{row.invoice_number}: {row.amount - paid.get(row.invoice_number, NONE)} against {row.open}"
            for row in rows
            if row.amount - paid.get(row.invoice_number, NONE) != row.open
        ]
    strays = yield from _strays("invoice_number", "receivable r where r.invoice_number = a.invoice_number")
    return outcome("invoices - payments = what is open", [*wrong, *strays], f"{count} invoices")


def _payments() -> Job[Check]:
    """Every payment = its allocations + what is unallocated."""
    wrong: list[str] = []
    last, count = ("", ""), 0
    while rows := (
        yield from select(
            PaymentRow,
            Selection().also("(source, reference) > (:source, :reference)", source=last[0], reference=last[1]),
            order="source, reference",
            limit=PAGE,
        )
    ):
        last, count = (rows[-1].source, rows[-1].reference), count + len(rows)
        parts = yield Query(
            "select source, reference, sum(amount) from allocation"
            " where (source, reference) >= (:first_source, :first) and (source, reference) <= (:last_source, :last)"
            " group by source, reference",
            {"first_source": rows[0].source, "first": rows[0].reference, "last_source": last[0], "last": last[1]},
            (str, str, Decimal),
        )
        allocated = {(source, reference): amount for source, reference, amount in parts}
        wrong += [
            f"{row.source}/{row.reference}: {row.amount} against {accounted}"
            for row in rows
            if (accounted := row.unallocated + allocated.get((row.source, row.reference), NONE)) != row.amount
        ]
    strays = yield from _strays("reference", "payment p where p.source = a.source and p.reference = a.reference")
    return outcome("payments = allocations + unallocated", [*wrong, *strays], f"{count} payments")


def _strays(column: str, belonging: str) -> Job[list[str]]:
    """Return the names under which money was allocated of, or to, what is not there."""
    found = yield Query(
        f"select distinct a.{column} from allocation a where not exists (select 1 from {belonging}) limit :page",
        {"page": PAGE},
        (str,),
    )
    return [f"{name} is not there, and money was allocated" for (name,) in found]


def _invoice_numbers() -> Job[Check]:
    """Invoice numbers run without a gap within their series."""
    rows = yield Query("select number from invoice", types=(str,))
    series: defaultdict[str, set[int]] = defaultdict(set)
    for (number,) in rows:
        prefix, _, digits = number.rpartition("-")
        series[prefix].add(int(digits))
    taken = yield Query("select series, last from number_series where series like 'invoice/%'", types=(str, int))
    last = {name.removeprefix("invoice/"): n for name, n in taken}
    wrong = [
        f"{prefix}-{missing:06d}"
        for prefix in sorted(series.keys() | last.keys())
        for missing in sorted(set(range(1, max(last.get(prefix, 0), *series[prefix], 0) + 1)) - series[prefix])
    ]
    return outcome("invoice numbers have no gap", wrong, f"{len(rows)} invoices")


def _series() -> Job[Check]:
    """As many numbers were taken as things bear them."""
    taken = dict((yield Query("select series, last from number_series", types=(str, int))))
    counted: Counter[str] = Counter()
    for name, sql in (
        ("order", "select count(*) from sales_order where channel <> 'pos'"),
        ("delivery", "select count(*) from delivery_order"),
        ("despatch", "select count(*) from delivery_order where despatch_number is not null"),
        ("feed", "select count(*) from feed"),
    ):
        counted[name] = (yield Query(sql, types=(int,)))[0][0]
    return equal(
        "number series = what bears their numbers", {name: taken.get(name, 0) for name in counted}, counted, "series"
    )


def _stock() -> Job[Check]:
    """Stock start + in - out = on hand, by item and location."""
    moved = yield Query(
        "select sku, location, sum(quantity) from stock_movement group by sku, location", types=(str, str, Decimal)
    )
    held = yield Query("select sku, location, on_hand from stock_item", types=(str, str, Decimal))
    return equal(
        "stock movements = on hand",
        {(sku, location): quantity for sku, location, quantity in moved},
        {(sku, location): quantity for sku, location, quantity in held},
        "items at locations",
        NONE,
    )


def _reserved() -> Job[Check]:
    """What is reserved of an item is what its reservations hold."""
    rows = yield Query(
        "select sku, location, sum(allocated), sum(consumed), sum(released) from stock_reservation"
        " group by sku, location",
        types=(str, str, Decimal, Decimal, Decimal),
    )
    held = yield Query("select sku, location, reserved from stock_item", types=(str, str, Decimal))
    return equal(
        "reservations = reserved stock",
        {(sku, location): allocated - consumed - released for sku, location, allocated, consumed, released in rows},
        {(sku, location): quantity for sku, location, quantity in held},
        "items at locations",
        NONE,
    )
