"""VAT by the arithmetic of EN 16931, and the way back from prices that include it.

Rounding is half-up to the currency's minor unit, once per line and once per VAT
category and rate, never per line for the tax: 7 x 1.03 at 19 % owe 1.37, not 1.40.

Source: EN 16931-1, BT-116 to BT-118, BT-121; BR-CO-17, BR-S-08 and its sisters; code list VATEX.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from types import MappingProxyType
from typing import NamedTuple

from hub.canonical.invoice import TaxSubtotal
from hub.canonical.values import round_amount

_PRECISION = 120
"""Digits that hold the product of any two amounts (38 digits each) exactly."""
_HUNDRED = Decimal(100)

EXEMPTIONS: Mapping[str, str] = MappingProxyType(
    {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}
)
"""Why a category bears no VAT, where the category alone tells it; E (exempt) does not."""


class Taxable(NamedTuple):
    """A net amount with its VAT category and rate in percent."""

    category: str
    rate: Decimal
    net: Decimal


def subtotals(amounts: Iterable[Taxable], currency: str) -> tuple[TaxSubtotal, ...]:
    """Return base and tax per category and rate, in the order in which these first appear."""
    bases: dict[tuple[str, Decimal], Decimal] = {}
    for amount in amounts:
        key = (amount.category, amount.rate)
        bases[key] = bases.get(key, Decimal(0)) + amount.net
    return tuple(
        TaxSubtotal(
            category=category,
            rate=rate,
            base=base,
            tax=tax_on(base, rate, currency),
            exemption=EXEMPTIONS.get(category),
        )
        for (category, rate), base in bases.items()
    )


def tax_on(base: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return the VAT on a net amount: rate per hundred, rounded half-up."""
    with localcontext() as context:
        context.prec = _PRECISION
        return round_amount(base * rate / _HUNDRED, currency)


def net_of(gross: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return the net amount in a gross one, rounded half-up."""
    with localcontext() as context:
        context.prec = _PRECISION
        return round_amount(gross * _HUNDRED / (_HUNDRED + rate), currency)


def nets_of(grosses: Sequence[Decimal], rate: Decimal, currency: str) -> tuple[Decimal, ...]:
    """Return the net amounts in gross amounts of one rate; together they are the net of the sum.

    So the tax of the sum is off by one minor unit at the most. Each is rounded half-up,
    the largest (the first of equals) takes what is left.
    """
    nets = [net_of(gross, rate, currency) for gross in grosses]
    if nets:
        largest = max(range(len(nets)), key=lambda position: abs(grosses[position]))
        nets[largest] += net_of(sum(grosses, Decimal(0)), rate, currency) - sum(nets, Decimal(0))
    return tuple(nets)
