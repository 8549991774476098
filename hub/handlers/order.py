"""Orders: what buyers want becomes what is agreed, and is followed until all of it is shipped, invoiced and paid.

An order is judged line by line (`domain.acceptance`), asks stock for its goods and is
answered when stock has spoken; goods that arrive later change the answer. What happens
to it elsewhere comes back as events, line to line; the header's state is derived from
the lines. A till's receipt is kept as an order that is complete on arrival.

The same number again: the same content gets the last answer again. A newer snapshot of
a shop may cancel, add payments, or ask a person; an older one has no effect. Anything
else under a known number is a person's decision.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from hub.canonical.agreement import Agreement, Tolerances
from hub.canonical.catalogue import ItemIdentification
from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.envelope import Message, named_id
from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.order import (
    Order,
    OrderAccepted,
    OrderAnswer,
    OrderCancelled,
    OrderChanged,
    OrderCompleted,
    OrderPartlyAccepted,
    OrderReceived,
    OrderReference,
    OrderRejected,
)
from hub.canonical.party import Party
from hub.canonical.payment import PaymentAllocated
from hub.canonical.sale import Sale, SaleRecorded
from hub.canonical.stock import AllocateStock, AllocationWanted, ReleaseStock, StockAllocated, StockShort
from hub.domain import order_lines
from hub.domain.acceptance import Item, Judged, judge, policy_of
from hub.domain.order_lines import CANCELLED, COMPLETED, NONE, RECEIVED, REJECTED, order_state, promise
from hub.domain.receipts import SoldLine, price_differences, sold_lines, unknown_items
from hub.domain.sameness import content_fingerprint, goods_fingerprint
from hub.domain.splitting import split
from hub.errors import MustWait, NeedsDecision
from hub.handlers.service import Service
from hub.store import catalogue
from hub.store.master import AgreementRow
from hub.store.order import OrderHead, OrderInvoice, OrderLineRow, OrderRow, answer, reference
from hub.store.work import Need, Work, group, lock, meeting, peek, series

service = Service("order", documents=[OrderReceived, SaleRecorded])

ORDER_NUMBERS = "order"
STANDARD_VAT = "standard"
"""The VAT code of what is no item: shipping, fees."""


def order_key(message: Message[OrderReference]) -> str:
    """Return the key of the order that a message is about."""
    return f"{message.data.buyer_key}/{message.data.buyers_number}"


def _order_id(message: Message[OrderReceived]) -> str:
    return str(named_id("order", message.data.buyer_key, message.data.order.number))


def _agreement(partner: str | None) -> Iterable[Need]:
    return [peek(AgreementRow, partner)] if partner else []


def _agreed(work: Work) -> Agreement | None:
    partner = work.message.partner
    row = work.get(AgreementRow, partner) if partner else None
    return row.agreement if row else None


def _ordered_items(message: Message[OrderReceived]) -> list[ItemIdentification]:
    return [line.item for line in message.data.order.lines if line.kind == "item"]


def _receiving(message: Message[OrderReceived]) -> Iterable[Need]:
    yield lock(OrderRow, _order_id(message))
    yield series(ORDER_NUMBERS)
    yield catalogue.vat_rates()
    yield from _agreement(message.partner)
    yield from catalogue.codes(_ordered_items(message), message.partner)


def _judging(message: Message[OrderReceived], work: Work) -> Iterable[Need]:
    order_id = _order_id(message)
    if work.get(OrderRow, order_id) is not None:
        return [group(OrderLineRow, order_id)]
    return catalogue.facts(work, _ordered_items(message), message.partner)


@service.on(OrderReceived, needs=_receiving, then=_judging, holds=False)
def receive(message: Message[OrderReceived], work: Work) -> None:
    """Take an order in, or say what it is when its number is known. A conflict holds nobody back."""
    function = message.data.order.function
    row = work.get(OrderRow, _order_id(message))
    if row is not None:
        _again(message, row, work)
    elif function in {"cancellation", "change"}:
        raise MustWait(f"{function} of an order that has not come", awaits=f"order/{message.subject}")
    elif function in {"proposal", "confirmation"}:
        raise NeedsDecision(f"a {function} is no order")
    else:
        _place(message, work)
        work.here(f"order/{message.subject}")


def _place(message: Message[OrderReceived], work: Work) -> None:
    """Judge a new order, and ask stock for its goods or answer at once."""
    order = message.data.order
    judged = _judged(message, work)
    row = _new_order(message, judged, work)
    lines = [
        OrderLineRow(row.order_id, position, one.line_id, one.sku, one.terms, one.quantities)
        for position, one in enumerate(judged)
    ]
    _remark("order_differs", (remark for one in judged for remark in one.remarks), row, work)
    if order.cancelled:
        _call_off(row, lines, "cancelled before it came", work)
        return
    if message.testindicator:
        _answer(row, [_reserved(line, line.quantities.wanted) for line in lines], work)
        return
    wanted = [line for line in lines if line.terms.stocked and line.quantities.wanted]
    if not wanted:
        _answer(row, lines, work)
        return
    work.save(row, *lines)
    work.publish(AllocateStock(**reference(row), lines=tuple(_wanted(line) for line in wanted)))


def _judged(message: Message[OrderReceived], work: Work) -> Sequence[Judged]:
    order = message.data.order
    items: dict[str, Item] = {}
    for line in order.lines:
        sku = catalogue.sku_of(work, line.item, message.partner) if line.kind == "item" else None
        item = catalogue.item_on(work, sku, order.issued, order.currency) if sku else None
        if item is not None:
            items[line.line_id] = item
    standard = catalogue.vat_on(work, STANDARD_VAT, order.issued)
    sold = message.channel == "webshop"
    return judge(order, items, policy_of(_agreed(work), already_sold=sold, service_vat=standard))


def _new_order(message: Message[OrderReceived], judged: Sequence[Judged], work: Work) -> OrderRow:
    order = message.data.order
    agreement = _agreed(work)
    terms = order.payment_terms_days
    head = {name: getattr(order, name) for name in OrderHead.model_fields}
    if terms is None and agreement is not None:
        head["payment_terms_days"] = agreement.payment_terms_days
    return OrderRow(
        order_id=_order_id(message),
        number=f"T-{order.number}" if message.testindicator else f"A-{work.number(ORDER_NUMBERS):08d}",
        buyer_key=message.data.buyer_key,
        buyers_number=order.number,
        channel=message.channel,
        partner=message.partner,
        state=RECEIVED,
        received_at=work.now,
        correlation_id=message.correlationid,
        total=sum((one.terms.amount for one in judged if one.quantities.wanted), NONE),
        head=OrderHead.model_construct(**head),
        content=content_fingerprint(order),
        goods=goods_fingerprint(order) if order.version else None,
        source_version=order.version,
        revision=0,
        partial=agreement is None or agreement.partial_delivery,
    )


def _wanted(line: OrderLineRow) -> AllocationWanted:
    return AllocationWanted(
        line_id=line.line_id, sku=line.sku or "", location=line.terms.location, quantity=line.quantities.wanted
    )


def _reserved(line: OrderLineRow, quantity: Decimal) -> OrderLineRow:
    return line._replace(quantities=order_lines.changed(line.quantities, reserved=quantity))


def _with(lines: Sequence[OrderLineRow], quantities: Iterable[order_lines.LineQuantities]) -> list[OrderLineRow]:
    return [line._replace(quantities=new) for line, new in zip(lines, quantities, strict=True)]


def _quantities(lines: Iterable[OrderLineRow]) -> list[order_lines.LineQuantities]:
    return [line.quantities for line in lines]


def _answer(row: OrderRow, lines: Sequence[OrderLineRow], work: Work) -> None:
    """Promise what is reserved and tell the buyer: the first answer, or what has changed since."""
    promised = _with(lines, promise(_quantities(lines), partial=row.partial))
    kind = OrderChanged if row.revision else _first_answer(promised)
    row = row._replace(revision=row.revision + 1, state=order_state(_quantities(promised)))
    work.save(row, *promised)
    _publish(answer(kind, row, promised), row, work)


def _first_answer(lines: Sequence[OrderLineRow]) -> type[OrderAnswer]:
    wanted = [line for line in lines if line.quantities.wanted]
    if not wanted:
        return OrderRejected
    kept = all(line.quantities.confirmed == line.quantities.ordered and not line.terms.reasons for line in lines)
    return OrderAccepted if kept else OrderPartlyAccepted


def _publish(payload: OrderReference, row: OrderRow, work: Work) -> None:
    """Publish to the order's own partner, in its own conversation, whoever caused it."""
    work.publish(payload, partner=row.partner, correlation=row.correlation_id)


def _again(message: Message[OrderReceived], row: OrderRow, work: Work) -> None:
    """Say what an order is whose number is known."""
    order = message.data.order
    if order.function == "cancellation":
        _cancel(row, "cancelled by the buyer", work)
    elif order.version and row.source_version:
        _snapshot(order, row, work)
    elif content_fingerprint(order) == row.content:
        work.end("duplicate", f"order {row.number} again")
        _repeat(row, work)
    elif order.function in {"replace", "change"}:
        raise NeedsDecision(f"order {row.number}: the buyer wants it changed ({order.function})")
    else:
        raise NeedsDecision(f"conflict: {message.subject} came before as order {row.number}, with other content")


def _repeat(row: OrderRow, work: Work) -> None:
    """Publish the last answer again; an order that has none yet will get its first."""
    if row.revision and row.state != CANCELLED:
        lines = work.group(OrderLineRow, row.order_id)
        _publish(answer(_first_answer(lines), row, lines, repeated=True), row, work)


def _snapshot(order: Order, row: OrderRow, work: Work) -> None:
    """Take in another snapshot of a shop's order: a cancellation, payments; other goods are for a person."""
    version, known = order.version, row.source_version
    if version is None or known is None or version < known:
        work.end("duplicate", f"order {row.number} is known as of {known}, this snapshot is of {version}")
        return
    content = content_fingerprint(order)
    if content == row.content:
        work.end("duplicate", f"order {row.number}: the snapshot says nothing new")
    newer = row._replace(content=content, source_version=version, goods=goods_fingerprint(order))
    if order.cancelled:
        _cancel(newer, "cancelled in the shop", work)
        return
    if row.state == CANCELLED:
        raise NeedsDecision(f"order {row.number} was cancelled and is restored in the shop")
    if newer.goods != row.goods:
        work.task(
            "order_changed_in_shop", row.number, "goods, prices or address were changed in the shop", row.order_id
        )
    _take_payments(order, newer, work)


def _take_payments(order: Order, row: OrderRow, work: Work) -> None:
    if order.payments == row.head.payments:
        work.save(row)
        return
    row = row._replace(head=row.head.model_copy(update={"payments": order.payments}))
    if row.revision and row.state != REJECTED:
        _answer(row, work.group(OrderLineRow, row.order_id), work)
    else:
        work.save(row)


def _cancel(row: OrderRow, reason: str, work: Work) -> None:
    """Call an order off whose goods have not left; doing it twice changes nothing and says so."""
    lines = work.group(OrderLineRow, row.order_id)
    if row.state in {CANCELLED, REJECTED}:
        work.end("duplicate", f"order {row.number} is {row.state}: there is nothing to cancel")
        work.save(row)
        return
    if any(line.quantities.shipped for line in lines):
        raise NeedsDecision(f"order {row.number} is to be cancelled ({reason}), but goods have left")
    _call_off(row, lines, reason, work)
    work.publish(ReleaseStock(**reference(row), reason=reason), partner=row.partner, correlation=row.correlation_id)


def _call_off(row: OrderRow, lines: Sequence[OrderLineRow], reason: str, work: Work) -> None:
    off = _with(lines, map(order_lines.cancelled, _quantities(lines)))
    work.save(row._replace(state=order_state(_quantities(off))), *off)
    _publish(OrderCancelled(**reference(row), reason=reason), row, work)


def _order_and_lines(message: Message[OrderReference]) -> list[Need]:
    return [lock(OrderRow, message.data.order_id), group(OrderLineRow, message.data.order_id)]


def _known(message: Message[OrderReference], work: Work) -> OrderRow:
    row = work.get(OrderRow, message.data.order_id)
    if row is None:
        raise NeedsDecision(f"{message.type}: there is no order {message.data.order_number}")
    return row


@service.on(StockAllocated, needs=_order_and_lines, key=order_key)
def allocated(message: Message[StockAllocated], work: Work) -> None:
    """Promise what stock has reserved; goods that came for an order already answered change the answer."""
    _reserve(message, work)


@service.on(StockShort, needs=_order_and_lines, key=order_key)
def short(message: Message[StockShort], work: Work) -> None:
    """Promise what there is. What is missing waits, unless the buyer takes all or nothing: then all of it does."""
    _reserve(message, work)


def _reserve(message: Message[StockAllocated] | Message[StockShort], work: Work) -> None:
    row = _known(message, work)
    if row.state == CANCELLED:  # it is on its way back to stock
        return
    made = {line.line_id: line.allocated for line in message.data.lines}
    before = work.group(OrderLineRow, row.order_id)
    lines = [_reserved(line, line.quantities.reserved + made.get(line.line_id, NONE)) for line in before]
    promised = promise(_quantities(lines), partial=row.partial)
    if row.revision and all(
        new.confirmed == old.confirmed for new, old in zip(promised, _quantities(before), strict=True)
    ):
        work.save(*lines)
    else:
        _answer(row, lines, work)


@service.on(ShipmentDespatched, needs=_order_and_lines, key=order_key)
def ship(message: Message[ShipmentDespatched], work: Work) -> None:
    """Count what has left, line to line; what is no goods has left with the last of them."""
    row = _known(message, work)
    lines = {line.line_id: line for line in work.group(OrderLineRow, row.order_id)}
    for part in message.data.lines:
        line = _line(lines, part.line_id, row)
        lines[line.line_id] = line._replace(quantities=order_lines.shipped(line.quantities, part.quantity.value))
    _report_excess(row, lines.values(), work)
    _progress(row, _with_services(list(lines.values())), work)


def _line(lines: dict[str, OrderLineRow], line_id: str, row: OrderRow) -> OrderLineRow:
    if line_id not in lines:
        raise NeedsDecision(f"order {row.number} has no line {line_id}")
    return lines[line_id]


def _report_excess(row: OrderRow, lines: Iterable[OrderLineRow], work: Work) -> None:
    for line in lines:
        promised = line.quantities.confirmed - line.quantities.cancelled
        if line.quantities.shipped > max(promised, NONE):
            reason = f"line {line.line_id}: {line.quantities.shipped} shipped, {promised} promised"
            work.task("shipped_more", row.number, reason, row.order_id)


def _with_services(lines: list[OrderLineRow]) -> list[OrderLineRow]:
    if not all(line.quantities.is_shipped for line in lines if line.terms.stocked):
        return lines
    return [line if line.terms.stocked else _all_shipped(line) for line in lines]


def _all_shipped(line: OrderLineRow) -> OrderLineRow:
    open_ = line.quantities.net_ordered - line.quantities.shipped
    return line._replace(quantities=order_lines.shipped(line.quantities, open_)) if open_ > 0 else line


def _invoice_place(number: str) -> str:
    return f"order/invoice/{number}"


def _invoicing(message: Message[InvoiceIssued]) -> list[Need]:
    number = message.data.invoice.number
    place = meeting(_invoice_place(number))
    return [place, lock(OrderInvoice, message.data.order_id, number), *_order_and_lines(message)]


@service.on(InvoiceIssued, needs=_invoicing, key=order_key)
def bill(message: Message[InvoiceIssued], work: Work) -> None:
    """Count what an invoice bills, line to line; of an order without goods it is the proof that all is done.

    What is taken off has a negative quantity on an invoice (BR-27), and is a line like any other here.
    """
    row = _known(message, work)
    invoice = message.data.invoice
    if work.get(OrderInvoice, row.order_id, invoice.number) is not None:
        work.end("duplicate", f"invoice {invoice.number} is known")
        return
    amounts = _billed(invoice)
    lines = {line.line_id: line for line in work.group(OrderLineRow, row.order_id)}
    for line_id, amount in amounts.items():
        line = _line(lines, line_id, row)
        quantity = sum((abs(part.quantity.value) for part in invoice.lines if part.order_line == line_id), NONE)
        lines[line_id] = line._replace(quantities=order_lines.invoiced(line.quantities, quantity, amount))
    work.save(OrderInvoice(row.order_id, invoice.number, invoice.currency, amounts, NONE))
    work.here(_invoice_place(invoice.number))
    _progress(row, _with_services(list(lines.values())), work)


def _billed(invoice: Invoice) -> dict[str, Decimal]:
    """Return what an invoice asks for each order line, with VAT and rounding: together exactly what it comes to."""
    weights: dict[str, Decimal] = {}
    for line in invoice.lines:
        gross = line.net * (100 + line.tax_rate) / 100
        weights[line.order_line] = weights.get(line.order_line, NONE) + gross
    return _by_line(invoice.payable + invoice.prepaid, weights, invoice.currency)


def _by_line(amount: Decimal, weights: dict[str, Decimal], currency: str) -> dict[str, Decimal]:
    return dict(zip(weights, split(amount, tuple(weights.values()), currency), strict=True))


def _paying(message: Message[PaymentAllocated]) -> list[Need]:
    number = message.data.invoice_number
    place = meeting(_invoice_place(number))
    return [place, lock(OrderInvoice, message.data.order_id, number), *_order_and_lines(message)]


@service.on(PaymentAllocated, needs=_paying, key=order_key)
def pay(message: Message[PaymentAllocated], work: Work) -> None:
    """Share money that was put against an invoice out to the invoice's lines."""
    row = _known(message, work)
    number, amount = message.data.invoice_number, message.data.money.amount
    invoice = work.get(OrderInvoice, row.order_id, number)
    if invoice is None:
        raise MustWait(f"invoice {number} has not come yet", awaits=_invoice_place(number))
    before = _by_line(invoice.paid, invoice.amounts, invoice.currency)
    after = _by_line(invoice.paid + amount, invoice.amounts, invoice.currency)
    work.save(invoice._replace(paid=invoice.paid + amount))
    lines = [
        line._replace(quantities=order_lines.paid(line.quantities, after[line.line_id] - before[line.line_id]))
        if line.line_id in after
        else line
        for line in work.group(OrderLineRow, row.order_id)
    ]
    _progress(row, lines, work)


def _progress(row: OrderRow, lines: Sequence[OrderLineRow], work: Work) -> None:
    """Keep the lines with the state that they make, and say so when nothing is left to do."""
    state = order_state(_quantities(lines))
    work.save(row._replace(state=state), *lines)
    if state == COMPLETED and row.state != COMPLETED:
        _publish(OrderCompleted(**reference(row)), row, work)


def _receipt_id(sale: Sale) -> str:
    return str(named_id("order", f"pos:{sale.store}", sale.receipt_key))


def _recording(message: Message[SaleRecorded]) -> Iterable[Need]:
    sale = message.data.sale
    yield lock(OrderRow, _receipt_id(sale))
    yield catalogue.vat_rates()
    yield from _agreement(message.partner)
    yield from catalogue.codes((line.item for line in sale.lines), message.partner)


def _pricing(message: Message[SaleRecorded], work: Work) -> Iterable[Need]:
    return catalogue.facts(work, (line.item for line in message.data.sale.lines), message.partner)


@service.on(SaleRecorded, needs=_recording, then=_pricing)
def record_sale(message: Message[SaleRecorded], work: Work) -> None:
    """Keep a receipt as an order complete on arrival. What is odd about it becomes a task, never a refusal."""
    sale = message.data.sale
    if sale.kind == "control":
        return
    if work.get(OrderRow, _receipt_id(sale)) is not None:
        work.end("duplicate", f"receipt {sale.receipt_key} is known")
        return
    items: dict[str, Item] = {}
    for line in sale.lines:
        sku = catalogue.sku_of(work, line.item, message.partner)
        item = catalogue.item_on(work, sku, sale.business_date, sale.currency) if sku else None
        if item is not None:
            items[line.line_id] = item
    row = _receipt(message, work)
    work.save(row, *(_sold(row, position, line) for position, line in enumerate(sold_lines(sale, items))))
    agreement = _agreed(work)
    tolerances = agreement.tolerances if agreement else Tolerances()
    _remark("unknown_item", unknown_items(sale, items), row, work)
    _remark("price_differs", price_differences(sale, items, tolerances), row, work)
    _publish(OrderCompleted(**reference(row)), row, work)


def _remark(kind: str, remarks: Iterable[str], row: OrderRow, work: Work) -> None:
    text = "; ".join(remarks)
    if text:
        work.task(kind, row.number, text, row.order_id)


def _sold(row: OrderRow, position: int, line: SoldLine) -> OrderLineRow:
    return OrderLineRow(row.order_id, position, line.line_id, line.sku, line.terms, line.quantities)


def _receipt(message: Message[SaleRecorded], work: Work) -> OrderRow:
    sale = message.data.sale
    return OrderRow(
        order_id=_receipt_id(sale),
        number=sale.receipt_key,
        buyer_key=f"pos:{sale.store}",
        buyers_number=sale.receipt_key,
        channel=message.channel,
        partner=message.partner,
        state=COMPLETED,
        received_at=work.now,
        correlation_id=message.correlationid,
        total=sale.total,
        head=OrderHead(
            currency=sale.currency, tax_included=sale.tax_included, issued=sale.business_date, buyer=Party()
        ),
        content="",
        goods=None,
        source_version=None,
        revision=1,
        partial=True,
    )
