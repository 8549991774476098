"""The table that a bench prints: medians of runs that took turns, and each row's share of its baseline."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Literal

HEADINGS = ("name", "value", "unit", "baseline", "ratio", "gate", "")
Samples = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Gate:
    """What a ratio must be: at least, or at most, this much."""

    bound: float
    sense: Literal[">=", "<="] = ">="

    def holds(self, ratio: float) -> bool:
        """Tell whether the ratio is as it must be."""
        return ratio >= self.bound if self.sense == ">=" else ratio <= self.bound

    def __str__(self) -> str:
        return f"{self.sense} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `baseline` is what the value is held against, `ratio` value / baseline."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    gate: Gate | None = None

    @property
    def verdict(self) -> str:
        """Whether the gate holds; empty without one."""
        if self.gate is None or self.ratio is None:
            return ""
        return "ok" if self.gate.holds(self.ratio) else "MISSED"


def plain(name: str, values: Sequence[float], unit: str) -> Row:
    """Return a row without a baseline: the median of its runs."""
    return Row(name, median(values), unit)


def against(name: str, values: Sequence[float], unit: str, baseline: Sequence[float], gate: Gate | None = None) -> Row:
    """Return a row whose ratio is the median of the ratios of runs that stood side by side."""
    return Row(name, median(values), unit, median(baseline), paired_ratio(values, baseline), gate)


def paired_ratio(values: Sequence[float], baseline: Sequence[float]) -> float:
    """Return the median over the rounds of value / baseline: the machine's mood falls out of each round."""
    return median(value / base for value, base in zip(values, baseline, strict=True))


def turns(contestants: Sequence[str], rounds: int) -> list[list[str]]:
    """Return who runs in which round: every other round backwards, so that nobody always comes first."""
    return [list(contestants if number % 2 == 0 else contestants[::-1]) for number in range(rounds)]


def as_text(rows: Iterable[Row]) -> str:
    """Return the table for people."""
    cells = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(HEADINGS))]
    left = {0, 2, 6}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    )


def as_json(rows: Iterable[Row], machine: Mapping[str, object]) -> str:
    """Return the table for programs, with what is known of the machine."""
    told = [asdict(row) | {"gate": str(row.gate) if row.gate else None, "verdict": row.verdict or None} for row in rows]
    return json.dumps({"machine": dict(machine), "rows": told}, indent=1)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        number(row.value),
        row.unit,
        "" if row.baseline is None else number(row.baseline),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        "" if row.gate is None else str(row.gate),
        row.verdict,
    )


def number(value: float) -> str:
    """Return a number with as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
