"""Directories: which segments a message has, which elements a segment, which form an element.

The tables are `schemas/edifact/*.json`, made by `scripts/edifact_tables.py`, read when
first asked for. Their form, `crossdock-edifact/1`:

- `messages`: name -> content; a node is `[position, tag, status, max]` for a segment,
  `[position, number, status, max, content]` for a group, whose first node is its trigger;
- `segments`: tag -> `[[composite or element, status, max], …]`, in wire order;
- `composites`: code -> `[[element, status], …]`;
- `elements`: code -> format (`an..35`, `n6`, `a3`);
- `dependencies`, where there are any: tag or composite -> its notes `[[kind, code, …], …]`
  (`hub.translators.edifact.dependencies`);
- `codes.json`: directory -> element -> its code values, as words of one string;
- `labels.json` (`hub.translators.edifact.labels`): what segments, elements and codes are called in our own words.

Source: UN/EDIFACT D.96A and D.01B; ISO 9735 service directories of syntax 3 and 4.
"""

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from hub.canonical.agreement import DirectoryName
from hub.translators.edifact.dependencies import Dependency
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node, message_table

DIRECTORIES: tuple[DirectoryName, ...] = ("D.96A", "D.01B")


@dataclass(frozen=True, slots=True)
class Format:
    """The form of a simple element: kind `a`, `n` or `an`, longest, and shortest length in characters."""

    element: str
    kind: str
    longest: int
    shortest: int
    mandatory: bool

    @classmethod
    def parse(cls, element: str, notation: str, *, mandatory: bool) -> "Format":
        """Read the notation of the directories: `..` means up to, no dots exactly."""
        kind = notation.rstrip("0123456789.")
        length = int(notation.lstrip("an."))
        return cls(element, kind, length, 1 if ".." in notation else length, mandatory)


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a segment: simple (`components` has one entry) or composite."""

    code: str
    mandatory: bool
    max: int
    components: tuple[Format, ...]
    dependencies: tuple[Dependency, ...] = ()


class Directory:
    """One directory, or the service directory of one syntax version; parts are built when asked for."""

    def __init__(self, name: str, facts: dict[str, Any], codes: dict[str, str]) -> None:
        self.name = name
        self._facts = facts
        self._codes = codes
        self._messages: dict[str, Node] = {}
        self._segments: dict[str, tuple[Part, ...]] = {}
        self._code_sets: dict[str, frozenset[str] | None] = {}

    @cached_property
    def messages(self) -> frozenset[str]:
        """The message types that have a table."""
        return frozenset(self._facts["messages"])

    @cached_property
    def segments(self) -> frozenset[str]:
        """The tags of the segments that have a table."""
        return frozenset(self._facts["segments"])

    @cached_property
    def elements(self) -> frozenset[str]:
        """The numbers of the simple elements that the segments have."""
        return frozenset(self._facts["elements"])

    def message(self, type_: str) -> Node | None:
        """Return the table of a message type as a tree of nodes, None where there is none."""
        if type_ not in self._messages:
            content = self._facts["messages"].get(type_)
            if content is None:
                return None
            self._messages[type_] = message_table(content)
        return self._messages[type_]

    def segment(self, tag: str) -> tuple[Part, ...] | None:
        """Return the parts of a segment, part n being element n; None for an unknown tag."""
        if tag not in self._segments:
            parts = self._facts["segments"].get(tag)
            if parts is None:
                return None
            self._segments[tag] = tuple(self._part(*part) for part in parts)
        return self._segments[tag]

    def dependencies(self, code: str) -> tuple[Dependency, ...]:
        """Return the dependency notes of a segment (its tag) or a composite."""
        return tuple(map(Dependency.parse, self._facts.get("dependencies", {}).get(code, ())))

    def codes(self, element: str) -> frozenset[str] | None:
        """Return the code values of an element, None where it has no list."""
        if element not in self._code_sets:
            values = self._codes.get(element)
            self._code_sets[element] = frozenset(values.split()) if values else None
        return self._code_sets[element]

    def _part(self, code: str, status: str, repetitions: int) -> Part:
        elements = self._facts["elements"]
        mandatory = status == "M"
        composite = self._facts["composites"].get(code)
        if composite is None:
            return Part(code, mandatory, repetitions, (Format.parse(code, elements[code], mandatory=mandatory),))
        components = tuple(Format.parse(each, elements[each], mandatory=own == "M") for each, own in composite)
        return Part(code, mandatory, repetitions, components, self.dependencies(code))


@cache
def directory(name: str) -> Directory:
    """Return the directory of that name (`D.96A`, `D.01B`). Raises KeyError where it is not held."""
    if name not in DIRECTORIES:
        raise KeyError(name)
    return Directory(name, load(name.replace(".", "")), load("codes")[name])


def held_directory(name: str) -> Directory | None:
    """Return the directory of that name, None where it is not held."""
    return directory(name) if name in DIRECTORIES else None


def stated_directory(unh: Segment) -> str:
    """Return the name of the directory that a message says it is of (`D.96A`), held or not."""
    return ".".join(unh.components(2)[1:3])


@cache
def service_directory(version: int) -> Directory:
    """Return the service directory: that of syntax 3 stands for versions 1 to 3."""
    edition = "4" if version >= 4 else "3"  # noqa: PLR2004 - syntax version 4
    return Directory(f"service {edition}", load("service")[edition], load("codes")[f"service {edition}"])


@cache
def load(file: str) -> dict[str, Any]:
    """Return one of the files of tables."""
    loaded: dict[str, Any] = json.loads((tables() / f"{file}.json").read_text("utf-8"))
    return loaded


def tables() -> Traversable:
    """Return the folder of the tables: package data in an installation, the repository's in its source tree."""
    packaged = files("hub") / "schemas" / "edifact"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "schemas" / "edifact"
