"""What `hub edi check` prints for people: each finding with the place that it means, marked."""

from collections.abc import Iterator
from pathlib import Path

from hub.canonical.agreement import Agreement
from hub.store.agreements import read as read_agreement
from hub.translators.edifact.checking import Found, Report, examine
from hub.translators.edifact.explaining import Explained, explain
from hub.translators.edifact.quoting import Quote
from hub.translators.edifact.telling import counted, place_in_words

EXIT_CODES = {"valid": 0, "findings": 1, "unreadable": 2}


def checked(data: bytes, profile: Path | None) -> Report:
    """Check a file, as an agreement says if there is one. Raises PartnerError for one that cannot be read."""
    return examine(data, _agreement(profile))


def explained(data: bytes, profile: Path | None) -> Explained:
    """Explain a file, and check it as an agreement says if there is one. Raises PartnerError for a bad agreement."""
    return explain(data, _agreement(profile))


def _agreement(profile: Path | None) -> Agreement | None:
    return read_agreement(profile.read_bytes()) if profile else None


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


def _marked(quote: Quote) -> Iterator[str]:
    yield quote.text
    yield " " * quote.start + "^" * max(quote.end - quote.start, 1)
