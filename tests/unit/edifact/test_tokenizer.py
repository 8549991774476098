"""Bytes become segments, wherever they are cut, and what is wrong with the bytes is told."""

from collections.abc import Iterable

import pytest

from hub.translators.edifact.opening import Fault
from hub.translators.edifact.syntax import SEGMENT_LIMIT, Segment
from hub.translators.edifact.tokenizer import Tokenizer
from tests.edifact_inputs import UNB

CLOSED = "UNZ+0+542"


def items(data: bytes | Iterable[bytes], strictness: str = "lenient", fallback: str = "UNOC") -> list[Segment | Fault]:
    chunks = [data] if isinstance(data, bytes) else data
    return list(Tokenizer(chunks, strictness=strictness, fallback=fallback).read())


def texts(data: bytes, **options: str) -> list[str]:
    return [item.text for item in items(data, **options) if isinstance(item, Segment)]


def faults(data: bytes, **options: str) -> list[Fault]:
    return [item for item in items(data, **options) if isinstance(item, Fault)]


def codes(data: bytes, **options: str) -> list[tuple[str, str]]:
    return [(fault.code, fault.level) for fault in faults(data, **options)]


@pytest.mark.parametrize(
    ("una", "unb"),
    [
        ("", "UNB+UNOA:3+A+B+261001:1020+1'"),
        ("UNA:+.? '", "UNB+UNOA:3+A+B+261001:1020+1'"),
        ("UNA:+,? '\r\n", "UNB+UNOA:3+A+B+261001:1020+1'"),
        ("UNA|*.! ~", "UNB*UNOA|3*A*B*261001|1020*1~"),
        ("UNA:+.  '", "UNB+UNOA:3+A+B+261001:1020+1'"),
        ("UNA\x1f\x1d.?*\x1c", "UNB\x1dUNOA\x1f3\x1dA\x1dB\x1d261001\x1f1020\x1d1\x1c"),
        ("", "UNB\x1dUNOB\x1f1\x1dA\x1dB\x1d261001\x1f1020\x1d1\x1c"),
        ("UNA:+.?*\n", "UNB+UNOA:3+A+B+261001:1020+1\n"),
        ("\ufeffUNA:+.? '", "UNB+UNOA:3+A+B+261001:1020+1'"),
        (" \r\n\t", "UNB+UNOA:3+A+B+261001:1020+1'"),
    ],
)
def test_any_legal_service_characters_are_read(una: str, unb: str) -> None:
    (segment,) = [item for item in items((una + unb).encode()) if isinstance(item, Segment)]
    assert segment.tag == "UNB"
    assert [segment.value(1)[:3], segment.value(2), segment.value(4, 2), segment.value(5)] == ["UNO", "A", "1020", "1"]


def test_a_released_service_character_is_data_everywhere() -> None:
    data = f"{UNB}'FTX+AAI+++It?'s 5?+5 ??'NAD+BY+a?:b:c'{CLOSED}'".encode()
    segments = [item for item in items(data) if isinstance(item, Segment)]
    assert segments[1].value(4) == "It's 5+5 ?"
    assert segments[2].components(2) == ["a:b", "c"]


def test_two_release_characters_before_a_terminator_do_not_release_it() -> None:
    assert texts(f"{UNB}'FTX+??'FTX+???'x'{CLOSED}'".encode()) == [UNB, "FTX+??", "FTX+???'x", CLOSED]


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\n", " \t\r\n"])
def test_line_breaks_between_segments_are_nothing(between: str) -> None:
    data = f"'{between}".join([UNB, "BGM+220", CLOSED, ""]).encode()
    assert texts(data) == [UNB, "BGM+220", CLOSED]
    assert not faults(data)


def test_offsets_are_those_of_the_bytes() -> None:
    data = f"UNA:+.? '\n{UNB}'\r\nFTX+é'\nBGM+1'{CLOSED}'".encode("latin-1")
    for item in items(data):
        assert isinstance(item, Segment)
        text = item.text.encode("latin-1")
        assert data[item.offset : item.offset + len(text)] == text


def test_offsets_are_those_of_the_bytes_in_utf_8_too() -> None:
    data = f"{UNB.replace('UNOC:3', 'UNOW:4')}'\nFTX+Łódź'\nFTX+€'BGM+1'{CLOSED}'".encode()
    for item in items(data):
        assert isinstance(item, Segment)
        assert data[item.offset :].startswith(item.text.encode())


@pytest.mark.parametrize(
    ("identifier", "codec", "text"),
    [
        ("UNOA:1", "ascii", "ABC"),
        ("UNOB:2", "ascii", "abc"),
        ("UNOC:3", "latin-1", "Müller"),
        ("UNOD:3", "iso8859-2", "Łódź"),
        ("UNOE:3", "iso8859-5", "Москва"),
        ("UNOF:3", "iso8859-7", "Αθήνα"),
        ("UNOG:4", "iso8859-3", "Ħal"),
        ("UNOH:4", "iso8859-4", "Rīga"),
        ("UNOI:4", "iso8859-6", "دبي"),
        ("UNOJ:4", "iso8859-8", "חיפה"),
        ("UNOK:4", "iso8859-9", "Şişli"),
        ("UNOL:3", "iso8859-15", "5 €"),
        ("UNOW:4", "utf-8", "日本 Łódź"),
    ],
)
def test_every_character_set_is_read_in_its_own_code(identifier: str, codec: str, text: str) -> None:
    data = f"{UNB.replace('UNOC:3', identifier)}'FTX+{text}'{CLOSED}'".encode(codec)
    assert texts(data, strictness="strict")[1] == f"FTX+{text}"
    assert not faults(data, strictness="strict")


@pytest.mark.parametrize(
    ("identifier", "code"), [("UNOX:3", "2"), ("UNOZ:4", "46"), ("UNOC:5", "2"), ("UNOC:0", "2"), ("UNOC", "2")]
)
def test_an_unknown_character_set_or_syntax_version_is_told_and_read_as_well_as_it_goes(
    identifier: str, code: str
) -> None:
    data = f"{UNB.replace('UNOC:3', identifier)}'BGM+220'{CLOSED}'".encode()
    assert codes(data) == [(code, "error")]
    assert len(texts(data)) == 3


def test_strict_reading_refuses_each_segment_with_a_character_outside_its_set() -> None:
    data = f"{UNB.replace('UNOC', 'UNOA')}'FTX+low'FTX+HIGH'FTX+m@'{CLOSED}'".encode()
    found = faults(data, strictness="strict")
    assert [(fault.code, fault.level, fault.segment and fault.segment.text) for fault in found] == [
        ("21", "error", "FTX+low"),
        ("21", "error", "FTX+m@"),
    ]


def test_lenient_reading_warns_once_and_takes_eight_bit_letters_as_the_agreed_set() -> None:
    data = f"{UNB.replace('UNOC', 'UNOA')}'FTX+Łódź'FTX+low'{CLOSED}'".encode("iso8859-2")
    assert texts(data, fallback="UNOD")[1] == "FTX+Łódź"
    assert codes(data, fallback="UNOD") == [("21", "warning")]


@pytest.mark.parametrize("strictness", ["strict", "lenient"])
@pytest.mark.parametrize("char", ["\x00", "\x01", "\x1b", "\x7f"])
def test_a_control_character_in_a_value_is_always_an_error(char: str, strictness: str) -> None:
    data = f"{UNB}'FTX+a{char}b'{CLOSED}'".encode()
    assert codes(data, strictness=strictness) == [("21", "error")]


def test_bytes_that_are_no_text_are_told_at_their_segment_and_the_rest_is_read() -> None:
    data = UNB.replace("UNOC:3", "UNOW:4").encode() + b"'FTX+\xff\xfe'BGM+220'UNZ+0+542'"
    (fault,) = faults(data)
    assert (fault.code, fault.level, fault.segment and fault.segment.tag) == ("21", "error", "FTX")
    assert texts(data)[2:] == ["BGM+220", "UNZ+0+542"]


def test_line_breaks_inside_segments_are_dropped_with_a_warning() -> None:
    data = f"{UNB}'FTX+AAI+++wrap\r\nped'BG\nM+220'{CLOSED}'".encode()
    assert texts(data)[1:3] == ["FTX+AAI+++wrapped", "BGM+220"]
    assert codes(data) == [("21", "warning")]
    assert codes(data, strictness="strict") == [("21", "error"), ("21", "error")]


def test_one_file_holds_many_interchanges_each_with_its_own_characters() -> None:
    first, second = f"{UNB}'{CLOSED}'", "UNA|*.! ~UNB*UNOA|3*A*B*261001|1020*1~UNZ*0*1~"
    assert texts(f"{first}\r\n\x1a{second}\x00\x00{first}".encode()) == [
        *[UNB, CLOSED],
        *["UNB*UNOA|3*A*B*261001|1020*1", "UNZ*0*1"],
        *[UNB, CLOSED],
    ]


def test_text_between_interchanges_is_told_and_passed_over() -> None:
    data = f"{UNB}'{CLOSED}' -- mail footer -- {UNB}'{CLOSED}'".encode()
    assert codes(data) == [("33", "error")]
    assert texts(data) == [UNB, CLOSED, UNB, CLOSED]


def test_an_interchange_without_unz_ends_where_the_next_begins() -> None:
    data = f"{UNB}'UNH+1+X'UNA:+.? '{UNB}'UNABLE+1'UNBEND+2'{CLOSED}'".encode()
    assert texts(data) == [UNB, "UNH+1+X", UNB, "UNABLE+1", "UNBEND+2", CLOSED]
    assert not faults(data)


@pytest.mark.parametrize(
    ("data", "code", "says"),
    [
        (b"ISA*00*          *00*", "47", "X12"),
        (b"STX=ANA:1+5000000000000", "47", "TRADACOMS"),
        (b"UIB+UNOA:0++1'", "47", "Interactive"),
        (b"UNA:+./*'UIB+UNOA:0++1'", "47", "Interactive"),
        (b"Hello, world", "22", "Neither UNA nor UNB"),
        (b"UNH+1+ORDERS:D:96A:UN'", "22", "Neither UNA nor UNB"),
        (b"UNB*UNOA:3*A*B'", "22", "does not follow"),
        (b"UNA:+.? 'BGM+1'", "22", "does not follow"),
        (b"", "13", "empty"),
        (b" \r\n\x1a", "13", "empty"),
    ],
)
def test_what_is_no_edifact_is_refused_by_name(data: bytes, code: str, says: str) -> None:
    (fault,) = faults(data)
    assert fault.code == code
    assert says in fault.message
    assert not texts(data)


@pytest.mark.parametrize("una", ["UNA::.? '", "UNAA+.? '", "UNA:1.? '", "UNA:+.' '"])
def test_a_una_that_cannot_separate_is_refused(una: str) -> None:
    assert ("20", "error") in codes(f"{una}{UNB}'{CLOSED}'".encode())


def test_a_segment_longer_than_the_limit_ends_the_reading() -> None:
    endless = f"{UNB}'FTX+".encode() + b"x" * (3 * SEGMENT_LIMIT) + f"'{CLOSED}'".encode()
    fault = items(endless)[-1]
    assert isinstance(fault, Fault)
    assert (fault.code, fault.fatal) == ("39", True)


def test_a_segment_of_the_limit_is_read() -> None:
    text = "FTX+" + "x" * (SEGMENT_LIMIT - 4)
    data = f"{UNB}'{text}'{CLOSED}'".encode()
    assert texts(data) == [UNB, text, CLOSED]
    assert not faults(data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X" + "+1" * 999, []),
        ("X" + "+1" * 1000, [("16", "error")]),
        ("X+" + ":".join("1" * 99), []),
        ("X+" + ":".join("1" * 100), [("16", "error")]),
    ],
)
def test_more_elements_or_components_than_any_segment_has_are_refused(text: str, expected: list[str]) -> None:
    assert codes(f"{UNB}'{text}'{CLOSED}'".encode()) == expected


@pytest.mark.parametrize(("tail", "level"), [("UNZ+0+542", "warning"), ("BGM+22", "error"), ("BGM+22?", "error")])
def test_an_input_without_its_last_terminator_is_read_to_the_end(tail: str, level: str) -> None:
    data = f"{UNB}'{tail}\r\n".encode()
    assert texts(data)[-1].rstrip("'") == tail
    assert codes(data) == [("22", level)]


def test_the_object_of_a_package_is_passed_over_whatever_its_bytes() -> None:
    body = b"'UNZ+0+542'UNB+\x00\xff'"
    unb = UNB.replace("UNOC:3", "UNOC:4")
    uno = f"{unb}'UNO+P1+1:DOC+13:PDF+{len(body)}'".encode()
    data = uno + body + f"UNP+{len(body)}+P1'{CLOSED}'".encode()
    assert codes(data) == [("47", "error")]
    assert texts(data)[-2:] == [f"UNP+{len(body)}+P1", CLOSED]


def test_memory_does_not_grow_with_the_interchange() -> None:
    given = 0

    def chunks() -> Iterable[bytes]:
        nonlocal given
        yield f"{UNB}'".encode()
        for _ in range(2000):
            given += 1
            yield b"FTX+AAI+++some text'" * 100

    for number, _ in enumerate(Tokenizer(chunks()).read()):
        read = number * 20
        assert given * 2000 - read < 4 * SEGMENT_LIMIT
