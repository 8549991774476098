"""Invoices: what has left the house is billed, once, as agreed.

The service keeps of each answer what invoices need; a shipment is billed for what it
holds, and the first invoice of an order takes along what is no goods (shipping, fees).
An order without goods is billed when it is accepted. A shipment may overtake the answer
that it follows from: it waits for it.

Money that a shop's customer paid before has no invoice of its own, so it is shown as
prepaid (BT-113), oldest invoice first; what is still to be paid is the payment service's.
Days are those of UTC: that of issue is the batch's, that of delivery the despatch's.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.envelope import Message
from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.order import (
    AgreedLine,
    OrderAccepted,
    OrderAnswer,
    OrderChanged,
    OrderPartlyAccepted,
    OrderReference,
)
from hub.canonical.party import Party
from hub.canonical.sale import SaleRecorded
from hub.canonical.values import Quantity
from hub.domain.invoicing import Portion, invoice_lines, stated_total, taxes_of, totals
from hub.domain.revenue import revenue_of
from hub.domain.splitting import share
from hub.errors import MustWait, NeedsDecision
from hub.handlers.service import Service
from hub.store.invoice import BillingLine, BillingOrder, InvoiceRow, RevenueEntry
from hub.store.master import COMPANY, PartyRow
from hub.store.work import Need, Work, group, lock, meeting, peek, series

service = Service("invoice")


class Bill(NamedTuple):
    """What is billed now: lines with the quantity of each, and the shipment that they left with."""

    lines: Sequence[tuple[BillingLine, Decimal]]
    despatch_number: str | None
    delivered: date


def order_key(message: Message[OrderReference]) -> str:
    """Return the key of the order that a message is about."""
    return f"{message.data.buyer_key}/{message.data.buyers_number}"


def _arrival(order_id: str) -> str:
    return f"invoice/order/{order_id}"


def _billing(message: Message[OrderReference]) -> Iterable[Need]:
    order_id = message.data.order_id
    yield meeting(_arrival(order_id))
    yield lock(BillingOrder, order_id)
    yield group(BillingLine, order_id)
    yield peek(PartyRow, COMPANY)


def _series(work: Work) -> str:
    return f"invoice/{work.now.year}"


def _invoice_number(_: Message[OrderReference], work: Work) -> Iterable[Need]:
    yield series(_series(work))


def _number_for_services(message: Message[OrderAnswer], work: Work) -> Iterable[Need]:
    return () if _brings_goods(message.data) else _invoice_number(message, work)


def _brings_goods(answer: OrderAnswer) -> bool:
    return any(line.stocked and line.confirmed + line.backordered for line in answer.lines)


def keep(message: Message[OrderAnswer], work: Work) -> None:
    """Keep what invoices will need of the order as it is agreed now; bill at once what no shipment will bring."""
    answer = message.data
    known = work.get(BillingOrder, answer.order_id)
    if known is not None and answer.revision <= known.revision:
        return
    order = _order(message, known)
    lines = {line.line_id: line for line in work.group(BillingLine, answer.order_id)}
    kept = [
        _kept(answer.order_id, position, line, lines.get(line.line_id)) for position, line in enumerate(answer.lines)
    ]
    work.save(order, *kept)
    work.here(_arrival(answer.order_id))
    services = _services(kept)
    if services and not _brings_goods(answer):
        _issue(order, Bill(services, despatch_number=None, delivered=work.now.date()), work)


for _answer in (OrderAccepted, OrderPartlyAccepted, OrderChanged):
    service.on(_answer, needs=_billing, then=_number_for_services, key=order_key)(keep)


def _order(message: Message[OrderAnswer], known: BillingOrder | None) -> BillingOrder:
    answer = message.data
    return BillingOrder(
        order_id=answer.order_id,
        order_number=answer.order_number,
        buyer_key=answer.buyer_key,
        buyers_number=answer.buyers_number,
        revision=answer.revision,
        currency=answer.currency,
        tax_included=answer.tax_included,
        buyer=answer.buyer,
        seller=answer.seller,
        delivery=answer.delivery,
        invoicee=answer.invoicee,
        payment_terms_days=answer.payment_terms_days,
        references=answer.references,
        paid_before=sum((payment.amount for payment in answer.payments), Decimal(0)),
        partner=message.partner,
        correlation_id=message.correlationid,
        prepaid=known.prepaid if known else Decimal(0),
        despatches=known.despatches if known else (),
        version=known.version if known else 0,
    )


def _kept(order_id: str, position: int, agreed: AgreedLine, known: BillingLine | None) -> BillingLine:
    line = known or BillingLine(order_id, agreed.line_id, position, agreed)
    return line._replace(position=position, agreed=agreed)


@service.on(ShipmentDespatched, needs=_billing, then=_invoice_number, key=order_key)
def bill_shipment(message: Message[ShipmentDespatched], work: Work) -> None:
    """Issue the invoice for what has left, and for what of the order is no goods and not billed yet."""
    shipment = message.data
    order = work.get(BillingOrder, shipment.order_id)
    if order is None:
        raise _too_early(shipment, "the order's answer has not come yet")
    if shipment.despatch_number in order.despatches:
        work.end("duplicate", f"shipment {shipment.despatch_number} was billed before")
        return
    lines = work.group(BillingLine, order.order_id)
    shipped = _shipped(shipment, {line.line_id: line for line in lines})
    goods = [(line._replace(shipped=line.shipped + quantity), quantity) for line, quantity in shipped]
    order = order._replace(despatches=(*order.despatches, shipment.despatch_number))
    bill = Bill([*goods, *_services(lines)], shipment.despatch_number, shipment.despatched_at.date())
    _issue(order, bill, work)


def _shipped(shipment: ShipmentDespatched, lines: dict[str, BillingLine]) -> list[tuple[BillingLine, Decimal]]:
    """Return the lines of the shipment with their quantities, line to line. Raises MustWait for more than is agreed."""
    quantities: dict[str, Decimal] = {}
    for part in shipment.lines:
        quantities[part.line_id] = quantities.get(part.line_id, Decimal(0)) + part.quantity.value
    for line_id, quantity in quantities.items():
        line = lines.get(line_id)
        if line is None or line.shipped + quantity > line.agreed.confirmed:
            raise _too_early(shipment, f"line {line_id} is shipped beyond what is known to be confirmed")
    return [(lines[line_id], quantity) for line_id, quantity in quantities.items()]


def _too_early(shipment: ShipmentDespatched, reason: str) -> MustWait:
    return MustWait(f"shipment {shipment.despatch_number}: {reason}", awaits=_arrival(shipment.order_id))


def _services(lines: Iterable[BillingLine]) -> list[tuple[BillingLine, Decimal]]:
    """Return what is no goods, with what is not billed of it yet."""
    services = [line for line in lines if not line.agreed.stocked]
    return [(line, open_) for line in services if (open_ := line.agreed.confirmed - line.invoiced) > 0]


def _issue(order: BillingOrder, bill: Bill, work: Work) -> None:
    """Write the invoice, count what it bills, and tell everybody."""
    seller = _seller(order, work)
    lines = sorted(bill.lines, key=lambda one: one[0].position)
    portions = [_portion(order, line, quantity, bill.despatch_number) for line, quantity in lines]
    invoice = _invoice(order, seller, portions, bill, work)
    work.save(
        order._replace(prepaid=order.prepaid + invoice.prepaid),
        *(_billed(line, portion) for (line, _), portion in zip(lines, portions, strict=True)),
        InvoiceRow(
            number=invoice.number,
            order_id=order.order_id,
            order_number=order.order_number,
            buyer_key=order.buyer_key,
            despatch_number=bill.despatch_number,
            issued=invoice.issued,
            due=invoice.due,
            currency=invoice.currency,
            gross_total=invoice.gross_total,
            payable=invoice.payable,
            invoice=invoice,
        ),
    )
    issued = InvoiceIssued(
        order_id=order.order_id,
        order_number=order.order_number,
        buyer_key=order.buyer_key,
        buyers_number=order.buyers_number,
        invoice=invoice,
    )
    work.publish(issued, partner=order.partner, correlation=order.correlation_id)


def _seller(order: BillingOrder, work: Work) -> Party:
    company = work.get(PartyRow, COMPANY)
    seller = company.party if company else order.seller
    if seller is None:
        raise NeedsDecision("an invoice needs its seller: register our own company as the party 'company'")
    return seller


def _portion(order: BillingOrder, line: BillingLine, quantity: Decimal, despatch_number: str | None) -> Portion:
    """Return what `quantity` more of a line costs: what all billed units then cost, less what was billed."""
    agreed = line.agreed
    upto, ordered = line.invoiced + quantity, agreed.ordered.value
    tax = agreed.tax_amount
    return Portion(
        order_line=line.line_id,
        item=agreed.item,
        quantity=Quantity(value=quantity, unit=agreed.ordered.unit),
        price=agreed.price,
        amount=share(agreed.amount, upto, ordered, order.currency) - line.billed,
        tax=None if tax is None else share(tax, upto, ordered, order.currency) - line.billed_tax,
        category=agreed.tax_category,
        rate=agreed.tax_rate,
        despatch_number=despatch_number if agreed.stocked else None,
    )


def _billed(line: BillingLine, portion: Portion) -> BillingLine:
    return line._replace(
        invoiced=line.invoiced + portion.quantity.value,
        billed=line.billed + portion.amount,
        billed_tax=line.billed_tax + (portion.tax or Decimal(0)),
    )


def _invoice(order: BillingOrder, seller: Party, portions: Sequence[Portion], bill: Bill, work: Work) -> Invoice:
    lines = invoice_lines(portions, order.currency, tax_included=order.tax_included)
    taxes = taxes_of(lines, order.currency)
    stated = stated_total(portions, tax_included=order.tax_included)
    sums = totals(lines, taxes, order.currency, stated=stated, paid_before=order.paid_before - order.prepaid)
    issued, terms = work.now.date(), order.payment_terms_days
    number = f"{issued.year}-{work.number(_series(work)):06d}"
    if sums.difference:
        reason = f"{order.currency} {stated} was stated to pay, {sums.gross_total} is computed: no rounding explains it"
        work.task("invoice_differs", number, reason, order.order_id)
    return Invoice(
        number=number,
        issued=issued,
        due=None if terms is None else issued + timedelta(days=terms),
        delivered=bill.delivered,
        currency=order.currency,
        buyer=order.buyer,
        seller=seller,
        delivery=order.delivery,
        invoicee=order.invoicee,
        references=order.references,
        lines=lines,
        taxes=taxes,
        line_total=sums.line_total,
        net_total=sums.line_total,
        tax_total=sums.tax_total,
        gross_total=sums.gross_total,
        prepaid=sums.prepaid,
        rounding=sums.rounding,
        payable=sums.payable,
        payment_terms_days=terms,
    )


@service.on(SaleRecorded, needs=lambda m: [peek(RevenueEntry, m.data.sale.receipt_key, 0)])
def book_revenue(message: Message[SaleRecorded], work: Work) -> None:
    """Book a receipt's revenue per VAT rate. It needs no invoice: the receipt is one."""
    sale = message.data.sale
    if work.get(RevenueEntry, sale.receipt_key, 0) is not None:
        work.end("duplicate", f"receipt {sale.receipt_key} was booked before")
        return
    work.save(
        *(
            RevenueEntry(
                receipt_key=sale.receipt_key,
                n=n,
                business_date=sale.business_date,
                store=sale.store,
                terminal=sale.terminal,
                kind=sale.kind,
                currency=sale.currency,
                rate=revenue.rate,
                net=revenue.net,
                tax=revenue.tax,
            )
            for n, revenue in enumerate(revenue_of(sale))
        )
    )
