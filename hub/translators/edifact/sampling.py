"""A message made from its table: each segment that must be there, or each that may, with values of the right form.

Strategy: the table is walked once, a group once. Of each segment the elements are filled
that must be, or all; of a code list a code is taken that has a label, else any. What
belongs together fits together: a date and its format, a GTIN and its check digit.

Of groups that stand for each other (DELFOR names its lines within places, or places within
lines) only the first is there. What comes out is right by its directory. It is no document:
nobody has ordered anything.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType

from hub.canonical.agreement import InterchangeAddress
from hub.canonical.values import check_digit
from hub.errors import Unusable
from hub.translators.edifact.directory import Directory, Format, Part, held_directory, held_names, service_directory
from hub.translators.edifact.guiding import Layer
from hub.translators.edifact.labels import labelled_codes
from hub.translators.edifact.narrowing import ElementSaid, Narrowed, Path, Said
from hub.translators.edifact.places import Step
from hub.translators.edifact.syntax import Element, ServiceCharacters, encode_segment
from hub.translators.edifact.table import Node
from hub.translators.edifact.validate import parts_on_wire

CHARS = ServiceCharacters()
SENDER = InterchangeAddress(identifier="4012345000023", qualifier="14")
RECIPIENT = InterchangeAddress(identifier="4012345000016", qualifier="14")
FIXED = MappingProxyType(
    {"2379": "102", "2380": "20261201", "7143": "EN", "7140": "401234500101", "0081": "S", "3055": "9"}
    | {
        "1082": "1",
        "1225": "9",
        "3207": "DE",
        "3039": "4012345000023",
        "5278": "19",
        "5482": "5",
        "6060": "12",
        "6345": "EUR",
    }
)
"""Values that are right wherever their element stands: a day and its format, a GTIN, a GLN, their agency."""
_FOREIGN = re.compile(r"[^ -~]")
"""What an agreement may name and UNOA does not have."""
_SYNTAX = 3
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FILLED = frozenset({"2379", "2380", "7143"})
"""Components that others need to be understood."""
_TELLING = frozenset({"1154", "3039", "4440", "5004", "5118", "6060", "7008", "7140"})
"""Elements without which an example shows nothing: a sample by a guide has them."""


def sample(
    type_: str,
    name: str,
    *,
    seed: str = "",
    full: bool = False,
    layers: Sequence[Layer] = (),
    stated: str = "",
    association: str = "",
    sender: InterchangeAddress = SENDER,
    recipient: InterchangeAddress = RECIPIENT,
) -> bytes:
    """Return an interchange with one message of a type and directory, as guides narrow it.

    UNH names the directory `stated`, if one is. The same seed gives the same bytes.
    What guides say under a condition is not looked at (`examples` does).
    Raises Unusable for a message that is not held.
    """
    held = held_directory(name)
    table = held.message(type_) if held else None
    if held is None or table is None:
        there = sorted(held.messages) if held else held_names()
        raise Unusable(f"{type_} of {name} is not held; there are {', '.join(there)}")
    narrowed = Narrowed(layers)
    made = _Sample(held, seed, narrowed, full=full, guided=bool(layers))
    version, release = (stated or name).split(".")
    inside = [made.segment(path) for path, _ in _walked(table, (), narrowed, full=full)]
    message = [
        _segment("UNH", ["1", [type_, version, release, "UN", association]]),
        *inside,
        _segment("UNT", [str(len(inside) + 2), "1"]),
    ]
    ends: list[Element] = [[one.identifier, one.qualifier or ""] for one in (sender, recipient)]
    unb = _segment("UNB", [["UNOA", "3"], *ends, ["261201", "0900"], "1"])
    return _FOREIGN.sub("X", "".join([unb, *message, _segment("UNZ", ["1", "1"])])).encode("ascii")


def _walked(node: Node, path: Path, narrowed: Narrowed, *, full: bool) -> Iterator[tuple[Path, bool]]:
    """Yield the segments of a group in their order, each with the groups around it, and whether it opens one."""
    begun: set[str] = set()
    served: set[str] = set()
    for child in node.content:
        tag = child.tag
        opens = bool(path) and child.place == 0
        if opens or tag in {"UNH", "UNT"} or narrowed.of((*path, Step(tag))).forbidden:
            continue
        steps = [] if tag in served else narrowed.wanted(path, tag)
        served |= {tag} if steps else set()
        for step in steps or ([Step(tag)] if full or child.mandatory else []):
            if not child.content:
                begun = set() if child.mandatory else begun
                yield (*path, step), False
            elif tag not in begun or steps:
                inside = list(_walked(child, (*path, step), narrowed, full=full))
                begun |= {one[-1].tag for one, is_trigger in inside if is_trigger}
                yield (*path, step), True
                yield from inside


def _segment(tag: str, elements: list[Element]) -> str:
    return encode_segment(tag, elements, CHARS)


def _numbers(tag: str, part: Part) -> bool:
    """Tell whether an element is a document's number: one without a number is none."""
    return tag == "BGM" and part.components[0].element == "1004"


class _Sample:
    """Makes values, each another one."""

    def __init__(self, held: Directory, seed: str, narrowed: Narrowed, *, full: bool, guided: bool) -> None:
        self._held = held
        self._seed = seed
        self._narrowed = narrowed
        self._full = full
        self._guided = guided
        self._made = 0

    def segment(self, path: Path) -> str:
        """Return a segment with its elements filled."""
        tag, qualifier = path[-1]
        said = self._narrowed.of(path)
        parts = self._held.segment(tag)
        held = self._held if parts is not None else service_directory(_SYNTAX)
        parts = parts_on_wire(parts or held.segment(tag) or (), _SYNTAX, CHARS)
        codes = [part.code for part in parts]
        elements = [
            self._element(part, held, said, first=number == 0 or _numbers(tag, part), again=part.code in codes[:number])
            for number, part in enumerate(parts)
        ]
        if qualifier:
            elements[0] = [qualifier, *elements[0][1:]] if isinstance(elements[0], list) else qualifier
        return _segment(tag, elements)

    def _element(self, part: Part, held: Directory, said: Said, *, first: bool, again: bool) -> Element:
        wishes = [said.element(part.code, form.element) for form in part.components]
        tells = self._guided and not again and any(form.element in _TELLING for form in part.components)
        wanted = part.mandatory or self._full or first or tells or any(wish.required for wish in wishes)
        helping = _FILLED | _TELLING | ({"3055"} if any(form.element == "3039" for form in part.components) else set())
        values = [
            self._value(form, held, wish)
            if wanted
            and not wish.forbidden
            and (self._full or form.mandatory or form.element in helping or number == 0 or wish.required)
            else ""
            for number, (form, wish) in enumerate(zip(part.components, wishes, strict=True))
        ]
        return values[0] if len(part.components) == 1 else values

    def _value(self, form: Format, held: Directory, wish: ElementSaid) -> str:
        if wish.codes:
            return wish.codes[0]
        codes = held.codes(form.element)
        fixed = FIXED.get(form.element)
        if fixed is not None and (codes is None or fixed in codes):
            return fixed + check_digit(fixed) if form.element == "7140" else fixed
        if codes:
            fitting = [code for code in codes if form.shortest <= len(code) <= form.longest]
            liked = sorted(set(fitting) & labelled_codes(form.element)) or sorted(fitting)
            return liked[self._noise(2) % len(liked)]
        length = max(form.shortest, min(form.longest, wish.longest or 6, 6))
        if form.kind == "n":
            return str(self._noise(8) % 10**length).rjust(length, "1")[:length]
        return "".join(_LETTERS[self._noise(1) % len(_LETTERS)] for _ in range(length))

    def _noise(self, size: int) -> int:
        self._made += 1
        return int.from_bytes(
            hashlib.shake_256(f"{self._seed}/{self._made}".encode("utf-8", "surrogatepass")).digest(size)
        )
