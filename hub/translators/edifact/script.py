"""How one interchange is written: where its segments end, and what its bytes mean.

A block of bytes that holds whole segments is decoded and split in one go, by C code; only
where the block holds a character that does not belong there is each segment looked at.

Source: ISO 9735 versions 1 to 4: separators, release character, character sets; 0085 for the codes.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate
from typing import Literal

from hub.translators.edifact.charsets import charset
from hub.translators.edifact.opening import Fault, Opening, latin_1
from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import COMPONENT_LIMIT, ELEMENT_LIMIT, SEGMENT_LIMIT, Segment, join_released

Strictness = Literal["strict", "lenient"]
BETWEEN = b" \t\r\n"
"""What may stand between segments."""

_BETWEEN_TEXT = " \t\r\n"
_BREAKS = str.maketrans("", "", "\r\n")
_UNUSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters that no value can mean: no set has them, and databases refuse the first."""


class Script:
    """How one interchange is written: finds where segments end, and makes segments of bytes."""

    def __init__(self, opening: Opening, strictness: Strictness, fallback: str) -> None:
        self._chars = opening.chars
        self._charset = opening.charset
        self._strict = strictness == "strict"
        self._codec = opening.charset.codec
        if self._codec == "ascii" and not self._strict:
            taken = charset(fallback) or latin_1()
            self._codec = "iso8859-1" if taken.codec == "ascii" else taken.codec
        self._warned = False
        self._without_marks = dict.fromkeys(map(ord, opening.chars.special))
        self.terminator = opening.chars.terminator.encode("ascii")
        self._release = (opening.chars.release or "").encode("ascii")
        mark = re.escape(self.terminator)
        self._border = re.compile(mark + b"[" + BETWEEN.translate(None, self.terminator) + b"]*UN[ABOZ]")
        released = re.escape(self._release)
        self._first = re.compile(
            rb"(?:[^%b%b]|%b[\s\S])*+%b" % (released, mark, released, mark) if released else rb"[^%b]*%b" % (mark, mark)
        )

    def end(self, data: bytes, start: int, *, alone: bool) -> int:
        """Return where the segments that can be read now end, -1 if none is complete.

        That is before the next segment that begins with UNA, UNB, UNO or UNZ; or after the
        first segment, if it is to be read `alone`.
        """
        if alone:
            found = self._first.match(data, start)
            return found.end() if found else -1
        border = self._border.search(data, start)
        while border:
            if not self._is_released(data, border.start(), start):
                return border.start() + 1
            border = self._border.search(data, border.start() + 1)
        return self._last_end(data, start)

    def _last_end(self, data: bytes, start: int) -> int:
        end = data.rfind(self.terminator, start)
        while end >= 0 and self._is_released(data, end, start):
            end = data.rfind(self.terminator, start, end)
        return end + 1 if end >= 0 else -1

    def _is_released(self, data: bytes, place: int, start: int) -> bool:
        before = place
        while before > start and data[before - 1 : before] == self._release:
            before -= 1
        return bool((place - before) % 2)

    def runs(self, data: bytes, offset: int) -> Iterator[Run | Fault]:
        """Yield the segments that `data` consists of, the last with its terminator; each fault behind its segment."""
        try:
            text = data.decode(self._codec)
        except UnicodeDecodeError:
            yield from self._one_by_one(data, offset)
            return
        pieces = self._pieces(text)
        sizes = [len(piece.encode(self._codec)) for piece in pieces] if len(text) != len(data) else [*map(len, pieces)]
        texts, starts = pieces, [*accumulate(sizes, initial=offset)]
        if self._has_blanks(text):
            texts = [piece.lstrip(_BETWEEN_TEXT) for piece in pieces]
            starts = [at + len(long) - len(short) for at, long, short in zip(starts, pieces, texts, strict=False)]
        has_breaks = self._has_breaks(text, texts)
        whole = [each.translate(_BREAKS) for each in texts] if has_breaks and not self._strict else texts
        run = Run(whole, starts, self._chars)
        if has_breaks or not self._charset.is_clean(data):
            doubtful: Iterable[int] = range(len(texts))
        elif max(sizes) > COMPONENT_LIMIT:
            doubtful = [index for index, size in enumerate(sizes) if size > COMPONENT_LIMIT]
        else:
            doubtful = ()
        begun = 0
        for index in doubtful:
            for fault in self._faults(run.segment(index), texts[index]):
                yield from _some(run.part(begun, index + 1))
                yield fault
                begun = index + 1
                if fault.fatal:
                    return
        yield from _some(run.part(begun, len(run)) if begun else run)

    def _faults(self, segment: Segment, text: str) -> Iterator[Fault]:
        """Yield what is wrong with the bytes of a segment, whose text as received is `text`."""
        stranger = self._stranger(segment, text)
        if stranger:
            yield stranger
        beyond = self._beyond_limits(segment)
        if beyond:
            yield beyond

    def _pieces(self, text: str) -> list[str]:
        """Split at each terminator that is not released; nothing stands behind the last."""
        chars = self._chars
        pieces = text.split(chars.terminator)
        pieces.pop()
        if chars.release is not None and chars.release + chars.terminator in text:
            pieces = join_released(pieces, chars.terminator, chars.release)
        if chars.terminator == "\n":
            pieces = [piece.removesuffix("\r") for piece in pieces]
        return pieces

    def _has_blanks(self, text: str) -> bool:
        """Tell whether something may stand between segments."""
        return text[0] in _BETWEEN_TEXT or any(self._chars.terminator + blank in text for blank in _BETWEEN_TEXT)

    @staticmethod
    def _has_breaks(text: str, texts: list[str]) -> bool:
        if "\n" not in text and "\r" not in text:
            return False
        joined = "\0".join(texts)
        return "\n" in joined or "\r" in joined

    def _one_by_one(self, data: bytes, offset: int) -> Iterator[Run | Fault]:
        """Yield the segments of a block in which a byte cannot be decoded."""
        for piece in self._pieces(data.decode("latin-1")):
            stripped = piece.lstrip(_BETWEEN_TEXT)
            at = offset + len(piece) - len(stripped)
            raw = stripped.encode("latin-1")
            offset += len(piece) + 1
            try:
                stripped, fault = raw.decode(self._codec), None
                segment = Segment(self._unwrapped(stripped), at, self._chars)
            except UnicodeDecodeError as error:
                segment = Segment(self._unwrapped(stripped), at, self._chars)
                message = (
                    f"Byte {raw[error.start]:#04x} at {at + error.start} is no character of {self._charset.identifier}"
                )
                fault = Fault("21", "error", message, at, segment)
            fault = self._beyond_limits(segment) or fault or self._stranger(segment, stripped)
            yield Run.of_one(segment)
            if fault:
                yield fault

    def _unwrapped(self, text: str) -> str:
        return text if self._strict else text.translate(_BREAKS)

    def _beyond_limits(self, segment: Segment) -> Fault | None:
        text = segment.text
        if len(text) > SEGMENT_LIMIT:
            return too_long(segment.offset)
        if text.count(self._chars.element) > ELEMENT_LIMIT and len(segment.raw_elements) > ELEMENT_LIMIT + 1:
            return Fault("16", "error", f"More than {ELEMENT_LIMIT} elements", segment.offset, segment)
        if text.count(self._chars.component) >= COMPONENT_LIMIT:
            split = self._chars.split
            for number, element in enumerate(segment.raw_elements, 1):
                if len(split(element, self._chars.component)) > COMPONENT_LIMIT:
                    message = f"More than {COMPONENT_LIMIT} components"
                    return Fault("16", "error", message, segment.offset, segment, element=number)
        return None

    def _stranger(self, segment: Segment, text: str) -> Fault | None:
        """Return what is wrong with the characters of a segment, whose text as received is `text`."""
        unusable = _UNUSABLE.search(text.translate(self._without_marks))
        if unusable:
            message = f"Control character {unusable.group()!r}"
            return Fault("21", "error", message, segment.offset, segment)
        if self._warned:
            return None
        found = self._charset.stranger(text)
        if found is None:
            return None
        self._warned = not self._strict
        message = f"{found!r} is no character of {self._charset.identifier}"
        return Fault("21", "error" if self._strict else "warning", message, segment.offset, segment)


def _some(run: Run) -> Iterator[Run]:
    if run.texts:
        yield run


def too_long(offset: int) -> Fault:
    """Return the fault that ends the reading: a segment that is none."""
    message = f"A segment is longer than {SEGMENT_LIMIT} bytes, or its terminator is missing"
    return Fault("39", "error", message, offset, fatal=True)
