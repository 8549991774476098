"""What guides say of each place, put together: for who writes a message, or a page about it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hub.canonical.guide import MessageGuide
from hub.translators.edifact.guiding import Layer
from hub.translators.edifact.places import Step, place

Path = tuple[Step, ...]
"""The groups around a segment, and the segment."""


@dataclass(slots=True)
class ElementSaid:
    """What is said of a data element: `codes` None where any value may stand."""

    required: bool = False
    forbidden: bool = False
    codes: tuple[str, ...] | None = None
    longest: int | None = None


@dataclass(slots=True)
class Said:
    """What is said of a segment; `elements` by number, or by composite and number (`C082.3055`)."""

    required: bool = False
    forbidden: bool = False
    most: int | None = None
    elements: dict[str, ElementSaid] = field(default_factory=dict)

    def element(self, composite: str, number: str) -> ElementSaid:
        """Return what is said of an element in a composite."""
        return self.elements.get(f"{composite}.{number}") or self.elements.get(number) or _NOTHING


_NOTHING = ElementSaid()


class Narrowed:
    """The rules of several guides without their conditions, by place."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._said: dict[Path, Said] = {}
        for layer in layers:
            self._add(layer.guide)

    def of(self, path: Path) -> Said:
        """Return all that is said of the segment at a path: of its tag, and of it with its qualifier."""
        found = Said()
        for key, said in self._said.items():
            if _covers(key, path):
                found.required = found.required or said.required
                found.forbidden = found.forbidden or said.forbidden
                found.most = _least(found.most, said.most)
                for name, element in said.elements.items():
                    found.elements[name] = _both(found.elements.get(name, _NOTHING), element)
        return found

    def wanted(self, path: Path, tag: str) -> list[Step]:
        """Return the segments with this tag that must stand below a path, or have such below them."""
        return _distinct(step for step, said in self._below(path, tag) if said.required)

    def named(self, path: Path, tag: str) -> list[Step]:
        """Return the segments with this tag below a path of which something is said, or of what stands below them."""
        return _distinct(step for step, _ in self._below(path, tag))

    def _below(self, path: Path, tag: str) -> Iterator[tuple[Step, Said]]:
        depth = len(path)
        for key, said in self._said.items():
            if len(key) > depth and key[depth].tag == tag and _covers(key[:depth], path):
                yield key[depth], said

    def _add(self, guide: MessageGuide) -> None:
        for text in guide.required:
            if not self._at(text, ElementSaid(required=True)):
                self._segment(text, Said(required=True))
        for text in guide.forbidden:
            if not self._at(text, ElementSaid(forbidden=True)):
                self._segment(text, Said(forbidden=True))
        for text, most in guide.most.items():
            self._segment(text, Said(most=most))
        for text, codes in guide.codes.items():
            self._at(text, ElementSaid(codes=codes))
        for text, value in guide.fixed.items():
            self._at(text, ElementSaid(required=True, codes=(value,)))
        for text, longest in guide.longest.items():
            self._at(text, ElementSaid(longest=longest))

    def _segment(self, text: str, said: Said) -> None:
        at = self._said.setdefault(_path(text), Said())
        at.required, at.forbidden = at.required or said.required, at.forbidden or said.forbidden
        at.most = _least(at.most, said.most)

    def _at(self, text: str, said: ElementSaid) -> bool:
        """Note what is said of an element; tell whether the place is one."""
        at = place(text)
        if not at.element:
            return False
        elements = self._said.setdefault(_path(text), Said()).elements
        name = f"{at.composite}.{at.element}" if at.composite else at.element
        elements[name] = _both(elements.get(name, _NOTHING), said)
        return True


def _distinct(steps: Iterable[Step]) -> list[Step]:
    """Return each step once; of a tag with and without qualifiers, those with."""
    found = dict.fromkeys(steps)
    return [step for step in found if step.qualifier] or list(found)


def _path(text: str) -> Path:
    at = place(text)
    return (*at.groups, at.step)


def _covers(key: Path, path: Path) -> bool:
    """Tell whether what is said of `key` holds at `path`: the same tags, and qualifiers where they are named."""
    return len(key) == len(path) and all(
        mine.tag == its.tag and mine.qualifier in {"", its.qualifier} for mine, its in zip(key, path, strict=True)
    )


def _both(one: ElementSaid, other: ElementSaid) -> ElementSaid:
    codes = one.codes if other.codes is None else other.codes
    if one.codes is not None and other.codes is not None:
        codes = tuple(code for code in one.codes if code in other.codes)
    return ElementSaid(
        one.required or other.required, one.forbidden or other.forbidden, codes, _least(one.longest, other.longest)
    )


def _least(one: int | None, other: int | None) -> int | None:
    numbers = [number for number in (one, other) if number is not None]
    return min(numbers, default=None)
