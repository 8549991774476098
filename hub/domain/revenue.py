"""The revenue of a till's receipt per VAT rate: as the till states it, where it does.

A gift card that is sold is no revenue but a debt, so it is left out; a deposit is taken
as goods are. What a void takes back is negative, whichever sign its amounts carry.
Net and tax of all entries sum to the receipt's total less its gift cards: what no rate
was stated for stands under no rate, and is not mended.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.sale import Sale, SaleLine
from hub.domain.tax import net_of, tax_on


class Revenue(NamedTuple):
    """Net amount and tax at one rate in percent; None where the receipt does not tell the rate."""

    rate: Decimal | None
    net: Decimal
    tax: Decimal


def revenue_of(sale: Sale) -> tuple[Revenue, ...]:
    """Return the revenue of a receipt, one entry per rate; a control transaction has none."""
    if sale.kind == "control":
        return ()
    lines = [line for line in sale.lines if not line.voided and line.kind not in {"gift_card", "rounding"}]
    known = all(line.tax_rate is not None for line in lines)
    entries = list(_by_lines(sale, lines) if known else _by_taxes(sale))
    cards = sum((line.amount for line in sale.lines if line.kind == "gift_card" and not line.voided), Decimal(0))
    rest = sale.total - cards - sum((entry.net + entry.tax for entry in entries), Decimal(0))
    if rest:
        entries.append(Revenue(None, rest, Decimal(0)))
    return tuple(Revenue(entry.rate, sale.sign * entry.net, sale.sign * entry.tax) for entry in entries)


def _by_lines(sale: Sale, lines: Sequence[SaleLine]) -> Iterator[Revenue]:
    """Yield what the lines of each rate come to; the tax is the stated one, else computed."""
    stated = {tax.rate: tax.amount for tax in sale.taxes}
    amounts: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.tax_rate or Decimal(0)
        amounts[rate] = amounts.get(rate, Decimal(0)) + line.amount
    for rate, amount in amounts.items():
        if sale.tax_included:
            net = net_of(amount, rate, sale.currency)
            tax = stated.get(rate, amount - net)
            yield Revenue(rate, amount - tax, tax)
        else:
            yield Revenue(rate, amount, stated.get(rate, tax_on(amount, rate, sale.currency)))


def _by_taxes(sale: Sale) -> Iterator[Revenue]:
    """Yield what the receipt states per rate; where it leaves out the base, the tax alone is known."""
    for tax in sale.taxes:
        yield Revenue(tax.rate, tax.base or Decimal(0), tax.amount)
