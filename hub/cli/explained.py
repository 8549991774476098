"""What `hub edi explain`, `hub edi tree` and `hub edi diff` print for people."""

from collections.abc import Iterator, Sequence

from hub.translators.edifact.checking import Found
from hub.translators.edifact.comparing import Change
from hub.translators.edifact.explaining import Explained, SegmentTold, ValueTold
from hub.translators.edifact.telling import counted, place_in_words

_INDENT = "  "


def as_text(explained: Explained, name: str) -> Iterator[str]:
    """Yield the lines of a file in words: a segment, its values below it, what is wrong below these."""
    for segment in explained.segments:
        yield f"{_INDENT * segment.depth}{_head(segment)}"
        inner = _INDENT * (segment.depth + 2)
        for value in segment.values:
            meaning = f" ({value.meaning})" if value.meaning else ""
            goes = f" → {', '.join(value.fields)}" if value.fields else ""
            yield f"{inner}{value.label}: {value.value}{meaning}{goes}"
        yield from (f"{inner}{_wrong(one)}" for one in segment.found)
    yield from _end(explained, name)


def as_tree(explained: Explained, name: str) -> Iterator[str]:
    """Yield a line for each segment, indented by the groups that it stands in; what is wrong stands below."""
    for segment in explained.segments:
        yield f"{_INDENT * segment.depth}{segment.text}"
        yield from (f"{_INDENT * (segment.depth + 2)}{_wrong(one)}" for one in segment.found)
    yield from _end(explained, name)


def as_difference(changes: Sequence[Change]) -> Iterator[str]:
    """Yield what one file says otherwise than another: values with an arrow, whole segments behind a sign."""
    for change in changes:
        one = change.before or change.after
        assert one is not None, "a change is of something"  # noqa: S101 - narrows the type
        if change.before is None or change.after is None:
            yield f"{'-' if change.before else '+'} {_head(one)}: {one.text}"
            continue
        yield f"  {_head(one)}: {one.text}"
        for value in change.values:
            label = value.after.label if value.after else value.before.label if value.before else ""
            yield f"      {label}: {_or_nothing(value.before)} → {_or_nothing(value.after)}"


def _or_nothing(value: ValueTold | None) -> str:
    if value is None:
        return "nothing"
    return f"{value.value} ({value.meaning})" if value.meaning else value.value


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
