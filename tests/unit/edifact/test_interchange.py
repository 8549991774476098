"""An interchange is judged whole: envelope, agreement, groups, each message; as CONTRL will say it."""

from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.party import Party
from hub.errors import Unusable
from hub.translators.edifact.interchange import InterchangeRead, MessageRead, check, read
from tests.edifact_inputs import (
    ORDER,
    SAMPLES,
    UNB,
    agreement,
    errors,
    file,
    interchange,
    message,
    order_of,
    places,
    read_one,
    warnings,
)

GOOD = message(*ORDER)
UNG = "UNG+ORDERS+A+B+261001:1020+7+UN+D:96A"


def test_a_good_interchange_is_accepted_with_each_message_named_as_received() -> None:
    checked = check(interchange(GOOD, message(*ORDER, reference="2")), agreement())
    assert checked.interchange.accepted
    assert not checked.interchange.findings
    assert [(one.reference, one.identifier, one.accepted) for one in checked.interchange.messages] == [
        ("1", "ORDERS:D:96A:UN:EAN008", True),
        ("2", "ORDERS:D:96A:UN:EAN008", True),
    ]
    assert checked.all_sound


def test_sender_recipient_and_syntax_stand_as_received() -> None:
    interchange_ = read_one(*ORDER, unb=f"{UNB}++++1").interchange
    assert (interchange_.sender, interchange_.recipient) == ("5412345000013:14", "5412345000020:14")
    assert (interchange_.reference, interchange_.syntax_identifier, interchange_.syntax_version) == ("542", "UNOC", 3)
    assert interchange_.requested


@pytest.mark.parametrize(("element", "test"), [("", False), ("1", True), ("2", True)])
def test_the_test_flag_is_that_of_unb(element: str, test: bool) -> None:
    unb = f"{UNB}++++++{element}" if element else UNB
    assert read_one(*ORDER, unb=unb).test is test


def test_the_bytes_of_each_message_are_known() -> None:
    data = interchange(GOOD, message(*ORDER, reference="2"))
    for one in check(data, agreement()).messages:
        text = data[one.offset : one.offset + one.length]
        assert text.startswith(b"UNH+" + one.verdict.reference.encode())
        assert text.endswith(b"UNT+8+" + one.verdict.reference.encode() + b"'")


ENVELOPES: dict[str, tuple[list[str], list[tuple[Any, ...]], list[list[tuple[Any, ...]]]]] = {
    "UNZ counts messages": ([UNB, *GOOD, "UNZ+2+542"], [("29", "UNZ", None, 2, None)], [[]]),
    "UNZ counts nothing": ([UNB, *GOOD, "UNZ+0+542"], [("29", "UNZ", None, 2, None)], [[]]),
    "UNZ counts groups": (
        [UNB, UNG, *GOOD, "UNE+1+7", UNG.replace("+7+", "+8+"), *GOOD, "UNE+1+8", "UNZ+1+542"],
        [("29", "UNZ", None, 2, None)],
        [[], []],
    ),
    "leading zeros count the same": ([UNB, *GOOD, "UNZ+000001+542"], [], [[]]),
    "UNZ has another reference": ([UNB, *GOOD, "UNZ+1+543"], [("28", "UNZ", None, 3, None)], [[]]),
    "a reference is a string": ([UNB, *GOOD, "UNZ+1+0542"], [("28", "UNZ", None, 3, None)], [[]]),
    "UNZ is missing": ([UNB, *GOOD], [("13", "UNZ", None, None, None)], [[]]),
    "UNT counts segments": ([UNB, *GOOD[:-1], "UNT+9+1", "UNZ+1+542"], [], [[("29", "UNT", 8, 2, None)]]),
    "UNT counts too few": ([UNB, *GOOD[:-1], "UNT+7+1", "UNZ+1+542"], [], [[("29", "UNT", 8, 2, None)]]),
    "UNT counts in words": ([UNB, *GOOD[:-1], "UNT+eight+1", "UNZ+1+542"], [], [[("37", "UNT", 8, 2, None)]]),
    "UNT has another reference": ([UNB, *GOOD[:-1], "UNT+8+2", "UNZ+1+542"], [], [[("28", "UNT", 8, 3, None)]]),
    "UNT is missing": ([UNB, *GOOD[:-1], "UNZ+1+542"], [], [[("13", "UNT", None, None, None)]]),
    "UNT is missing before the next": (
        [UNB, *GOOD[:-1], *message(*ORDER, reference="2"), "UNZ+2+542"],
        [],
        [[("13", "UNT", None, None, None)], []],
    ),
    "UNH is missing": (
        [UNB, *GOOD[1:], "UNZ+0+542"],
        [("33", "BGM", None, None, None), ("32", "UNZ", None, None, None)],
        [],
    ),
    "a stray segment": ([UNB, *GOOD, "FOO+1", "BAR+2", "UNZ+1+542"], [("33", "FOO", None, None, None)], [[]]),
    "two runs of stray segments": (
        [UNB, "FOO+1", *GOOD, "BAR+2", "UNZ+1+542"],
        [("33", "FOO", None, None, None), ("33", "BAR", None, None, None)],
        [[]],
    ),
    "no message": ([UNB, "UNZ+0+542"], [("32", "UNZ", None, None, None)], []),
    "two messages of one reference": ([UNB, *GOOD, *GOOD, "UNZ+2+542"], [], [[], [("26", "UNH", 1, 2, None)]]),
    "one reference in two groups": (
        [UNB, UNG, *GOOD, "UNE+1+7", UNG.replace("+7+", "+8+"), *GOOD, "UNE+1+8", "UNZ+2+542"],
        [],
        [[], []],
    ),
    "a message beside a group": (
        [UNB, UNG, *GOOD, "UNE+1+7", *message(*ORDER, reference="2"), "UNZ+1+542"],
        [("30", "UNH", 1, None, None)],
        [[], []],
    ),
    "a group beside a message": (
        [UNB, *GOOD, UNG, *message(*ORDER, reference="2"), "UNE+1+7", "UNZ+1+542"],
        [("30", "UNG", None, None, None)],
        [[], []],
    ),
    "UNE without UNG": ([UNB, *GOOD, "UNE+1+7", "UNZ+1+542"], [("33", "UNE", None, None, None)], [[]]),
    "a version of syntax that is none": (
        [UNB.replace("UNOC:3", "UNOC:7"), *GOOD, "UNZ+1+542"],
        [("2", "UNB", None, 2, 2)],
        [[]],
    ),
    "a set of characters that is none": (
        [UNB.replace("UNOC", "UNOQ"), *GOOD, "UNZ+1+542"],
        [("2", "UNB", None, 2, 1)],
        [[]],
    ),
    "a set of characters that is none in syntax 4": (
        [UNB.replace("UNOC:3", "UNOQ:4"), *GOOD, "UNZ+1+542"],
        [("46", "UNB", None, 2, 1)],
        [[]],
    ),
    "another sender": (
        [UNB.replace("5412345000013", "5412345000044"), *GOOD, "UNZ+1+542"],
        [("23", "UNB", None, 3, 1)],
        [[]],
    ),
    "another recipient": (
        [UNB.replace("5412345000020", "5412345000044"), *GOOD, "UNZ+1+542"],
        [("7", "UNB", None, 4, 1)],
        [[]],
    ),
    "no sender": ([UNB.replace("5412345000013:14", ""), *GOOD, "UNZ+1+542"], [("13", "UNB", None, 3, None)], [[]]),
    "no reference": (
        [UNB.removesuffix("+542"), *GOOD, "UNZ+1+542"],
        [("28", "UNZ", None, 3, None), ("13", "UNB", None, 6, None)],
        [[]],
    ),
    "a reference too long": (
        [f"{UNB}0000000000000", *GOOD, "UNZ+1+5420000000000000"],
        [("39", "UNB", None, 6, None), ("39", "UNZ", None, 3, None)],
        [[]],
    ),
    "a time too short": ([UNB.replace("1020", "920"), *GOOD, "UNZ+1+542"], [("40", "UNB", None, 5, 2)], [[]]),
    "cut off in a segment": (["UNA:+.? ", UNB, *GOOD[:3]], [], [[("13", "UNT", None, None, None)]]),
}


@pytest.mark.parametrize(("segments", "own", "of_messages"), ENVELOPES.values(), ids=ENVELOPES.keys())
def test_each_fault_of_the_envelope_is_one_finding_at_its_place(
    segments: list[str], own: list[tuple[Any, ...]], of_messages: list[list[tuple[Any, ...]]]
) -> None:
    if segments[0].startswith("UNA"):
        data, own = f"{segments[0]}'".encode() + file(segments[1:])[:-2], [("22", "UNZ", None, None, None)]
    else:
        data = file(segments)
    checked = check(data, agreement())
    assert sorted(errors(checked.interchange.findings), key=str) == sorted(own, key=str)
    assert [errors(one.findings) for one in checked.interchange.messages] == of_messages
    assert checked.interchange.accepted is not bool(own)


GROUPS: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {
    "right": ([UNG, *GOOD, "UNE+1+7"], []),
    "UNE counts messages": ([UNG, *GOOD, "UNE+2+7"], [("29", "UNE", None, 2, None)]),
    "UNE has another reference": ([UNG, *GOOD, "UNE+1+8"], [("28", "UNE", None, 3, None)]),
    "UNE is missing": ([UNG, *GOOD], [("13", "UNE", None, None, None)]),
    "no message": ([UNG, "UNE+0+7"], [("32", "UNE", None, None, None)]),
    "two types": (
        [UNG, *GOOD, *message("UCI+1+A+B+7", reference="2", identifier="CONTRL:D:3:UN"), "UNE+2+7"],
        [("31", "UNH", 1, None, None)],
    ),
    "a stray segment": ([UNG, "FOO+1", *GOOD, "UNE+1+7"], [("33", "FOO", None, None, None)]),
    "UNG without its parties": (
        [UNG.replace("+A+B", "++"), *GOOD, "UNE+1+7"],
        [("13", "UNG", None, 3, None), ("13", "UNG", None, 4, None)],
    ),
}


@pytest.mark.parametrize(("segments", "expected"), GROUPS.values(), ids=GROUPS.keys())
def test_each_fault_of_a_group_is_one_finding_of_the_group(
    segments: list[str], expected: list[tuple[Any, ...]]
) -> None:
    checked = check(file([UNB, *segments, "UNZ+1+542"]), agreement())
    (group,) = checked.interchange.groups
    assert errors(group.findings) == expected
    assert (group.reference, group.accepted) == ("7", not expected)
    assert checked.interchange.accepted
    assert {one.group for one in checked.interchange.messages} <= {"7"}


AGREEMENTS: dict[str, tuple[str, dict[str, Any], list[tuple[Any, ...]]]] = {
    "a type that is not agreed": ("INVOIC:D:96A:UN:EAN008", {}, [("17", "UNH", 1, 3, 1)]),
    "a type that nobody knows": ("FOOBAR:D:96A:UN", {}, [("17", "UNH", 1, 3, 1)]),
    "a type that we have no table of": ("IFTMIN:D:96A:UN", {"receives": ("IFTMIN",)}, [("17", "UNH", 1, 3, 1)]),
    "another directory": ("ORDERS:D:01B:UN:EAN010", {}, [("14", "UNH", 1, 3, 3)]),
    "another version": ("ORDERS:S:96A:UN", {}, [("14", "UNH", 1, 3, 2)]),
    "no type at all": (":D:96A:UN", {}, [("13", "UNH", 1, 3, 1)]),
    "no version": ("ORDERS", {}, [("13", "UNH", 1, 3, 2), ("13", "UNH", 1, 3, 3), ("13", "UNH", 1, 3, 4)]),
}


@pytest.mark.parametrize(("identifier", "edi", "expected"), AGREEMENTS.values(), ids=AGREEMENTS.keys())
def test_a_message_that_is_not_agreed_is_refused_with_one_finding(
    identifier: str, edi: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    (only,) = read_one(*ORDER, identifier=identifier, terms=agreement(**edi)).messages
    assert errors(only.verdict.findings) == expected
    assert only.order is None


def test_another_association_code_than_agreed_is_a_warning() -> None:
    checked = read_one(*ORDER, terms=agreement(association_codes={"ORDERS": "EAN009"}))
    assert warnings(checked.messages[0].verdict.findings) == [("14", "UNH", 1, 3, 5)]
    assert order_of(checked).number == "128576"


@pytest.mark.parametrize(
    ("policy", "flag", "refused"), [("production", "1", True), ("test", "", True), ("both", "1", False)]
)
def test_tests_are_taken_only_where_agreed(policy: str, flag: str, refused: bool) -> None:
    unb = f"{UNB}++++++{flag}" if flag else UNB
    findings = read_one(*ORDER, unb=unb, terms=agreement(test=policy)).interchange.findings
    assert errors(findings) == ([("25", "UNB", None, 12, None)] if refused else [])


@pytest.mark.parametrize(("syntax", "date"), [("UNOC:3", "20261001"), ("UNOC:4", "261001")])
def test_a_date_in_the_other_syntax_is_read_with_a_warning(syntax: str, date: str) -> None:
    checked = read_one(*ORDER, unb=UNB.replace("UNOC:3", syntax).replace("261001", date))
    assert warnings(checked.interchange.findings) == [("12", "UNB", None, 5, 1)]
    assert checked.interchange.accepted


def test_an_address_with_another_qualifier_is_a_warning() -> None:
    checked = read_one(*ORDER, unb=UNB.replace("5412345000013:14", "5412345000013:ZZZ"))
    assert warnings(checked.interchange.findings) == [("14", "UNB", None, 3, 2)]


@pytest.mark.parametrize(
    ("identifiers", "only"),
    [
        (["CONTRL:D:3:UN"], True),
        (["CONTRL:D:3:UN", "APERAK:D:96A:UN"], True),
        (["CONTRL:D:3:UN", "ORDERS:D:96A:UN"], False),
        ([], False),
    ],
)
def test_an_interchange_of_acknowledgements_alone_is_known(identifiers: list[str], only: bool) -> None:
    messages = [message("X", reference=str(n), identifier=each) for n, each in enumerate(identifiers)]
    assert check(interchange(*messages), agreement()).interchange.only_acknowledgements is only


def test_what_has_no_unb_has_no_header_and_is_refused() -> None:
    for data in (b"", b"hello", b"ISA*00*", b"UNA:+.? 'X"):
        checked = check(data, agreement())
        assert checked.header is None
        assert not checked.interchange.accepted
        assert len(checked.interchange.findings) == 1
        assert not checked.messages


def test_several_interchanges_of_a_file_are_read_one_after_the_other() -> None:
    found = list(read((SAMPLES / "orders-several.edi").read_bytes(), agreement()))
    assert [type(item) for item in found] == [
        *[MessageRead, MessageRead, InterchangeRead],
        *[MessageRead, InterchangeRead],
        *[MessageRead, InterchangeRead],
    ]
    assert [item.order.order.number for item in found if isinstance(item, MessageRead) and item.order] == [
        "S-1",
        "S-2",
        "S-3",
        "S-4",
    ]


def test_messages_in_groups_know_their_group() -> None:
    checked = check((SAMPLES / "orders-groups.edi").read_bytes(), agreement())
    assert checked.all_sound
    assert [(one.group, one.reference) for one in checked.interchange.messages] == [("1", "1"), ("1", "2"), ("2", "1")]
    assert [(group.reference, group.sender) for group in checked.interchange.groups] == [
        ("1", "ANTWERP"),
        ("2", "GHENT"),
    ]


def test_good_messages_of_a_broken_interchange_are_read_and_the_others_say_all_that_is_wrong() -> None:
    checked = check((SAMPLES / "orders-broken.edi").read_bytes(), agreement())
    assert checked.interchange.accepted
    assert not checked.all_sound
    assert [one.order is not None for one in checked.messages] == [True, False, False, False, False]
    assert [errors(one.verdict.findings) for one in checked.messages] == [
        [],
        [("13", "DTM", 2, None, None), ("39", "BGM", 2, 3, None)],
        [("12", "DTM", 3, 2, 2), ("37", "QTY", 6, 2, 2), ("13", "QTY", 7, None, None)],
        [("17", "UNH", 1, 3, 1)],
        [
            ("13", "DTM", 2, None, None),
            ("13", "UNS", 2, None, None),
            ("29", "UNT", 3, 2, None),
            ("28", "UNT", 3, 3, None),
        ],
    ]


def test_findings_know_interchange_message_and_byte() -> None:
    data = interchange(message(*ORDER[:-2], "QTY+21:five", "UNS+S"))
    (finding,) = check(data, agreement()).messages[0].verdict.findings
    assert (finding.location.interchange, finding.location.message) == ("542", "1")
    assert finding.location.offset == data.index(b"QTY")


def test_an_agreement_without_edifact_reads_nothing() -> None:
    with pytest.raises(Unusable, match="does not speak of EDIFACT"):
        read(b"", Agreement(partner="shop", party=Party(name="Shop")))


def test_a_flood_of_warnings_hides_no_error() -> None:
    lines = [segment for n in range(1500) for segment in (f"LIN+{n}++1234567890123:EN", "QTY+21:1")]
    bad = [*lines, "LIN+9999++5410738100159:EN", "QTY+21:none"]
    (only,) = read_one(*ORDER[:3], *bad, "UNS+S").messages
    assert not only.verdict.accepted
    assert errors(only.verdict.findings) == [("37", "QTY", 3006, 2, 2)]
    assert len(only.verdict.findings) == 999


def test_chunks_and_whole_bytes_are_the_same() -> None:
    data = (SAMPLES / "orders-several.edi").read_bytes()
    whole = list(read(data, agreement()))
    assert list(read([data[i : i + 7] for i in range(0, len(data), 7)], agreement())) == whole
    assert places(whole[0].verdict.findings if isinstance(whole[0], MessageRead) else ()) == []


def test_types_may_be_mixed_in_a_group_of_syntax_4() -> None:
    messages = [*GOOD, *message("UCI+1+A+B+7", reference="2", identifier="CONTRL:D:3:UN")]
    unb = UNB.replace("UNOC:3", "UNOC:4").replace("261001", "20261001")
    checked = check(file([unb, UNG.replace("261001", "20261001"), *messages, "UNE+2+7", "UNZ+1+542"]), agreement())
    assert not checked.interchange.groups[0].findings


@pytest.mark.parametrize(("version", "code"), [(3, "27"), (4, "47")])
def test_security_segments_are_refused_once(version: int, code: str) -> None:
    secured = ("USH+1+1", "USA+1", *ORDER, "UST+1+2", "USR+1")
    (only,) = read_one(*secured, unb=UNB.replace("UNOC:3", f"UNOC:{version}")).messages
    assert errors(only.verdict.findings) == [(code, "USH", 2, None, None)]
