"""What may stand in a slot: texts, numbers, days, quantities, each read from the wire and written to it.

Nothing is done yet about what these documents say, so what cannot be understood is told as
a warning and kept as it stands.

Source: UN/EDIFACT D.96A and D.01B: C507 for dates, C186 for quantities, 6345 for currencies, 6411 for units.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from hub.canonical.values import MINOR_UNITS, Quantity
from hub.translators.edifact.blocks import Dialect, continued, number
from hub.translators.edifact.reading import Reading
from hub.translators.edifact.stated import has_time_of_day, read_percentage
from hub.translators.edifact.syntax import Segment

At = tuple[int, int]
_DAYS = "%Y%m%d"
_MEASURED = re.compile(r"-?[0-9]{1,18}(?:\.[0-9]{1,18})?")
"""A measurement that is a number; it may be a word as well."""


class Kind(NamedTuple):
    """A kind of value that takes `span` components.

    `read` returns it, None where there is none, and whether it says all that stands there;
    `write` returns the components.
    """

    span: int
    read: Callable[[Segment, At, Reading], tuple[Any, bool]]
    write: Callable[[Any, Dialect], tuple[str, ...]]


def _text(segment: Segment, at: At, _: Reading) -> tuple[str | None, bool]:
    return segment.value(*at) or None, True


def _number(segment: Segment, at: At, reading: Reading) -> tuple[Decimal | None, bool]:
    value = reading.number(segment, *at, "warning")
    return value, value is not None or not segment.value(*at)


def _rate(segment: Segment, at: At, reading: Reading) -> tuple[Decimal | None, bool]:
    value = read_percentage(segment, *at, reading, "warning")
    return value, value is not None or not segment.value(*at)


def _measured(segment: Segment, at: At, _: Reading) -> tuple[Decimal | None, bool]:
    text = segment.value(*at).replace(",", ".")
    value = Decimal(text) if _MEASURED.fullmatch(text) else None
    return value, value is not None or not text


def _unit(segment: Segment, at: At, reading: Reading) -> tuple[str | None, bool]:
    unit = reading.unit(segment, *at, "warning") if segment.value(*at) else None
    return unit, unit is not None or not segment.value(*at)


def _quantity(segment: Segment, at: At, reading: Reading) -> tuple[Quantity | None, bool]:
    element, component = at
    value = reading.number(segment, element, component, "warning")
    if value is None:
        return None, not segment.value(element, component) and not segment.value(element, component + 1)
    unit = reading.unit(segment, element, component + 1, "warning")
    return (None, False) if unit is None else (Quantity(value=value, unit=unit), True)


def _day(segment: Segment, _: At, reading: Reading) -> tuple[date | None, bool]:
    period = reading.period(segment, "warning")
    is_day = period is not None and period.start == period.end
    return (period.start if period else None), is_day and not has_time_of_day(segment)


def _currency(segment: Segment, at: At, reading: Reading) -> tuple[str | None, bool]:
    code = segment.value(*at).upper()
    if code and code not in MINOR_UNITS:
        reading.warn("12", f"{code!r} is no currency of ISO 4217", segment, *at)
        return None, False
    return code or None, True


def _continued(segment: Segment, at: At, _: Reading) -> tuple[str | None, bool]:
    element, component = at
    return segment.value(element, component) + segment.value(element, component + 1) or None, True


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": Kind(1, _text, lambda value, _: (value,)),
        "number": Kind(1, _number, lambda value, _: (number(value),)),
        "rate": Kind(1, _rate, lambda value, _: (number(value),)),
        "measured": Kind(1, _measured, lambda value, _: (number(value),)),
        "unit": Kind(1, _unit, lambda value, tongue: (tongue.units.get(value, value),)),
        "quantity": Kind(2, _quantity, lambda value, tongue: (number(value.value), tongue.unit(value.unit))),
        "continued": Kind(2, _continued, lambda value, tongue: continued(value, tongue.name_width, tongue)),
        "day": Kind(2, _day, lambda value, _: (f"{value:{_DAYS}}", "102")),
        "currency": Kind(1, _currency, lambda value, _: (value,)),
    }
)
"""The kinds by the names that they have in templates."""
