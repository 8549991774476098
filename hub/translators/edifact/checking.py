"""A file checked: what is wrong with it and where. Nothing is stored, and nobody need have agreed to it."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Literal, NamedTuple

from hub.canonical.agreement import Agreement, Edition
from hub.canonical.finding import Finding
from hub.translators.edifact.found import any_error
from hub.translators.edifact.interchange import InterchangeRead, read
from hub.translators.edifact.opening import NEEDED, Fault, Opening, read_opening
from hub.translators.edifact.quoting import Quote, quoted
from hub.translators.edifact.slices import FileBytes, InterchangeSlice, split
from hub.translators.edifact.wide import CODEC, NARROW, narrowed

MOST_FINDINGS = 10_000
"""Of one file: a person reads the first of them."""
_CHUNK = 1_000_000
Verdict = Literal["valid", "findings", "unreadable"]


class Found(NamedTuple):
    """One finding, with its line, and what stands there."""

    finding: Finding
    quote: Quote | None


class Report(NamedTuple):
    """What there is to say about a file, in the order of its bytes. Warnings alone leave it valid.

    `left_out` counts the findings beyond `MOST_FINDINGS`.
    """

    verdict: Verdict
    interchanges: int
    messages: int
    found: tuple[Found, ...]
    left_out: int


def examine(data: FileBytes, agreement: Agreement | None = None, edition: Edition | None = None) -> Report:
    """Check a file of interchanges, as an agreement says or as each message itself does, in an edition if one is named.

    Raises LimitExceeded for more interchanges than one file may have.
    """
    data = legible(data, agreement)
    slices = split(data)
    readable = wrong = False
    messages = left_out = 0
    kept: list[Finding] = []
    for one in slices:
        for item in read(chunks_of(data, one), agreement, edition=edition, offset=one.offset):
            if isinstance(item, InterchangeRead):
                readable = readable or item.header is not None
                found = [*item.findings, *(finding for group in item.groups for finding in group.findings)]
            else:
                messages += 1
                found = list(item.verdict.findings)
            wrong = wrong or any_error(found)
            room = MOST_FINDINGS - len(kept)
            kept += found[:room]
            left_out += len(found[room:])
    kept.sort(key=_order)
    verdict: Verdict = "unreadable" if not readable else "findings" if wrong else "valid"
    return Report(verdict, len(slices), messages, tuple(_located(data, slices, kept, codec_of(agreement))), left_out)


def _offset(finding: Finding) -> int:
    return finding.location.offset or 0


def _order(finding: Finding) -> tuple[int, int, int]:
    return _offset(finding), finding.location.element or 0, finding.location.component or 0


def chunks_of(data: FileBytes, one: InterchangeSlice) -> Iterator[bytes]:
    """Yield the bytes of an interchange in pieces."""
    end = one.offset + one.length
    for start in range(one.offset, end, _CHUNK):
        yield data[start : min(start + _CHUNK, end)]


def codec_of(agreement: Agreement | None) -> str | None:
    """Return what is agreed on the bytes of a partner, if anything; of UNOY, what it is read as."""
    codec = agreement.edi.codec if agreement is not None and agreement.edi is not None else None
    return NARROW if codec == CODEC else codec


def legible(data: FileBytes, agreement: Agreement | None) -> FileBytes:
    """Return a file as it is read: one in characters of two bytes, if that is agreed, in UTF-8."""
    is_agreed = agreement is not None and agreement.edi is not None and agreement.edi.codec == CODEC
    return b"".join(narrowed([data[:]])) if is_agreed else data


def _located(
    data: FileBytes, slices: Sequence[InterchangeSlice], findings: Sequence[Finding], codec: str | None
) -> Iterator[Found]:
    """Yield the findings, which are in the order of their offsets, with their lines and what they point at."""
    openings: dict[int, Opening | Fault] = {}
    line, counted = 1, 0
    for finding in findings:
        offset = _offset(finding)
        line += sum(data[start : min(start + _CHUNK, offset)].count(b"\n") for start in range(counted, offset, _CHUNK))
        counted = max(counted, offset)
        start = slices[max(bisect_right(slices, offset, key=attrgetter("offset")) - 1, 0)].offset
        if start not in openings:
            openings[start] = read_opening(data[start : start + NEEDED], start, codec)
        opening = openings[start]
        place = finding.location.model_copy(update={"line": line, "offset": offset})
        quote = quoted(data, opening, place) if isinstance(opening, Opening) else None
        yield Found(finding.model_copy(update={"location": place}), quote)
