"""Which open invoices a sum of money settles, and what is left of it.

money = allocations + unallocated, and no invoice gets more than is open.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple


class OpenItem(NamedTuple):
    """An invoice with what is open of it."""

    invoice_number: str
    open: Decimal


class Part(NamedTuple):
    """A part of the money, put against an invoice."""

    invoice_number: str
    amount: Decimal


class Settlement(NamedTuple):
    """The parts of a sum of money, in the order in which they were put, and the rest that found nothing open."""

    parts: tuple[Part, ...]
    unallocated: Decimal


def settle(money: Decimal, items: Iterable[OpenItem]) -> Settlement:
    """Put `money` against the items in the order given, each up to what is open, until it is used up.

    No more items are asked for than the money reaches.
    """
    parts: list[Part] = []
    rest = money
    remaining = iter(items)
    while rest > 0 and (item := next(remaining, None)) is not None:
        amount = min(rest, item.open)
        if amount > 0:
            parts.append(Part(item.invoice_number, amount))
            rest -= amount
    return Settlement(tuple(parts), rest)
