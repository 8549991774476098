"""The command: `python -m bench [--quick | --long] [--json]`, run by `scripts/bench`."""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import chains, doors, edifact, hops
from bench.house import House, house, interpreter
from bench.table import Row, as_json, as_text

QUICK_HOPS, FULL_HOPS = 3_000, 6_000
QUICK_REQUESTS, FULL_REQUESTS = 4_000, 10_000
QUICK_ROUNDS, FULL_ROUNDS = 3, 5
LONG_ORDERS = 100_000


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    command = argparse.ArgumentParser(
        prog="scripts/bench", description="Measure the hub against raw floors in one run, on both back ends."
    )
    extent = command.add_mutually_exclusive_group()
    extent.add_argument("--quick", action="store_true", help="hop and webhook door only; within two minutes")
    extent.add_argument("--edifact", action="store_true", help="reading EDIFACT only; without servers")
    extent.add_argument("--long", action="store_true", help=f"{LONG_ORDERS:,} orders through the chain; half an hour")
    command.add_argument("--json", action="store_true", help="print the rows as JSON")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a gate was missed."""
    chosen = parser().parse_args(arguments)
    began = time.monotonic()
    if chosen.edifact:
        machine, rows = interpreter(), list(_edifact(edifact.Sizes()))
    else:
        with house() as place:
            machine = place.machine()
            rows = list(_quick(place) if chosen.quick else _long(place) if chosen.long else _full(place))
    if chosen.json:
        print(as_json(rows, machine))
    else:
        print(", ".join(f"{name} {value}" for name, value in machine.items()))
        print(as_text(rows))
    _say(f"measured in {time.monotonic() - began:.0f} s")
    return 1 if any(row.verdict == "MISSED" for row in rows) else 0


def _quick(place: House) -> Iterator[Row]:
    yield from hops.served(place, QUICK_HOPS, QUICK_ROUNDS, _say)
    yield from hops.embedded(place, QUICK_HOPS, QUICK_ROUNDS, _say)
    yield from doors.rows(place, QUICK_REQUESTS, QUICK_ROUNDS, _say)


def _edifact(sizes: edifact.Sizes) -> Iterator[Row]:
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        yield from edifact.rows(Path(folder), sizes, QUICK_ROUNDS, _say)


def _long(place: House) -> Iterator[Row]:
    yield from _edifact(edifact.Sizes(held=(1_000 * edifact.MEGABYTE,)))
    yield from chains.growth(place, LONG_ORDERS, _say)


def _full(place: House) -> Iterator[Row]:
    yield from _edifact(edifact.Sizes())
    yield from hops.served(place, FULL_HOPS, FULL_ROUNDS, _say)
    yield from hops.embedded(place, FULL_HOPS, FULL_ROUNDS, _say)
    yield from doors.rows(place, FULL_REQUESTS, FULL_ROUNDS, _say)
    yield from chains.rows(place, chains.Sizes(), _say)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
