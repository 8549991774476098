"""Two files compared by what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.cli.explained import as_difference
from hub.errors import LimitExceeded, UnreadableInput
from hub.translators.edifact import comparing
from hub.translators.edifact.comparing import compare
from tests.edifact_inputs import HEAD, LINE, ORDER, UNB, interchange, message

SECOND = ("LIN+2++5410738100166:EN", "QTY+21:3")


def told(before: bytes, after: bytes) -> list[str]:
    return list(as_difference(compare(before, after)))


def order(*lines: str) -> bytes:
    return interchange(message(*HEAD, *lines, "UNS+S"))


def test_the_same_said_otherwise_is_no_difference() -> None:
    before = interchange(message(*ORDER))
    other_marks = before.replace(b"+", b"*").replace(b":", b"|").replace(b"'", b"~\r\n")
    assert compare(before, b"UNA|*.? ~" + other_marks) == ()
    sent_again = interchange(message(*ORDER, reference="77"), unb=UNB.replace("261001:1020+542", "261002:0900+543"))
    assert compare(before, sent_again) == ()


def test_a_value_that_differs_is_told_with_its_name() -> None:
    assert told(order(*LINE), order(LINE[0], "QTY+61:50")) == [
        "  6 QTY  quantity: QTY+21:48",
        "      which quantity: 21 (ordered) → 61 (returned)",
        "      quantity: 48 → 50",
    ]


def test_a_value_that_is_there_once_is_told_as_nothing() -> None:
    assert told(order(*LINE), order(LINE[0], "QTY+21:48:PCE")) == [
        "  6 QTY  quantity: QTY+21:48",
        "      unit: nothing → PCE (piece)",
    ]
    assert told(order(LINE[0], "QTY+21:48:PCE"), order(*LINE))[1] == "      unit: PCE (piece) → nothing"


def test_segments_of_one_file_alone_are_told_whole() -> None:
    fewer, more = order(*LINE), order(*LINE, *SECOND)
    assert told(fewer, more) == [f"+ 7 LIN  line: one item: {SECOND[0]}", f"+ 8 QTY  quantity: {SECOND[1]}"]
    assert told(more, fewer) == [f"- 7 LIN  line: one item: {SECOND[0]}", f"- 8 QTY  quantity: {SECOND[1]}"]


def test_a_line_put_in_before_others_does_not_make_them_different() -> None:
    added = told(order(*LINE), order(*SECOND, *LINE))
    assert sorted(line[:1] for line in added) == ["+", "+"]


@given(st.lists(st.sampled_from([*ORDER, *SECOND, "FTX+AAI+++text", "XYZ+1"]), max_size=12))
def test_no_file_differs_from_itself(segments: list[str]) -> None:
    data = interchange(message(*segments))
    assert compare(data, data) == ()


def test_a_file_has_so_many_segments_that_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "MOST_SEGMENTS", 8)
    with pytest.raises(LimitExceeded, match="the second file has more than 8 segments"):
        compare(interchange(message(*HEAD, "UNS+S")), order(*LINE))


@pytest.mark.parametrize("data", [b"", b"Dear Sir,"])
def test_what_cannot_be_read_is_not_compared(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match="the first file"):
        compare(data, data)
    with pytest.raises(UnreadableInput, match="the second file"):
        compare(order(*LINE), data)
