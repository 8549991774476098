"""The interchanges of a file as a door stores them: each under its source key, the answer to a repetition ready."""

import hashlib
from collections.abc import Sequence

from hub.canonical.agreement import EdiAgreement
from hub.canonical.finding import Finding, Location
from hub.canonical.intake import InterchangeChecked
from hub.store.arrivals import Part
from hub.translators.edifact.slices import FileBytes, Header, InterchangeSlice

DUPLICATE = "26"
"""0085: duplicate detected."""


def parts_of(body: FileBytes, slices: Sequence[InterchangeSlice], edi: EdiAgreement | None) -> tuple[Part, ...]:
    """Return a file's interchanges under their source keys; where UNB is not readable the bytes are the key."""
    view = memoryview(body)
    digests = (hashlib.sha256(view[one.offset : one.offset + one.length]).hexdigest() for one in slices)
    return tuple(part_of(sha256, one, edi) for sha256, one in zip(digests, slices, strict=True))


def part_of(sha256: str, one: InterchangeSlice, edi: EdiAgreement | None) -> Part:
    """Return one interchange, whose bytes have this SHA-256."""
    key = one.source_key(with_date=edi is not None and edi.reference_includes_date)
    return Part(
        source_key=key or f"sha256:{sha256}",
        sha256=sha256,
        length=one.length,
        offset=one.offset,
        reference=one.header.reference if one.header else "",
        test=one.header is not None and one.header.test,
        rejection=_rejection(one.header) if one.header else None,
        reject_duplicates=edi is not None and edi.duplicate_answer == "reject",
    )


def _rejection(header: Header) -> InterchangeChecked:
    """Return what the sender is told of an interchange whose reference was used before.

    Source: CONTRL UCI 0083 = 4, 0085 = 26.
    """
    place = Location(interchange=header.reference, tag="UNB", segment=1)
    return InterchangeChecked(
        reference=header.reference,
        sender=header.sender,
        recipient=header.recipient,
        syntax_identifier=header.syntax_identifier,
        syntax_version=header.syntax_version,
        accepted=False,
        findings=(Finding(code=DUPLICATE, location=place, message="this control reference was used before"),),
        requested=header.requested,
    )
