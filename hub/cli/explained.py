"""What `hub edi explain` and `hub edi tree` print for people."""

from collections.abc import Iterator

from hub.translators.edifact.checking import Found
from hub.translators.edifact.explaining import Explained, SegmentTold
from hub.translators.edifact.telling import counted, place_in_words

_INDENT = "  "


def as_text(explained: Explained, name: str) -> Iterator[str]:
    """Yield the lines of a file in words: a segment, its values below it, what is wrong below these."""
    for segment in explained.segments:
        yield f"{_INDENT * segment.depth}{_head(segment)}"
        inner = _INDENT * (segment.depth + 2)
        for value in segment.values:
            meaning = f" ({value.meaning})" if value.meaning else ""
            yield f"{inner}{value.label}: {value.value}{meaning}"
        yield from (f"{inner}{_wrong(one)}" for one in segment.found)
    yield from _end(explained, name)


def as_tree(explained: Explained, name: str) -> Iterator[str]:
    """Yield a line for each segment, indented by the groups that it stands in; what is wrong stands below."""
    for segment in explained.segments:
        yield f"{_INDENT * segment.depth}{segment.text}"
        yield from (f"{_INDENT * (segment.depth + 2)}{_wrong(one)}" for one in segment.found)
    yield from _end(explained, name)


def _head(segment: SegmentTold) -> str:
    position = f"{segment.position} " if segment.position else ""
    return f"{position}{segment.tag}" + (f"  {segment.label}" if segment.label else "")


def _wrong(one: Found) -> str:
    return f"!! {one.finding.level} {one.finding.code}: {one.finding.message}"


def _end(explained: Explained, name: str) -> Iterator[str]:
    for one in explained.elsewhere:
        yield f"{', '.join(place_in_words(one.finding))}: {_wrong(one)}"
    report = explained.report
    counts = counted(report.interchanges, "interchange"), counted(report.messages, "message")
    yield f"{name}: {report.verdict}: {', '.join(counts)}"
