"""A run of segments: texts that follow one another, made into segments only where somebody asks for one.

Most segments of most messages are checked and never asked for a value, so the readers
below the envelope work on their texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from hub.translators.edifact.syntax import Segment, ServiceCharacters


@dataclass(slots=True)
class Run:
    """Segments in wire order: `texts` without terminators, and the `offsets` of their first bytes in the input.

    `position` is the place of the first in its message, UNH being 1; 0 outside messages.
    """

    texts: list[str]
    offsets: list[int]
    chars: ServiceCharacters
    position: int = 0

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Segment]:
        return map(self.segment, range(len(self.texts)))

    def segment(self, index: int) -> Segment:
        """Return one of the segments, counted from 0."""
        segment = Segment(self.texts[index], self.offsets[index], self.chars)
        segment.position = self.position + index if self.position else 0
        return segment

    def part(self, start: int, end: int, position: int = 0) -> Self:
        """Return the segments from `start` to before `end`, the first of which stands at `position`."""
        return type(self)(self.texts[start:end], self.offsets[start:end], self.chars, position)
