"""What a mapping reads values with: dates, numbers, units; and where it says what is wrong with them.

Source: UN/EDIFACT D.96A and D.01B: 2379 for forms of dates, 6060, 5004 and 5118 for numbers,
6411 for units; UN/ECE Recommendation 20.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from hub.canonical.agreement import Agreement
from hub.canonical.document import Period
from hub.canonical.finding import Finding, Level, Location
from hub.translators.edifact.found import has_room
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment, ServiceCharacters

_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_MAX_DIGITS = 35
_UNIT = re.compile(r"[A-Z0-9]{2,3}")
_UNITS = MappingProxyType({"": "C62", "PCE": "C62", "EA": "C62", "PC": "C62", "ST": "C62", "UN": "C62", "PCS": "C62"})
"""Units that partners name otherwise than Recommendation 20 does; all of them a piece."""
_CENTURY = 50
DEFAULT = ServiceCharacters()
_PERIODS = MappingProxyType({"718": 8, "719": 12})
_LENGTHS = MappingProxyType({"102": 8, "203": 12, "204": 14, "101": 6, "201": 10, "610": 6, "602": 4, "303": 15})


@dataclass(slots=True)
class Reading:
    """A mapping under way: whose message it is, in what currency, and what was found so far."""

    agreement: Agreement
    sender: str
    place: Location
    findings: list[Finding] = field(default_factory=list)
    currency: str = ""

    def report(
        self,
        code: str,
        message: str,
        segment: Segment,
        element: int | None = None,
        component: int | None = None,
        *,
        level: Level = "error",
        tag: str | None = None,
    ) -> None:
        """Add a finding at a segment, elements counted as on the wire; `tag` names one that is missing behind it."""
        if not has_room(len(self.findings), level):
            return
        location = Location(
            interchange=self.place.interchange,
            group=self.place.group,
            message=self.place.message,
            segment=segment.position,
            tag=tag or segment.tag,
            element=None if element is None else element + 1,
            component=component,
            offset=segment.offset,
        )
        self.findings.append(Finding(code=code, level=level, location=location, message=message, application=True))

    def warn(
        self, code: str, message: str, segment: Segment, element: int | None = None, component: int | None = None
    ) -> None:
        """Add a warning at a segment."""
        self.report(code, message, segment, element, component, level="warning")

    def number(self, segment: Segment, element: int, component: int = 1, level: Level = "error") -> Decimal | None:
        """Return a number, None where nothing stands; what is none is told."""
        text = segment.value(element, component)
        if not text:
            return None
        if not _NUMBER.fullmatch(text) or len(text) > _MAX_DIGITS:
            self.report("37", f"{text[:40]!r} is no number", segment, element, component, level=level)
            return None
        return Decimal(text.replace(",", "."))

    def day(self, dtm: Segment) -> date | None:
        """Return the day that DTM names, None for none; an impossible one is told."""
        period = self.period(dtm)
        return period.start if period else None

    def period(self, dtm: Segment, level: Level = "error") -> Period | None:
        """Return the day, month, year or days from … to that DTM names, None for none; an impossible one is told."""
        text, form = dtm.value(1, 2), dtm.value(1, 3)
        if not text.strip("0"):
            return None
        found = _period(text, form)
        if found is None:
            self.report("12", f"{text!r} is no date of form {form or '(none)'}", dtm, 1, 2, level=level)
        return found

    def unit(self, segment: Segment, element: int, component: int, level: Level = "error") -> str | None:
        """Return a unit in Recommendation 20, a piece where none is stated; None, and told, where it is none."""
        theirs = segment.value(element, component)
        ours = self.agreement.unit_codes.get(theirs) or _UNITS.get(theirs, theirs)
        if not _UNIT.fullmatch(ours):
            self.report("12", f"{theirs!r} is no unit of measure", segment, element, component, level=level)
            return None
        return ours


def _period(text: str, form: str) -> Period | None:
    half = _PERIODS.get(form)
    try:
        if half is not None:
            start, end = text[:half], text[half:].removeprefix("-")
            return Period(start=_day(start[:8]), end=_day(end[:8]))
        first = _first_day(text, form)
    except ValueError:
        return None
    return None if first is None else Period.trusted(start=first, end=_last_day(first, form))


def _last_day(first: date, form: str) -> date:
    """Return the last day of the week, month, year or day that begins with `first`."""
    if form == "616":
        return first + timedelta(days=6)
    if form == "610":
        return first.replace(day=monthrange(first.year, first.month)[1])
    return first.replace(month=12, day=31) if form == "602" else first


def _first_day(text: str, form: str) -> date | None:
    if not form:
        form = {8: "102", 6: "101", 12: "203"}.get(len(text), "")
    if form == "616" and len(text) == 6 and text.isdecimal():  # noqa: PLR2004 - CCYYWW
        return date.fromisocalendar(int(text[:4]), int(text[4:]), 1)
    if len(text) != _LENGTHS.get(form):
        return None
    if form in {"101", "201"}:
        text = ("19" if int(text[:2]) >= _CENTURY else "20") + text
    return _day((text + "0101")[:8])


def _day(text: str) -> date:
    if not (text.isascii() and text.isdigit() and len(text) == 8):  # noqa: PLR2004 - CCYYMMDD
        raise ValueError(text)
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


class Extensions:
    """What a mapping did not place: qualifier -> segments as they stand on the wire, in the default service characters.

    A key is `TAG+qualifier`, below a party or an item with the path to it: `NAD+BY/RFF+XA`.
    A value is one segment, or the segments of a group joined by `'`, without the last terminator.
    """

    def __init__(self) -> None:
        self._kept: dict[str, list[str]] = {}

    def keep(self, segment: Segment, path: str = "") -> None:
        """Keep a segment."""
        self._kept.setdefault(path + key_of(segment), []).append(wire(segment))

    def keep_group(self, group: Group, path: str = "") -> None:
        """Keep a group with all that stands below it."""
        segments = list(group.walk())
        if segments:
            self._kept.setdefault(path + key_of(segments[0]), []).append("'".join(map(wire, segments)))

    def keep_all(self, segments: Iterable[Segment], path: str = "") -> None:
        """Keep segments."""
        for segment in segments:
            self.keep(segment, path)

    def keep_text(self, key: str, text: str) -> None:
        """Keep wire text under a key."""
        self._kept.setdefault(key, []).append(text)

    def keep_below(self, path: str, others: Mapping[str, tuple[str, ...]]) -> None:
        """Keep what others have kept, below `path`."""
        for key, values in others.items():
            self._kept.setdefault(path + key, []).extend(values)

    def result(self) -> dict[str, tuple[str, ...]]:
        """Return what was kept."""
        return {key: tuple(values) for key, values in self._kept.items()}


def key_of(segment: Segment) -> str:
    """Return the key of a segment: its tag and its first value."""
    qualifier = segment.value(1)
    return f"{segment.tag}+{qualifier}" if qualifier else segment.tag


def wire(segment: Segment) -> str:
    """Return a segment in the default service characters, without its terminator; repetitions written out."""
    if segment.chars == DEFAULT and segment.text[-1:] not in "+:":
        return segment.text
    elements = [
        ":".join(_used([DEFAULT.escape(value) for value in components]))
        for number in range(1, len(segment.raw_elements))
        for components in segment.repetitions(number)
    ]
    return "+".join([segment.tag, *_used(elements)])


def _used(values: list[str]) -> list[str]:
    """Return the values up to the last that says something."""
    while values and not values[-1]:
        values.pop()
    return values
