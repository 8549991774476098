"""The recount of trade: quantities of order lines, money, tills, number series, stock."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from decimal import Decimal

import orjson

from hub.canonical.sale import Sale
from hub.domain.order_lines import LineQuantities
from hub.store.check import Check, equal, outcome
from hub.store.order import OrderLineRow
from hub.store.payment import PaymentRow, ReceivableRow
from hub.store.queries.view import Selection, select
from hub.store.statements import Job, Query

NONE = Decimal(0)


def trade() -> Job[list[Check]]:
    """Return the checks of what services have decided."""
    return [
        (yield from _lines()),
        (yield from _shipped()),
        (yield from _tills()),
        (yield from _receivables()),
        (yield from _payments()),
        (yield from _invoice_numbers()),
        (yield from _series()),
        (yield from _stock()),
        (yield from _reserved()),
    ]


def _lines() -> Job[Check]:
    """On every line: ordered = confirmed + backordered + rejected, and no more moved than the step before."""
    rows = yield from select(OrderLineRow)
    wrong = [f"{row.order_id} line {row.line_id}: {problem}" for row in rows for problem in _problems(row.quantities)]
    return outcome("ordered, confirmed, shipped and invoiced fit on every line", wrong, f"{len(rows)} lines")


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
    found = yield Query(
        "select o.order_id, l.order_line, sum(l.shipped) from delivery_line l"
        " join delivery_order o on o.number = l.delivery_number group by o.order_id, l.order_line",
        types=(str, str, Decimal),
    )
    left = {(order, line): quantity for order, line, quantity in found}
    orders = sorted({order for order, _ in left})
    rows = (yield from select(OrderLineRow, Selection().also("order_id in :orders", orders=orders))) if orders else []
    wrong = [
        f"{row.order_id} line {row.line_id}: {row.quantities.shipped}, despatched {left[row.order_id, row.line_id]}"
        for row in rows
        if (row.order_id, row.line_id) in left and row.quantities.shipped > left[row.order_id, row.line_id]
    ]
    return outcome("what orders call shipped has been despatched", wrong, f"{len(left)} delivered lines")


def _tills() -> Job[Check]:
    """What tills took, by receipt, is what the receipts' own bytes say."""
    rows = yield Query("select receipt_key, sum(amount) from tender group by receipt_key", types=(str, Decimal))
    kept = dict(rows)
    events = yield Query(
        "select e.body from event_log e join inbox i on i.message_id = e.id and i.service = 'payment'"
        " where e.type = 'sale.recorded.v1' and i.outcome = 'applied' order by e.id",
        types=(bytes,),
    )
    told: dict[str, Decimal] = {}
    for (body,) in events:
        sale = Sale.model_validate(orjson.loads(body)["data"]["sale"])
        total = sale.sign * sum((tender.amount for tender in sale.tenders), NONE)
        if sale.tenders:
            told.setdefault(sale.receipt_key, total)
    return equal("till totals = receipts", kept, told, "receipts", NONE)


def _receivables() -> Job[Check]:
    """Invoiced - allocated = open, on every invoice."""
    rows = yield from select(ReceivableRow)
    settled = yield Query(
        "select invoice_number, sum(amount) from allocation group by invoice_number", types=(str, Decimal)
    )
    owed = {row.invoice_number: row.amount for row in rows}
    for number, amount in settled:
        owed[number] = owed.get(number, NONE) - amount
    still_open = {row.invoice_number: row.open for row in rows}
    return equal("invoices - payments = what is open", owed, still_open, "invoices", NONE)


def _payments() -> Job[Check]:
    """Every payment = its allocations + what is unallocated."""
    rows = yield from select(PaymentRow)
    parts = yield Query(
        "select source, reference, sum(amount) from allocation group by source, reference", types=(str, str, Decimal)
    )
    amounts = {(row.source, row.reference): row.amount for row in rows}
    accounted = {(row.source, row.reference): row.unallocated for row in rows}
    for source, reference, amount in parts:
        accounted[source, reference] = accounted.get((source, reference), NONE) + amount
    return equal("payments = allocations + unallocated", amounts, accounted, "payments", NONE)


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
