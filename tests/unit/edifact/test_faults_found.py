"""Every segment of the sample messages is spoilt once: what makes a message wrong is noticed, where it is, once."""

from collections import Counter
from collections.abc import Iterator

import pytest

from hub.canonical.finding import Finding
from hub.translators.edifact.checking import examine
from hub.translators.edifact.opening import NEEDED, Opening, read_opening
from hub.translators.edifact.sampling import sample
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer
from tests.edifact_inputs import ORDER, SAMPLES, interchange, message

LEAST_ONCE = 0.95
"""Of the faults that are noticed, the share that makes exactly one finding."""
NEAR = 1
"""Segments between a fault and its finding: what is missing is told of the one before it, a swap is of two."""
FULL_LINE = ("LIN+1++5410738100159:EN", "PIA+1+A:SA", "IMD+F++:::Tea", "QTY+21:48", "MOA+203:480", "PRI+AAA:10")
FULL_ORDER = interchange(
    message(
        *ORDER[:3],
        *("CTA+OC+:Anna", "COM+1:TE", "NAD+SU+5412345000020::9", "TAX+7+VAT+++:::21", "CUX+2:EUR:9"),
        *FULL_LINE,
        *("TAX+7+VAT+++:::21", "MOA+124:100", "ALC+A", "PCD+1:5", "MOA+8:12.5"),
        *("LIN+2++5410738100166:EN", *FULL_LINE[1:], "RFF+ON:1", "DTM+171:20261001:102"),
        *("UNS+S", "MOA+79:960", "CNT+2:2"),
    )
)
FILES = {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.edi"))}
MADE = {type_: sample(type_, name, full=True) for type_, name in (("DESADV", "D.96A"), ("PARTIN", "D.01B"))}
ALL = FILES | MADE | {"full": FULL_ORDER}
SOUND = {name: data for name, data in ALL.items() if examine(data).found == () and data.count(b"UNH") == 1}


class Spoilt:
    """A message whose segments can be spoilt, counted right all the same."""

    def __init__(self, data: bytes) -> None:
        opening = read_opening(data[:NEEDED], 0)
        assert isinstance(opening, Opening)
        self.chars = opening.chars
        self.before = opening.chars.una if opening.announced else ""
        self.segments = [item.text for item in Tokenizer([data]).read() if isinstance(item, Segment)]
        tags = [text[:3] for text in self.segments]
        self.first, self.last = tags.index("UNH"), tags.index("UNT")

    def places(self) -> range:
        """The segments between UNH and UNT."""
        return range(self.first + 1, self.last)

    def each(self, at: int) -> Iterator[tuple[str, list[str]]]:
        """Yield the ways to spoil a segment."""
        segments, segment = self.segments, self.segments[at]
        yield "dropped", [*segments[:at], *segments[at + 1 :]]
        yield "doubled", [*segments[:at], segment, *segments[at:]]
        yield "mistyped", [*segments[:at], "XYZ" + segment[3:], *segments[at + 1 :]]
        yield "lengthened", [*segments[:at], segment + "X" * 600, *segments[at + 1 :]]
        if at + 1 < self.last:
            yield "swapped", [*segments[:at], segments[at + 1], segment, *segments[at + 2 :]]

    def errors(self, segments: list[str]) -> list[Finding]:
        """Return the errors of these segments, whose number UNT states."""
        counted = [
            self.chars.element.join(["UNT", str(at - self.first + 1), *text.split(self.chars.element)[2:]])
            if text.startswith("UNT")
            else text
            for at, text in enumerate(segments)
        ]
        text = self.before + "".join(one + self.chars.terminator for one in counted)
        found = (one.finding for one in examine(text.encode("latin-1")).found)
        return [finding for finding in found if finding.level == "error"]


def test_there_are_sound_messages_to_spoil() -> None:
    assert len(SOUND) >= 3
    assert {"full", "DESADV", "PARTIN"} <= SOUND.keys()


def test_one_fault_makes_one_finding() -> None:
    noticed: Counter[str] = Counter()
    once: Counter[str] = Counter()
    for data in SOUND.values():
        message_ = Spoilt(data)
        for at in message_.places():
            for kind, segments in message_.each(at):
                errors = message_.errors(segments)
                noticed[kind] += bool(errors)
                once[kind] += len(errors) == 1
    assert min(noticed.values()) > 10
    for kind in ("dropped", "mistyped", "lengthened", "swapped"):
        assert once[kind] >= LEAST_ONCE * noticed[kind], (kind, once[kind], noticed[kind])
    assert once.total() >= LEAST_ONCE * noticed.total()


@pytest.mark.parametrize("name", SOUND)
def test_what_can_never_be_right_is_always_noticed_at_its_place(name: str) -> None:
    message_ = Spoilt(SOUND[name])
    for at in message_.places():
        for kind, segments in message_.each(at):
            if kind in {"mistyped", "lengthened"}:
                places = [finding.location.segment for finding in message_.errors(segments)]
                assert at - message_.first + 1 in places, (kind, segments[at], places)


def test_a_fault_is_told_near_its_place() -> None:
    told = 0
    far: list[tuple[str, str, Finding]] = []
    for data in SOUND.values():
        message_ = Spoilt(data)
        for at in message_.places():
            for kind, segments in message_.each(at):
                errors = message_.errors(segments)
                told += len(errors) == 1
                distance = (errors[0].location.segment or 0) - (at - message_.first + 1) if len(errors) == 1 else 0
                if abs(distance) > NEAR:
                    far.append((kind, message_.segments[at], errors[0]))
    assert len(far) <= (1 - LEAST_ONCE) * told, far
