"""An implementation guide: what a partner uses of a message, as rules that narrow its directory.

A place names groups by their triggers, a segment with its first value, and a data element,
if one is meant: `LIN/QTY+21 6060`, `NAD+BY/RFF+VA`, `NAD C082.3055`, `DTM+137`.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from hub.canonical.values import Value

_STEP = r"[A-Z][A-Z0-9]{2}(\+[^/+= ]+)?"
_SEGMENT = rf"{_STEP}(/{_STEP})*"
_ELEMENT = r"([CSE]\d{3}\.)?\d{4}"
Place = Annotated[str, StringConstraints(pattern=rf"^{_SEGMENT}( {_ELEMENT})?$", max_length=200)]
"""A segment or a data element."""
ElementPlace = Annotated[str, StringConstraints(pattern=rf"^{_SEGMENT} {_ELEMENT}$", max_length=200)]
"""A data element: `BGM 1225`."""
SegmentPlace = Annotated[str, StringConstraints(pattern=rf"^{_SEGMENT}$", max_length=200)]
"""A segment: `LIN/QTY+21`."""
Condition = Annotated[
    str, StringConstraints(pattern=rf"^{_SEGMENT}( {_ELEMENT}( = [^|= ]+(\|[^|= ]+)*)?)?$", max_length=400)
]
"""What stands there, or has one of some values: `LIN/PRI+AAB`, `BGM 1225 = 1|5`."""


class Rule(Value):
    """What must, or must not, stand there where something else does. `says` tells people why."""

    when: Condition
    required: tuple[Place, ...] = ()
    forbidden: tuple[Place, ...] = ()
    says: str | None = None


class MessageGuide(Value):
    """How one message type is used, for interchanges from the day `since` on.

    `required`, `forbidden`: places that must, or must not, be there in each group that could have them. `one_of`: of
    each of these sets one at least must be there, in each group in which all of the set could be. `most`: how often a
    segment may stand in its group. `codes`, `fixed`, `longest`: the values, the one value, the characters at most of a
    data element where it is filled; what is `fixed` must be filled.
    """

    since: date | None = None
    required: tuple[Place, ...] = ()
    forbidden: tuple[Place, ...] = ()
    one_of: tuple[Annotated[tuple[Place, ...], Field(min_length=2)], ...] = ()
    most: dict[SegmentPlace, Annotated[int, Field(ge=1)]] = {}
    codes: dict[ElementPlace, tuple[str, ...]] = {}
    fixed: dict[ElementPlace, str] = {}
    longest: dict[ElementPlace, Annotated[int, Field(ge=1)]] = {}
    rules: tuple[Rule, ...] = ()


def in_force(guides: Iterable[MessageGuide], day: date | None) -> MessageGuide | None:
    """Return the guide that holds on a day, the last without one; None where none has begun."""
    begun = [guide for guide in guides if guide.since is None or day is None or guide.since <= day]
    return max(begun, key=lambda guide: guide.since or date.min, default=None)
