"""Two files compared by what they say: separators, line breaks, counts and references of the envelope do not matter.

Strategy: each file is told as segments with their values, without what differs between any
two sendings. What stands in the place of segments of the same tag is told value by value.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from hub.errors import LimitExceeded, UnreadableInput
from hub.translators.edifact.explaining import SegmentTold, ValueTold, explain
from hub.translators.edifact.slices import FileBytes

MOST_SEGMENTS = 5_000
"""Of each file: the time grows with the square of them."""
OF_THE_SENDING = frozenset({"0017", "0019", "0020", "0036", "0048", "0060", "0062", "0074"})
"""Dates, references and counts of service segments: they are others each time."""
_SERVICE = frozenset({"UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"})

Meaning = tuple[tuple[int, int | None, str], ...]


class ValueChange(NamedTuple):
    """A value that is not the same; one of the two is None where it stands in one file alone."""

    before: ValueTold | None
    after: ValueTold | None


class Change(NamedTuple):
    """A segment that is in one file alone, or says something else in the other."""

    before: SegmentTold | None
    after: SegmentTold | None
    values: tuple[ValueChange, ...] = ()


def compare(before: FileBytes, after: FileBytes) -> tuple[Change, ...]:
    """Return what the second file says otherwise than the first.

    Raises UnreadableInput for a file without an interchange, LimitExceeded for one that is too large.
    """
    old, new = _segments(before, "first"), _segments(after, "second")
    matcher = SequenceMatcher(None, [_said(one) for one in old], [_said(one) for one in new], autojunk=False)
    changes: list[Change] = []
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind != "equal":
            changes += _paired(old[start:end], new[other_start:other_end])
    return tuple(changes)


def _segments(data: FileBytes, which: str) -> tuple[SegmentTold, ...]:
    explained = explain(data)
    if explained.report.verdict == "unreadable":
        raise UnreadableInput(f"the {which} file holds no interchange that can be read")
    if len(explained.segments) > MOST_SEGMENTS:
        raise LimitExceeded(f"the {which} file has more than {MOST_SEGMENTS} segments to compare: split it")
    return explained.segments


def _said(segment: SegmentTold) -> tuple[str, Meaning]:
    return segment.tag, tuple((one.element, one.component, one.value) for one in _values(segment))


def _values(segment: SegmentTold) -> list[ValueTold]:
    return [one for one in segment.values if not (segment.tag in _SERVICE and one.data_element in OF_THE_SENDING)]


def _paired(old: Sequence[SegmentTold], new: Sequence[SegmentTold]) -> Iterator[Change]:
    """Yield the changes of a stretch: segments of one tag that follow each other alike are taken for each other."""
    tags = SequenceMatcher(None, [one.tag for one in old], [one.tag for one in new], autojunk=False)
    for kind, start, end, other_start, other_end in tags.get_opcodes():
        if kind == "equal":
            pairs = zip(old[start:end], new[other_start:other_end], strict=True)
            yield from (Change(one, other, tuple(_differing(one, other))) for one, other in pairs)
        else:
            yield from (Change(one, None) for one in old[start:end])
            yield from (Change(None, other) for other in new[other_start:other_end])


def _differing(one: SegmentTold, other: SegmentTold) -> Iterator[ValueChange]:
    before = {(value.element, value.component): value for value in _values(one)}
    after = {(value.element, value.component): value for value in _values(other)}
    for place in sorted({*before, *after}, key=lambda at: (at[0], at[1] or 0)):
        old, new = before.get(place), after.get(place)
        if old is None or new is None or old.value != new.value:
            yield ValueChange(old, new)
