"""What `hub edi check` prints: each finding with the place that it means, or all as JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hub.canonical.agreement import Agreement
from hub.canonical.finding import Finding
from hub.store.agreements import read as read_agreement
from hub.translators.edifact.checking import Found, Report, examine
from hub.translators.edifact.explaining import Explained, explain
from hub.translators.edifact.quoting import Quote

EXIT_CODES = {"valid": 0, "findings": 1, "unreadable": 2}
PLACE = ("interchange", "message", "segment", "tag", "element", "component", "offset", "line")


def checked(data: bytes, profile: Path | None) -> Report:
    """Check a file, as an agreement says if there is one. Raises PartnerError for one that cannot be read."""
    return examine(data, _agreement(profile))


def explained(data: bytes, profile: Path | None) -> Explained:
    """Explain a file, and check it as an agreement says if there is one. Raises PartnerError for a bad agreement."""
    return explain(data, _agreement(profile))


def _agreement(profile: Path | None) -> Agreement | None:
    return read_agreement(profile.read_bytes()) if profile else None


def as_json(report: Report) -> dict[str, Any]:
    """Return a report for machines."""
    return {
        "verdict": report.verdict,
        "messages": report.messages,
        "findings": [finding_as_json(one.finding) for one in report.found],
        "left_out": report.left_out,
    }


def finding_as_json(finding: Finding) -> dict[str, Any]:
    """Return a finding with its place for machines."""
    place = {name: getattr(finding.location, name) for name in PLACE}
    return {"code": finding.code, "level": finding.level, "location": place, "message": finding.message}


def as_text(report: Report, name: str) -> Iterator[str]:
    """Yield the lines of a report for people."""
    for one in report.found:
        yield from (*_lines(one), "")
    if report.left_out:
        yield f"{report.left_out} more findings are left out"
    counts = [counted(report.interchanges, "interchange"), counted(report.messages, "message")]
    for level in ("error", "warning"):
        number = sum(one.finding.level == level for one in report.found)
        counts += [counted(number, level)] if number else []
    yield f"{name}: {report.verdict}: {', '.join(counts)}"


def _lines(one: Found) -> Iterator[str]:
    finding = one.finding
    yield f"{finding.level} {finding.code}, {', '.join(place_in_words(finding))}"
    if one.quote is not None:
        yield from (f"  {line}" for line in _marked(one.quote.cut()))
    yield f"  {finding.message}"


def place_in_words(finding: Finding) -> Iterator[str]:
    """Yield the parts of a place as people read them: elements and components counted from 1 behind the tag."""
    at = finding.location
    yield f"line {at.line}"
    if at.message is not None:
        yield f"message {at.message or 'without a reference'}"
    if at.tag is not None:
        yield f"segment {at.segment} {at.tag}" if at.segment else at.tag
    for word, number in (("element", at.element and at.element - 1), ("component", at.component)):
        if number:
            yield f"{word} {number}"


def _marked(quote: Quote) -> Iterator[str]:
    yield quote.text
    yield " " * quote.start + "^" * max(quote.end - quote.start, 1)


def counted(number: int, what: str) -> str:
    """Return a number of things in words."""
    return f"{number} {what}{'' if number == 1 else 's'}"
