"""A guide narrows the directory: each kind of rule, where it points, and whose it is."""

from datetime import date
from typing import Any

import pytest

from hub.canonical.finding import Finding
from hub.canonical.guide import MessageGuide, Rule, in_force
from hub.translators.edifact.checking import examine
from hub.translators.edifact.layers import EDITIONS, edition_guides, mistakes
from tests.edifact_inputs import HEAD, LINE, ORDER, agreement, errors, interchange, message, read_one

PRICED = (*HEAD, *LINE, "PRI+AAB:2.5", "UNS+S")


def found(guide: MessageGuide, *segments: str, **edi: Any) -> tuple[Finding, ...]:
    """Return what is said of an order under a guide."""
    terms = agreement(guides={"ORDERS": (guide,)}, **edi)
    (only,) = read_one(*segments, terms=terms).messages
    assert (only.order is None) == any(one.level == "error" for one in only.verdict.findings)
    return only.verdict.findings


RULES: dict[str, tuple[dict[str, Any], tuple[str, ...], list[tuple[Any, ...]]]] = {
    "a required segment that is there": ({"required": ("DTM+137",)}, ORDER, []),
    "a required segment that is missing": ({"required": ("DTM+2",)}, ORDER, [("13", "DTM", 1, None, None)]),
    "a required group": ({"required": ("NAD+SU",)}, ORDER, [("13", "NAD", 1, None, None)]),
    "required in each line": ({"required": ("LIN/PRI+AAA",)}, ORDER, [("13", "PRI", 5, None, None)]),
    "required in a group that is not there": ({"required": ("NAD+SU/RFF+VA",)}, ORDER, []),
    "a required value": ({"required": ("LIN/QTY+21 6411",)}, ORDER, [("13", "QTY", 6, 2, 3)]),
    "a required value of a composite": ({"required": ("NAD C082.3055",)}, ORDER, []),
    "a forbidden segment": ({"forbidden": ("LIN/QTY",)}, ORDER, [("15", "QTY", 6, None, None)]),
    "a forbidden value": ({"forbidden": ("LIN 7143",)}, ORDER, [("14", "LIN", 5, 4, 2)]),
    "a segment too often": (
        {"most": {"DTM": 1}},
        (*ORDER[:2], "DTM+2:20261002:102", *ORDER[2:]),
        [("35", "DTM", 4, None, None)],
    ),
    "a code that is allowed": ({"codes": {"BGM 1001": ("220", "224")}}, ORDER, []),
    "a code that is not": ({"codes": {"BGM 1001": ("224",)}}, ORDER, [("14", "BGM", 2, 2, 1)]),
    "an empty value has no code": ({"codes": {"BGM 1000": ("X",)}}, ORDER, []),
    "a fixed value": ({"fixed": {"BGM 1225": "9"}}, ORDER, []),
    "another value than the fixed one": ({"fixed": {"BGM 1225": "5"}}, ORDER, [("14", "BGM", 2, 4, None)]),
    "no value instead of the fixed one": ({"fixed": {"BGM 4343": "AB"}}, ORDER, [("13", "BGM", 2, 5, None)]),
    "a value too long": ({"longest": {"BGM 1004": 5}}, ORDER, [("39", "BGM", 2, 3, None)]),
    "one of several that is there": ({"one_of": (("DTM+2", "DTM+137"),)}, ORDER, []),
    "none of several": ({"one_of": (("DTM+2", "DTM+64"),)}, ORDER, [("13", "DTM", 1, None, None)]),
    "none of several in a line": ({"one_of": (("LIN/PRI+AAA", "LIN/MOA+203"),)}, ORDER, [("13", "PRI", 5, None, None)]),
    "one of several in a line": ({"one_of": (("LIN/PRI+AAA", "LIN/PRI+AAB"),)}, PRICED, []),
    "a value instead of a segment": ({"one_of": (("FTX", "BGM 1225"),)}, ORDER, []),
    "one of several in groups that differ": (
        {"one_of": (("NAD+SU/RFF", "LIN/RFF"),)},
        ORDER,
        [("13", "RFF", 1, None, None)],
    ),
    "a rule that does not apply": ({"rules": (Rule(when="LIN/PRI+AAB", required=("LIN/PRI+AAA",)),)}, ORDER, []),
    "a rule within each line": (
        {"rules": (Rule(when="LIN/PRI+AAB", required=("LIN/PRI+AAA",)),)},
        PRICED,
        [("13", "PRI", 5, None, None)],
    ),
    "a rule on a value": (
        {"rules": (Rule(when="BGM 1225 = 9|5", forbidden=("LIN/QTY+21",), says="calls only"),)},
        ORDER,
        [("15", "QTY", 6, None, None)],
    ),
    "a rule on another value": ({"rules": (Rule(when="BGM 1225 = 1", forbidden=("LIN",)),)}, ORDER, []),
}


@pytest.mark.parametrize(("guide", "segments", "expected"), RULES.values(), ids=RULES.keys())
def test_each_kind_of_rule_points_at_its_place(
    guide: dict[str, Any], segments: tuple[str, ...], expected: list[tuple[Any, ...]]
) -> None:
    assert errors(found(MessageGuide(**guide), *segments)) == expected


def test_a_finding_says_whose_rule_it_is_and_why() -> None:
    guide = MessageGuide(rules=(Rule(when="BGM 1225 = 9", required=("DTM+2",), says="goods come on a day"),))
    (only,) = found(guide, *ORDER)
    assert only.message == "DTM+2 is missing, the guide of harbour requires it: goods come on a day"


def test_the_edition_is_held_before_the_partner_and_one_place_is_told_once() -> None:
    guide = MessageGuide(required=("NAD+SU", "DTM+2"))
    assert [one.message.partition(",")[2] for one in found(guide, *ORDER, edition="EANCOM.1997")] == [
        " EANCOM.1997 requires it",
        " the guide of harbour requires it",
    ]


def test_what_the_directory_refuses_is_not_refused_again() -> None:
    long = (ORDER[0].replace("128576", "1" * 36), *ORDER[1:])
    assert errors(found(MessageGuide(longest={"BGM 1004": 5}), *long)) == [("39", "BGM", 2, 3, None)]
    broken = (*ORDER[:2], "XYZ+1", *ORDER[2:])
    assert errors(found(MessageGuide(required=("DTM+2",)), *broken)) == [("15", "XYZ", 4, None, None)]


def test_partners_change_over_on_a_day() -> None:
    old, new = MessageGuide(), MessageGuide(since=date(2027, 1, 1), required=("DTM+2",))
    assert in_force((new, old), date(2026, 12, 31)) is old
    assert in_force((old, new), date(2027, 1, 1)) is new
    assert in_force((new,), date(2026, 12, 31)) is None
    assert in_force((old, new), None) is new


def test_a_file_can_be_held_against_an_edition_without_an_agreement() -> None:
    report = examine(interchange(message(*ORDER)), None, "EANCOM.1997")
    assert [one.finding.location.tag for one in report.found] == ["NAD"]
    older = interchange(message(*ORDER, identifier="ORDERS:D:01B:UN:EAN008"))
    assert examine(older, None, "EANCOM.1997").verdict == "valid"


@pytest.mark.parametrize("name", EDITIONS)
def test_all_places_of_an_edition_are_places_of_its_directory(name: Any) -> None:
    guides = {type_: (guide,) for type_, guide in edition_guides(name).items()}
    edi = agreement(guides=guides, directory=EDITIONS[name], edition=name).edi
    assert edi is not None
    assert list(mistakes(edi)) == []


@pytest.mark.parametrize(
    ("guide", "path", "wrong"),
    [
        ({"required": ("LIN/XYZ",)}, ("required", 0), "LIN/XYZ: no such segment"),
        ({"codes": {"BGM 9999": ("1",)}}, ("codes", "BGM 9999"), "BGM 9999: BGM has no"),
        ({"codes": {"NAD C507.3055": ("9",)}}, ("codes", "NAD C507.3055"), "NAD C507.3055: NAD has no"),
        ({"rules": ({"when": "SG2"},)}, ("rules", 0, "when"), "SG2: no such"),
        ({"one_of": (("DTM+2", "DTX+64"),)}, ("one_of", 0), "DTX+64: no such"),
    ],
)
def test_a_place_that_is_none_is_a_mistake_in_the_agreement(guide: Any, path: tuple[Any, ...], wrong: str) -> None:
    edi = agreement(guides={"ORDERS": ({}, guide)}).edi
    assert edi is not None
    ((at, told),) = mistakes(edi)
    assert at == ("guides", "ORDERS", 1, *path)
    assert told.startswith(wrong)


def test_a_guide_is_for_a_message_that_is_held() -> None:
    edi = agreement(guides={"XYZ": ({},)}).edi
    assert edi is not None
    assert list(mistakes(edi)) == [(("guides", "XYZ"), "XYZ is no message of D.96A that is held")]


def test_what_is_agreed_is_held_and_goes_under_the_codes_of_its_edition() -> None:
    edi = agreement(receives=("ORDERS", "IFTMIN"), edition="EANCOM.1997", association_codes={"ORDERS": "EAN007"}).edi
    assert edi is not None
    assert list(mistakes(edi)) == [
        (("receives", 1), "IFTMIN is no message of D.96A that is held"),
        (("association_codes", "ORDERS"), "ORDERS goes under EAN008 in EANCOM.1997, not EAN007"),
    ]


def test_an_edition_belongs_to_its_directory() -> None:
    edi = agreement(edition="EANCOM.2002").edi
    assert edi is not None
    assert [path for path, _ in mistakes(edi)] == [("edition",)]
