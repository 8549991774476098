"""What we wrote, read by somebody else: pydifact beside our own reader, segment by segment.

An error in how we escape and an error in how we resolve it can hide each other; an
independent reader has neither. Where the two readings differ, the document must not leave.

pydifact splits and resolves; its judgement on segments is not asked, since its tables
are of other directories than ours. It looks for UNA in the middle of text where none
stands at the beginning, so it is always given one.

Source: ISO 9735, service characters.
"""

from collections.abc import Iterator
from itertools import zip_longest

from pydifact.exceptions import EDISyntaxError
from pydifact.parser import Parser
from pydifact.segments import Segment as TheirSegment
from pydifact.segments import SegmentFactory

from hub.canonical.finding import Finding, Location
from hub.translators.edifact import wide
from hub.translators.edifact.opening import NEEDED, Fault, read_opening
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer

CODE = "read_back"
"""The code of a finding that holds a document."""

Values = list[list[str]]
"""A segment's elements, each the list of its components, without empty ones at the end."""


def differences(interchange: bytes, codec: str | None = None) -> tuple[Finding, ...]:
    """Return where the second reader reads an interchange of ours otherwise than we do; nothing means it may leave.

    `codec` is what is agreed on the bytes, if anything.
    """
    if codec == wide.CODEC:
        interchange, codec = b"".join(wide.narrowed([interchange])), wide.NARROW
    opening = read_opening(interchange[:NEEDED], 0, codec)
    if isinstance(opening, Fault):
        return (_finding(f"We cannot read it ourselves: {opening.message}", opening.offset),)
    una = "" if interchange.startswith(b"UNA") else opening.chars.una
    try:
        theirs = list(_theirs(una + interchange.decode(opening.charset.codec)))
    except (EDISyntaxError, ValueError) as error:
        return (_finding(f"The second reader cannot read it: {error}", 0),)
    return tuple(_compare(interchange, theirs, codec))


def _compare(interchange: bytes, theirs: list[tuple[str, Values]], codec: str | None) -> Iterator[Finding]:
    ours: list[Segment] = []
    for item in Tokenizer([interchange], strictness="strict", codec=codec).read():
        if isinstance(item, Fault):
            yield _finding(f"We cannot read it ourselves: {item.message}", item.offset)
        else:
            ours.append(item)
    for segment, other in zip_longest(ours, theirs):
        if segment is None:
            yield _finding(f"The second reader reads a segment more: {other[0]}", len(interchange))
        elif other is None:
            yield _finding(f"The second reader reads no {segment.tag}", segment.offset)
        elif (segment.tag, _trimmed(segment.elements)) != other:
            yield _finding(f"{segment.text!r} is read as {other[0]} with {other[1]}", segment.offset)


def _theirs(text: str) -> Iterator[tuple[str, Values]]:
    for segment in Parser(factory=_Unjudging()).parse(text):
        if segment.tag != "UNA":
            elements = [[each] if isinstance(each, str) else each for each in segment.elements]
            yield segment.tag, _trimmed(elements)


class _Unjudging(SegmentFactory):
    """Makes pydifact's segments without its judgement, and so without its warnings that it has no table for them."""

    @staticmethod
    def create_segment(name: str, *elements: str | list[str], **_: object) -> TheirSegment:
        """Return a segment as it was read."""
        return SegmentFactory.create_segment(name, *elements, validate=False)


def _trimmed(elements: Values) -> Values:
    """Return elements without empty components and elements at the end, which mean nothing."""
    found = [_without_empty_end(components) for components in elements]
    while found and not found[-1]:
        found.pop()
    return found


def _without_empty_end(components: list[str]) -> list[str]:
    end = len(components)
    while end and not components[end - 1]:
        end -= 1
    return components[:end]


def _finding(message: str, offset: int) -> Finding:
    return Finding(code=CODE, location=Location(offset=offset), message=message)
