"""What stands where a finding points: the text of its segment, and the part of it that is meant.

Source: ISO 9735 for the separators; elements 0098 and 0104 for how places are counted.
"""

from typing import NamedTuple

from hub.canonical.finding import Location
from hub.translators.edifact.opening import Opening
from hub.translators.edifact.slices import FileBytes, segment_end

WINDOW = 100
"""Characters of a segment that are shown."""
_GAP = "…"
_FACELESS = "\xb7"
_BREAKS = str.maketrans("", "", "\r\n")


class Quote(NamedTuple):
    """The text of a segment, with its terminator; what is meant is `text[start:end]`, nothing where it is missing."""

    text: str
    start: int
    end: int

    def cut(self, width: int = WINDOW) -> "Quote":
        """Return a quote of at most so many characters around what is meant."""
        if len(self.text) <= width:
            return self
        first = max(0, min(self.start - width // 2, len(self.text) - width))
        text = self.text[first : first + width]
        if first:
            text = _GAP + text[1:]
        if first + width < len(self.text):
            text = text[:-1] + _GAP
        start = min(max(self.start - first, 0), width)
        return Quote(text, start, min(max(self.end - first, start), width))


def quoted(data: FileBytes, opening: Opening, at: Location) -> Quote | None:
    """Return what stands at a place of an interchange; None where the place has no bytes of its own."""
    if at.offset is None or at.offset >= len(data):
        return None
    end = segment_end(data, at.offset, opening)
    text = opening.charset.legible(data[at.offset : end]).translate(_BREAKS)
    return Quote(with_faces(text), *_meant(text, opening, at))


def with_faces(text: str) -> str:
    """Return the text with a dot for each character that cannot be shown."""
    return text if text.isprintable() else "".join(char if char.isprintable() else _FACELESS for char in text)


def _meant(text: str, opening: Opening, at: Location) -> tuple[int, int]:
    """Return where what is meant begins and ends; a segment that is missing would stand behind this one."""
    if at.tag is not None and not text.startswith(at.tag):
        return len(text), len(text)
    return (0, len(at.tag or text)) if at.element is None else _span(text, opening, at)


def _span(text: str, opening: Opening, at: Location) -> tuple[int, int]:
    """Return where an element, occurrence or component begins and ends."""
    chars = opening.chars
    body = text.removesuffix(chars.terminator)
    start, end = _part(chars.split(body, chars.element), at.element)
    if at.occurrence is not None and chars.repetition:
        inner = _part(chars.split(body[start:end], chars.repetition), at.occurrence)
        start, end = start + inner[0], start + inner[1]
    if at.component is not None:
        inner = _part(chars.split(body[start:end], chars.component), at.component)
        start, end = start + inner[0], start + inner[1]
    return start, end


def _part(parts: list[str], number: int | None) -> tuple[int, int]:
    """Return where the part of this number, from 1, stands in all parts joined; their end where it is missing."""
    index = (number or 1) - 1
    start = sum(len(part) + 1 for part in parts[:index])
    if index >= len(parts):
        return start - 1, start - 1
    return start, start + len(parts[index])
