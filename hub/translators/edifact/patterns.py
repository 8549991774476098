"""Regular expressions of segments without fault: one for each tag, and one for all that were met so far.

The first captures code values, which are then looked up. The second runs over many
segments in one go of C code: it knows only the codes that were met and found right, so
what it takes is right, and what it does not take is looked at by itself.

Source: ISO 9735 versions 1 to 4, rules for values and for what may be left out.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Protocol

from hub.translators.edifact.directory import Format, Part
from hub.translators.edifact.syntax import ServiceCharacters

CodeList = Callable[[str], frozenset[str] | None]
"""The codes of a data element, None where it has no list."""
_SLOT = "\0"
"""Stands for a code value in a pattern that is not yet finished; no service character is it."""
_MOST_KNOWN = 4096
"""Combinations of codes that are remembered of a segment."""
_PATIENCE = 1000
"""Right segments that were not known as such before all patterns are put together again; each time twice as many."""


class Pattern(Protocol):
    """What a right segment of one tag looks like."""

    def fits(self, text: str) -> bool:
        """Tell whether a segment is right."""

    def of_known(self) -> str:
        """Return a regular expression of right segments, as far as they are known by now."""


class SegmentPattern:
    """What a right segment of one tag looks like. `parts` are as on the wire, `marks` the decimal marks."""

    def __init__(self, tag: str, parts: Sequence[Part], codes: CodeList, chars: ServiceCharacters, marks: str) -> None:
        self._codes = codes
        self._chars = chars
        self._marks = re.escape(marks)
        self._forms: list[str] = []
        self._lists: list[frozenset[str]] = []
        self._known: set[tuple[str | None, ...]] = set()
        self._pieces = (re.escape(tag) + self._elements(parts)).split(_SLOT)
        self._fullmatch = re.compile(self._filled([f"({form})" for form in self._forms])).fullmatch
        self._met: list[set[str]] = [set() for _ in self._forms]

    def fits(self, text: str) -> bool:
        """Tell whether a segment is right, and remember its codes."""
        found = self._fullmatch(text)
        if found is None:
            return False
        values = found.groups()
        if values in self._known:
            return True
        if any(value and value not in codes for value, codes in zip(values, self._lists, strict=True)):
            return False
        if len(self._known) < _MOST_KNOWN:
            self._known.add(values)
        for value, met in zip(values, self._met, strict=True):
            if value:
                met.add(value)
        return True

    def of_known(self) -> str:
        """Return the pattern of the segments whose codes were all met."""
        return self._filled([_one_of(met) for met in self._met])

    def _filled(self, slots: Iterable[str]) -> str:
        first, *others = self._pieces
        return first + "".join(slot + piece for slot, piece in zip(slots, others, strict=True))

    def _elements(self, parts: Sequence[Part]) -> str:
        """Return the pattern of all elements: those behind the last mandatory one may be left out."""
        separator = re.escape(self._chars.element)
        pattern = ""
        elements = [self._element(part) for part in parts]
        must = False
        for part, element in reversed(list(zip(parts, elements, strict=True))):
            must = must or part.mandatory
            pattern = f"{separator}{element}{pattern}"
            if not must:
                pattern = f"(?:{pattern})?+"
        no_trailing = re.escape(self._chars.element + self._chars.component)
        return f"{pattern}(?<![{no_trailing}])"

    def _element(self, part: Part) -> str:
        """Return the pattern of an element; of one with codes only one occurrence fits, several are looked at."""
        one = self._composite(part) if len(part.components) > 1 else self._value(part.components[0], alone=True)
        repetition = self._chars.repetition
        if part.max > 1 and repetition and not any(self._codes(form.element) for form in part.components):
            one = f"{one}(?:{re.escape(repetition)}{one}){{0,{part.max - 1}}}+"
        return one if part.mandatory else f"(?:{one})?+"

    def _composite(self, part: Part) -> str:
        separator = re.escape(self._chars.component)
        pattern = ""
        values = [self._value(each, alone=False) for each in part.components]
        must = False
        for each, value in reversed(list(zip(part.components, values, strict=True))):
            must = must or each.mandatory
            first = each is part.components[0]
            pattern = f"{value}{pattern}" if first else f"{separator}{value}{pattern}"
            if not must and not first:
                pattern = f"(?:{pattern})?+"
        return f"{pattern}(?<!{separator})"

    def _value(self, form: Format, *, alone: bool) -> str:
        pattern = self._form(form)
        codes = self._codes(form.element)
        if codes:
            self._forms.append(pattern)
            self._lists.append(codes)
            pattern = _SLOT
        return pattern if form.mandatory or alone else f"(?:{pattern})?+"

    def _form(self, form: Format) -> str:
        length = f"{{{form.shortest},{form.longest}}}+"
        if form.kind in {"an", "a"}:
            return self._text("0-9" if form.kind == "a" else "", length)
        whole = rf"[0-9]{length}"
        marks = self._marks
        if form.shortest == form.longest or not marks:
            return f"-?{whole}"
        fraction = rf"(?=[0-9{marks}]{{3,{form.longest + 1}}}+(?![0-9{marks}]))[0-9]++[{marks}][0-9]++"
        return f"-?(?:{fraction}|{whole})"

    def _text(self, but: str, length: str) -> str:
        """Return the pattern of a text; one with released characters is counted character by character."""
        special = re.escape(self._chars.special)
        plain = f"[^{special}{but}]"
        if self._chars.release is None:
            return f"{plain}{length}"
        release = re.escape(self._chars.release)
        return f"(?:{plain}{length}(?!{release})|(?:{plain}|{release}[{special}]){length})"


class NoPattern:
    """Stands for the pattern of a segment whose elements depend on each other: each is looked at by itself."""

    def fits(self, text: str) -> bool:
        """Take none for right unlooked."""
        del text
        return False

    def of_known(self) -> str:
        """Return a pattern that nothing fits."""
        return _one_of(())


def _one_of(values: Iterable[str]) -> str:
    """Return the pattern of some values, longer ones first; of none, one that nothing fits."""
    longest_first = sorted(values, key=len, reverse=True)
    return f"(?:{'|'.join(map(re.escape, longest_first)) or '(?!)'})"


class RunPattern:
    """What segments without fault look like that follow one another; `pattern_of` returns that of a tag, if any."""

    def __init__(self, pattern_of: Callable[[str], Pattern | None], terminator: str) -> None:
        self._pattern_of = pattern_of
        self._terminator = terminator
        self._patterns: dict[str, Pattern] = {}
        self._match = re.compile("").match
        self._missed = 0
        self._patience = _PATIENCE

    def misfits(self, texts: Sequence[str]) -> Iterator[int]:
        """Yield the places of the segments that are not right; those of unknown tags are not looked at."""
        if self._missed >= self._patience:
            self._learn()
        joined = self._terminator.join(texts) + self._terminator
        at = self._end(joined, 0)
        if at == len(joined):
            return
        starts = [*accumulate([len(text) + 1 for text in texts[:-1]], initial=0)]
        index = bisect_left(starts, at)
        while index < len(texts):
            if not self._fits(texts[index]):
                yield index
            index += 1
            if index < len(texts):
                at = self._end(joined, starts[index])
                index = bisect_left(starts, at, index) if at < len(joined) else len(texts)

    def _end(self, joined: str, start: int) -> int:
        """Return where the known segments end that begin at `start`."""
        found = self._match(joined, start)
        return found.end() if found else start

    def _fits(self, text: str) -> bool:
        pattern = self._patterns.get(text[:3]) or self._known_pattern(text[:3])
        if pattern is None:
            return True
        self._missed += 1
        return pattern.fits(text)

    def _known_pattern(self, tag: str) -> Pattern | None:
        pattern = self._pattern_of(tag)
        if pattern is not None:
            self._patterns[tag] = pattern
        return pattern

    def _learn(self) -> None:
        self._missed = 0
        self._patience *= 2
        mark = re.escape(self._terminator)
        known = "|".join(pattern.of_known() for pattern in [*self._patterns.values()])
        self._match = re.compile(f"(?:(?:{known}){mark})*+").match
