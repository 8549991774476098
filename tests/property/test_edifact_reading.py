"""Whatever a partner sends, and however it is cut: the same segments, the same findings, and never another error."""

import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.translators.edifact.explaining import explain
from hub.translators.edifact.interchange import InterchangeRead, MessageRead, check, read, split
from hub.translators.edifact.opening import Fault
from hub.translators.edifact.syntax import Segment, ServiceCharacters, encode_segment
from hub.translators.edifact.tokenizer import Tokenizer
from tests.edifact_inputs import ORDER, SAMPLES, UNB, agreement, file, interchange, message

FILES = tuple(sorted(SAMPLES.glob("*.edi")))
SAMPLE = st.sampled_from(FILES)
TERMS = (agreement(), agreement(directory="D.01B", charset_strictness="strict"), None)
PIECES = st.lists(
    st.sampled_from(
        [
            *"'+:?* ",
            *["\r\n", "\x00", "é", "\ufeff", "UNA:+.? '", "UNB+UNOC:3+A+B+261001:1020+1", "UNB\x1dUNOB\x1f1"],
            *["UNG+ORDERS", "UNH+1+ORDERS:D:96A:UN", "UNH+2+CONTRL:D:3:UN", "UNT+3+1", "UNE+1+1", "UNZ+1+1", "UNO+1"],
            *["ISA*", "UCI+7+A+B+7", "QTY+21:.5", "CNT+2:x", "NAD+BY", "LIN", "PRI+AAA:-", "DTM+137:9:9", "9" * 40],
            *ORDER,
        ]
    ),
    max_size=60,
).map(lambda pieces: "".join(pieces).encode())
JUNK = st.one_of(st.binary(max_size=300), PIECES)


def tokens(chunks: list[bytes]) -> list[tuple[Any, ...]]:
    return [
        (item.text, item.offset)
        if isinstance(item, Segment)
        else (item.code, item.level, item.offset, item.segment and item.segment.offset, item.fatal)
        for item in Tokenizer(chunks).read()
    ]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in pairwise(borders)]


def tells_something(data: bytes, terms: Any) -> None:
    """Assert that reading ends as it must: a verdict for each message, one for each interchange, nothing raised."""
    items = list(read(data, terms))
    assert items
    assert isinstance(items[-1], InterchangeRead)
    for item in items:
        if isinstance(item, MessageRead):
            refused = any(found.level == "error" for found in item.verdict.findings)
            assert item.verdict.accepted is not refused
            assert item.order is None or item.verdict.accepted
        else:
            assert item.accepted is not any(found.level == "error" for found in item.findings)


@given(data=JUNK, places=st.lists(st.integers(min_value=0, max_value=10_000), max_size=8))
def test_any_split_of_any_bytes_gives_the_same_segments_and_faults(data: bytes, places: list[int]) -> None:
    assert tokens(cut(data, places)) == tokens([data])


@given(path=SAMPLE, places=st.lists(st.integers(min_value=0, max_value=10_000), max_size=8))
def test_any_split_of_an_interchange_is_read_the_same(path: Path, places: list[int]) -> None:
    data = path.read_bytes()
    assert list(read(cut(data, places), TERMS[0])) == list(read(data, TERMS[0]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_given_byte_by_byte_is_read_the_same(path: Path) -> None:
    data = path.read_bytes()
    assert list(read([bytes([byte]) for byte in data], TERMS[0])) == list(read(data, TERMS[0]))


@given(data=JUNK, terms=st.sampled_from(TERMS))
def test_arbitrary_bytes_yield_findings_and_nothing_else(data: bytes, terms: Any) -> None:
    tells_something(data, terms)


@given(data=JUNK)
def test_arbitrary_bytes_behind_a_right_beginning_yield_findings_and_nothing_else(data: bytes) -> None:
    tells_something(file([UNB, *message(*ORDER)]) + data, TERMS[0])


@given(
    path=SAMPLE,
    changes=st.lists(
        st.tuples(
            st.integers(0, 10_000),
            st.integers(0, 12),
            st.one_of(st.binary(max_size=4), st.sampled_from([b"'", b"+", b":", b"?"])),
        ),
        min_size=1,
        max_size=4,
    ),
    terms=st.sampled_from(TERMS),
)
def test_a_damaged_sample_yields_findings_and_nothing_else(
    path: Path, changes: list[tuple[int, int, bytes]], terms: Any
) -> None:
    data = path.read_bytes()
    for place, length, text in changes:
        at = place % (len(data) + 1)
        data = data[:at] + text + data[at + length :]
    tells_something(data, terms)


@given(data=st.one_of(JUNK, JUNK.map(lambda junk: file([UNB, *message(*ORDER)]) + junk)))
def test_every_finding_of_any_bytes_is_told_once_at_a_place_inside_the_file(data: bytes) -> None:
    explained = explain(data)
    report = explained.report
    told = [*explained.elsewhere, *(found for segment in explained.segments for found in segment.found)]
    assert sorted(map(repr, told)) == sorted(map(repr, report.found))
    assert (report.verdict == "valid") is not any(found.finding.level == "error" for found in report.found)
    for finding, quote in report.found:
        assert 0 <= (finding.location.offset or 0) <= len(data)
        assert finding.location.line == data[: finding.location.offset].count(b"\n") + 1
        assert quote is None or 0 <= quote.start <= quote.end <= len(quote.text)
        assert quote is None or quote.text.isprintable()


@given(data=JUNK)
def test_slices_lie_in_the_file_one_behind_the_other(data: bytes) -> None:
    slices = split(data)
    assert slices
    end = 0
    for each in slices:
        assert each.offset >= end
        end = each.offset + each.length
    assert end <= len(data)


@given(paths=st.lists(SAMPLE, min_size=1, max_size=4), between=st.sampled_from([b"", b"\r\n", b"\x1a\x00", b" \t"]))
def test_slices_read_one_by_one_are_the_file_read_whole(paths: list[Path], between: bytes) -> None:
    data = between.join(path.read_bytes() for path in paths)
    whole = [item.verdict.reference for item in read(data, TERMS[0]) if isinstance(item, MessageRead)]
    headers = [item.header for item in read(data, TERMS[0]) if isinstance(item, InterchangeRead)]
    slices = split(data)
    parts = [check(data[each.offset : each.offset + each.length], TERMS[0]) for each in slices]
    assert [one.verdict.reference for part in parts for one in part.messages] == whole
    assert [each.header for each in slices] == headers


TEXT = st.text(st.characters(codec="latin-1", exclude_categories=("Cc",)), max_size=12)


@given(
    elements=st.lists(st.one_of(TEXT, st.lists(TEXT, min_size=1, max_size=4)), max_size=6),
    una=st.sampled_from(["UNA:+.? '", "UNA|*,! ~", "UNA;^.\\ #", "UNA\x1f\x1d.?\x1e\x1c"]),
)
def test_a_written_segment_is_read_as_exactly_its_values(elements: list[Any], una: str) -> None:
    chars = ServiceCharacters.from_una(una[3:]).for_version(3)
    unb = encode_segment("UNB", [["UNOC", "3"], "A", "B", ["261001", "1020"], "1"], chars)
    data = (una + unb + encode_segment("FTX", elements, chars)).encode("latin-1")
    items = list(Tokenizer([data]).read())
    assert not [item for item in items if isinstance(item, Fault)]
    segment = items[1]
    assert isinstance(segment, Segment)
    for number, element in enumerate(elements, 1):
        for component, value in enumerate([element] if isinstance(element, str) else element, 1):
            assert segment.value(number, component) == value


def steps(data: bytes, terms: Any) -> int:
    """Count the lines of our code that run while `data` is split and read."""
    count = 0

    def each_line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal count
        if "edifact" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return each_line

    previous = sys.gettrace()
    sys.settrace(each_line)
    try:
        split(data)
        for _ in read(data, terms):
            pass
    finally:
        sys.settrace(previous)
    return count


def shapes() -> Iterator[tuple[str, Any]]:
    good = message(*ORDER)
    unb = file([UNB])
    yield "messages", lambda n: interchange(*[message(*ORDER, reference=str(number)) for number in range(n)])
    yield "lines", lambda n: interchange(message(*ORDER[:3], *[f"LIN+{n}" for n in range(n)], "UNS+S"))
    yield "interchanges", lambda n: interchange(good) * n
    yield "empty segments", lambda n: unb + b"'" * 10 * n
    yield "released terminators", lambda n: unb + b"FTX+?'UNZ" * n
    yield "false ends", lambda n: unb + b"UNABLE'UNBEND'UNZERO'" * n
    yield "unknown segments", lambda n: unb + file([*good[:3], *["XYZ+1", "DTM+1", "PIA+1"] * n, *good[3:]])
    yield "stray text", lambda n: interchange(good) + b"UN" * 20 * n
    yield "release characters", lambda n: unb + b"FTX+" + b"??" * 10 * n + b"'"
    yield "lines that end in nothing", lambda n: b"UNA:+.? \nUNB+UNOC:3+A+B+261001:1020+1\n" + b"\n" * 10 * n


@pytest.mark.parametrize(("shape"), [pytest.param(make, id=name) for name, make in shapes()])
def test_twice_the_input_costs_twice_the_steps(shape: Any) -> None:
    small, large = steps(shape(150), TERMS[0]), steps(shape(300), TERMS[0])
    assert large <= 2.2 * small + 1000
