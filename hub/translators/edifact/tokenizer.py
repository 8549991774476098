"""Bytes to segments, in flat memory, the same for any split of the bytes.

Strategy: the input is cut into blocks of one size, whatever the chunks were. In a block
the complete segments are decoded and split in one go, by C code; a segment that is not
complete waits for the next block. An interchange begins with UNA or UNB, which say how the
rest is read, and ends with its UNZ, or where the next one begins; what stands between
interchanges is skipped, and told.

The reader yields segments, in runs or one by one, and each `Fault` right after the segment that it
concerns. It never raises for what a partner sent: what cannot be read further ends
the stream with a fatal fault.

Source: ISO 9735 versions 1 to 4; 0085 for the codes.
"""

from collections.abc import Generator, Iterable, Iterator

from hub.canonical.finding import Level
from hub.translators.edifact.opening import (
    BLANK,
    BOM,
    NEEDED,
    OTHER_FORMATS,
    START,
    Fault,
    Opening,
    read_opening,
)
from hub.translators.edifact.run import Run
from hub.translators.edifact.script import BETWEEN, Script, Strictness, too_long
from hub.translators.edifact.syntax import SEGMENT_LIMIT, Segment

_BLOCK = SEGMENT_LIMIT
_PACKAGES_SINCE = 4
_OBJECT_LENGTH = 4
"""The element of UNO that tells the length of the binary object behind it (0810)."""


class Tokenizer:
    """Reads segments from chunks of bytes.

    `strictness` decides about characters outside the declared repertoire: an error in
    each segment, or one warning. Lenient reading takes 8-bit bytes under UNOA and UNOB as
    `fallback`, the set that the agreement names, and drops line breaks inside segments, which
    files wrapped at 72 or 80 columns have. With a `codec` that is agreed, bytes are what it
    says, whatever UNB says of them. `offset` counts from the first byte given.
    `opening` tells how the interchange is read whose segments come at the moment.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        *,
        strictness: Strictness = "lenient",
        fallback: str = "UNOC",
        codec: str | None = None,
        offset: int = 0,
    ) -> None:
        self._blocks = _blocks(chunks)
        self._strictness: Strictness = strictness
        self._fallback = fallback
        self._codec = codec
        self._buffer = b""
        self._at = 0
        self._offset = offset
        self._ended = False
        self.opening: Opening | None = None

    def read(self) -> Iterator[Segment | Fault]:
        """Yield segments and faults, interchange after interchange, to the end of the input."""
        for item in self.runs():
            if isinstance(item, Run):
                yield from item
            else:
                yield item

    def runs(self) -> Iterator[Run | Fault]:
        """Yield the same with the segments in runs, none of which goes beyond an interchange."""
        first = True
        while (yield from self._skip_to_interchange(first=first)):
            opening = read_opening(self._look(NEEDED), self._offset + self._at, self._codec)
            if isinstance(opening, Fault):
                yield opening
                return
            yield from opening.faults
            self.opening = opening
            self._at += opening.start
            fatal = yield from self._read_interchange(Script(opening, self._strictness, self._fallback))
            if fatal:
                return
            first = False

    def _read_interchange(self, script: "Script") -> Generator[Run | Fault, None, bool]:
        """Yield the segments to UNZ or to the next interchange; return whether nothing more can be read."""
        begun = False
        while True:
            self._skip(BETWEEN)
            self._fill(NEEDED)
            head = self._buffer[self._at : self._at + 3]
            if begun and head in {b"UNA", b"UNB"} and START.match(self._buffer, self._at):
                return False
            end = script.end(self._buffer, self._at, alone=head in {b"UNZ", b"UNO"})
            if end < 0:
                if len(self._buffer) - self._at > SEGMENT_LIMIT:
                    yield too_long(self._offset + self._at)
                    return True
                if self._ended:
                    yield from self._unterminated(script)
                    return True
                self._fill(len(self._buffer) - self._at + 1)
                continue
            last = None
            for item in script.runs(self._buffer[self._at : end], self._offset + self._at):
                yield item
                last = item
            begun = True
            self._at = end
            if isinstance(last, Fault) and last.fatal:
                return True
            if head == b"UNZ":
                return False
            if head == b"UNO" and isinstance(last, Run):
                yield from self._skip_object(last.segment(0))

    def _unterminated(self, script: "Script") -> Iterator[Run | Fault]:
        """Take what stands at the end of the input without a terminator as a segment, and say so."""
        rest, offset = self._buffer[self._at :].rstrip(BLANK), self._offset + self._at
        self._at = len(self._buffer)
        if rest:
            yield from script.runs(rest + script.terminator, offset)
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
