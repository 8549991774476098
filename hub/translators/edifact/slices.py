"""Where the interchanges of a file begin and end: what a door must know before it says yes.

Only the envelope is looked at: bytes are searched, values are not split. An interchange
ends with its UNZ, or where the next one begins; text that stands between two belongs to
the first, where its reader will find it.

Source: ISO 9735 UNA, UNB, UNZ.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from mmap import mmap

from hub.canonical.agreement import InterchangeAddress
from hub.errors import LimitExceeded
from hub.translators.edifact.opening import BLANK, BOM, NEEDED, START, Fault, Opening, read_opening
from hub.translators.edifact.syntax import SEGMENT_LIMIT, Segment
from hub.translators.edifact.wide import NARROW, is_wide, narrowed

FileBytes = bytes | mmap
"""A file in memory, or mapped into it: it is searched, and only small pieces of it are ever copied."""

MOST_INTERCHANGES = 10_000
"""Of one file: all of them are taken in by one transaction, for which others wait."""

_CENTURY = 50
_TEST = frozenset({"1", "2", "3", "4"})
_SHORT_DATE, _LONG_DATE = 6, 8
_BREAKS = str.maketrans("", "", "\r\n")


@dataclass(frozen=True, slots=True)
class Header:
    """What UNB says. `sender` and `recipient` are S002 and S003 as received (`5412345000013:14`)."""

    reference: str
    sender: str
    recipient: str
    sender_address: InterchangeAddress | None
    recipient_address: InterchangeAddress | None
    test: bool
    date: date | None
    requested: bool
    syntax_identifier: str
    syntax_version: int


@dataclass(frozen=True, slots=True)
class InterchangeSlice:
    """One interchange of a file: `length` bytes from `offset`, and what its UNB says.

    `readable` tells that UNB names a sender and a reference, which make the source key; if
    not, the slice is known by its bytes alone and `header` is None.
    """

    offset: int
    length: int
    header: Header | None = None

    @property
    def readable(self) -> bool:
        """Whether UNB names a sender and a reference."""
        return self.header is not None

    def source_key(self, *, with_date: bool = False) -> str | None:
        """Return sender, recipient, reference (and date), and whether it is a test; None where UNB is not readable."""
        header = self.header
        if header is None:
            return None
        parts = [header.sender, header.recipient, header.reference]
        if with_date and header.date:
            parts.append(header.date.isoformat())
        if header.test:
            parts.append("test")
        return "/".join(parts)


def split(data: FileBytes) -> list[InterchangeSlice]:
    """Return the interchanges of a file. What does not begin with UNA or UNB is one slice that is not readable.

    Raises LimitExceeded for more than `MOST_INTERCHANGES`.
    """
    slices = list(islice(_slices(data), MOST_INTERCHANGES + 1))
    if len(slices) > MOST_INTERCHANGES:
        raise LimitExceeded(f"more than {MOST_INTERCHANGES} interchanges in one file: send them in several")
    return slices


def _slices(data: FileBytes) -> Iterator[InterchangeSlice]:
    if is_wide(data[:NEEDED]):
        yield InterchangeSlice(0, len(data), _wide_header(data))
        return
    start = _skip_blank(data, 0)
    if data[start : start + len(BOM)] == BOM:
        start = _skip_blank(data, start + len(BOM))
    if not START.match(data, start):
        yield InterchangeSlice(0, len(data))
        return
    while start < len(data):
        opening = read_opening(data[start : start + NEEDED], start)
        if isinstance(opening, Fault):
            yield InterchangeSlice(start, len(data) - start)
            return
        unb_end = segment_end(data, start + opening.start, opening)
        end = _interchange_end(data, unb_end, opening)
        following = _next_start(data, end)
        yield InterchangeSlice(
            start, following[0] - start, _read_header(data[start + opening.start : unb_end], opening)
        )
        start = following[1]


def _wide_header(data: FileBytes) -> Header | None:
    """Return what UNB says in characters of two bytes; a file of them is taken as one interchange."""
    head = b"".join(narrowed([data[: 2 * NEEDED]])).removeprefix(BOM)
    opening = read_opening(head, 0, NARROW)
    if isinstance(opening, Fault):
        return None
    return _read_header(head[opening.start : segment_end(head, opening.start, opening)], opening)


def _skip_blank(data: FileBytes, start: int) -> int:
    while start < len(data) and data[start] in BLANK:
        start += 1
    return start


def _next_start(data: FileBytes, end: int) -> tuple[int, int]:
    """Return where a slice ends and the next begins: blanks belong to neither, other text to the first."""
    start = _skip_blank(data, end)
    if start >= len(data):
        return end, start
    if START.match(data, start):
        return end, start
    found = START.search(data, start)
    following = found.start() if found else len(data)
    return following, following


def segment_end(data: FileBytes, start: int, opening: Opening) -> int:
    """Return where the segment that begins at `start` ends, its terminator included."""
    terminator = opening.chars.terminator.encode("ascii")
    end = data.find(terminator, start, start + SEGMENT_LIMIT)
    while end >= 0 and _is_released(data, end, start, opening):
        end = data.find(terminator, end + 1, start + SEGMENT_LIMIT)
    return len(data) if end < 0 else end + 1


def _is_released(data: FileBytes, place: int, start: int, opening: Opening) -> bool:
    release = ord(opening.chars.release or "\0")
    before = place
    while before > start and data[before - 1] == release and opening.chars.release:
        before -= 1
    return bool((place - before) % 2)


def _interchange_end(data: FileBytes, start: int, opening: Opening) -> int:
    """Return where UNZ ends, or where the next interchange begins without one, or the input ends."""
    terminator = opening.chars.terminator.encode("ascii")
    blank = b"[" + b" \t\r\n".translate(None, terminator) + b"]*"
    border = re.compile(re.escape(terminator) + blank + b"(?:(UNZ)|UNA|UNB)")
    found = border.search(data, start - 1)
    while found:
        tag = found.end() - 3
        if not _is_released(data, found.start(), start, opening):
            if found[1]:
                return segment_end(data, tag, opening)
            if START.match(data, tag):
                return found.start() + 1
        found = border.search(data, found.start() + 1)
    return len(data)


def _read_header(unb: bytes, opening: Opening) -> Header | None:
    text = opening.charset.legible(unb).removesuffix(opening.chars.terminator).translate(_BREAKS)
    header = read_header(Segment(text, 0, opening.chars), opening.syntax_identifier, opening.syntax_version)
    return header if header.reference and header.sender_address else None


def read_header(unb: Segment, syntax_identifier: str, syntax_version: int) -> Header:
    """Return what UNB says; what it does not say is empty or None."""
    return Header(
        reference=unb.value(5),
        sender=":".join(unb.components(2)),
        recipient=":".join(unb.components(3)),
        sender_address=_address(unb, 2),
        recipient_address=_address(unb, 3),
        test=unb.value(11) in _TEST,
        date=_date(unb.value(4)),
        requested=unb.value(9) in {"1", "2"},
        syntax_identifier=syntax_identifier,
        syntax_version=syntax_version,
    )


def _address(unb: Segment, element: int) -> InterchangeAddress | None:
    identifier = unb.value(element)
    if not identifier or len(identifier) > 128:  # noqa: PLR2004 - the longest identifier that the hub keeps
        return None
    return InterchangeAddress(identifier=identifier, qualifier=unb.value(element, 2) or None)


def _date(text: str) -> date | None:
    if not (text.isascii() and text.isdigit()) or len(text) not in {_SHORT_DATE, _LONG_DATE}:
        return None
    if len(text) == _SHORT_DATE:
        text = ("19" if int(text[:2]) >= _CENTURY else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
