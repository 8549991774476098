"""From what was billed to an invoice that adds up.

What a line costs was agreed for its whole ordered quantity, so a part of it costs its
cumulated share less what was billed before: however an order is shipped, its invoices
sum to what was agreed, and to what a shop's customer has paid, to the cent.

What is taken off the whole order (a negative fee) is taken off each of its invoices, in
proportion to what that bills.

Where prices include VAT, or a shop states the VAT that it charged, the sum to pay is
fixed before the arithmetic of EN 16931 begins, and that may end a minor unit beside
it. The difference is named (BT-114), up to one minor unit a line; a larger one is no
rounding: the invoice then says what it computes, and a person looks at it.

Source: EN 16931-1, BT-106 to BT-115, BT-131, BT-146; BR-CO-10, -13 to -16, BR-27.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.invoice import InvoiceLine, TaxSubtotal
from hub.canonical.values import MINOR_UNITS, Quantity, round_amount
from hub.domain.tax import Taxable, nets_of, subtotals

_PRECISION = 120
"""Digits that hold the product of any two amounts (38 digits each) exactly."""
_PART_OF_A_REDUCTION = Decimal("0.000001")


class Portion(NamedTuple):
    """What a part of an order line costs.

    `amount` is in the order's own sense, with VAT where its prices include it. `tax` is
    the VAT that a shop charged for it, None where nobody stated one. `price` is the
    unit price as agreed, in the same sense.
    """

    order_line: str
    item: ItemIdentification
    quantity: Quantity
    price: Decimal
    amount: Decimal
    tax: Decimal | None
    category: str
    rate: Decimal
    despatch_number: str | None = None


class Totals(NamedTuple):
    """The totals of an invoice. `difference` is what `rounding` may not cover: stated to pay less computed."""

    line_total: Decimal
    tax_total: Decimal
    gross_total: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal
    difference: Decimal


def invoice_lines(portions: Sequence[Portion], currency: str, *, tax_included: bool) -> tuple[InvoiceLine, ...]:
    """Return the lines with their net amounts (BT-131) and the net prices that give them."""
    nets = _nets(portions, currency) if tax_included else [portion.amount for portion in portions]
    return tuple(
        _line(str(position), portion, net, currency, keep_price=not tax_included)
        for position, (portion, net) in enumerate(zip(portions, nets, strict=True), 1)
    )


def _nets(portions: Sequence[Portion], currency: str) -> list[Decimal]:
    """Return each portion's net amount; those of one category and rate are rounded together."""
    nets = [Decimal(0)] * len(portions)
    for group in {(portion.category, portion.rate) for portion in portions}:
        places = [n for n, portion in enumerate(portions) if (portion.category, portion.rate) == group]
        parts = nets_of([portions[n].amount for n in places], group[1], currency)
        for place, part in zip(places, parts, strict=True):
            nets[place] = part
    return nets


def _line(line_id: str, portion: Portion, net: Decimal, currency: str, *, keep_price: bool) -> InvoiceLine:
    """Return one line. A price is never negative (BR-27): what is taken off has a negative quantity."""
    quantity = portion.quantity.value or Decimal(1)
    if net < 0:
        quantity = -quantity
    agreed = portion.price if keep_price and portion.price >= 0 else None
    return InvoiceLine(
        line_id=line_id,
        order_line=portion.order_line,
        despatch_number=portion.despatch_number,
        item=portion.item,
        quantity=Quantity(value=quantity, unit=portion.quantity.unit),
        price=unit_price(net, quantity, currency, agreed),
        net=net,
        tax_category=portion.category,
        tax_rate=portion.rate,
    )


def reduction_due(ordered: Decimal, billed: Decimal, whole: Decimal) -> Decimal:
    """Return how much of a reduction of the whole order is due once `billed` of `whole` is: in proportion.

    So no invoice for a part falls below nothing. `ordered` is the reduction's own quantity.
    """
    if billed >= whole:
        return ordered
    with localcontext() as context:
        context.prec = _PRECISION
        return (ordered * billed / whole).quantize(_PART_OF_A_REDUCTION, rounding=ROUND_HALF_UP)


def unit_price(net: Decimal, quantity: Decimal, currency: str, agreed: Decimal | None = None) -> Decimal:
    """Return a price that times `quantity` rounds to `net`: the agreed one, else the one with the fewest decimals."""
    with localcontext() as context:
        context.prec = _PRECISION
        if agreed is not None and round_amount(agreed * quantity, currency) == net:
            return agreed
        exact = net / quantity
        decimals = MINOR_UNITS[currency]
        price = exact
        while True:
            price = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
            if round_amount(price * quantity, currency) == net:
                return price
            decimals += 1


def taxes_of(lines: Sequence[InvoiceLine], currency: str) -> tuple[TaxSubtotal, ...]:
    """Return the VAT breakdown of the lines."""
    return subtotals((Taxable(line.tax_category, line.tax_rate, line.net) for line in lines), currency)


def stated_total(portions: Sequence[Portion], *, tax_included: bool) -> Decimal | None:
    """Return what the buyer was told to pay for the portions; None where nobody has told him."""
    amount = sum((portion.amount for portion in portions), Decimal(0))
    if tax_included:
        return amount
    taxes = [portion.tax for portion in portions if portion.tax is not None]
    return amount + sum(taxes, Decimal(0)) if taxes and len(taxes) == len(portions) else None


def totals(
    lines: Sequence[InvoiceLine],
    taxes: Sequence[TaxSubtotal],
    currency: str,
    *,
    stated: Decimal | None = None,
    paid_before: Decimal = Decimal(0),
) -> Totals:
    """Return the totals; `stated` is what the buyer was told to pay, `paid_before` the money that is there for it."""
    line_total = sum((line.net for line in lines), Decimal(0))
    tax_total = sum((tax.tax for tax in taxes), Decimal(0))
    gross = line_total + tax_total
    difference = Decimal(0) if stated is None else stated - gross
    allowed = len(lines) * Decimal(1).scaleb(-MINOR_UNITS[currency])
    rounding = difference if abs(difference) <= allowed else Decimal(0)
    prepaid = max(Decimal(0), min(paid_before, gross + rounding))
    return Totals(
        line_total=line_total,
        tax_total=tax_total,
        gross_total=gross,
        prepaid=prepaid,
        rounding=rounding,
        payable=gross - prepaid + rounding,
        difference=difference - rounding,
    )
