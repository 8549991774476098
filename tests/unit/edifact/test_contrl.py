"""What the acknowledgement of an interchange says, and where it points."""

from typing import Any, Literal

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.finding import Finding, Location
from hub.canonical.intake import GroupVerdict, InterchangeChecked, MessageVerdict
from hub.errors import NeedsDecision
from hub.translators.edifact import contrl
from tests.desk import message
from tests.edifact_documents import ENVELOPE, agreement, segments


def finding(code: str, level: Literal["error", "warning"] = "error", **at: Any) -> Finding:
    return Finding(code=code, level=level, location=Location(**at), message="")


def verdict(reference: str = "2", *found: Finding, **changes: Any) -> MessageVerdict:
    stated: dict[str, Any] = {
        "reference": reference,
        "identifier": "ORDERS:D:96A:UN:EAN008",
        "accepted": not found,
        "findings": found,
    }
    return MessageVerdict.model_validate(stated | changes)


def checked(*messages: MessageVerdict, **changes: Any) -> InterchangeChecked:
    stated: dict[str, Any] = {
        "reference": "542",
        "sender": "5412345000020:14",
        "recipient": "5412345000013:14",
        "syntax_identifier": "UNOC",
        "syntax_version": 3,
        "accepted": True,
        "messages": messages,
    }
    return InterchangeChecked.model_validate(stated | changes)


def acknowledged(*messages: MessageVerdict, terms: Agreement | None = None, **changes: Any) -> list[str]:
    data = contrl.write(message(checked(*messages, **changes)), terms or agreement(), **ENVELOPE)
    return segments(data)[2:-2]


def test_a_good_interchange_is_taken_in_one_segment() -> None:
    assert acknowledged(verdict("1"), verdict("2")) == ["UCI+542+5412345000020:14+5412345000013:14+7"]


def test_accepted_messages_are_listed_for_partners_who_match_on_them() -> None:
    found = acknowledged(verdict("1"), terms=agreement(contrl_positive_messages="list"))
    assert found[1:] == ["UCM+1+ORDERS:D:96A:UN:EAN008+7"]


def test_a_bad_message_is_rejected_at_each_segment_and_element() -> None:
    found = acknowledged(
        verdict("1"),
        verdict("2", finding("13", segment=2, tag="DTM"), finding("39", segment=2, tag="BGM", element=3)),
    )
    assert found == [
        "UCI+542+5412345000020:14+5412345000013:14+7",
        "UCM+2+ORDERS:D:96A:UN:EAN008+4",
        "UCS+2+13",
        "UCS+2",
        "UCD+39+3",
    ]


def test_findings_are_listed_in_the_order_of_the_segments() -> None:
    found = acknowledged(
        verdict("2", finding("12", segment=9, tag="DTM", element=2, component=2), finding("15", segment=4, tag="XYZ"))
    )
    assert found[2:] == ["UCS+4+15", "UCS+9", "UCD+12+2:2"]


def test_an_error_of_the_envelope_rejects_the_interchange_and_says_where() -> None:
    found = acknowledged(verdict("1"), accepted=False, findings=(finding("29", tag="UNZ", element=2),))
    assert found == ["UCI+542+5412345000020:14+5412345000013:14+4+29+UNZ+2"]


def test_a_wrong_count_of_segments_is_the_messages_own_error() -> None:
    found = acknowledged(verdict("1", finding("29", tag="UNT", segment=12, element=2)))
    assert found[1:] == ["UCM+1+ORDERS:D:96A:UN:EAN008+4+29+UNT+2"]


def test_warnings_are_not_the_partners_business() -> None:
    assert len(acknowledged(verdict("1", finding("21", "warning", segment=3), accepted=True))) == 1


def test_all_or_nothing_rejects_the_interchange_for_the_messages_below() -> None:
    found = acknowledged(verdict("1"), verdict("2", finding("13", segment=2)), accepted=False)
    assert found[:2] == ["UCI+542+5412345000020:14+5412345000013:14+4", "UCM+2+ORDERS:D:96A:UN:EAN008+4"]


def test_a_rejection_always_carries_a_reason() -> None:
    assert acknowledged(accepted=False) == ["UCI+542+5412345000020:14+5412345000013:14+4+18"]


def test_messages_in_groups_stand_below_their_group() -> None:
    group = GroupVerdict(reference="G1", sender="A", recipient="B:14", accepted=True)
    found = acknowledged(verdict("2", finding("17"), group="G1"), verdict("1", group="G2"), groups=(group,))
    assert found[1:] == ["UCF+G1+A+B:14+7", "UCM+2+ORDERS:D:96A:UN:EAN008+4+17"]


def test_a_group_that_is_rejected_needs_no_messages_below() -> None:
    group = GroupVerdict(
        reference="G1", sender="A", recipient="B", accepted=False, findings=(finding("29", tag="UNE", element=2),)
    )
    found = acknowledged(verdict("1", group="G1"), groups=(group,))
    assert found[1:] == ["UCF+G1+A+B+4+29+UNE+2"]


def test_the_answer_speaks_the_syntax_version_of_the_question() -> None:
    data = contrl.write(message(checked(syntax_version=4)), agreement(), **ENVELOPE)
    found = segments(data)
    assert found[0].startswith("UNB+UNOC:4+5412345000013:14+5412345000020:14+20261125:0905+000000077")
    assert found[1] == "UNH+1+CONTRL:4:1:UN"


def test_an_acknowledgement_asks_for_no_acknowledgement() -> None:
    data = contrl.write(message(checked()), agreement(), **ENVELOPE)
    assert segments(data)[0].endswith("+000000077")


def test_a_code_that_the_version_does_not_know_becomes_the_nearest_that_it_knows() -> None:
    found = acknowledged(verdict("1", finding("46", segment=1, tag="XYZ"), finding("38", segment=3, element=2)))
    assert found[2:] == ["UCS+1+2", "UCS+3", "UCD+38+2"]
    found = acknowledged(verdict("1", finding("38", segment=3, element=2)), syntax_version=4)
    assert found[2:] == ["UCS+3", "UCD+37+2"]


def test_the_occurrence_of_a_repeated_element_is_told_in_syntax_4_alone() -> None:
    at = finding("39", segment=3, tag="COM", element=2, component=1, occurrence=2)
    assert acknowledged(verdict("1", at), syntax_version=4)[-1] == "UCD+39+2:1:2"
    assert acknowledged(verdict("1", at))[-1] == "UCD+39+2:1"


def test_no_more_than_999_segments_are_complained_about() -> None:
    found = acknowledged(verdict("1", *(finding("15", segment=n) for n in range(2, 1500))))
    assert sum(each.startswith("UCS") for each in found) == 999


def test_a_reference_that_is_too_long_is_copied_as_it_is() -> None:
    assert acknowledged(reference="1" * 20)[0].startswith(f"UCI+{'1' * 20}+")


def test_a_reference_that_cannot_be_copied_is_for_a_person() -> None:
    with pytest.raises(NeedsDecision, match="control characters"):
        acknowledged(reference="5\x014")
