"""An agreement drafted from a file reads that file, and says where the file tells nothing."""

import pytest

from hub.canonical.agreement import EdiAgreement
from hub.errors import UnreadableInput, Unusable
from hub.store.agreements import read
from hub.translators.edifact.checking import examine
from hub.translators.edifact.drafting import draft
from tests.edifact_inputs import HEAD, LINE, ORDER, SAMPLES, agreement, interchange, message, order_of, read_one

OLD = "ORDERS:D:97A:UN"


def terms(data: bytes) -> EdiAgreement:
    edi = read(draft(data, "acme").encode()).edi
    assert edi is not None
    return edi


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("orders-*.edi")), ids=lambda path: path.name)
def test_by_its_agreement_a_file_is_found_to_be_what_it_is_without(path: object) -> None:
    data = (SAMPLES / str(path)).read_bytes()
    drafted = read(draft(data, "acme").encode())
    assert examine(data, drafted).verdict == examine(data).verdict


def test_who_they_are_and_how_they_speak_is_in_it() -> None:
    parties = ("NAD+BY+5412345000013::9++Müller ?'Co?'", "NAD+DP+5412345000044::9")
    segments = (*HEAD[:2], *parties, "CUX+2:SEK:9", *LINE, "UNS+S")
    made = read(draft(interchange(message(*segments)), "acme").encode())
    assert (made.partner, made.party.gln, made.party.name) == ("acme", "5412345000013", "Müller 'Co'")
    assert (made.glns, made.currency) == (("5412345000044",), "SEK")
    assert made.edi == agreement(una=False, receives=("ORDERS",), syntax_identifier="UNOC").edi


def test_an_edition_is_taken_where_the_file_keeps_to_it() -> None:
    assert terms(interchange(message(*ORDER))).edition is None
    whole = (*ORDER[:3], "NAD+SU+5412345000020::9", *ORDER[3:])
    assert terms(interchange(message(*whole))).edition == "EANCOM.1997"


def test_a_directory_that_is_not_held_is_read_and_written_as_the_nearest() -> None:
    edi = terms(interchange(message(*ORDER, identifier=OLD)))
    assert (edi.directory, edi.stated_directory) == ("D.96A", "D.97A")
    newer = terms(interchange(message(*ORDER, identifier="ORDERS:D:03B:UN")))
    assert (newer.directory, newer.stated_directory) == ("D.01B", "D.03B")
    checked = read_one(*ORDER, identifier=OLD, terms=agreement(stated_directory="D.97A"))
    assert order_of(checked).number == "128576"
    refused = read_one(*ORDER, terms=agreement(stated_directory="D.97A"))
    assert [one.message for one in refused.messages[0].verdict.findings] == [
        "The agreement is on D.97A, the message says D.96A"
    ]


@pytest.mark.parametrize("data", [b"", b"Dear Sir,", b"UNB+UNOC:3'"])
def test_of_what_is_no_interchange_nothing_is_drafted(data: bytes) -> None:
    with pytest.raises(UnreadableInput):
        draft(data, "acme")


def test_of_messages_that_are_not_held_nothing_is_drafted() -> None:
    with pytest.raises(Unusable, match="IFTMIN"):
        draft(interchange(message("BGM+1", identifier="IFTMIN:D:96A:UN")), "acme")


def test_no_name_is_a_command_to_the_terminal_or_breaks_the_file() -> None:
    name = 'a"b\\c\x9b31m'
    segments = (*HEAD[:2], f"NAD+BY+5412345000013::9++{name}", *LINE, "UNS+S")
    text = draft(interchange(message(*segments)), "acme")
    assert "\x9b" not in text
    assert read(text.encode()).party.name == name
