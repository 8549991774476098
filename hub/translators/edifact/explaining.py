"""A file in words: each segment, what its elements are called, what its codes mean, and what is wrong with it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from types import MappingProxyType
from typing import NamedTuple

from hub.canonical.agreement import Agreement, Edition
from hub.errors import LimitExceeded
from hub.translators.edifact.checking import Found, Report, chunks_of, codec_of, examine, legible
from hub.translators.edifact.directory import Part, held_directory, service_directory, stated_directory
from hub.translators.edifact.envelope import Envelope
from hub.translators.edifact.events import Closed, GroupClosed, GroupOpened, MessageClosed, MessageOpened, Opened
from hub.translators.edifact.labels import code_label, element_label, segment_label
from hub.translators.edifact.opening import Fault, Opening
from hub.translators.edifact.placing import fields_of
from hub.translators.edifact.run import Run
from hub.translators.edifact.slices import FileBytes, split
from hub.translators.edifact.structure import StructureReader
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer
from hub.translators.edifact.validate import parts_of

UNNAMED = "not in the directory"
MOST_SEGMENTS = 20_000
"""Of one file: nobody reads more, and each is kept with all its words."""
Held = tuple[Part, ...] | None
Placed = dict[tuple[int, int], tuple[str, ...]]
"""Where the values of a segment go, by element and component, both from 1."""
Border = Opened | GroupOpened | MessageOpened | MessageClosed | GroupClosed | Closed
_DEPTHS = MappingProxyType({"UNB": 0, "UNZ": 0, "UNG": 1, "UNE": 1})


class ValueTold(NamedTuple):
    """One value: its place as CONTRL counts it, its data element (`6063`), what that is called, what a code means.

    `fields` are the paths of the canonical fields that it goes to.
    """

    element: int
    component: int | None
    data_element: str
    label: str
    value: str
    meaning: str
    fields: tuple[str, ...] = ()


class SegmentTold(NamedTuple):
    """One segment in words. `depth` counts the levels above it, UNB's being 0; `position` is that in its message."""

    tag: str
    label: str
    text: str
    depth: int
    position: int | None
    offset: int
    values: tuple[ValueTold, ...]
    found: tuple[Found, ...]


class Explained(NamedTuple):
    """A file in words, with the report on it. What is said of no segment that stands there is in `elsewhere`."""

    report: Report
    segments: tuple[SegmentTold, ...]
    elsewhere: tuple[Found, ...]


def explain(data: FileBytes, agreement: Agreement | None = None, edition: Edition | None = None) -> Explained:
    """Explain a file; what is wrong is told as `examine` does.

    Raises LimitExceeded for more than `MOST_SEGMENTS`, and more interchanges than one file may have.
    """
    data = legible(data, agreement)
    report = examine(data, agreement, edition)
    by_offset: dict[int, list[Found]] = defaultdict(list)
    for one in report.found:
        by_offset[one.finding.location.offset or 0].append(one)
    segments: list[SegmentTold] = []
    for one_slice in split(data):
        tokens = Tokenizer(chunks_of(data, one_slice), codec=codec_of(agreement), offset=one_slice.offset)
        walked = list(islice(_Walk(tokens).read(), MOST_SEGMENTS - len(segments) + 1))
        if len(segments) + len(walked) > MOST_SEGMENTS:
            raise LimitExceeded(f"more than {MOST_SEGMENTS} segments to put into words: split the file")
        fields = _fields([segment for segment, *_ in walked], tokens.opening, agreement, edition)
        for segment, depth, held in walked:
            found = tuple(by_offset.pop(segment.offset, ()))
            segments.append(_told(segment, depth, held, found, fields.get(segment.offset, {})))
    elsewhere = tuple(one for found in by_offset.values() for one in found)
    return Explained(report, tuple(segments), elsewhere)


def _fields(
    segments: Sequence[Segment], opening: Opening | None, agreement: Agreement | None, edition: Edition | None
) -> dict[int, Placed]:
    """Return by the segments' offsets where the values of an interchange's messages go."""
    found: dict[int, Placed] = defaultdict(dict)
    if opening is None or not segments or segments[0].tag != "UNB":
        return found
    message: list[Segment] = []
    for segment in segments:
        message = [segment] if segment.tag == "UNH" else [*message, segment] if message else []
        if message and segment.tag == "UNT":
            offsets = {one.position: one.offset for one in message}
            placed = fields_of(segments[0], message, opening, agreement, edition)
            for (position, element, component), paths in placed.items():
                found[offsets[position]][element, component] = paths
            message = []
    return found


class _Walk:
    """Goes through an interchange and knows where each segment stands."""

    def __init__(self, tokens: Tokenizer) -> None:
        self._tokens = tokens
        self._structure: StructureReader | None = None
        self._directory = ""
        self._message_depth = 1

    def read(self) -> Iterator[tuple[Segment, int, Held]]:
        """Yield each segment but the strays, with its depth and the parts that its directory knows of it."""
        for event in Envelope().read(self._tokens.runs()):
            if isinstance(event, Fault):
                continue
            for segment in self._inside(event) if isinstance(event, Run) else self._passed(event):
                yield segment, self._depth(segment.tag), self._parts(segment)

    def _parts(self, segment: Segment) -> Held:
        return parts_of(segment.tag, self._directory, self._version, segment.chars)

    def _inside(self, run: Run) -> Iterator[Segment]:
        """Yield the segments of a message, each when it has found its place."""
        for index in range(len(run)):
            if self._structure is not None:
                self._structure.add(run.part(index, index + 1, run.position + index))
            yield run.segment(index)

    def _passed(self, event: Border) -> Iterator[Segment]:
        """Take note of what opens or closes, and yield its segment where that is no message's."""
        segment: Segment | None = None
        if isinstance(event, MessageOpened):
            self._open(event.unh)
        elif isinstance(event, MessageClosed):
            self._structure, self._directory = None, ""
        elif isinstance(event, GroupOpened | GroupClosed):
            self._message_depth = 2 if isinstance(event, GroupOpened) else 1
            segment = event.ung if isinstance(event, GroupOpened) else event.une
        else:
            segment = event.unb if isinstance(event, Opened) else event.unz
        if segment is not None:
            yield segment

    def _open(self, unh: Segment) -> None:
        self._directory = stated_directory(unh)
        is_control = unh.value(2) == "CONTRL"
        held = service_directory(self._version) if is_control else held_directory(self._directory)
        table = held.message(unh.value(2)) if held is not None else None
        self._structure = StructureReader(table) if table is not None else None

    @property
    def _version(self) -> int:
        return self._tokens.opening.syntax_version if self._tokens.opening else 3

    def _depth(self, tag: str) -> int:
        if tag in _DEPTHS:
            return _DEPTHS[tag]
        if tag in {"UNH", "UNT"}:
            return self._message_depth
        return self._message_depth + 1 + (self._structure.depth if self._structure is not None else 0)


def _told(segment: Segment, depth: int, parts: Held, found: tuple[Found, ...], placed: Placed) -> SegmentTold:
    return SegmentTold(
        tag=segment.tag,
        label=segment_label(segment.tag),
        text=segment.text,
        depth=depth,
        position=segment.position or None,
        offset=segment.offset,
        values=tuple(_values(segment, parts or (), placed)),
        found=found,
    )


def _values(segment: Segment, parts: tuple[Part, ...], placed: Placed) -> Iterator[ValueTold]:
    for number in range(1, len(segment.raw_elements)):
        part = parts[number - 1] if number <= len(parts) else None
        for components in segment.repetitions(number):
            for place, value in enumerate(components, 1):
                if value:
                    told = _value(value, part, number + 1, place, alone=len(components) == 1)
                    yield told._replace(fields=placed.get((number, place), ()))


def _value(value: str, part: Part | None, element: int, place: int, *, alone: bool) -> ValueTold:
    form = part.components[place - 1] if part is not None and place <= len(part.components) else None
    single = part is not None and len(part.components) == 1
    component = None if single or (part is None and alone) else place
    if form is None:
        return ValueTold(element, component, "", UNNAMED, value, "")
    return ValueTold(
        element, component, form.element, element_label(form.element), value, code_label(form.element, value)
    )
