"""A shop that states amounts finer than its currency can pay is read in whole minor units.

Line by line each amount is rounded half-up, and the largest takes what is left, so that
together the lines still come to what the customer has paid.
"""

from collections.abc import Sequence
from decimal import Decimal

from hub.canonical.order import Order
from hub.canonical.values import round_amount

NONE = Decimal(0)


def in_whole_units(order: Order) -> Order:
    """Return the order with the amounts and taxes of its lines in minor units of its currency, as it is if they are."""
    amounts = [line.stated_amount for line in order.lines]
    taxes = [line.tax_amount for line in order.lines]
    if not any(_is_finer(amount, order.currency) for amount in (*amounts, *taxes)):
        return order
    net = sum((amount for amount in amounts if amount is not None), NONE)
    tax = sum((amount for amount in taxes if amount is not None), NONE)
    payable = round_amount(net + tax, order.currency)
    whole_amounts = rounded_together(amounts, round_amount(net, order.currency), order.currency)
    whole_taxes = rounded_together(taxes, payable - round_amount(net, order.currency), order.currency)
    lines = (
        line.changed(stated_amount=amount, tax_amount=tax)
        for line, amount, tax in zip(order.lines, whole_amounts, whole_taxes, strict=True)
    )
    return order.changed(lines=tuple(lines))


def rounded_together(amounts: Sequence[Decimal | None], whole: Decimal, currency: str) -> list[Decimal | None]:
    """Return the amounts rounded; the largest (the first of equals) takes what they lack of `whole`."""
    rounded = [None if amount is None else round_amount(amount, currency) for amount in amounts]
    stated = [(abs(amount), -place) for place, amount in enumerate(amounts) if amount is not None]
    if stated:
        largest = -max(stated)[1]
        others = sum((amount for place, amount in enumerate(rounded) if amount is not None and place != largest), NONE)
        rounded[largest] = whole - others
    return rounded


def _is_finer(amount: Decimal | None, currency: str) -> bool:
    return amount is not None and amount != round_amount(amount, currency)
