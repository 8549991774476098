"""A message made from its table: each segment that must be there, or each that may, with values of the right form.

Strategy: the table is walked once, a group once. Of each segment the elements are filled
that must be, or all; of a code list a code is taken that has a label, else any. What
belongs together fits together: a date and its format, a GTIN and its check digit.

Of groups that stand for each other (DELFOR names its lines within places, or places within
lines) only the first is there. What comes out is right by its directory. It is no document:
nobody has ordered anything.
"""

import hashlib
from collections.abc import Iterator

from hub.canonical.values import check_digit
from hub.errors import Unusable
from hub.translators.edifact.directory import DIRECTORIES, Directory, Format, Part, held_directory, service_directory
from hub.translators.edifact.labels import labelled_codes
from hub.translators.edifact.syntax import Element, ServiceCharacters, encode_segment
from hub.translators.edifact.table import Node
from hub.translators.edifact.validate import parts_on_wire

CHARS = ServiceCharacters()
FIXED = {"2379": "102", "2380": "20261201", "7143": "EN", "7140": "401234500101", "0081": "S", "3055": "9"}
"""Values that are right wherever their element stands: a day and its format, a GTIN, its agency."""
_SYNTAX = 3
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FILLED = frozenset({"2379", "2380", "7143"})
"""Components that others need to be understood."""


def sample(type_: str, name: str, *, seed: str = "", full: bool = False) -> bytes:
    """Return an interchange with one message of a type and directory; the same seed gives the same bytes.

    Raises Unusable for a message that is not held.
    """
    held = held_directory(name)
    table = held.message(type_) if held else None
    if held is None or table is None:
        there = sorted(held.messages) if held else DIRECTORIES
        raise Unusable(f"{type_} of {name} is not held; there are {', '.join(there)}")
    made = _Sample(held, seed, full=full)
    version, release = name.split(".")
    inside = [made.segment(node.tag) for node in _walked(table, full=full)]
    message = [
        _segment("UNH", ["1", [type_, version, release, "UN"]]),
        *inside,
        _segment("UNT", [str(len(inside) + 2), "1"]),
    ]
    unb = _segment("UNB", [["UNOA", "3"], ["4012345000023", "14"], ["4012345000016", "14"], ["261201", "0900"], "1"])
    return "".join([unb, *message, _segment("UNZ", ["1", "1"])]).encode("ascii")


def _walked(node: Node, *, full: bool) -> Iterator[Node]:
    """Yield the places of segments in their order, but those of the envelope."""
    begun: set[str] = set()
    for child in node.content:
        if not (full or child.mandatory) or child.tag in {"UNH", "UNT"}:
            continue
        if not child.content:
            begun = set() if child.mandatory else begun
            yield child
        elif child.tag not in begun:
            inside = list(_walked(child, full=full))
            begun |= {one.tag for one in inside[1:] if one.place == 0}
            yield from inside


def _segment(tag: str, elements: list[Element]) -> str:
    return encode_segment(tag, elements, CHARS)


class _Sample:
    """Makes values, each another one."""

    def __init__(self, held: Directory, seed: str, *, full: bool) -> None:
        self._held = held
        self._seed = seed
        self._full = full
        self._made = 0

    def segment(self, tag: str) -> str:
        """Return a segment with its elements filled."""
        parts = self._held.segment(tag)
        held = self._held if parts is not None else service_directory(_SYNTAX)
        parts = parts_on_wire(parts or held.segment(tag) or (), _SYNTAX, CHARS)
        some = [part.mandatory or self._full or number == 0 for number, part in enumerate(parts)]
        elements: list[Element] = [
            self._element(part, held) if wanted else "" for part, wanted in zip(parts, some, strict=True)
        ]
        return _segment(tag, elements)

    def _element(self, part: Part, held: Directory) -> Element:
        values = [
            self._value(form, held) if self._full or form.mandatory or form.element in _FILLED or number == 0 else ""
            for number, form in enumerate(part.components)
        ]
        return values[0] if len(part.components) == 1 else values

    def _value(self, form: Format, held: Directory) -> str:
        codes = held.codes(form.element)
        fixed = FIXED.get(form.element)
        if fixed is not None and (codes is None or fixed in codes):
            return fixed + check_digit(fixed) if form.element == "7140" else fixed
        if codes:
            fitting = [code for code in codes if form.shortest <= len(code) <= form.longest]
            liked = sorted(set(fitting) & labelled_codes(form.element)) or sorted(fitting)
            return liked[self._noise(2) % len(liked)]
        length = max(form.shortest, min(form.longest, 6))
        if form.kind == "n":
            return str(self._noise(8) % 10**length).rjust(length, "1")[:length]
        return "".join(_LETTERS[self._noise(1) % len(_LETTERS)] for _ in range(length))

    def _noise(self, size: int) -> int:
        self._made += 1
        return int.from_bytes(
            hashlib.shake_256(f"{self._seed}/{self._made}".encode("utf-8", "surrogatepass")).digest(size)
        )
