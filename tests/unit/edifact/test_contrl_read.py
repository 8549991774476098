"""A partner's CONTRL is read into what it says about our interchange."""

from typing import Any

import pytest

from hub.canonical.finding import Location
from hub.canonical.intake import AcknowledgementReceived
from tests.edifact_inputs import UNB, errors, read_one

UCI = "UCI+77+5412345000020:14+5412345000013:14"
UCM = "UCM+1+ORDRSP:D:96A:UN:EAN005"


def acknowledgement(*segments: str, version: int = 3) -> AcknowledgementReceived:
    identifier = "CONTRL:4:1:UN" if version == 4 else "CONTRL:D:3:UN"
    (only,) = read_one(*segments, unb=UNB.replace("UNOC:3", f"UNOC:{version}"), identifier=identifier).messages
    assert only.acknowledgement is not None, only.verdict.findings
    return only.acknowledgement


@pytest.mark.parametrize(
    ("action", "expected"),
    [("7", "accepted"), ("4", "rejected"), ("8", "received"), ("1", "accepted"), ("3", "accepted"), ("6", "rejected")],
)
@pytest.mark.parametrize("version", [3, 4])
def test_an_action_is_read_in_both_syntaxes(action: str, expected: str, version: int) -> None:
    read = acknowledgement(f"{UCI}+{action}", version=version)
    assert (read.reference, read.action) == ("77", expected)
    assert (read.findings, read.rejected_messages) == ((), ())


def test_what_it_found_wrong_is_located_in_our_interchange() -> None:
    read = acknowledgement(
        f"{UCI}+7", f"{UCM}+4", "UCS+2+13", "UCS+2", "UCD+39+3", "UCD+12+4:2", "UCM+2+DESADV:D:96A:UN+7"
    )
    assert read.rejected_messages == ("1",)
    assert [(found.code, found.location) for found in read.findings] == [
        ("13", Location(interchange="77", message="1", segment=2)),
        ("39", Location(interchange="77", message="1", segment=2, element=3)),
        ("12", Location(interchange="77", message="1", segment=2, element=4, component=2)),
    ]
    assert [found.message for found in read.findings] == [
        "error 13, missing",
        "error 39, too long",
        "error 12, wrong value",
    ]


def test_errors_of_the_levels_themselves_are_read() -> None:
    read = acknowledgement(f"{UCI}+4+29+UNZ+2")
    (finding,) = read.findings
    assert finding.code == "29"
    assert finding.location == Location(interchange="77", tag="UNZ", element=2)


def test_messages_in_groups_are_read() -> None:
    read = acknowledgement(f"{UCI}+7", "UCF+9+A+B+7", f"{UCM}+4+12+UNH+3:1")
    assert read.rejected_messages == ("1",)
    (finding,) = read.findings
    assert finding.location == Location(interchange="77", group="9", message="1", tag="UNH", element=3, component=1)


def test_a_rejected_message_beside_received_counts_as_rejected() -> None:
    read = acknowledgement(f"{UCI}+8", f"{UCM}+4+12")
    assert (read.action, read.rejected_messages) == ("received", ("1",))


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        ((), [("13", "UCI", 1, None, None)]),
        (("UCI+77+A+B",), [("13", "UCI", 2, 5, None)]),
        ((f"{UCI}+7", "UCS+2"), [("13", "UCM", 2, None, None)]),
    ],
)
def test_a_broken_acknowledgement_says_nothing(segments: tuple[str, ...], expected: list[Any]) -> None:
    (only,) = read_one(*segments, identifier="CONTRL:D:3:UN").messages
    assert only.acknowledgement is None
    assert errors(only.verdict.findings) == expected
