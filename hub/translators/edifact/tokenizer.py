"""Bytes to segments, in flat memory, the same for any split of the bytes.

Strategy: the input is cut into blocks of one size, whatever the chunks were. In a block
the complete segments are decoded and split in one go; a segment that is not complete
waits for the next block. An interchange begins with UNA or UNB, which say how the rest
is read, and ends with its UNZ; what stands between interchanges is skipped, and told.

The reader yields each `Segment`, and each `Fault` right after the segment that it
concerns. It never raises for what a partner sent: what cannot be read further ends
the stream with a fatal fault.

Source: ISO 9735 versions 1 to 4; 0085 for the codes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hub.canonical.finding import Level
from hub.errors import UnreadableInput
from hub.translators.edifact.charsets import Charset, charset
from hub.translators.edifact.syntax import (
    COMPONENT_LIMIT,
    ELEMENT_LIMIT,
    SEGMENT_LIMIT,
    Segment,
    ServiceCharacters,
    join_released,
)

_BLOCK = SEGMENT_LIMIT
_BLANK = b" \t\r\n\x00\x1a"
_BOM = b"\xef\xbb\xbf"
_START = re.compile(rb"UNA[^\r\n]{5}[\s\S]\s*UNB|UNB[+\x1d]")
_LEVEL_B_MARKS = ServiceCharacters(component="\x1f", element="\x1d", release=None, terminator="\x1c")
_NEEDED_TO_BEGIN = 1024
"""Bytes that surely hold UNA and the syntax identifier in UNB."""
_OTHER_FORMATS = (
    (b"ISA", "This is X12, which is not supported"),
    (b"STX=", "This is TRADACOMS, which is not supported"),
    (b"UIB", "Interactive EDI is not supported"),
)

Strictness = Literal["strict", "lenient"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What the bytes themselves do wrong: an 0085 code, at a byte offset, in a segment or between segments.

    `tag` names a service segment or UNA where the fault is the interchange's; after a
    `fatal` one nothing more can be read.
    """

    code: str
    level: Level
    message: str
    offset: int
    segment: Segment | None = None
    tag: str | None = None
    fatal: bool = False


@dataclass(slots=True)
class _Opening:
    """What UNA and the first characters of UNB say: where UNB stands, and how the interchange is read."""

    chars: ServiceCharacters
    charset: Charset
    start: int
    faults: list[Fault]


class Tokenizer:
    """Reads segments from chunks of bytes.

    `strictness` decides about characters outside the declared repertoire: an error in
    each segment, or one warning. Lenient reading takes 8-bit bytes under UNOA and UNOB as
    `fallback`, the set that the agreement names. `offset` counts from the first byte given.
    """

    def __init__(
        self, chunks: Iterable[bytes], *, strictness: Strictness = "lenient", fallback: str = "UNOC", offset: int = 0
    ) -> None:
        self._blocks = _blocks(chunks)
        self._strict = strictness == "strict"
        self._fallback = charset(fallback) or charset("UNOC")
        self._buffer = b""
        self._offset = offset
        self._ended = False
        self._warned = False

    def read(self) -> Iterator[Segment | Fault]:
        """Yield segments and faults, interchange after interchange, to the end of the input."""
        first = True
        while True:
            yield from self._skip_to_interchange(first=first)
            if not self._buffer:
                return
            opening = self._open()
            if isinstance(opening, Fault):
                yield opening
                return
            first = False
            yield from opening.faults
            self._advance(opening.start)
            fatal = yield from self._read_interchange(opening.chars, opening.charset)
            if fatal:
                return

    def _fill(self, size: int) -> None:
        """Have at least `size` bytes in the buffer, if the input has them."""
        while len(self._buffer) < size and not self._ended:
            block = next(self._blocks, None)
            if block is None:
                self._ended = True
            else:
                self._buffer += block

    def _advance(self, size: int) -> None:
        self._buffer = self._buffer[size:]
        self._offset += size

    def _skip_to_interchange(self, *, first: bool) -> Iterator[Fault]:
        """Drop blanks and a byte order mark; tell what else stands before the next UNA or UNB, and drop it."""
        self._skip_blanks()
        if self._buffer.startswith(_BOM):
            self._advance(len(_BOM))
            self._skip_blanks()
        self._fill(_NEEDED_TO_BEGIN)
        if not self._buffer:
            if first:
                yield Fault("13", "error", "The input is empty", self._offset, tag="UNB", fatal=True)
            return
        if self._buffer.startswith((b"UNA", b"UNB")):
            return
        yield self._stray(first=first)
        self._skip_stray()

    def _stray(self, *, first: bool) -> Fault:
        if not first:
            return Fault("33", "error", "Text stands after the interchange", self._offset, tag="UNZ")
        for start, message in _OTHER_FORMATS:
            if self._buffer.startswith(start):
                return Fault("47", "error", message, self._offset, tag="UNB")
        return Fault("22", "error", "Neither UNA nor UNB stands at the beginning", self._offset, tag="UNB")

    def _skip_blanks(self) -> None:
        self._fill(1)
        while self._buffer:
            rest = self._buffer.lstrip(_BLANK)
            self._advance(len(self._buffer) - len(rest))
            if rest:
                return
            self._fill(1)

    def _skip_stray(self) -> None:
        while True:
            found = _START.search(self._buffer)
            if found:
                self._advance(found.start())
                self._fill(_NEEDED_TO_BEGIN)
                return
            self._advance(max(0, len(self._buffer) - _NEEDED_TO_BEGIN))
            if self._ended:
                self._advance(len(self._buffer))
                return
            self._fill(_NEEDED_TO_BEGIN + 1)

    def _open(self) -> _Opening | Fault:
        """Read UNA and the syntax identifier; the buffer stays at UNA or UNB."""
        faults: list[Fault] = []
        announced = None
        start = 0
        if self._buffer.startswith(b"UNA"):
            start = 9
            try:
                announced = ServiceCharacters.from_una(self._buffer[3:9].decode("latin-1"))
            except UnreadableInput as error:
                faults.append(Fault("20", "error", str(error), self._offset, tag="UNA"))
            start += len(self._buffer[start:]) - len(self._buffer[start:].lstrip(_BLANK))
        unb = self._buffer[start : start + _NEEDED_TO_BEGIN].decode("latin-1")
        chars = announced or _default_marks(unb)
        if not unb.startswith("UNB") or chars is None or unb[3:4] != chars.element:
            return Fault("22", "error", "UNB does not follow with the service characters", self._offset, tag="UNB")
        identifier, version = _syntax_identifier(unb, chars)
        if announced is None and version >= 4:  # noqa: PLR2004 - syntax version 4
            chars = ServiceCharacters(
                chars.component, chars.element, chars.decimal, chars.release, "*", chars.terminator
            )
        chars = chars.for_version(version)
        declared = charset(identifier)
        if declared is None:
            code = "46" if version >= 4 else "2"  # noqa: PLR2004 - syntax version 4
            message = f"The character set {identifier or '(none)'} is not supported"
            faults.append(Fault(code, "error", message, self._offset + start, tag="UNB"))
        readable = declared or charset("UNOC")
        assert readable is not None  # noqa: S101 - UNOC is one of ours
        return _Opening(chars, readable.with_marks(chars), start, faults)
