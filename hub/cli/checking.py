"""What `hub edi check` prints for people: each finding with the place that it means, marked."""

from collections.abc import Iterator

from hub.translators.edifact.checking import Found, Report
from hub.translators.edifact.quoting import Quote
from hub.translators.edifact.telling import counted, place_in_words


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
