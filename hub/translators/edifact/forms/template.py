"""A segment as it is described: `DTM+137:{issued:day}`, a text with slots that reads as the segment does on the wire.

What stands in braces is a field of the canonical value and, after a colon, the kind of
value that stands there; what stands outside must be there as it is. One text serves both
ways: a segment is taken apart by it, and put together again.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.forms.kinds import KINDS, Kind
from hub.translators.edifact.reading import Reading
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.writer import Plain

_SLOT = re.compile(r"\{(\w+)(?::(\w+))?\}")
_MARK = "\x00"
At = tuple[int, int]
"""Element and component, from 1."""


class Slot(NamedTuple):
    """Where in a segment a field stands, and as what."""

    at: At
    field: str
    kind: Kind

    @property
    def places(self) -> tuple[At, ...]:
        """All the components that the value takes."""
        element, component = self.at
        return tuple((element, component + more) for more in range(self.kind.span))


class Taken(NamedTuple):
    """The values of a segment by field, and whether the segment says nothing else."""

    values: dict[str, Any]
    whole: bool


class Template:
    """What a segment looks like."""

    def __init__(self, text: str) -> None:
        self.slots: dict[str, Slot] = {}
        self._fixed: dict[At, str] = {}
        fields = iter(_SLOT.findall(text))
        self.tag, *elements = _SLOT.sub(_MARK, text).split("+")
        for element, parts in enumerate(elements, 1):
            component = 1
            for part in parts.split(":"):
                if part == _MARK:
                    field, kind = next(fields)
                    slot = self.slots[field] = Slot((element, component), field, KINDS[kind or "text"])
                    component += slot.kind.span
                else:
                    if part:
                        self._fixed[element, component] = part
                    component += 1
        self._known = {*self._fixed, *(at for slot in self.slots.values() for at in slot.places)}

    def take(self, segment: Segment, reading: Reading) -> Taken | None:
        """Return the values of a segment; None where it is another one, or no field has a value."""
        if segment.tag != self.tag or any(segment.value(*at) != text for at, text in self._fixed.items()):
            return None
        values: dict[str, Any] = {}
        whole = self._says_no_more(segment)
        for at, field, kind in self.slots.values():
            value, is_whole = kind.read(segment, at, reading)
            whole = whole and is_whole
            if value is not None:
                values[field] = value
        return Taken(values, whole) if values else None

    def put(self, value: object, tongue: Dialect) -> Plain | None:
        """Return the segment of a canonical value, None where none of its fields has one."""
        stated = {field: found for field in self.slots if (found := getattr(value, field)) is not None}
        if not stated:
            return None
        parts = dict(self._fixed)
        for field, found in stated.items():
            parts.update(self._written(field, found, tongue))
        return _plain(self.tag, parts)

    def put_over(self, base: Segment, value: object, tongue: Dialect, reading: Reading) -> Plain:
        """Return `base` with a canonical value in its slots; a slot that says the same stays as it stands."""
        taken = self.take(base, reading)
        before: Mapping[str, Any] = taken.values if taken else {}
        parts = {
            (element, component): text
            for element, components in enumerate(base.elements, 1)
            for component, text in enumerate(components, 1)
        }
        for field in self.slots:
            if before.get(field) != getattr(value, field):
                parts.update(self._written(field, getattr(value, field), tongue))
        return _plain(self.tag, parts)

    def _written(self, field: str, value: Any, tongue: Dialect) -> dict[At, str]:
        slot = self.slots[field]
        texts = ("",) * slot.kind.span if value is None else slot.kind.write(value, tongue)
        return dict(zip(slot.places, texts, strict=True))

    def _says_no_more(self, segment: Segment) -> bool:
        """Tell whether values stand only where a slot or a fixed text is."""
        for element in range(1, len(segment.raw_elements)):
            occurrences = segment.repetitions(element)
            values = [at for components in occurrences for at, value in enumerate(components, 1) if value]
            if len(occurrences) > 1 or any((element, component) not in self._known for component in values):
                return False
        return True


def _plain(tag: str, parts: Mapping[At, str]) -> Plain:
    stated = {at: text for at, text in parts.items() if text}
    elements = []
    for element in range(1, max((at[0] for at in stated), default=0) + 1):
        last = max((at[1] for at in stated if at[0] == element), default=1)
        elements.append(tuple(stated.get((element, component), "") for component in range(1, last + 1)))
    return Plain(tag, tuple(elements))
