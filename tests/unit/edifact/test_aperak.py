"""APERAK: what is right as EDIFACT and of no use is refused by it, and by it alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Message
from hub.canonical.intake import InterchangeChecked
from hub.domain.owed import aperaks_owed, contrl_owed
from hub.translators.edifact import aperak, contrl
from hub.translators.edifact.interchange import InterchangeRead, MessageRead, check, read
from hub.translators.edifact.leaving import refusal
from hub.translators.edifact.second_reader import differences
from tests.desk import message as enveloped
from tests.edifact_documents import segments
from tests.edifact_inputs import HEAD, LINE, ORDER, agreement, interchange, message

OWED = ("ORDRSP", "APERAK")
WITHOUT_A_BUYER = message(*HEAD[:2], *LINE, "UNS+S", reference="2")
BROKEN = message(*HEAD, "LIN+1", "QTY+21:many", "UNS+S", reference="4")
ENVELOPE: dict[str, Any] = {"reference": "77", "now": datetime(2026, 12, 1, 9, 0, tzinfo=UTC), "test": False}


def checked(*messages: tuple[str, ...], terms: Agreement) -> Message[InterchangeChecked]:
    """Return what was found out about an interchange, as intake publishes it."""
    items = list(read([interchange(*messages)], terms))
    (whole,) = (item for item in items if isinstance(item, InterchangeRead))
    verdicts = [item.verdict for item in items if isinstance(item, MessageRead)]
    return enveloped(whole.checked(verdicts))


def alone(found: Message[InterchangeChecked], place: int = 0) -> Message[InterchangeChecked]:
    """Return the same of one message alone."""
    return found.changed(data=found.data.changed(messages=(found.data.messages[place],)))


@pytest.mark.parametrize(("name", "kind"), [("D.96A", "12E::9"), ("D.01B", "313")])
def test_it_names_the_document_its_line_and_why(name: Any, kind: str) -> None:
    terms = agreement(owed=OWED, directory=name)
    version = name.replace(".", ":")
    twice = message(*ORDER[:-1], *LINE, ORDER[-1], reference="3", identifier=f"ORDERS:{version}:UN")
    found = checked(twice, terms=terms)
    written = aperak.write(alone(found), terms, **ENVELOPE)
    assert segments(written)[2:-2] == [
        *(f"BGM+{kind}+542-3+9", "DTM+137:20261125:102", "RFF+ON:128576", "RFF+ACW:3"),
        *("NAD+MS+5412345000020::9", "NAD+MR+5412345000013::9"),
        *("ERC+26::ZZZ", "FTX+AAO+++Two lines have the number 1", "RFF+ON:128576:1"),
    ]
    assert refusal(written, terms) is None
    assert differences(written) == ()
    (read_again,) = check(written, None).messages
    assert read_again.remark is not None
    assert read_again.remark.asks
    assert "Two lines have the number 1" in read_again.remark.said


def test_what_is_of_no_use_is_accepted_by_contrl_and_refused_by_aperak() -> None:
    terms = agreement(owed=OWED, contrl_positive_messages="list", contrl="always")
    found = checked(message(*ORDER), WITHOUT_A_BUYER, BROKEN, terms=terms)
    assert [one.is_unusable for one in found.data.messages] == [False, True, False]
    assert terms.edi is not None
    assert [one.reference for one in aperaks_owed(terms.edi, found.data)] == ["2"]
    told = [one for one in segments(contrl.write(found, terms, **ENVELOPE)) if one.startswith("UCM")]
    assert [one.rpartition("+")[2] for one in told] == ["7", "7", "4"]
    without = agreement(contrl_positive_messages="list")
    told = [one for one in segments(contrl.write(found, without, **ENVELOPE)) if one.startswith("UCM")]
    assert [one.rpartition("+")[2] for one in told] == ["7", "4", "4"]


def test_a_message_that_is_wrong_as_edifact_too_is_for_contrl_alone() -> None:
    terms = agreement(owed=OWED)
    both = message(*HEAD[:2], "LIN+1", "QTY+21:many", "UNS+S", reference="5")
    found = checked(both, terms=terms)
    assert terms.edi is not None
    assert aperaks_owed(terms.edi, found.data) == []


def test_nothing_is_owed_of_an_interchange_that_is_refused_whole_or_where_it_is_not_agreed() -> None:
    terms = agreement(owed=OWED)
    found = checked(WITHOUT_A_BUYER, terms=terms)
    assert terms.edi is not None
    assert aperaks_owed(terms.edi, found.data.changed(accepted=False)) == []
    plain = agreement().edi
    assert plain is not None
    assert aperaks_owed(plain, found.data) == []


@pytest.mark.parametrize(("owed", "contrl_too"), [(OWED, False), (("ORDRSP",), True)])
def test_where_contrl_tells_errors_alone_it_does_not_repeat_what_aperak_tells(
    owed: tuple[str, ...], contrl_too: bool
) -> None:
    edi = agreement(owed=owed, contrl="errors_only").edi
    assert edi is not None
    found = checked(message(*ORDER), WITHOUT_A_BUYER, terms=agreement(owed=owed))
    assert contrl_owed(edi, found.data) is contrl_too
    assert contrl_owed(edi, checked(BROKEN, terms=agreement(owed=owed)).data)


def test_a_document_without_a_number_is_named_by_its_message() -> None:
    terms = agreement(owed=OWED, receives=("INVOIC",))
    invoice = message("BGM+380", "DTM+137:20261201:102", "UNS+S", "MOA+77:1", identifier="INVOIC:D:96A:UN")
    written = segments(aperak.write(alone(checked(invoice, terms=terms)), terms, **ENVELOPE))
    assert "RFF+ACW:1" in written
    assert "RFF+IV:1" in written
