"""Documents of ours put together into one interchange."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.order import OrderAccepted
from hub.translators.edifact.collecting import collected, envelope
from hub.translators.edifact.documents import WRITERS
from hub.translators.edifact.interchange import check
from tests.desk import NOW, message
from tests.edifact_documents import agreement, answer

LATER = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)


def document(number: str = "SO-1", **terms: object) -> bytes:
    told = message(answer(OrderAccepted, order_number=number), partner="mueller")
    return WRITERS["ORDRSP"](told, agreement(**terms), reference="0", now=NOW, test=False)


@pytest.mark.parametrize("terms", [{}, {"una": False}, {"syntax_version": 4}, {"syntax_identifier": "UNOE"}])
def test_messages_count_from_one_and_the_envelope_is_new(terms: dict[str, object]) -> None:
    read = check(collected([document(**terms)] * 3, reference="17", now=LATER), None)
    assert [one.verdict.reference for one in read.messages] == ["1", "2", "3"]
    assert read.interchange.accepted
    assert not any(finding for one in read.messages for finding in one.verdict.findings)
    assert read.header is not None
    assert (read.header.reference, read.header.date) == ("17", LATER.date())


def test_envelopes_are_the_same_whatever_reference_and_time_they_have() -> None:
    now = collected([document()], reference="4711", now=LATER)
    assert envelope(now) == envelope(document())
    assert envelope(document(una=False)) != envelope(document())
    assert envelope(document(syntax_identifier="UNOD")) != envelope(document())


@given(st.lists(st.text("AB+:'?äö -", min_size=1, max_size=17).filter(str.strip), min_size=1, max_size=4))
def test_no_text_of_a_document_is_taken_for_its_end(numbers: list[str]) -> None:
    documents = [document(f"X{number}X") for number in numbers]
    read = check(collected(documents, reference="1", now=NOW), None)
    assert [one.verdict.accepted for one in read.messages] == [True] * len(numbers)
    assert read.interchange.accepted


@pytest.mark.parametrize("data", [b"", b"ISA*00*", b"UNB+UNOC:3+A+B+261001:1020+1'", b"UNA::.? 'UNB+"])
def test_what_is_no_interchange_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        collected([data], reference="1", now=NOW)
