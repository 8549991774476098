"""Many documents of ours in one interchange.

The messages are taken as they were frozen; only what names them changes: the references
in UNH and UNT count from 1, and UNB and UNZ are those of the new interchange.

Source: ISO 9735 UNB, UNH, UNT, UNZ.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from hub.translators.edifact.opening import NEEDED, Fault, Opening, read_opening
from hub.translators.edifact.slices import segment_end
from hub.translators.edifact.syntax import Segment

_DATE_AND_TIME, _REFERENCE = 4, 5
"""Elements of UNB by which interchanges of one sender differ."""
_CENTURY = 8


def envelope(document: bytes) -> bytes:
    """Return what stands before the message of an interchange of ours, but for its date and its reference.

    Documents can be collected where this is the same. Raises ValueError for what is no interchange.
    """
    una, unb, _ = _taken_apart(document)
    elements = list(unb.raw_elements)
    elements[_DATE_AND_TIME] = elements[_REFERENCE] = ""
    return una + unb.chars.element.join(elements).encode(_opening(document).charset.codec)


def collected(documents: Sequence[bytes], *, reference: str, now: datetime) -> bytes:
    """Return one interchange of documents that have one envelope, each an interchange with one message.

    `reference` (UNB 0020) has at most 14 characters, `now` is the time that UNB states.
    Raises ValueError for what is no interchange.
    """
    una, unb, _ = _taken_apart(documents[0])
    chars = unb.chars
    elements = list(unb.raw_elements)
    elements[_DATE_AND_TIME] = chars.component.join(_date_and_time(unb, now))
    elements[_REFERENCE] = reference
    head = chars.element.join(elements) + chars.terminator
    tail = chars.element.join(("UNZ", str(len(documents)), reference)) + chars.terminator
    messages = (_renamed(_taken_apart(one)[2], number, chars.element) for number, one in enumerate(documents, 1))
    return una + head.encode(_opening(documents[0]).charset.codec) + b"".join(messages) + tail.encode("ascii")


def _opening(document: bytes) -> Opening:
    opening = read_opening(document[:NEEDED], 0)
    if isinstance(opening, Fault):
        raise ValueError(opening.message)  # noqa: TRY004 - of a wrong document, not of a wrong type
    return opening


def _taken_apart(document: bytes) -> tuple[bytes, Segment, bytes]:
    """Return UNA, UNB and the message from UNH to UNT."""
    opening = _opening(document)
    end = segment_end(document, opening.start, opening)
    unb = Segment(document[opening.start : end - 1].decode(opening.charset.codec), 0, opening.chars)
    tail = document.rindex(f"{opening.chars.terminator}UNZ{opening.chars.element}".encode()) + 1
    return document[: opening.start], unb, document[end:tail]


def _renamed(message: bytes, number: int, separator: str) -> bytes:
    """Return a message under another reference, in UNH its second value, in UNT its last."""
    mark, name = separator.encode(), str(number).encode()
    unh, _, rest = message.split(mark, 2)
    body, last = rest.rsplit(mark, 1)
    return mark.join((unh, name, body, name + last[-1:]))


def _date_and_time(unb: Segment, now: datetime) -> tuple[str, str]:
    at = now.astimezone(UTC)
    return at.strftime("%Y%m%d" if len(unb.value(_DATE_AND_TIME)) == _CENTURY else "%y%m%d"), at.strftime("%H%M")
