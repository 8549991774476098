"""Rows of reading EDIFACT: rates beside pydifact's bare parse, memory, and the first message of a cold process."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import edifact_file, edifact_npm
from bench.house import run
from bench.table import Gate, Row, against, turns

MEGABYTE = 1_000_000
MILLISECONDS = 1_000
ONE = 1_000
"""Bytes that make a file of one message and more."""
BOUND = 64 * MEGABYTE
"""Of memory above the start, whatever the size of the file."""
SOON = 0.1
"""Seconds within which a cold process has read its first message."""
AT_MOST = Gate(1.0, "<=")


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of the file whose reading is timed, and of those whose memory is looked at."""

    timed: int = 10 * MEGABYTE
    held: tuple[int, ...] = (10 * MEGABYTE, 100 * MEGABYTE)


def rows(folder: Path, sizes: Sizes, rounds: int, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield all rows of reading EDIFACT."""
    path = folder / "orders.edi"
    messages = edifact_file.write(path, sizes.timed)
    runs: dict[str, list[dict[str, Any]]] = {"check": [], "orders": [], "pydifact": []}
    if edifact_npm.is_here(folder):
        runs["npm"] = []
    else:
        say("EDIFACT: without node and npm's edifact there is no row of it")
    for names in turns(list(runs), rounds):
        for way in names:
            result = _read_by_npm(path, folder, messages) if way == "npm" else _read(path, way, messages)
            runs[way].append(result)
            say(f"EDIFACT: {way} {_rates([result])[0]:.2f} MB/s, {_told(result)}")
    base = _rates(runs["pydifact"])
    yield against("EDIFACT, checked", _rates(runs["check"]), "MB/s", base, Gate(16.0))
    yield against("EDIFACT, read into orders", _rates(runs["orders"]), "MB/s", base, Gate(5.0))
    if "npm" in runs:
        yield against("EDIFACT, beside npm's edifact", _rates(runs["check"]), "MB/s", _rates(runs["npm"]), Gate(0.7))
    yield _mixed(folder, sizes.timed, rounds, say)
    yield from _memory(folder, sizes, say)
    yield _first(folder, rounds)


def _mixed(folder: Path, size: int, rounds: int, say: Callable[[str], None]) -> Row:
    """Return the row of messages of all types; pydifact reads the same."""
    path = folder / "mixed.edi"
    messages = edifact_file.write_mixed(path, size)
    runs: dict[str, list[dict[str, Any]]] = {"check": [], "pydifact": []}
    for names in turns(list(runs), rounds):
        for way in names:
            runs[way].append(_read(path, way, messages))
            say(f"EDIFACT: mixed, {way} {_rates(runs[way])[-1]:.2f} MB/s, {_told(runs[way][-1])}")
    return against("EDIFACT, all messages checked", _rates(runs["check"]), "MB/s", _rates(runs["pydifact"]))


def _memory(folder: Path, sizes: Sizes, say: Callable[[str], None]) -> Iterator[Row]:
    for size in sizes.held:
        path = folder / f"orders-{size}.edi"
        result = _read(path, "check", edifact_file.write(path, size))
        path.unlink()
        say(f"EDIFACT: {size // MEGABYTE} MB checked, {_told(result)}")
        name = f"EDIFACT, memory at {size // MEGABYTE} MB"
        yield Row(name, result["memory"] / MEGABYTE, "MB", BOUND / MEGABYTE, result["memory"] / BOUND, AT_MOST)


def _first(folder: Path, rounds: int) -> Row:
    path = folder / "first.edi"
    edifact_file.write(path, ONE)
    text = path.read_text("ascii")
    one = text[: text.index("'UNH+2+")] + "'UNZ+1+1'"
    seconds = [run("edifact_first", {"text": one})["seconds"] for _ in range(rounds)]
    first = median(seconds)
    return Row(
        "EDIFACT, first message of a process", MILLISECONDS * first, "ms", MILLISECONDS * SOON, first / SOON, AT_MOST
    )


def _read(path: Path, way: str, messages: int) -> dict[str, Any]:
    """Read a file in a process of its own, and assert that everything in it was read."""
    result = run("edifact_reading", {"path": str(path), "way": way})
    assert result["messages"] == messages
    if way != "pydifact":
        assert result["findings"] == 0
        assert result["orders"] == (messages if way == "orders" else 0)
        assert result["lines"] == result["orders"] * edifact_file.LINES
    return result


def _read_by_npm(path: Path, folder: Path, messages: int) -> dict[str, Any]:
    """Read a file with npm's edifact, and assert that everything in it was read."""
    result = edifact_npm.read(path, folder)
    assert result["messages"] == messages
    return result


def _told(result: dict[str, Any]) -> str:
    names = ("messages", "segments", "findings", "orders", "lines")
    counted = ", ".join(f"{name} {result[name]:,}" for name in names if name in result)
    held = f"; {result['memory'] / MEGABYTE:.0f} MB above the start" if "memory" in result else ""
    return f"{counted}{held}"


def _rates(runs: list[dict[str, Any]]) -> list[float]:
    return [one["size"] / one["seconds"] / MEGABYTE for one in runs]
