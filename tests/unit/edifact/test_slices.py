"""A door finds the interchanges of a file and what makes each the same one again."""

import mmap
from datetime import date
from pathlib import Path

import pytest

from hub.errors import LimitExceeded
from hub.translators.edifact.interchange import InterchangeSlice, split
from hub.translators.edifact.slices import MOST_INTERCHANGES
from tests.edifact_inputs import SAMPLES, UNB, interchange, message
from tests.patience import patience

ONE = interchange(message("BGM+220"))


def parts(data: bytes) -> list[bytes]:
    return [data[each.offset : each.offset + each.length] for each in split(data)]


def test_a_file_with_one_interchange_is_one_slice_without_the_blanks_around_it() -> None:
    assert parts(b"\r\n " + ONE + b"\r\n\x1a\x00") == [ONE]


def test_unb_is_read_for_the_source_key() -> None:
    (only,) = split(interchange(unb=f"{UNB}++ORDERS++1++1"))
    header = only.header
    assert header is not None
    assert (header.reference, header.sender, header.recipient) == ("542", "5412345000013:14", "5412345000020:14")
    assert header.sender_address is not None
    assert (header.sender_address.identifier, header.sender_address.qualifier) == ("5412345000013", "14")
    assert (header.date, header.test, header.requested) == (date(2026, 10, 1), True, True)
    assert (header.syntax_identifier, header.syntax_version) == ("UNOC", 3)
    assert only.source_key() == "5412345000013:14/5412345000020:14/542/test"
    assert only.source_key(with_date=True) == "5412345000013:14/5412345000020:14/542/2026-10-01/test"


def test_a_test_and_the_real_thing_have_different_keys() -> None:
    real, test = split(ONE)[0], split(interchange(unb=f"{UNB}++++++1"))[0]
    assert real.source_key() != test.source_key()


@pytest.mark.parametrize("written", ["261001", "20261001"])
def test_the_date_is_read_with_two_and_with_four_digits_of_year(written: str) -> None:
    (only,) = split(interchange(unb=UNB.replace("261001", written)))
    assert only.header is not None
    assert only.header.date == date(2026, 10, 1)


def test_several_interchanges_are_as_many_slices_each_with_its_own_characters() -> None:
    data = (SAMPLES / "orders-several.edi").read_bytes()
    headers = [each.header for each in split(data)]
    assert [header and (header.reference, header.test) for header in headers] == [
        ("901", False),
        ("902", False),
        ("903", True),
    ]
    assert [part[:3] + part[-1:] for part in parts(data)] == [b"UNB'", b"UNA~", b"UNB'"]


def test_text_behind_an_interchange_belongs_to_it_so_that_its_reader_finds_it() -> None:
    assert parts(ONE + b" footer " + ONE) == [ONE + b" footer ", ONE]


def test_an_interchange_without_unz_ends_where_the_next_begins() -> None:
    cut = ONE[: ONE.index(b"UNZ")]
    assert parts(cut + b"\n" + ONE) == [cut, ONE]


def test_a_released_terminator_before_unz_ends_nothing() -> None:
    data = interchange(message("FTX+AAI+++a?'UNZ+1+2?'UNB+x"))
    assert parts(data + ONE) == [data, ONE]


@pytest.mark.parametrize("data", [b"", b"hello", b"ISA*00*", b"UNH+1+ORDERS:D:96A:UN'", b"junk " + ONE])
def test_what_does_not_begin_with_una_or_unb_is_one_slice_that_is_not_readable(data: bytes) -> None:
    assert split(data) == [InterchangeSlice(0, len(data))]
    assert split(data)[0].source_key() is None
    assert not split(data)[0].readable


@pytest.mark.parametrize("unb", ["UNB+UNOC:3+A+B+261001:1020'", "UNB+UNOC:3++B+261001:1020+1'", "UNB+", "UNB+UNOC:3"])
def test_without_sender_or_reference_there_is_no_key(unb: str) -> None:
    (only,) = split(unb.encode())
    assert not only.readable


def test_a_mapped_file_is_split_like_its_bytes() -> None:
    path: Path = SAMPLES / "orders-several.edi"
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        assert split(mapped) == split(path.read_bytes())


def test_a_wrapped_unb_is_read() -> None:
    (only,) = split(ONE.replace(b"5412345000013", b"54123450\r\n00013", 1))
    assert only.header is not None
    assert only.header.sender == "5412345000013:14"


def test_a_file_of_more_interchanges_than_one_transaction_takes_is_refused() -> None:
    head = b"UNB+'"
    assert len(split(head * MOST_INTERCHANGES)) == MOST_INTERCHANGES
    with patience(), pytest.raises(LimitExceeded, match="send them in several"):
        split(head * 1_000_000)


@pytest.mark.parametrize("stated", ["9" * 40, "2026100", "261301", "20261301", "0", "26\u0661\u0662\u0660\u0661"])
def test_a_date_that_is_none_is_no_date(stated: str) -> None:
    (one,) = split(f"UNB+UNOW:4+A+B+{stated}:1020+1'UNZ+0+1'".encode())
    assert one.header is not None
    assert one.header.date is None
