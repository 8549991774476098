"""`scripts/corpus DIR [--json]`: a verdict for every file of a folder.

Ends with 1 where a file is unknown or reading one failed, with 2 where there is no folder.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.run import Row, rows
from corpus.table import as_json, summary, table

_TOLD_EVERY = 100


def main(arguments: list[str]) -> int:
    """Read a folder, print what came of it, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/corpus", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="rows and counts as one JSON document")
    given = parser.parse_args(arguments)
    if not given.folder.is_dir():
        parser.error(f"{given.folder} is no folder")
    found = list(_told(rows(given.folder)))
    text = as_json(found) if given.json else "\n".join([*table(found), "", summary(found)])
    sys.stdout.write(f"{text}\n")
    return int(any(row.outcome is not None and row.outcome.verdict == "unknown" for row in found))


def _told(each: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows, and say on stderr how far it is; a line that is overwritten where a person looks on."""
    for number, row in enumerate(each, 1):
        yield row
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{number} files")
        elif number % _TOLD_EVERY == 0:
            sys.stderr.write(f"{number} files\n")
    sys.stderr.write("\n" if sys.stderr.isatty() else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
