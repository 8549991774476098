"""Segments as they stand on the wire: service characters, values, release characters.

A `Segment` keeps its text and splits it only when a mapping asks for a value, since
most values of most segments are never asked for. `encode_segment` is the one way
back: what it returns is read as exactly one segment with exactly these values.

Source: ISO 9735 versions 1 to 4, UNA and the rules for separators and the release character.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, Self

from hub.errors import UnreadableInput, Unusable

SEGMENT_LIMIT = 64 * 1024
"""Bytes of one segment."""
ELEMENT_LIMIT = 999
COMPONENT_LIMIT = 99

_TAG = re.compile(r"[A-Z][A-Z0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_UNA_LENGTH = 6


class Repeated(NamedTuple):
    """An element that stands several times (syntax 4): each occurrence a value or a list of components."""

    occurrences: tuple["str | Sequence[str]", ...]


Element = str | Sequence[str] | Repeated
"""What `encode_segment` takes for one element: a value, the components of a composite, or a repetition."""


@dataclass(frozen=True)
class ServiceCharacters:
    """The characters that have a meaning of their own in an interchange: UNA's six, in words.

    `release` and `repetition` are None where there is none. The defaults are those of
    syntax versions 1 to 3 without UNA.
    """

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str | None = "?"
    repetition: str | None = None
    terminator: str = "'"

    @classmethod
    def from_una(cls, six: str) -> Self:
        """Return what the six characters after `UNA` say.

        Raises UnreadableInput (0085 code 20) where two are equal, or one is a letter, a digit or not ASCII.
        """
        component, element, decimal, release, repetition, terminator = tuple(six.ljust(_UNA_LENGTH, "\0"))
        active = [component, element, terminator, *(mark for mark in (release, repetition) if mark != " ")]
        if len(set(active)) != len(active) or any(mark.isalnum() or not "\0" < mark < "\x7f" for mark in active):
            raise UnreadableInput(f"UNA {six!r} cannot separate anything: its characters must differ and be no letters")
        return cls(component, element, decimal, _unless_space(release), _unless_space(repetition), terminator)

    def for_version(self, version: int) -> Self:
        """Return the characters as syntax `version` reads them: a repetition separator is syntax 4's alone."""
        return self if version >= 4 or self.repetition is None else replace(self, repetition=None)  # noqa: PLR2004 - syntax version 4

    @property
    def una(self) -> str:
        """The nine characters `UNA…` that announce these."""
        return (
            f"UNA{self.component}{self.element}{self.decimal}"
            f"{self.release or ' '}{self.repetition or ' '}{self.terminator}"
        )

    @cached_property
    def after_tag(self) -> str:
        """What may stand after a tag."""
        return self.element + self.component

    @cached_property
    def special(self) -> str:
        """Every character that must be released to be data."""
        marks = (self.component, self.element, self.release, self.repetition, self.terminator)
        return "".join(mark for mark in marks if mark)

    def escape(self, value: str) -> str:
        """Return `value` with the release character wherever one is needed.

        Raises Unusable where a service character occurs in a value and there is no release character.
        """
        if not self._marked.search(value):
            return value
        if self.release is None:
            raise Unusable(f"{value!r} holds a service character and the agreement has no release character")
        return value.translate(self._escapes)

    def unescape(self, text: str) -> str:
        """Return the value that `text` stands for: every released character is data."""
        if self.release is None or self.release not in text:
            return text
        return self._released.sub(r"\1", text)

    def split(self, text: str, separator: str) -> list[str]:
        """Split `text` at each `separator` that is not released; the parts keep their release characters."""
        parts = text.split(separator)
        if self.release is None or self.release not in text:
            return parts
        return join_released(parts, separator, self.release)

    @cached_property
    def _marked(self) -> re.Pattern[str]:
        return re.compile(f"[{re.escape(self.special)}]")

    @cached_property
    def _escapes(self) -> dict[int, str]:
        return {ord(mark): f"{self.release}{mark}" for mark in self.special}

    @cached_property
    def _released(self) -> re.Pattern[str]:
        return re.compile(f"{re.escape(self.release or '')}(.)", re.DOTALL)


def _unless_space(mark: str) -> str | None:
    return None if mark == " " else mark


def join_released(parts: list[str], separator: str, release: str) -> list[str]:
    """Join again what was split at a released separator: an odd number of release characters stands before it."""
    joined = []
    pending: list[str] = []
    for part in parts:
        pending.append(part)
        if (len(part) - len(part.rstrip(release))) % 2 == 0:
            joined.append(separator.join(pending))
            pending = []
    if pending:
        joined.append(separator.join(pending))
    return joined


class Segment:
    """One segment, split only as far as it is asked.

    `text` is what stands on the wire without the terminator, `offset` its first byte in
    the input, `position` its place in the message (UNH is 1, set by the envelope; 0
    outside messages). Elements count from 1, the first after the tag; components from 1.
    """

    __slots__ = ("_split", "chars", "offset", "position", "tag", "text")

    def __init__(self, text: str, offset: int, chars: ServiceCharacters, position: int = 0) -> None:
        self.text = text
        self.offset = offset
        self.chars = chars
        self.position = position
        self.tag = text[:3] if text[3:4] in chars.after_tag else _odd_tag(text, chars)
        self._split: list[str | list[str]] | None = None

    def value(self, element: int, component: int = 1) -> str:
        """Return a value with released characters resolved; "" where nothing stands. Of repetitions, the first."""
        split = self._split or self._take_apart()
        if element >= len(split):
            return ""
        found = split[element]
        if isinstance(found, str):
            separator = self.chars.component
            if separator not in found:
                return found if component == 1 else ""
            split[element] = found = found.split(separator)
        return found[component - 1] if component <= len(found) else ""

    def components(self, element: int) -> list[str]:
        """Return all components of an element as they stand, empty ones too; [] where the element is absent."""
        split = self._split or self._take_apart()
        if element >= len(split):
            return []
        found = split[element]
        return found.split(self.chars.component) if isinstance(found, str) else found

    def repetitions(self, element: int) -> list[list[str]]:
        """Return the components of each occurrence of an element (syntax 4; else there is one); [] where absent."""
        repetition = self.chars.repetition
        if repetition is None or repetition not in self.text:
            components = self.components(element)
            return [components] if components else []
        raw = self.raw_elements
        if element >= len(raw):
            return []
        return [self._components_of(occurrence) for occurrence in self.chars.split(raw[element], repetition)]

    @property
    def elements(self) -> list[list[str]]:
        """All elements after the tag, each the list of its components (of its first occurrence)."""
        return [self.components(number) for number in range(1, len(self.raw_elements))]

    @property
    def raw_elements(self) -> list[str]:
        """The tag and all elements as they stand on the wire, release characters included."""
        return self.chars.split(self.text, self.chars.element)

    def _take_apart(self) -> list[str | list[str]]:
        """Split at the elements; where there are release characters or repetitions, into components at once."""
        split: list[str | list[str]]
        text, chars = self.text, self.chars
        is_plain = chars.release is None or chars.release not in text
        if is_plain and (chars.repetition is None or chars.repetition not in text):
            self._split = split = [*text.split(chars.element)]
            return split
        self._split = split = [self._components_of(self._first(element)) for element in self.raw_elements]
        return split

    def _first(self, element: str) -> str:
        repetition = self.chars.repetition
        return element if repetition is None else self.chars.split(element, repetition)[0]

    def _components_of(self, text: str) -> list[str]:
        unescape = self.chars.unescape
        return [unescape(part) for part in self.chars.split(text, self.chars.component)]

    def __repr__(self) -> str:
        return f"<Segment {self.text!r} at {self.offset}>"


def _odd_tag(text: str, chars: ServiceCharacters) -> str:
    return re.split(f"[{re.escape(chars.after_tag)}]", text, maxsplit=1)[0]


def encode_segment(tag: str, elements: Sequence[Element], chars: ServiceCharacters) -> str:
    """Return the text of a segment with its terminator; empty values at the end are left out.

    Values are escaped here and nowhere else, so that no text can end a value or open a
    segment. Raises Unusable for a tag that is none and for control characters in a value.
    """
    if not _TAG.fullmatch(tag):
        raise Unusable(f"{tag!r} is no segment tag")
    written = [_encode_element(element, chars) for element in elements]
    return chars.element.join([tag, *_trimmed(written)]) + chars.terminator


def _encode_element(element: Element, chars: ServiceCharacters) -> str:
    if isinstance(element, Repeated):
        if chars.repetition is None:
            raise Unusable("A repeated element can be written in syntax 4 only, with a repetition separator")
        return chars.repetition.join(_trimmed([_encode_element(each, chars) for each in element.occurrences]))
    if isinstance(element, str):
        return _encode_value(element, chars)
    return chars.component.join(_trimmed([_encode_value(value, chars) for value in element]))


def _encode_value(value: str, chars: ServiceCharacters) -> str:
    if not value:
        return value
    if _CONTROL.search(value):
        raise Unusable(f"{value!r} holds a control character, which no interchange may carry")
    return chars.escape(value)


def _trimmed(parts: list[str]) -> list[str]:
    end = len(parts)
    while end and not parts[end - 1]:
        end -= 1
    return parts[:end]
