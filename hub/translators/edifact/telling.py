"""A check and an explanation as data: what the command line prints as JSON and the API answers."""

from collections.abc import Iterator
from typing import Any, cast

from typing_extensions import TypedDict

from hub.canonical.finding import Finding
from hub.translators.edifact.checking import Report, Verdict
from hub.translators.edifact.explaining import Explained, SegmentTold


class PlaceData(TypedDict):
    """Where: references, position in the message, element and component as CONTRL counts them, byte and line."""

    interchange: str | None
    message: str | None
    segment: int | None
    tag: str | None
    element: int | None
    component: int | None
    offset: int | None
    line: int | None


class FindingData(TypedDict):
    """What is wrong: a code of 0085, how bad, where, and in words."""

    code: str
    level: str
    location: PlaceData
    message: str


class ReportData(TypedDict):
    """What there is to say about a file; `left_out` counts findings beyond those that are told."""

    verdict: Verdict
    messages: int
    findings: list[FindingData]
    left_out: int


class ValueData(TypedDict):
    """One value with its place, its data element (`6063`), what that is called, what a code means, where it goes."""

    element: int
    component: int | None
    data_element: str
    label: str
    value: str
    meaning: str
    fields: list[str]


class SegmentData(TypedDict):
    """One segment in words."""

    tag: str
    label: str
    text: str
    depth: int
    position: int | None
    offset: int
    values: list[ValueData]
    findings: list[FindingData]


class ExplainedData(TypedDict):
    """A file in words; `elsewhere` is what is said of no segment that stands there."""

    verdict: Verdict
    messages: int
    segments: list[SegmentData]
    elsewhere: list[FindingData]


_TOLD: Any = {"code": True, "level": True, "message": True, "location": set(PlaceData.__annotations__)}


def report_data(report: Report) -> ReportData:
    """Return a report as data."""
    return ReportData(
        verdict=report.verdict,
        messages=report.messages,
        findings=[_finding(one.finding) for one in report.found],
        left_out=report.left_out,
    )


def explained_data(explained: Explained) -> ExplainedData:
    """Return a file in words as data."""
    return ExplainedData(
        verdict=explained.report.verdict,
        messages=explained.report.messages,
        segments=[_segment(segment) for segment in explained.segments],
        elsewhere=[_finding(one.finding) for one in explained.elsewhere],
    )


def place_in_words(finding: Finding) -> Iterator[str]:
    """Yield the parts of a place as people read them: elements and components counted from 1 behind the tag."""
    at = finding.location
    if at.line is not None:
        yield f"line {at.line}"
    if at.message is not None:
        yield f"message {at.message or 'without a reference'}"
    if at.tag is not None:
        yield f"segment {at.segment} {at.tag}" if at.segment else at.tag
    for word, number in (("element", at.element and at.element - 1), ("component", at.component)):
        if number:
            yield f"{word} {number}"


def counted(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def _finding(finding: Finding) -> FindingData:
    return cast("FindingData", finding.model_dump(include=_TOLD))


def _segment(segment: SegmentTold) -> SegmentData:
    told = segment._asdict()
    findings = [_finding(one.finding) for one in told.pop("found")]
    return cast("SegmentData", told | {"values": [one._asdict() for one in segment.values], "findings": findings})
