"""`scripts/corpus DIR [--json]`: a verdict for every file of a folder. With `--mutate N`, damaged files instead.

Ends with 1 where a file is unknown or reading one failed, with 2 where there is no folder.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from corpus.mutating import run
from corpus.run import rows
from corpus.table import as_json, summary, table

T = TypeVar("T")
_TOLD_EVERY = 100


def main(arguments: list[str]) -> int:
    """Read a folder, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/corpus", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="rows and counts as one JSON document")
    parser.add_argument("--mutate", type=int, metavar="N", help="damage files N times; each must be borne")
    parser.add_argument("--first", type=int, default=1, metavar="K", help="the number of the first damage")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder")
    if given.mutate:
        return _mutate(given.folder, given.first, given.mutate)
    found = list(_told(rows(given.folder)))
    text = as_json(found) if given.json else "\n".join([*table(found), "", summary(found)])
    sys.stdout.write(f"{text}\n")
    return int(any(row.outcome is not None and row.outcome.verdict == "unknown" for row in found))


def _mutate(folder: Path, first: int, count: int) -> int:
    """Damage files of a folder, print each damage that was not borne, and return the exit code."""
    failed = [one for one in _told(run(folder, first, count)) if one is not None]
    for number, path, error in failed:
        sys.stdout.write(f"damage {number} of {path}: {type(error).__name__}: {error}\n")
    sys.stdout.write(f"{count} damaged files, {len(failed)} failed\n")
    return int(bool(failed))


def _told(each: Iterable[T]) -> Iterator[T]:
    """Yield what comes, and say on stderr how far it is; a line that is overwritten where a person looks on."""
    for number, one in enumerate(each, 1):
        yield one
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number} files")
        elif number % _TOLD_EVERY == 0:
            sys.stderr.write(f"{number} files\n")
    sys.stderr.write("\n" if sys.stderr.isatty() else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
