"""The rows as a table for people, or as JSON for programs."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict

from corpus.outcome import VERDICTS
from corpus.run import Row

_HEAD = (
    *("file", "verdict", "format", "messages", "errors", "warnings"),
    *("documents", "tie-out", "round trip", "unmapped", "why"),
)
_WIDTHS = (56, 15, 12, 8, 6, 8, 9, 7, 10, 8, 80)
_NOT_A_MESSAGE = "not a message"


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table: a head, a line for each file."""
    yield _line(_HEAD)
    for row in rows:
        yield _line(_cells(row))


def summary(rows: Iterable[Row]) -> str:
    """Return how many files came to each verdict, and how many failed."""
    counts = _counts(rows)
    return " · ".join(f"{name} {number}" for name, number in counts.items())


def as_json(rows: list[Row]) -> str:
    """Return rows and counts as one JSON document."""
    documents = [{"path": row.path, **(_plain(row) or {"verdict": _NOT_A_MESSAGE})} for row in rows]
    return json.dumps({"rows": documents, "counts": _counts(rows)}, indent=1)


def _plain(row: Row) -> dict[str, object] | None:
    return None if row.outcome is None else asdict(row.outcome)


def _counts(rows: Iterable[Row]) -> dict[str, int]:
    found = list(rows)
    verdicts = Counter(row.outcome.verdict if row.outcome else _NOT_A_MESSAGE for row in found)
    counts = {verdict: verdicts[verdict] for verdict in (*VERDICTS, _NOT_A_MESSAGE)}
    return counts | {
        "files": len(found),
        "unmapped": sum(len(row.outcome.unmapped) for row in found if row.outcome),
        "failed": sum(row.outcome is not None and row.outcome.failed for row in found),
    }


def _cells(row: Row) -> tuple[str, ...]:
    one = row.outcome
    if one is None:
        return (row.path, _NOT_A_MESSAGE)
    numbers = (one.messages, one.errors, one.warnings, one.documents, one.tie_out, one.round_trip, len(one.unmapped))
    return (
        row.path,
        one.verdict,
        one.format,
        *map(str, numbers),
        "; ".join([one.reason, *one.differences]).strip("; "),
    )


def _line(cells: Iterable[str]) -> str:
    printable = ("".join(char if char.isprintable() else "." for char in cell) for cell in cells)
    return " ".join(cell[:width].ljust(width) for cell, width in zip(printable, _WIDTHS, strict=False)).rstrip()
