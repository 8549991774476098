"""Documents to JSON and back, and between directories: what is lost is told, nothing else is."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import PartnerError, UnreadableInput, Unusable
from hub.translators.edifact.checking import examine
from hub.translators.edifact.converting import as_json, from_json, read_file, write_file
from hub.translators.edifact.forms.messages import RECEIVED
from hub.translators.edifact.sampling import sample
from tests.edifact_inputs import HEAD, LINE, ORDER, SAMPLES, interchange, message

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
FULL = (SAMPLES / "orders-eancom-d96a.edi").read_bytes()


def test_json_is_read_as_it_was_written() -> None:
    converted, clean = read_file(interchange(message(*ORDER), message(*ORDER, reference="2")))
    assert clean
    assert [one.data.order.number for one in converted[0].documents] == ["128576", "128576"]
    assert from_json(as_json(converted).encode()) == converted


def test_between_the_directories_a_full_order_keeps_all_that_it_says() -> None:
    converted, _ = read_file(FULL)
    newer = write_file(converted, "D.01B", NOW)
    assert newer.lost == ()
    assert b"ORDERS:D:01B:UN" in newer.data
    assert examine(newer.data).verdict == "valid"
    again, clean = read_file(newer.data)
    assert clean
    older = write_file(again, "D.96A", NOW)
    assert older.lost == ()
    assert read_file(older.data)[0][0].documents == converted[0].documents


def test_what_a_directory_has_no_room_for_is_told_by_its_path_with_both_values() -> None:
    segments = (*HEAD, LINE[0], f"IMD+F++:::{'x' * 100}", LINE[1], "UNS+S")
    converted, _ = read_file(interchange(message(*segments, identifier="ORDERS:D:01B:UN")))
    (told,) = write_file(converted, "D.96A", NOW).lost
    assert told == f'128576: lines[0].item.name: "{"x" * 100}" becomes "{"x" * 70}"'


def test_who_sent_it_to_whom_and_whether_as_a_test_stays() -> None:
    data = interchange(message(*ORDER)).replace(b"+542'", b"+542++++++1'", 1)
    written = write_file(read_file(data)[0], "D.01B", NOW).data
    assert written.startswith(b"UNA:+.? 'UNB+UNOC:3+5412345000013:14+5412345000020:14+261201:0900+1++++1++1'")


def test_without_a_document_nothing_is_written() -> None:
    with pytest.raises(Unusable, match="no document"):
        write_file(read_file(b"Dear Sir,")[0], "D.01B", NOW)


@pytest.mark.parametrize("data", [b"[", b"[1]", b'[{"interchange": {}, "test": false, "documents": [{}]}]', b"\xff"])
def test_what_is_no_canonical_document_is_told_by_its_path(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match="no canonical documents"):
        from_json(data)


ANY_JSON = st.recursive(st.none() | st.text(max_size=5), st.lists).map(json.dumps).map(str.encode)


@given(st.one_of(st.binary(max_size=200), ANY_JSON))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        from_json(data)
    except PartnerError:
        return


@pytest.mark.parametrize("type_", RECEIVED)
def test_any_document_goes_to_json_and_to_the_newer_directory_and_back(type_: str) -> None:
    data = sample(type_, "D.96A", full=True)
    converted, clean = read_file(data)
    assert clean
    assert [one.message for one in converted[0].documents] == [type_]
    assert from_json(as_json(converted).encode()) == converted
    same = write_file(converted, "D.96A", NOW)
    assert same.lost == ()
    assert read_file(same.data)[0][0].documents == converted[0].documents


@pytest.mark.parametrize("type_", ["INVOIC", "DESADV", "ORDRSP", "PRICAT", "REMADV"])
def test_what_a_document_says_in_fields_goes_between_the_directories(type_: str) -> None:
    converted, _ = read_file(sample(type_, "D.96A"))
    newer = write_file(converted, "D.01B", NOW)
    assert newer.lost == ()
    assert examine(newer.data).verdict == "valid"


def test_a_change_of_an_order_stays_one() -> None:
    segments = ("BGM+230+C-1+4", "DTM+137:20261201:102", "RFF+ON:128576", "NAD+BY+5412345000013::9", "LIN+1+3", LINE[1])
    data = interchange(message(*segments, "UNS+S", identifier="ORDCHG:D:96A:UN"))
    converted, clean = read_file(data)
    assert clean
    newer = write_file(converted, "D.01B", NOW)
    assert newer.lost == ()
    assert b"ORDCHG:D:01B" in newer.data
    assert read_file(newer.data)[0][0].documents == converted[0].documents


def test_a_date_of_a_reference_that_says_more_stays() -> None:
    order = (*HEAD[:2], "RFF+CT:C-1::2", "DTM+171:20261001:102", HEAD[2], *LINE, "UNS+S")
    converted, _ = read_file(interchange(message(*order)))
    assert write_file(converted, "D.96A", NOW).lost == ()


def test_a_number_with_a_stroke_is_told_whole() -> None:
    segments = ("BGM+9+RE/2026/1+9", "DTM+137:20261201:102", f"FTX+AAI+++{'x' * 100}", "PGI+1")
    converted, _ = read_file(interchange(message(*segments, identifier="PRICAT:D:01B:UN")))
    (told,) = write_file(converted, "D.96A", NOW).lost
    assert told.startswith("RE/2026/1: notes[0].text: ")


def test_what_is_no_document_is_named() -> None:
    converted, clean = read_file(sample("APERAK", "D.96A"))
    assert clean
    assert (converted[0].documents, converted[0].left_out) == ((), ("1 APERAK:D:96A:UN",))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"PRICAT"', '"IFTMIN"'), r"\$\[0\]\.documents\[0\]\.data: 'IFTMIN' is not converted"),
        (('"number": "', '"numbers": "'), r"\$\[0\]\.documents\[0\]\.data\.document\.number: Field required"),
    ],
)
def test_what_is_wrong_in_a_document_is_told_with_its_path(change: tuple[str, str], told: str) -> None:
    data = as_json(read_file(sample("PRICAT", "D.96A"))[0]).replace(*change)
    with pytest.raises(UnreadableInput, match=told):
        from_json(data.encode())
