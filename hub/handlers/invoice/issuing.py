"""Issuing: an invoice is written from what is billed now, and counted on the order's lines."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.order import order_names
from hub.canonical.party import Party
from hub.canonical.values import Quantity
from hub.domain.invoicing import Portion, invoice_lines, reduction_due, stated_total, taxes_of, totals
from hub.domain.splitting import share
from hub.errors import NeedsDecision
from hub.handlers.invoice.service import invoice_series
from hub.store.invoice import BillingLine, BillingOrder, InvoiceRow
from hub.store.master import COMPANY, PartyRow
from hub.store.work import Work

NONE = Decimal(0)


class Bill(NamedTuple):
    """What is billed now: lines with the quantity of each, and the shipment that they left with."""

    lines: Sequence[tuple[BillingLine, Decimal]]
    despatch_number: str | None
    delivered: date


Billed = tuple[BillingLine, Decimal]


def with_services(goods: Sequence[Billed], lines: Sequence[BillingLine], currency: str) -> list[Billed]:
    """Return goods to bill together with what is due now of what is no goods: all of it, but of reductions a part."""
    others = [line for line in lines if not line.agreed.stocked]
    bill = [*goods, *((line, line.agreed.confirmed - line.invoiced) for line in others if line.agreed.amount >= 0)]
    reductions = [line for line in others if line.agreed.amount < 0]
    if reductions:
        bill += _due_now(reductions, bill, lines, currency)
    return [(line, quantity) for line, quantity in bill if quantity > 0]


def _due_now(
    reductions: Iterable[BillingLine], bill: Iterable[Billed], lines: Iterable[BillingLine], currency: str
) -> list[Billed]:
    """Return what is due of reductions of the whole order, once this is billed."""
    now = {line.line_id: quantity for line, quantity in bill}
    priced = [line for line in lines if line.agreed.amount > 0 and _wanted(line)]
    billed = sum((_cost(line, line.invoiced + now.get(line.line_id, NONE), currency) for line in priced), NONE)
    whole = sum((_cost(line, _wanted(line), currency) for line in priced), NONE)
    return [(line, reduction_due(line.agreed.confirmed, billed, whole) - line.invoiced) for line in reductions]


def _wanted(line: BillingLine) -> Decimal:
    return line.agreed.confirmed + line.agreed.backordered


def _cost(line: BillingLine, quantity: Decimal, currency: str) -> Decimal:
    return share(line.agreed.amount, quantity, line.agreed.ordered.value, currency)


def issue(order: BillingOrder, bill: Bill, work: Work) -> None:
    """Write the invoice, count what it bills, and tell everybody."""
    seller = _seller(order, work)
    lines = sorted(bill.lines, key=lambda one: one[0].position)
    portions = [_portion(order, line, quantity, bill.despatch_number) for line, quantity in lines]
    invoice = _invoice(order, seller, portions, bill, work)
    order = order._replace(prepaid=order.prepaid + invoice.prepaid)
    work.save(
        order,
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
    issued = InvoiceIssued(**order_names(order), invoice=invoice)
    work.publish(issued, partner=order.partner, correlation=order.correlation_id)
    _report_overpaid(order, work)


def _report_overpaid(order: BillingOrder, work: Work) -> None:
    """Show a person money that was paid before and that nothing is left to be billed for."""
    left = order.paid_before - order.prepaid
    if left > 0 and all(_is_billed(line) for line in work.group(BillingLine, order.order_id)):
        reason = f"{order.currency} {left} of {order.paid_before} was paid for nothing"
        work.task("refund_due", order.order_number, reason, order.order_id)


def _is_billed(line: BillingLine) -> bool:
    return not line.agreed.backordered and line.invoiced >= line.agreed.confirmed


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
    number = f"{issued.year}-{work.number(invoice_series(work)):06d}"
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
