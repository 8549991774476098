"""What a reading kept because it has no place of its own, on its way back into a message.

`extensions` hold segments as text under keys like `TAG+qualifier`, below a party
`NAD+BY/TAG+qualifier`. A message is put together from blocks (a segment, or a group
with its trigger first) that are sorted into the places of their tags in the message's
table; blocks of one tag keep their order, so what is read first stays first.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hub.translators.edifact.syntax import Segment, ServiceCharacters
from hub.translators.edifact.table import Node
from hub.translators.edifact.writer import Plain

Block = tuple[Plain, ...]
"""A segment, or a group with its trigger first."""
_DEFAULT = ServiceCharacters()


@dataclass(slots=True)
class Kept:
    """The extensions of a document or a line, taken out as they are written."""

    extensions: Mapping[str, tuple[str, ...]]
    taken: set[str] = field(default_factory=set)

    def text(self, key: str) -> str:
        """Take the first text under a key, "" where there is none."""
        self.taken.add(key)
        return self.extensions.get(key, ("",))[0]

    def take(self, path: str) -> list[Block]:
        """Take what is kept below `path`."""
        keys = [key for key in self.extensions if key.startswith(path) and key not in self.taken]
        self.taken.update(keys)
        return [block(text) for key in keys for text in self.extensions[key]]

    def take_each(self, path: str) -> list[tuple[str, list[Block]]]:
        """Take what is kept below `path`, each with the rest of its key."""
        keys = [key for key in self.extensions if key.startswith(path) and key not in self.taken]
        self.taken.update(keys)
        return [(key.removeprefix(path), [block(text) for text in self.extensions[key]]) for key in keys]

    def rest(self) -> list[Block]:
        """Take all that was not taken yet."""
        return self.take("")

    def below(self, path: str) -> "Kept":
        """Take what is kept below `path`, as it stands there."""
        keys = [key for key in self.extensions if key.startswith(path)]
        self.taken.update(keys)
        return Kept({key.removeprefix(path): self.extensions[key] for key in keys})


def block(text: str) -> Block:
    """Return the segments of a kept text."""
    return tuple(_plain(part) for part in _DEFAULT.split(text, _DEFAULT.terminator))


def _plain(text: str) -> Plain:
    segment = Segment(text, 0, _DEFAULT)
    return Plain(segment.tag, tuple(tuple(components) for components in segment.elements))


def value(plain: Plain, element: int, component: int = 1) -> str:
    """Return a value of a plain segment, counted as on the wire; "" where nothing stands."""
    if element > len(plain.elements):
        return ""
    components = plain.elements[element - 1]
    components = components if isinstance(components, tuple) else (components,)
    return components[component - 1] if component <= len(components) else ""


def merged(own: Sequence[Block], full: list[Block], alike: Callable[[Block], Hashable]) -> Iterator[Block]:
    """Yield `own` blocks, each as the fuller block that says the same and more, if there is one; then what is left."""
    left = list(full)
    for one in own:
        fuller = next((each for each in left if alike(each) == alike(one)), None)
        if fuller is not None:
            left.remove(fuller)
        yield fuller or one
    yield from left


def in_order(blocks: Iterable[Block], content: Sequence[Node]) -> Iterator[Plain]:
    """Yield the segments of blocks, sorted into the places that a group's `content` has for their tags."""
    places = {node.tag: place for place, node in reversed(list(enumerate(content)))}
    for each in sorted(blocks, key=lambda one: places.get(one[0].tag, len(places))):
        yield from each
