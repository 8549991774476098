"""What an agreement says of bytes: a codec that UNB does not name, letters that may be written otherwise."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.order import OrderAccepted
from hub.errors import NeedsDecision
from hub.translators.edifact.checking import examine
from hub.translators.edifact.documents import WRITERS
from hub.translators.edifact.explaining import explain
from hub.translators.edifact.interchange import Checked, check
from hub.translators.edifact.layers import mistakes
from hub.translators.edifact.leaving import refusal
from hub.translators.edifact.second_reader import differences
from hub.translators.edifact.slices import split
from tests.desk import NOW, message
from tests.edifact_documents import agreement as ours
from tests.edifact_documents import answer
from tests.edifact_inputs import ORDER, UNB, agreement, interchange
from tests.edifact_inputs import message as message_of

NAMES = {
    "utf-8": "Müller 株式会社",
    "euc_jp": "株式会社青木",
    "euc_kr": "주식회사",
    "gb2312": "有限公司",
    "cp1252": "Müller €",
    "cp850": "Müller ½",
}


def order(name: str, codec: str, declared: str = "UNOX:4") -> bytes:
    unb = UNB.replace("UNOC:3", declared)
    if declared.endswith("4"):
        unb = unb.replace("261001:1020", "20261001:1020")
    return interchange(message_of(*ORDER[:3], f"NAD+DP+++{name}", *ORDER[3:]), unb=unb, codec=codec)


def delivered_to(checked: Checked) -> str | None:
    (one,) = checked.messages
    assert one.order is not None, [*checked.interchange.findings, *one.verdict.findings]
    return one.order.order.delivery.name if one.order.order.delivery else None


@pytest.mark.parametrize("declared", ["UNOX:4", "UNOC:3", "UNOA:2"])
@pytest.mark.parametrize(("codec", "name"), NAMES.items())
def test_bytes_are_what_the_agreement_says_whatever_unb_says(codec: str, name: str, declared: str) -> None:
    checked = check(order(name, codec, declared), agreement(codec=codec))
    assert delivered_to(checked) == name
    assert checked.interchange.findings == ()


@pytest.mark.parametrize(("declared", "code"), [("UNOX:4", "46"), ("UNOX:3", "2"), ("UNOY:4", "46")])
def test_a_set_that_needs_an_agreement_is_refused_without_one(declared: str, code: str) -> None:
    checked = check(order("A", "ascii", declared), agreement())
    assert [finding.code for finding in checked.interchange.findings] == [code]
    assert not checked.interchange.accepted


def test_what_is_none_of_the_codec_is_told_at_its_segment() -> None:
    checked = check(order("Müller", "cp1252", "UNOC:3"), agreement(codec="utf-8"))
    (one,) = checked.messages
    errors = [(finding.code, finding.location.tag) for finding in one.verdict.findings if finding.level == "error"]
    assert errors == [("21", "NAD")]


def test_an_explanation_shows_the_letters_that_are_meant() -> None:
    told = explain(order(NAMES["euc_jp"], "euc_jp"), agreement(codec="euc_jp"))
    assert any(NAMES["euc_jp"] in value.value for one in told.segments for value in one.values)


@pytest.mark.parametrize(("codec", "name"), [(codec, name) for codec, name in NAMES.items() if codec != "cp850"])
def test_we_write_in_the_agreed_codec_where_the_set_is_its_own(codec: str, name: str) -> None:
    terms = ours(codec=codec, syntax_identifier="UNOX", syntax_version=4)
    told: Any = answer(OrderAccepted)
    told = told.changed(buyer=told.buyer.changed(gln=None, identifier="7", name=name))
    written = WRITERS["ORDRSP"](message(told, partner="mueller"), terms, reference="1", now=NOW, test=False)
    assert name.encode(codec) in written
    assert refusal(written, terms) is None
    assert differences(written, codec) == ()


def test_a_letter_that_the_set_lacks_waits_for_a_person_where_no_likeness_is_agreed() -> None:
    told: Any = answer(OrderAccepted)
    told = told.changed(buyer=told.buyer.changed(name="Łódź"))
    about = message(told, partner="mueller")
    assert "Lódz".encode("latin-1") in WRITERS["ORDRSP"](about, ours(), reference="1", now=NOW, test=False)
    with pytest.raises(NeedsDecision, match="cannot be written in UNOC"):
        WRITERS["ORDRSP"](about, ours(transliterates=False), reference="1", now=NOW, test=False)


@pytest.mark.parametrize(
    ("identifier", "codec", "sound"),
    [
        ("UNOX", "euc_jp", True),
        ("UNOX", None, False),
        ("UNOY", "utf-8", False),
        ("UNOY", None, False),
        ("UNOY", "utf-16-be", True),
        ("UNOC", "utf-16-be", False),
        ("UNOC", "utf-8", True),
        ("UNOQ", None, False),
    ],
)
def test_a_set_that_cannot_be_read_is_a_mistake(identifier: str, codec: str | None, *, sound: bool) -> None:
    terms = ours(syntax_identifier=identifier, codec=codec)
    assert terms.edi is not None
    assert [path for path, _ in mistakes(terms.edi)] == ([] if sound else [("syntax_identifier",)])


WIDE = agreement(codec="utf-16-be", syntax_identifier="UNOY")


@pytest.mark.parametrize("mark", [b"", b"\xfe\xff"], ids=["bare", "with a byte order mark"])
@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_characters_of_two_bytes_are_read_by_agreement_in_any_pieces(mark: bytes, size: int) -> None:
    data = mark + order("株式会社 Müller", "utf-16-be", "UNOY:4")
    (one,) = split(data)
    assert one.header is not None
    assert (one.length, one.header.sender, one.header.reference) == (len(data), "5412345000013:14", "542")
    checked = check((data[start : start + size] for start in range(0, len(data), size)), WIDE)
    assert delivered_to(checked) == "株式会社 Müller"
    assert examine(data, WIDE).verdict == "valid"
    assert any("株式会社 Müller" in value.value for one in explain(data, WIDE).segments for value in one.values)


def test_without_an_agreement_they_are_refused_by_name() -> None:
    for data in (order("A", "utf-16-be", "UNOY:4"), b"\xfe\xff" + order("A", "utf-16-be", "UNOY:4")):
        (finding,) = [one.finding for one in examine(data).found]
        assert (finding.code, "UNOY" in finding.message) == ("47", True)


def test_half_a_character_is_told_at_its_segment() -> None:
    data = order("Ä", "utf-16-be", "UNOY:4").replace("Ä".encode("utf-16-be"), b"\xd8\x00")
    (one,) = check(data, WIDE).messages
    errors = [(finding.code, finding.location.tag) for finding in one.verdict.findings if finding.level == "error"]
    assert errors == [("21", "NAD")]


def test_we_write_characters_of_two_bytes_where_they_are_agreed() -> None:
    terms = ours(codec="utf-16-be", syntax_identifier="UNOY", syntax_version=4)
    told: Any = answer(OrderAccepted)
    told = told.changed(buyer=told.buyer.changed(name="株式会社"))
    written = WRITERS["ORDRSP"](message(told, partner="mueller"), terms, reference="1", now=NOW, test=False)
    assert "株式会社".encode("utf-16-be") in written
    assert refusal(written, terms) is None
    assert differences(written, "utf-16-be") == ()


@given(st.binary(max_size=300), st.integers(1, 9))
def test_whatever_stands_there_is_read_or_told(noise: bytes, size: int) -> None:
    data = b"\x00U\x00N\x00B\x00+" + noise
    assert split(data)
    check((data[start : start + size] for start in range(0, len(data), size)), WIDE)
