"""The envelope around what we write, and what becomes of values that do not fit."""

from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.errors import NeedsDecision, Unusable
from hub.translators.edifact import blocks, ordrsp
from tests.desk import message
from tests.edifact_documents import ENVELOPE, PEN, agreed_line, agreement, answer, lines_of, segments


def written(terms: Agreement | None = None, **changes: Any) -> bytes:
    return ordrsp.write(message(answer(**changes)), terms or agreement(), **ENVELOPE)


def test_an_interchange_goes_from_us_to_them_with_its_reference_at_both_ends() -> None:
    found = segments(written())
    assert found[0] == "UNB+UNOC:3+5412345000013:14+5412345000020:14+261125:0905+000000077++++1"
    assert found[1] == "UNH+1+ORDRSP:D:96A:UN:EAN005"
    assert found[-1] == "UNZ+1+000000077"


def test_the_trailer_counts_the_segments_from_header_to_trailer() -> None:
    found = segments(written())
    assert found[-2] == f"UNT+{len(found) - 2}+1"


def test_a_test_message_carries_the_flag() -> None:
    data = ordrsp.write(message(answer()), agreement(), **(ENVELOPE | {"test": True}))
    assert segments(data)[0].endswith("+000000077++++1++1")


def test_syntax_4_states_the_century_and_a_repetition_separator() -> None:
    data = written(agreement(syntax_version=4))
    assert data.startswith(b"UNA:+.?*'UNB+UNOC:4+")
    assert b"+20261125:0905+" in data


def test_una_is_left_out_where_the_agreement_says_so() -> None:
    assert written(agreement(una=False)).startswith(b"UNB+")


def test_free_text_can_never_open_a_segment() -> None:
    sly = PEN.model_copy(update={"name": "x'UNZ+1+1'UNB+UNOC"})
    data = written(lines=(agreed_line(item=sly),))
    assert b"x?'UNZ?+1?+1?'UNB?+UNOC" in data


def test_text_is_cut_before_it_is_escaped_so_that_no_release_character_stays_alone() -> None:
    long = PEN.model_copy(update={"name": "?" * 71})
    found = written(lines=(agreed_line(item=long),))
    assert b"IMD+F++:::" + b"??" * 35 + b":" + b"??" * 35 + b"'" in found


def test_a_long_name_is_two_parts_that_make_it_when_joined() -> None:
    long = PEN.model_copy(update={"name": "A very long name that needs as much as two parts"})
    assert lines_of(written(lines=(agreed_line(item=long),)), "IMD") == [
        "IMD+F++:::A very long name that needs as much: as two parts"
    ]


def test_free_text_is_broken_between_words() -> None:
    reason = "There is not enough of it, and what there is will be with you as soon as it can be"
    assert lines_of(written(lines=(agreed_line(reasons=(reason,)),)), "FTX") == [
        "FTX+AAI+++There is not enough of it, and what there is will be with you as soon:as it can be"
    ]


def test_line_breaks_and_tabs_in_text_become_blanks() -> None:
    odd = PEN.model_copy(update={"sellers": None, "name": "Pen\tblue"})
    assert "IMD+F++:::Pen blue" in segments(written(lines=(agreed_line(item=odd),)))


def test_text_is_transliterated_into_the_charset_of_the_agreement() -> None:
    data = written(agreement(syntax_identifier="UNOA"))
    assert b"++KAUFHAUS MUELLER+KRANHAEUSER WEG 1:HINTERHOF+KOELN++50667+DE'" in data


def test_a_character_without_likeness_is_for_a_person() -> None:
    with pytest.raises(NeedsDecision, match=r"7008.*UNOC"):
        written(lines=(agreed_line(item=PEN.model_copy(update={"name": "鉛筆"})),))


def test_an_order_number_is_never_cut() -> None:
    with pytest.raises(NeedsDecision, match="RFF 1154"):
        written(buyers_number="9" * 36)


def test_an_order_number_is_never_transliterated() -> None:
    with pytest.raises(NeedsDecision, match="cannot be written in UNOA"):
        written(agreement(syntax_identifier="UNOA"), buyers_number="po-ä")


def test_a_partner_without_edi_gets_no_edi() -> None:
    with pytest.raises(Unusable, match="says nothing about EDIFACT"):
        written(agreement().model_copy(update={"edi": None}))


@pytest.mark.parametrize(
    ("value", "text"),
    [("10", "10"), ("1E+2", "100"), ("9.950", "9.95"), ("0.00", "0"), ("-0.00", "0"), ("-1.5", "-1.5"), ("100", "100")],
)
def test_numbers_have_no_exponent_and_no_idle_zeros(value: str, text: str) -> None:
    assert blocks.number(Decimal(value)) == text


def test_a_price_of_many_digits_is_rounded_to_those_it_may_have() -> None:
    assert "PRI+AAA:0.33333333333333" in segments(written(lines=(agreed_line(price=Decimal(1) / 3),)))
