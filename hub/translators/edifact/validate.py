"""The elements of a segment against its directory: mandatory, form, length, repetition, code lists, dependencies.

Strategy: almost all segments fit the patterns of segments without fault, unsplit. The others
are taken apart, and everything that is wrong with them is told.

An unknown code is a warning: partners use codes of their own and of later directories,
and most values are only kept. A mapping that needs the code refuses it.

Source: ISO 9735 versions 1 to 4, rules for values; D.96A and D.01B for segments; 0085 for the codes.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from hub.canonical.finding import Level
from hub.translators.edifact.directory import Directory, Format, Part, directory, held_directory, service_directory
from hub.translators.edifact.patterns import NoPattern, Pattern, RunPattern, SegmentPattern
from hub.translators.edifact.syntax import Segment, ServiceCharacters

_VERSION_4 = 4
_AGENCY = frozenset({"1131", "3055"})
"""Beside these, a code is of somebody else's list."""


class Problem(NamedTuple):
    """What is wrong in a segment: 0085 code, place as CONTRL counts it, and what to do about it."""

    code: str
    level: Level
    message: str
    element: int | None = None
    component: int | None = None
    occurrence: int | None = None
    value: str = ""


class Rules(NamedTuple):
    """What the values of an interchange must keep to.

    `announced` tells that UNA names the decimal mark, which then is the only one in
    syntax 1 to 3; `strict`, that another one is an error.
    """

    directory: str
    version: int
    chars: ServiceCharacters
    announced: bool = False
    strict: bool = False

    @property
    def marks(self) -> str:
        """The decimal marks that may be used."""
        only = self.announced and self.version < _VERSION_4 and self.chars.decimal in ".,"
        marks = self.chars.decimal if only else ".,"
        return "".join(mark for mark in marks if mark not in self.chars.special)


@lru_cache(maxsize=64)
def validator(rules: Rules) -> "Validator":
    """Return the validator for these rules."""
    return Validator(rules)


class Validator:
    """Checks segments of one directory and of the service directory of one syntax version."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._directory = directory(rules.directory)
        self._service = service_directory(rules.version)
        self._shapes: dict[str, _Shape] = {}
        self.faulty = RunPattern(self._pattern, rules.chars.terminator).misfits
        """Yields the places of the faulty segments among texts."""

    def problems(self, segment: Segment) -> Iterator[Problem]:
        """Yield what is wrong with the elements of a faulty segment, from left to right."""
        shape = self._shape(segment.tag)
        return iter(()) if shape is None else shape.problems(segment)

    def check(self, segment: Segment) -> list[Problem]:
        """Return what is wrong with the elements of one segment."""
        return [problem for _ in self.faulty((segment.text,)) for problem in self.problems(segment)]

    def _pattern(self, tag: str) -> Pattern | None:
        shape = self._shape(tag)
        return shape.pattern if shape is not None else None

    def _shape(self, tag: str) -> "_Shape | None":
        if tag not in self._shapes:
            held: Directory = self._directory
            parts = held.segment(tag)
            if parts is None:
                held = self._service
                parts = held.segment(tag)
            if parts is None:
                return None
            self._shapes[tag] = _Shape(tag, parts, held, self._rules)
        return self._shapes[tag]


class _Shape:
    """What one segment must look like."""

    def __init__(self, tag: str, parts: tuple[Part, ...], held: Directory, rules: Rules) -> None:
        self._rules = rules
        self._directory = held
        self._coded = not held.name.startswith("service")
        self._parts = parts_on_wire(parts, rules.version, rules.chars)
        self._dependencies = held.dependencies(tag)
        looked_at = self._dependencies or any(part.dependencies for part in parts)
        self.pattern: Pattern = (
            NoPattern() if looked_at else SegmentPattern(tag, self._parts, self._codes, rules.chars, rules.marks)
        )

    def _codes(self, element: str) -> frozenset[str] | None:
        return self._directory.codes(element) if self._coded else None

    def problems(self, segment: Segment) -> Iterator[Problem]:
        """Yield everything that is wrong, from left to right."""
        raw = segment.raw_elements
        trailing = len(raw) > 1 and not raw[-1]
        chars = self._rules.chars
        tag_end = segment.text[len(segment.tag) : len(segment.tag) + 1]
        if tag_end == chars.component:
            yield Problem("34", "error", "A nesting indicator stands in the tag", 1)
        yield from self._releases(segment)
        for index, part in enumerate(self._parts, 1):
            occurrences = segment.repetitions(index)
            if not any(any(components) for components in occurrences):
                if part.mandatory:
                    yield Problem("13", "error", f"Element {index} ({part.code}) is missing", index + 1)
                continue
            for number, components in enumerate(occurrences, 1):
                occurrence = number if len(occurrences) > 1 else None
                trailing = trailing or (len(components) > 1 and not components[-1])
                yield from self._occurrence(part, components, index + 1, occurrence)
            if len(occurrences) > part.max:
                message = f"Element {index} ({part.code}) may stand {part.max} times at most"
                yield Problem("35", "error", message, index + 1, None, part.max + 1)
        surplus = next((number for number in range(len(self._parts) + 1, len(raw)) if raw[number]), None)
        if surplus is not None:
            yield Problem("16", "error", f"{segment.tag} has {len(self._parts)} elements at most", surplus + 1)
        yield from self._depending(segment)
        if surplus is None and trailing:
            code = "45" if self._rules.version >= _VERSION_4 else "16"
            yield Problem(code, "warning", "Separators at the end are to be left out")

    def _depending(self, segment: Segment) -> Iterator[Problem]:
        """Find elements that stand, or are missing, against a dependency note."""
        places = {part.code: index for index, part in enumerate(self._parts, 1)}
        told = set()
        for dependency in self._dependencies:
            at = [places[code] for code in dependency.codes]
            broken = dependency.broken_at([any(map(any, segment.repetitions(index))) for index in at])
            if broken is not None and at[broken] not in told:
                told.add(at[broken])
                yield Problem("48", "error", dependency.words, at[broken] + 1)

    def _releases(self, segment: Segment) -> Iterator[Problem]:
        """Find release characters in front of what needs none; the text is read all the same."""
        release = self._rules.chars.release
        if release is None or release not in segment.text:
            return
        special = re.escape(self._rules.chars.special)
        for pair in re.finditer(f"{re.escape(release)}([\\s\\S])", segment.text):
            if not re.match(f"[{special}]", pair[1]):
                yield Problem("21", "warning", f"The release character before {pair[1]!r} releases nothing")
                return

    def _occurrence(self, part: Part, components: list[str], element: int, occurrence: int | None) -> Iterator[Problem]:
        alone = len(part.components) == 1
        owned = any(value for value, form in zip(components, part.components, strict=False) if form.element in _AGENCY)
        for number, form in enumerate(part.components, 1):
            component = None if alone else number
            value = components[number - 1] if number <= len(components) else ""
            if value:
                yield from self._judge(value, form, element, component, occurrence, coded=not owned)
            elif form.mandatory and not alone:
                message = f"Component {number} ({form.element}) of {part.code} is missing"
                yield Problem("13", "error", message, element, component, occurrence)
        for dependency in part.dependencies:
            at = [[form.element for form in part.components].index(code) for code in dependency.codes]
            broken = dependency.broken_at([any(components[index : index + 1]) for index in at])
            if broken is not None:
                message = f"In {part.code} {dependency.words}"
                yield Problem("48", "error", message, element, at[broken] + 1, occurrence)
        surplus = next((n for n in range(len(part.components), len(components)) if components[n]), None)
        if surplus is not None:
            message = f"{part.code} has {len(part.components)} components at most"
            yield Problem("16", "error", message, element, surplus + 1, occurrence)

    def _judge(
        self, value: str, form: Format, element: int, component: int | None, occurrence: int | None, *, coded: bool
    ) -> Iterator[Problem]:
        fault = self._number(value, form) if form.kind == "n" else _text(value, form)
        if fault:
            code, level, what = fault
            message = f"{form.element} is {what}: {value[:80]!r}"
            yield Problem(code, level, message, element, component, occurrence, value)
            return
        codes = self._codes(form.element) if coded else None
        if codes is not None and value not in codes:
            message = f"{value!r} is no code of {form.element} in {self._directory.name}"
            yield Problem("12", "warning", message, element, component, occurrence)

    def _number(self, value: str, form: Format) -> tuple[str, Level, str] | None:
        found = _NUMBER.fullmatch(value)
        if not found:
            pointless = _POINT_FIRST.fullmatch(value) and self._rules.version < _VERSION_4
            return ("38", "error", "without a digit before the mark") if pointless else ("37", "error", "no number")
        mark = found["mark"]
        digits = len(found["whole"]) + len(found["fraction"] or "")
        if digits > form.longest:
            return "39", "error", f"longer than {form.longest} digits"
        if digits < form.shortest:
            return "40", "error", f"shorter than {form.shortest} digits"
        if mark and mark not in self._rules.marks:
            return "19", "error" if self._rules.strict else "warning", "written with another decimal mark than UNA's"
        return None


_NUMBER = re.compile(r"-?(?P<whole>[0-9]+)(?:(?P<mark>[.,])(?P<fraction>[0-9]+))?")
_POINT_FIRST = re.compile(r"-?[.,][0-9]+")
_DIGIT = re.compile(r"[0-9]")


def _text(value: str, form: Format) -> tuple[str, Level, str] | None:
    if form.kind == "a" and _DIGIT.search(value):
        return "37", "error", "to have no digits"
    if len(value) > form.longest:
        return "39", "error", f"longer than {form.longest} characters"
    if len(value) < form.shortest:
        return "40", "error", f"shorter than {form.shortest} characters"
    return None


@lru_cache(maxsize=1024)
def parts_of(tag: str, name: str, version: int, chars: ServiceCharacters) -> tuple[Part, ...] | None:
    """Return the parts of a segment as they stand on the wire, by a directory or the syntax; None if it is unknown."""
    held = held_directory(name)
    parts = (held.segment(tag) if held else None) or service_directory(version).segment(tag)
    return parts_on_wire(parts, version, chars) if parts else None


def parts_on_wire(parts: tuple[Part, ...], version: int, chars: ServiceCharacters) -> tuple[Part, ...]:
    """Return the parts of a segment as a syntax writes them: 1 to 3 write a repeated element as further elements."""
    return parts if version >= _VERSION_4 and chars.repetition else tuple(_written_out(parts))


def _written_out(parts: tuple[Part, ...]) -> Iterator[Part]:
    for part in parts:
        yield Part(part.code, part.mandatory, 1, part.components, part.dependencies)
        for _ in range(part.max - 1):
            yield Part(part.code, False, 1, part.components, part.dependencies)
