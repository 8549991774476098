"""What a price comes to: per unit, with VAT, and held against ours.

A price is decided once, when the order is: delivery and invoice keep it, whatever
rules appear meanwhile.
"""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import NamedTuple

from hub.canonical.agreement import Tolerances
from hub.canonical.values import MINOR_UNITS, round_amount

_PRICE_DECIMALS = Decimal(1).scaleb(-10)
_PRECISION = 120


class CheckedPrice(NamedTuple):
    """The price, or amount, that counts; None refuses. `reason` is told to the buyer, `remark` to a person of ours."""

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
    sees it), or no line. Nobody is paid for taking goods: a price below zero is never
    accepted from a buyer.
    """
    if stated is None:
        return CheckedPrice(listed) if listed is not None else CheckedPrice(None, "price.missing: no price is agreed")
    if listed is None:
        accepted = CheckedPrice(stated, remark=f"price {stated} stated, no list price")
        return accepted if already_sold or stated >= 0 else CheckedPrice(None, f"price.refused: {stated} stated")
    if stated == listed or abs(stated - listed) <= listed * tolerances.price_percent / 100:
        return CheckedPrice(stated)
    accepted = CheckedPrice(stated, remark=f"price {stated} stated, list price {listed}")
    return accepted if already_sold else _as_agreed("price", accepted, listed, tolerances)


def check_amount(stated: Decimal, due: Decimal, currency: str, tolerances: Tolerances) -> CheckedPrice:
    """Hold what a buyer wants to pay, after allowances that only he states, against what the prices give.

    A minor unit of rounding is accepted; else what holds for prices holds here.
    """
    difference = abs(stated - due)
    if difference <= Decimal(1).scaleb(-MINOR_UNITS[currency]) or difference <= due * tolerances.price_percent / 100:
        return CheckedPrice(stated)
    accepted = CheckedPrice(stated, remark=f"amount {stated} stated, {due} by price and quantity")
    return _as_agreed("amount", accepted, due, tolerances)


def _as_agreed(what: str, accepted: CheckedPrice, ours: Decimal, tolerances: Tolerances) -> CheckedPrice:
    """Return what becomes of a difference that is beyond the tolerance."""
    stated = accepted.price
    if tolerances.on_difference == "accept" and stated is not None and stated >= 0:
        return accepted
    told = f"{stated} stated, {ours} is agreed"
    if tolerances.on_difference == "amend":
        return CheckedPrice(ours, f"{what}.amended: {told}")
    return CheckedPrice(None, f"{what}.refused: {told}")
