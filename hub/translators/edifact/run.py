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
    """Segments in wire order: `texts` without terminators, and where they begin.

    `starts` are their offsets in the input as if there were no terminators, of which
    `terminators` stand before the first. `position` is the place of the first in its
    message, UNH being 1; 0 outside messages.
    """

    texts: list[str]
    starts: list[int]
    chars: ServiceCharacters
    terminators: int = 0
    position: int = 0

    @classmethod
    def of_one(cls, segment: Segment) -> Self:
        """Return a run of one segment."""
        return cls([segment.text], [segment.offset], segment.chars, 0, segment.position)

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[Segment]:
        return map(self.segment, range(len(self.texts)))

    def offset(self, index: int) -> int:
        """Return the offset of a segment's first byte; segments count from 0."""
        return self.starts[index] + self.terminators + index

    def segment(self, index: int) -> Segment:
        """Return one of the segments."""
        offset = self.starts[index] + self.terminators + index
        return Segment(self.texts[index], offset, self.chars, self.position and self.position + index)

    def part(self, start: int, end: int, position: int = 0) -> Self:
        """Return the segments from `start` to before `end`, the first of which stands at `position`."""
        return type(self)(self.texts[start:end], self.starts[start:end], self.chars, self.terminators + start, position)
