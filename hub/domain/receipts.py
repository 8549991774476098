"""A till's receipt as an order that is complete on arrival, and what about it a person should see.

It has happened and is never refused: an item that nobody knows or a price that is not
ours is a remark. Returns and reversed receipts have negative quantities and amounts.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.agreement import Tolerances
from hub.canonical.order import LineKind
from hub.canonical.sale import Sale, SaleLine
from hub.domain.acceptance import Item
from hub.domain.order_lines import NONE, LineQuantities, LineTerms
from hub.domain.pricing import check_price, with_vat

_KINDS: Mapping[str, LineKind] = {"item": "item", "gift_card": "gift_card", "deposit": "deposit"}


class SoldLine(NamedTuple):
    """A line of a receipt: sold, handed over and paid in one moment."""

    line_id: str
    sku: str | None
    terms: LineTerms
    quantities: LineQuantities


def counted(sale: Sale) -> tuple[SaleLine, ...]:
    """Return the lines that count, as they happened: what was voided at the till was not sold, a void takes back."""
    lines = tuple(line for line in sale.lines if not line.voided)
    return lines if sale.sign > 0 else tuple(_taken_back(line) for line in lines)


def _taken_back(line: SaleLine) -> SaleLine:
    quantity = line.quantity.model_copy(update={"value": -line.quantity.value})
    tax = None if line.tax_amount is None else -line.tax_amount
    return line.model_copy(update={"quantity": quantity, "amount": -line.amount, "tax_amount": tax})


def sold_lines(sale: Sale, items: Mapping[str, Item]) -> tuple[SoldLine, ...]:
    """Return the lines of a receipt, complete on arrival. `items` are those that master data knows, by line."""
    return tuple(_sold(sale, line, items.get(line.line_id)) for line in counted(sale))


def _sold(sale: Sale, line: SaleLine, item: Item | None) -> SoldLine:
    terms = LineTerms.trusted(
        kind=_KINDS.get(line.kind, "fee"),
        item=line.item,
        unit=line.quantity.unit,
        stocked=item is not None and item.stocked,
        location=sale.store,
        price=line.unit_price,
        amount=line.amount,
        tax_rate=_rate(line, item),
        tax_amount=line.tax_amount,
    )
    quantity = line.quantity.value
    amount = line.amount if sale.tax_included else line.amount + (line.tax_amount or NONE)
    done = LineQuantities.trusted(
        ordered=quantity,
        confirmed=quantity,
        reserved=quantity,
        picked=quantity,
        packed=quantity,
        shipped=quantity,
        delivered=quantity,
        invoiced=quantity,
        invoiced_amount=amount,
        paid_amount=amount,
    )
    return SoldLine(line.line_id, item.sku if item else None, terms, done)


def _rate(line: SaleLine, item: Item | None) -> Decimal:
    if line.tax_rate is not None:
        return line.tax_rate
    return item.vat.rate if item and item.vat else NONE


def unknown_items(sale: Sale, items: Mapping[str, Item]) -> Iterator[str]:
    """Yield a remark for each line whose item nobody knows."""
    for line in counted(sale):
        if line.kind == "item" and line.line_id not in items:
            number = line.item.gtin or line.item.sellers or line.item.name or "an item without a number"
            yield f"line {line.line_id}: {number} is not in our catalogue"


def price_differences(sale: Sale, items: Mapping[str, Item], tolerances: Tolerances) -> Iterator[str]:
    """Yield a remark for each line that was sold at another price than ours."""
    for line in counted(sale):
        item = items.get(line.line_id)
        if item is None or item.price is None:
            continue
        listed = with_vat(item.price, _rate(line, item), sale.currency) if sale.tax_included else item.price
        remark = check_price(line.unit_price, listed, tolerances, already_sold=True).remark
        if remark:
            yield f"line {line.line_id}: {remark}"
