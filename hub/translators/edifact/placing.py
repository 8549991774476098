"""Where the values of a message stand in the canonical message: from the bytes to the fields, and back.

Strategy: each value gets a mark in its place that is a value of the same kind and stands
nowhere else: a text, a number, a day, a number with its check digit. The marked message is
read as the message was; where a mark comes out, there its value goes. So nothing about the
mapping has to be told twice, and what comes out nowhere has been dropped.

Codes are left as they are, since they decide where values go, and so is what has no room
for a mark.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from hub.canonical.agreement import Agreement, Edition
from hub.canonical.validation import json_path
from hub.canonical.values import check_digit, has_check_digit
from hub.translators.edifact.directory import Format, Part, held_directory, stated_directory
from hub.translators.edifact.interchange import check
from hub.translators.edifact.opening import Opening
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.validate import parts_of

_WIDER = MappingProxyType({"ascii": "iso8859-1"})
"""Where more is read than was declared. What still has no byte becomes no question mark, which would release."""
_SERVICE = frozenset({"UNH", "UNS", "UNT"})
_CHECKED_LENGTHS = frozenset({8, 12, 13, 14, 18})
_WHOLE = frozenset({"1050", "1082", "2152", "6066"})
"""Elements that count: they stay without a fraction."""
_NUMBERS = frozenset({"5004", "5118", "5278", "5284", "5482", "6060", "6314"})
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MARK = re.compile(r"ZQ[0-9A-Z]{4}|[0-9]+(?:[.,][0-9]+)?")
_FRACTION = re.compile(r"1[.,]0[0-9]{5}")
_TIME = re.compile(r"(?:19|20)[0-9]{10}")
_TEXT_LENGTH = 6
_FRACTION_LENGTH = 7
_WHOLE_LENGTH = 3
_DAY = 8
_FIRST_DAY = date(1970, 1, 1)


class Origin(NamedTuple):
    """A value in a message: the segment's position, the element from 1 behind the tag, the component from 1."""

    position: int
    element: int
    component: int


Fields = Mapping[Origin, tuple[str, ...]]
"""The paths of the canonical fields that a value goes to; of one that was marked and comes out nowhere, none."""


def fields_of(
    unb: Segment, message: Sequence[Segment], opening: Opening, agreement: Agreement | None, edition: Edition | None
) -> Fields:
    """Return where each marked value of a message, UNH to UNT, goes; nothing for what is no document."""
    edi = agreement.edi if agreement is not None else None
    marks = _Marks(edi.directory if edi is not None else stated_directory(message[0]), opening)
    terminator = opening.chars.terminator
    texts = [marks.segment(segment) for segment in message]
    marked = opening.chars.una + "".join(f"{text}{terminator}" for text in (unb.text, *texts))
    data = marked.encode(_WIDER.get(opening.charset.codec, opening.charset.codec), "xmlcharrefreplace")
    (read, *_) = check(data, agreement, edition).messages or (None,)
    said = (read.order or read.document) if read is not None else None
    if said is None:
        return {}
    found: dict[Origin, list[str]] = defaultdict(list)
    for path, leaf in _leaves(said.model_dump(exclude_none=True), ()):
        for mark in _marks_in(leaf):
            if mark in marks.places:
                found[marks.places[mark]].append(json_path(path).lstrip("."))
    return {origin: tuple(dict.fromkeys(found[origin])) for origin in marks.places.values()}


class _Marks:
    """Puts marks in the place of values and remembers where."""

    def __init__(self, name: str, opening: Opening) -> None:
        self._name = name
        self._directory = held_directory(name)
        self._opening = opening
        self._made = self._short = 0
        self.places: dict[str, Origin] = {}

    def segment(self, segment: Segment) -> str:
        """Return the text of a segment with marks."""
        parts = parts_of(segment.tag, self._name, self._opening.syntax_version, segment.chars)
        if segment.tag in _SERVICE or parts is None:
            return segment.text
        elements = [self._element(segment, parts, number) for number in range(1, len(segment.raw_elements))]
        return segment.chars.element.join([segment.tag, *elements])

    def _element(self, segment: Segment, parts: Sequence[Part], number: int) -> str:
        chars = segment.chars
        forms = parts[number - 1].components if number <= len(parts) else ()
        occurrences = []
        for components in segment.repetitions(number):
            values = []
            for at, value in enumerate(components):
                form = forms[at] if at < len(forms) else None
                values.append(self._value(value, form, segment, Origin(segment.position, number, at + 1)))
            occurrences.append(chars.component.join(map(chars.escape, values)))
        return (chars.repetition or "").join(occurrences)

    def _value(self, value: str, form: Format | None, segment: Segment, origin: Origin) -> str:
        mark = self._mark(value, form, segment.value(1, 3)) if value and form is not None else None
        if mark is None:
            return value
        self.places[_plain(mark)] = origin
        return mark

    def _mark(self, value: str, form: Format, date_form: str) -> str | None:
        if self._directory is None or self._directory.codes(form.element):
            return None
        self._made += 1
        if form.element == "2380":
            is_day = date_form in {"102", "203"} and len(value) >= _DAY
            return f"{_FIRST_DAY + timedelta(days=self._made):%Y%m%d}{value[_DAY:]}" if is_day else None
        if form.element in _WHOLE:
            return self._whole(form)
        if form.kind == "n" or form.element in _NUMBERS:
            return self._fraction(form)
        if len(value) in _CHECKED_LENGTHS and has_check_digit(value):
            digits = f"4{self._made:0{len(value) - 2}d}"
            return digits + check_digit(digits)
        return self._text() if form.longest >= _TEXT_LENGTH and form.shortest <= _TEXT_LENGTH else None

    def _whole(self, form: Format) -> str | None:
        if form.longest >= _TEXT_LENGTH:
            return str(10 ** (_TEXT_LENGTH - 1) + self._made)
        self._short += 1
        return str(10**form.longest - self._short) if form.longest >= _WHOLE_LENGTH else None

    def _fraction(self, form: Format) -> str | None:
        mark = self._opening.chars.decimal if self._opening.announced else "."
        return f"1{mark}0{self._made:05d}" if form.longest >= _FRACTION_LENGTH else None

    def _text(self) -> str:
        digits, rest = "", self._made
        for _ in range(_TEXT_LENGTH - 2):
            rest, digit = divmod(rest, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        return f"ZQ{digits}"


def _plain(mark: str) -> str:
    """Return a mark as it is looked up: a number without zeros at its end, a day without its time."""
    if _FRACTION.fullmatch(mark):
        return mark.replace(",", ".").rstrip("0")
    return mark[:_DAY] if _TIME.fullmatch(mark) else mark


def _marks_in(leaf: Any) -> Iterator[str]:
    if isinstance(leaf, date):
        yield f"{leaf:%Y%m%d}"
    elif isinstance(leaf, Decimal):
        yield _plain(format(leaf, "f"))
    elif isinstance(leaf, str):
        for found in _MARK.findall(leaf):
            yield found
            yield _plain(found)
    elif isinstance(leaf, int):
        yield str(leaf)


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _leaves(below, (*path, name))
    elif isinstance(value, tuple | list):
        for place, below in enumerate(value):
            yield from _leaves(below, (*path, place))
    else:
        yield path, value
