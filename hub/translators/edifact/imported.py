"""Directories that an operator has imported, each a file in one folder: `D97A.json`.

A file has the form of our own tables, with its codes and its names in it
(`hub.translators.edifact.untdid` makes it). What is imported while the hub runs is found
without starting it again.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from hub.errors import Unusable

KINDS = ("messages", "segments", "composites", "elements")
_NAME = re.compile(r"[A-Z]\.[0-9]{2}[A-Z]")


@dataclass(frozen=True, eq=False, slots=True)
class Imported:
    """What one file says: the tables by kind, the code values, and what all of it is called."""

    facts: Mapping[str, Mapping[str, Any]]
    codes: Mapping[str, str]
    labels: Mapping[str, Mapping[str, Any]]


class _Place:
    """Where the imported directories lie, if anywhere."""

    folder: Path | None = None


def hold(folder: Path) -> None:
    """Hold the directories that lie in this folder, which need not be there yet."""
    _Place.folder = folder


def file_name(name: str) -> str:
    """Return the name of the file with a directory: `D97A.json` for D.97A."""
    return f"{name.replace('.', '')}.json"


def imported(name: str) -> Imported | None:
    """Return the imported directory of that name, None where there is none. Raises Unusable where its file is none."""
    folder = _Place.folder
    if folder is None or not _NAME.fullmatch(name):
        return None
    path = folder / file_name(name)
    return _read(path) if path.is_file() else None


def imported_names() -> list[str]:
    """Return the names of all imported directories, the newest last."""
    folder = _Place.folder
    found = folder.glob("[A-Z][0-9][0-9][A-Z].json") if folder else ()
    return sorted((f"{path.stem[0]}.{path.stem[1:]}" for path in found), key=year)


def imported_labels() -> tuple[Mapping[str, Any], ...]:
    """Return the names that the imported directories have for segments, elements and codes, the newest first.

    They are those of when this was first asked for; names of what is imported later are known after a new start.
    """
    return _labels(_Place.folder)


def year(name: str) -> float:
    """Return when a directory came out: 1999.5 for D.99B; 0 for what is not named so."""
    if not name[2:4].isdecimal():
        return 0
    century = 1900 if name[2] in {"8", "9"} else 2000
    return century + int(name[2:4]) + (name[4:5] >= "B") / 2


@cache
def _labels(folder: Path | None) -> tuple[Mapping[str, Any], ...]:
    found = [imported(name) for name in reversed(imported_names())] if folder else []
    return tuple(one.labels for one in found if one is not None)


@cache
def _read(path: Path) -> Imported:
    try:
        table: dict[str, Any] = json.loads(path.read_bytes())
        parts = {name: dict(table[name]) for name in (*KINDS, "codes", "labels")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Unusable(f"{path} is no directory: import it again with hub edi directory import") from error
    return Imported({kind: parts[kind] for kind in KINDS}, parts["codes"], parts["labels"])
