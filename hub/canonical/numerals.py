"""Numbers in other people's documents: text to Decimal, or an error that says why not."""

import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
_MAX_DIGITS = 28
_MAX_MAGNITUDE = 15


def decimal_of(text: str) -> Decimal:
    """Return the number that `text` spells: a decimal point, no grouping, less than 10^16, at most 28 digits.

    Raises ValueError with a message for the sender.
    """
    if len(text) > 2 * _MAX_DIGITS or not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[: 2 * _MAX_DIGITS]!r} is not a number")
    number = Decimal(text)
    if len(number.as_tuple().digits) > _MAX_DIGITS or not -_MAX_DIGITS < number.adjusted() <= _MAX_MAGNITUDE:
        raise ValueError(f"{text!r} has too many digits")
    return number
