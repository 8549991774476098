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

An operator may have more: `hub edi directory import` makes such a table of an archive of the
UN (`hub.translators.edifact.untdid`), with its `codes` and its `labels` in it. Of a directory
that we ship, what we ship goes first, and the archive adds to it.

Source: UN/EDIFACT D.96A and D.01B; ISO 9735 service directories of syntax 3 and 4.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from hub.canonical.agreement import DirectoryName
from hub.errors import Unusable
from hub.translators.edifact.dependencies import Dependency
from hub.translators.edifact.imported import KINDS, Imported, imported, imported_names, year
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node, message_table

DIRECTORIES: tuple[DirectoryName, ...] = ("D.96A", "D.01B")
"""Those that are shipped."""
_NEWER = 1999.5
"""Since D.99B elements are named and sized as in D.01B."""


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

    def __init__(self, name: str, facts: Mapping[str, Any], codes: Mapping[str, str]) -> None:
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

    @property
    def family(self) -> DirectoryName:
        """The shipped directory that this one is like: how elements are sized and what has a code of its own."""
        return family(self.name)

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


def directory(name: str) -> Directory:
    """Return the directory of that name (`D.96A`). Raises Unusable where it is not held, or its file is none."""
    return _directory(name, imported(name))


@cache
def _directory(name: str, added: Imported | None) -> Directory:
    if name not in DIRECTORIES:
        if added is None:
            raise Unusable(f"the directory {name} is not held; there are {', '.join(held_names())}")
        return Directory(name, added.facts, added.codes)
    shipped, codes = load(name.replace(".", "")), load("codes")[name]
    if added is None:
        return Directory(name, shipped, codes)
    facts = {kind: {**added.facts[kind], **shipped[kind]} for kind in KINDS}
    values = {element: f"{more} {codes.get(element, '')}" for element, more in added.codes.items()}
    return Directory(name, facts, {**codes, **values})


def held_directory(name: str) -> Directory | None:
    """Return the directory of that name, None where it is not held. Raises Unusable where its file is none."""
    return directory(name) if name in DIRECTORIES or imported(name) else None


def held_names() -> tuple[str, ...]:
    """Return the names of all directories that are held, the shipped ones first."""
    return tuple(dict.fromkeys((*DIRECTORIES, *imported_names())))


def family(name: str) -> DirectoryName:
    """Return the shipped directory that a directory is like: D.96A until D.99A, D.01B from D.99B on."""
    return "D.96A" if year(name) < _NEWER else "D.01B"


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
