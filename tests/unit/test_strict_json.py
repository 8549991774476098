"""JSON from strangers is read in one way or not at all."""

from decimal import Decimal

import pytest

from hub.canonical.strict_json import MAX_DEPTH, parse
from hub.errors import LimitExceeded, UnreadableInput
from tests.patience import patience


def test_fractions_are_decimal_and_integers_are_exact() -> None:
    value = parse(b'{"a": 10.799999999999999, "b": 12345678901234567890, "c": 1.10, "d": -0.5e-3}')
    assert value == {
        "a": Decimal("10.799999999999999"),
        "b": 12345678901234567890,
        "c": Decimal("1.10"),
        "d": Decimal("-0.0005"),
    }
    assert str(value["c"]) == "1.10"


def test_byte_order_mark_is_allowed() -> None:
    assert parse(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b'{"a": 1, "b": 2, "a": 3}',
        b'{"x": {"a": 1, "\\u0061": 2}}',
        b"[1] [2]",
        b'"\xff"',
        '["a"]'.encode("utf-16"),
        b'["\x00"]',
        b'["\\u0000"]',
        b'["\\ud800"]',
        b'"\\udfff"',
        b'{"\\ud800": 1}',
        b"[01]",
        b"[1.]",
    ],
)
def test_what_two_readers_could_understand_differently_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        parse(data)


def test_escaped_backslash_and_whole_surrogate_pairs_are_text() -> None:
    assert parse(rb'["\\u0000 \\ud800", "\ud83d\ude00"]') == ["\\u0000 \\ud800", "\U0001f600"]


def test_error_says_where() -> None:
    with pytest.raises(UnreadableInput, match=r"line 2, column 9") as raised:
        parse('{"ä":\n 1, "b" 2}'.encode())
    assert raised.value.context == {"line": 2, "offset": 15}
    with pytest.raises(UnreadableInput, match="byte 2"):
        parse(b'["\xff"]')
    with pytest.raises(UnreadableInput, match="'total'"):
        parse(b'{"total": 1, "total": 2}')


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_depth_is_limited(opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    assert parse(opening * (MAX_DEPTH - 1) + b"[]" + closing * (MAX_DEPTH - 1)) is not None
    for depth in (MAX_DEPTH, 500, 100_000):
        with pytest.raises(LimitExceeded):
            parse(opening * depth + b"[]" + closing * depth)


@pytest.mark.parametrize(
    "number", ["9" * 39, "-" + "9" * 39, "1." + "0" * 40, "1e39", "1e-39", "1e999999999", "9" * 5000]
)
def test_numbers_are_limited(number: str) -> None:
    with pytest.raises(LimitExceeded):
        parse(f"[{number}]".encode())
    assert parse(f"[{'9' * 38}, {'-' + '9' * 38}, 1e38]".encode()) == [10**38 - 1, 1 - 10**38, Decimal("1e38")]


def test_size_is_limited() -> None:
    assert parse(b"[1]", max_bytes=3) == [1]
    with pytest.raises(LimitExceeded):
        parse(b"[12]", max_bytes=3)


def test_a_name_given_twice_among_very_many_is_found_in_linear_time() -> None:
    members = b",".join(b'"k%d":1' % number for number in range(100_000))
    with patience(), pytest.raises(UnreadableInput, match="'k99999' stands twice"):
        parse(b"{" + members + b',"k99999":1}')
