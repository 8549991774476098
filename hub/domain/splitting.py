"""Splitting an amount so that the parts always sum to the whole."""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from hub.canonical.values import round_amount

_PRECISION = 120
"""Digits that hold the product of any two amounts (38 digits each) exactly."""


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Split `amount` by weights: each part is rounded half-up, the largest weight (the first of equals) takes the rest.

    Weights that sum to nothing give the first part everything; no weights, no parts.
    """
    if not weights:
        return ()
    whole = sum(weights, Decimal(0))
    with localcontext() as context:
        context.prec = _PRECISION
        parts = [round_amount(amount * weight / whole, currency) if whole else Decimal(0) for weight in weights]
        largest = max(range(len(weights)), key=weights.__getitem__) if whole else 0
        parts[largest] += amount - sum(parts, Decimal(0))
    return tuple(parts)


def fill(amount: Decimal, weights: Sequence[Decimal], currency: str) -> tuple[Decimal, ...]:
    """Split what fills a whole whose parts are `weights`: no part gets more than it weighs, all get that at last.

    The running total is rounded, not each part, so that nothing piles up on one of them.
    """
    whole = sum(weights, Decimal(0))
    parts: list[Decimal] = []
    reached = filled = Decimal(0)
    for weight in weights:
        reached += weight
        upto = share(amount, reached, whole, currency) if whole else Decimal(0)
        parts.append(upto - filled)
        filled = upto
    return tuple(parts)


def share(amount: Decimal, part: Decimal, whole: Decimal, currency: str) -> Decimal:
    """Return what the first `part` of `whole` units costs where all cost `amount`: rounded, exact at the end."""
    if part == whole:
        return amount
    with localcontext() as context:
        context.prec = _PRECISION
        return round_amount(amount * part / whole, currency)
