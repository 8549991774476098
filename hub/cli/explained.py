"""What `hub edi explain` and `hub edi tree` print: a file in words, for people, machines and browsers."""

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template

from hub.cli.checking import counted, finding_as_json, place_in_words
from hub.translators.edifact.checking import Found
from hub.translators.edifact.explaining import Explained, SegmentTold, ValueTold

_INDENT = "  "


def as_text(explained: Explained, name: str) -> Iterator[str]:
    """Yield the lines for people: a segment, its values below it, what is wrong below these."""
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


def as_json(explained: Explained) -> dict[str, Any]:
    """Return it for machines."""
    return {
        "verdict": explained.report.verdict,
        "messages": explained.report.messages,
        "segments": [_segment(segment) for segment in explained.segments],
        "elsewhere": [finding_as_json(one.finding) for one in explained.elsewhere],
    }


def as_html(explained: Explained, name: str) -> str:
    """Return a page that needs nothing beside it: to be sent to a partner, or printed."""
    found = explained.report.found
    counts = [counted(explained.report.messages, "message")]
    counts += [counted(sum(one.finding.level == level for one in found), level) for level in ("error", "warning")]
    return _page().render(name=name, explained=explained, counts=counts, place=place_in_words)


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


def _segment(segment: SegmentTold) -> dict[str, Any]:
    return {
        "tag": segment.tag,
        "label": segment.label,
        "text": segment.text,
        "depth": segment.depth,
        "position": segment.position,
        "offset": segment.offset,
        "values": [_value(value) for value in segment.values],
        "findings": [finding_as_json(one.finding) for one in segment.found],
    }


def _value(value: ValueTold) -> dict[str, Any]:
    return {name: part for name, part in value._asdict().items() if part not in {"", None}}


@cache
def _page() -> Template:
    text = (files("hub.cli") / "explained.html").read_text("utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        text
    )
