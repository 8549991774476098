"""Bytes to segments, in flat memory, the same for any split of the bytes.

Strategy: the input is cut into blocks of one size, whatever the chunks were. In a block
the complete segments are decoded and split in one go, by C code; a segment that is not
complete waits for the next block. An interchange begins with UNA or UNB, which say how the
rest is read, and ends with its UNZ, or where the next one begins; what stands between
interchanges is skipped, and told.

The reader yields each `Segment`, and each `Fault` right after the segment that it
concerns. It never raises for what a partner sent: what cannot be read further ends
the stream with a fatal fault.

Source: ISO 9735 versions 1 to 4; 0085 for the codes.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from typing import Literal

from hub.canonical.finding import Level
from hub.translators.edifact.charsets import charset
from hub.translators.edifact.opening import (
    BLANK,
    BOM,
    NEEDED,
    OTHER_FORMATS,
    START,
    Fault,
    Opening,
    latin_1,
    read_opening,
)
from hub.translators.edifact.syntax import COMPONENT_LIMIT, ELEMENT_LIMIT, SEGMENT_LIMIT, Segment, join_released

__all__ = ["Fault", "Strictness", "Tokenizer"]

Strictness = Literal["strict", "lenient"]

_BLOCK = SEGMENT_LIMIT
_BETWEEN = b" \t\r\n"
_BETWEEN_TEXT = " \t\r\n"
_BREAKS = str.maketrans("", "", "\r\n")
_UNUSABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters that no value can mean: no set has them, and databases refuse the first."""
_PACKAGES_SINCE = 4
_OBJECT_LENGTH = 4
"""The element of UNO that tells the length of the binary object behind it (0810)."""


class Tokenizer:
    """Reads segments from chunks of bytes.

    `strictness` decides about characters outside the declared repertoire: an error in
    each segment, or one warning. Lenient reading takes 8-bit bytes under UNOA and UNOB as
    `fallback`, the set that the agreement names, and drops line breaks inside segments, which
    files wrapped at 72 or 80 columns have. `offset` counts from the first byte given.
    `opening` tells how the interchange is read whose segments come at the moment.
    """

    def __init__(
        self, chunks: Iterable[bytes], *, strictness: Strictness = "lenient", fallback: str = "UNOC", offset: int = 0
    ) -> None:
        self._blocks = _blocks(chunks)
        self._strictness: Strictness = strictness
        self._fallback = fallback
        self._buffer = b""
        self._at = 0
        self._offset = offset
        self._ended = False
        self.opening: Opening | None = None

    def read(self) -> Iterator[Segment | Fault]:
        """Yield segments and faults, interchange after interchange, to the end of the input."""
        first = True
        while (yield from self._skip_to_interchange(first=first)):
            opening = read_opening(self._look(NEEDED), self._offset + self._at)
            if isinstance(opening, Fault):
                yield opening
                return
            yield from opening.faults
            self.opening = opening
            self._at += opening.start
            fatal = yield from self._read_interchange(_Script(opening, self._strictness, self._fallback))
            if fatal:
                return
            first = False

    def _read_interchange(self, script: "_Script") -> Generator[Segment | Fault, None, bool]:
        """Yield the segments to UNZ or to the next interchange; return whether nothing more can be read."""
        begun = False
        while True:
            self._skip(_BETWEEN)
            self._fill(NEEDED)
            head = self._buffer[self._at : self._at + 3]
            if begun and head in {b"UNA", b"UNB"} and START.match(self._buffer, self._at):
                return False
            end = script.end(self._buffer, self._at, alone=head in {b"UNZ", b"UNO"})
            if end < 0:
                if len(self._buffer) - self._at > SEGMENT_LIMIT:
                    yield _too_long(self._offset + self._at)
                    return True
                if self._ended:
                    yield from self._unterminated(script)
                    return True
                self._fill(len(self._buffer) - self._at + 1)
                continue
            last = None
            for item in script.segments(self._buffer[self._at : end], self._offset + self._at):
                yield item
                last = item
            begun = True
            self._at = end
            if isinstance(last, Fault) and last.fatal:
                return True
            if head == b"UNZ":
                return False
            if head == b"UNO" and isinstance(last, Segment):
                yield from self._skip_object(last)

    def _unterminated(self, script: "_Script") -> Iterator[Segment | Fault]:
        """Take what stands at the end of the input without a terminator as a segment, and say so."""
        rest, offset = self._buffer[self._at :].rstrip(BLANK), self._offset + self._at
        self._at = len(self._buffer)
        if rest:
            yield from script.segments(rest + script.terminator, offset)
            level: Level = "warning" if rest.startswith(b"UNZ") else "error"
            yield Fault("22", level, "The input ends without a segment terminator", offset, tag="UNZ")

    def _skip_object(self, uno: Segment) -> Iterator[Fault]:
        """Pass over the binary object of a package, which may hold any byte."""
        code = "47" if self.opening and self.opening.syntax_version >= _PACKAGES_SINCE else "33"
        yield Fault(code, "error", "Packages (UNO) are not supported", uno.offset, tag="UNO")
        length = uno.value(_OBJECT_LENGTH)
        rest = int(length) if length.isascii() and length.isdigit() and len(length) < 12 else 0  # noqa: PLR2004 - beyond any limit of input
        while rest:
            self._fill(1)
            step = min(rest, len(self._buffer) - self._at)
            self._at += step
            rest = rest - step if step else 0

    def _skip_to_interchange(self, *, first: bool) -> Generator[Fault, None, bool]:
        """Drop blanks and a byte order mark; tell what else stands before the next UNA or UNB, and drop it."""
        self._skip(BLANK)
        if self._look(len(BOM)) == BOM:
            self._at += len(BOM)
            self._skip(BLANK)
        head = self._look(NEEDED)
        if head.startswith((b"UNA", b"UNB")) and (not first or head):
            return True
        if head or first:
            yield self._stray(head, first=first)
            return self._skip_stray()
        return False

    def _stray(self, head: bytes, *, first: bool) -> Fault:
        offset = self._offset + self._at
        if not head:
            return Fault("13", "error", "The input is empty", offset, tag="UNB")
        if not first:
            return Fault("33", "error", "Text stands after the interchange", offset, tag="UNZ")
        for start, message in OTHER_FORMATS:
            if head.startswith(start):
                return Fault("47", "error", message, offset, tag="UNB")
        return Fault("22", "error", "Neither UNA nor UNB stands at the beginning", offset, tag="UNB")

    def _skip_stray(self) -> bool:
        while True:
            found = START.search(self._buffer, self._at)
            if found:
                self._at = found.start()
                return True
            self._at = max(self._at, len(self._buffer) - NEEDED)
            if self._ended:
                self._at = len(self._buffer)
                return False
            self._fill(len(self._buffer) - self._at + 1)

    def _skip(self, blank: bytes) -> None:
        while True:
            self._fill(1)
            rest = self._buffer[self._at : self._at + 80].lstrip(blank)
            skipped = min(80, len(self._buffer) - self._at) - len(rest)
            self._at += skipped
            if rest or not skipped:
                return

    def _look(self, size: int) -> bytes:
        self._fill(size)
        return self._buffer[self._at : self._at + size]

    def _fill(self, size: int) -> None:
        """Have at least `size` bytes in the buffer, if the input has them."""
        while len(self._buffer) - self._at < size and not self._ended:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
            else:
                self._offset += self._at
                self._buffer = self._buffer[self._at :] + block
                self._at = 0


class _Script:
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
        self._border = re.compile(mark + b"[" + _BETWEEN.translate(None, self.terminator) + b"]*UN[ABOZ]")
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

    def segments(self, data: bytes, offset: int) -> Iterator[Segment | Fault]:
        """Yield the segments that `data` consists of, the last with its terminator."""
        chars = self._chars
        try:
            text = data.decode(self._codec)
        except UnicodeDecodeError:
            yield from self._one_by_one(data, offset)
            return
        pieces = self._pieces(text)
        texts = [piece.lstrip(_BETWEEN_TEXT) for piece in pieces]
        has_breaks = self._has_breaks(text, texts)
        suspicious = has_breaks or not self._charset.is_clean(data)
        unwrap = has_breaks and not self._strict
        wide = len(text) != len(data)
        for piece, stripped in zip(pieces, texts, strict=True):
            size = len(stripped)
            whole = stripped.translate(_BREAKS) if unwrap else stripped
            yield (segment := Segment(whole, offset + len(piece) - size, chars))
            if suspicious and (fault := self._stranger(segment, stripped)):
                yield fault
            if size > COMPONENT_LIMIT and (fault := self._beyond_limits(segment)):
                yield fault
                if fault.fatal:
                    return
            offset += (len(piece.encode(self._codec)) if wide else len(piece)) + 1

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

    @staticmethod
    def _has_breaks(text: str, texts: list[str]) -> bool:
        if "\n" not in text and "\r" not in text:
            return False
        joined = "\0".join(texts)
        return "\n" in joined or "\r" in joined

    def _one_by_one(self, data: bytes, offset: int) -> Iterator[Segment | Fault]:
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
            yield segment
            if fault:
                yield fault

    def _unwrapped(self, text: str) -> str:
        return text if self._strict else text.translate(_BREAKS)

    def _beyond_limits(self, segment: Segment) -> Fault | None:
        text = segment.text
        if len(text) > SEGMENT_LIMIT:
            return _too_long(segment.offset)
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


def _too_long(offset: int) -> Fault:
    message = f"A segment is longer than {SEGMENT_LIMIT} bytes, or its terminator is missing"
    return Fault("39", "error", message, offset, fatal=True)


def _blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes of the chunks in blocks of one size; the last may be shorter."""
    waiting: list[bytes] = []
    size = 0
    for chunk in (chunks,) if isinstance(chunks, bytes) else chunks:
        start = 0
        while size + len(chunk) - start >= _BLOCK:
            end = start + _BLOCK - size
            yield b"".join([*waiting, chunk[start:end]])
            waiting, size, start = [], 0, end
        if start < len(chunk):
            waiting.append(chunk[start:])
            size += len(chunk) - start
    if waiting:
        yield b"".join(waiting)
