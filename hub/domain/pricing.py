"""What a price comes to: per unit, with VAT, and held against ours.

A price is decided once, when the order is: delivery and invoice keep it, whatever
rules appear meanwhile.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from hub.canonical.agreement import Tolerances
from hub.canonical.values import round_amount

_PRICE_DECIMALS = Decimal(1).scaleb(-10)
_PRECISION = 120


class CheckedPrice(NamedTuple):
    """The price that counts. `reason` is told to the buyer, `remark` to a person of ours; None as price refuses."""

    price: Decimal | None
    reason: str | None = None
    remark: str | None = None


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """Return the price of one unit where `quantity` units cost `amount`: exact, or to 10 decimal places."""
    if quantity == 1:
        return amount
    with localcontext() as context:
        context.prec = _PRECISION
        price = amount / quantity
        rounded = price.quantize(_PRICE_DECIMALS, rounding=ROUND_HALF_UP)
        short = rounded.normalize()
        exponent = short.as_tuple().exponent
        return short if isinstance(exponent, int) and exponent < 0 else short.quantize(Decimal(1))


def with_vat(price: Decimal, rate: Decimal, currency: str) -> Decimal:
    """Return a net list price as a customer pays it: with VAT, rounded to the currency."""
    return round_amount(price * (100 + rate) / 100, currency)


def check_price(
    stated: Decimal | None, listed: Decimal | None, tolerances: Tolerances, *, already_sold: bool
) -> CheckedPrice:
    """Hold the buyer's price against ours.

    What a shop has sold already keeps its price, whatever it is; a person sees the
    difference. Else a difference within the tolerance is accepted, and beyond it what
    the agreement says: our price (the line is amended), the buyer's price (a person
    sees it), or no line.
    """
    if stated is None:
        return CheckedPrice(listed) if listed is not None else CheckedPrice(None, "price.missing: no price is agreed")
    if listed is None:
        return CheckedPrice(stated, remark=f"price {stated} stated, no list price")
    if stated == listed or abs(stated - listed) <= listed * tolerances.price_percent / 100:
        return CheckedPrice(stated)
    if already_sold or tolerances.on_difference == "accept":
        return CheckedPrice(stated, remark=f"price {stated} stated, list price {listed}")
    if tolerances.on_difference == "amend":
        return CheckedPrice(listed, f"price.amended: {stated} stated, {listed} is agreed")
    return CheckedPrice(None, f"price.refused: {stated} stated, {listed} is agreed")
