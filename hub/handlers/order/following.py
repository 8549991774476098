"""What happens to an order elsewhere: shipped, invoiced, paid, counted line to line until nothing is left to do."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.envelope import Message
from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.order import OrderCompleted, order_names
from hub.canonical.payment import PaymentAllocated
from hub.domain.order_lines import CANCELLED, COMPLETED, NONE, invoiced, order_state, paid, shipped
from hub.domain.splitting import fill, split
from hub.errors import MustWait, NeedsDecision
from hub.handlers.order.service import known_order, order_and_lines, publish, quantities_of, service
from hub.handlers.service import order_key
from hub.store.order import OrderInvoice, OrderLineRow, OrderRow
from hub.store.work import Need, Work, lock, meeting


@service.on(ShipmentDespatched, needs=order_and_lines, key=order_key)
def ship(message: Message[ShipmentDespatched], work: Work) -> None:
    """Count what has left, line to line; what is no goods has left with the last of them."""
    row = known_order(message, work)
    lines = {line.line_id: line for line in work.group(OrderLineRow, row.order_id)}
    for part in message.data.lines:
        line = _line(lines, part.line_id, row)
        lines[line.line_id] = line._replace(quantities=shipped(line.quantities, part.quantity.value))
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
    return line._replace(quantities=shipped(line.quantities, open_)) if open_ > 0 else line


def _invoice_place(number: str) -> str:
    return f"order/invoice/{number}"


def _invoicing(message: Message[InvoiceIssued]) -> list[Need]:
    number = message.data.invoice.number
    place = meeting(_invoice_place(number))
    return [place, lock(OrderInvoice, message.data.order_id, number), *order_and_lines(message)]


@service.on(InvoiceIssued, needs=_invoicing, key=order_key)
def bill(message: Message[InvoiceIssued], work: Work) -> None:
    """Count what an invoice bills, line to line; of an order without goods it is the proof that all is done.

    What is taken off has a negative quantity on an invoice (BR-27), and is a line like any other here.
    """
    row = known_order(message, work)
    invoice = message.data.invoice
    if work.get(OrderInvoice, row.order_id, invoice.number) is not None:
        work.end("duplicate", f"invoice {invoice.number} is known")
        return
    amounts = _billed(invoice)
    lines = {line.line_id: line for line in work.group(OrderLineRow, row.order_id)}
    for line_id, amount in amounts.items():
        line = _line(lines, line_id, row)
        quantity = sum((abs(part.quantity.value) for part in invoice.lines if part.order_line == line_id), NONE)
        lines[line_id] = line._replace(quantities=invoiced(line.quantities, quantity, amount))
    if row.state == CANCELLED:
        reason = f"invoice {invoice.number} of {invoice.payable} {invoice.currency} was issued before the cancellation"
        work.task("invoiced_before_cancellation", row.number, reason, row.order_id)
    work.save(OrderInvoice(row.order_id, invoice.number, invoice.currency, amounts, NONE))
    work.here(_invoice_place(invoice.number))
    _progress(row, _with_services(list(lines.values())), work)


def _billed(invoice: Invoice) -> dict[str, Decimal]:
    """Return what an invoice asks for each order line, with VAT and rounding: together exactly what it comes to."""
    weights: dict[str, Decimal] = {}
    for line in invoice.lines:
        gross = line.net * (100 + line.tax_rate) / 100
        weights[line.order_line] = weights.get(line.order_line, NONE) + gross
    parts = split(invoice.payable + invoice.prepaid, tuple(weights.values()), invoice.currency)
    return dict(zip(weights, parts, strict=True))


def _paid_by_line(invoice: OrderInvoice, paid: Decimal) -> dict[str, Decimal]:
    """Return how far `paid` settles each line that an invoice bills: none beyond what it is billed."""
    parts = fill(paid, tuple(invoice.amounts.values()), invoice.currency)
    return dict(zip(invoice.amounts, parts, strict=True))


def _paying(message: Message[PaymentAllocated]) -> list[Need]:
    number = message.data.invoice_number
    place = meeting(_invoice_place(number))
    return [place, lock(OrderInvoice, message.data.order_id, number), *order_and_lines(message)]


@service.on(PaymentAllocated, needs=_paying, key=order_key)
def pay(message: Message[PaymentAllocated], work: Work) -> None:
    """Share money that was put against an invoice out to the invoice's lines."""
    row = known_order(message, work)
    number, amount = message.data.invoice_number, message.data.money.amount
    invoice = work.get(OrderInvoice, row.order_id, number)
    if invoice is None:
        raise MustWait(f"invoice {number} has not come yet", awaits=_invoice_place(number))
    before, after = _paid_by_line(invoice, invoice.paid), _paid_by_line(invoice, invoice.paid + amount)
    work.save(invoice._replace(paid=invoice.paid + amount))
    lines = [
        line._replace(quantities=paid(line.quantities, after[line.line_id] - before[line.line_id]))
        if line.line_id in after
        else line
        for line in work.group(OrderLineRow, row.order_id)
    ]
    _progress(row, lines, work)


def _progress(row: OrderRow, lines: Sequence[OrderLineRow], work: Work) -> None:
    """Keep the lines with the state that they make, and say so when nothing is left to do."""
    state = order_state(quantities_of(lines))
    work.save(row._replace(state=state), *lines)
    if state == COMPLETED and row.state != COMPLETED:
        publish(OrderCompleted(**order_names(row)), row, work)
