"""The guide of an agreement says what the hub checks by, and its examples are right by it."""

from typing import Any

import pytest

from hub.canonical.agreement import Agreement, WebhookAgreement
from hub.canonical.guide import MessageGuide, Rule
from hub.canonical.party import Party
from hub.errors import Unusable
from hub.translators.edifact.checking import examine
from hub.translators.edifact.directory import directory
from hub.translators.edifact.examples import example
from hub.translators.edifact.guide_book import MessageTold, PlaceTold, guide_book
from hub.translators.edifact.interchange import check
from hub.translators.edifact.layers import EDITIONS, edition_guides
from tests.edifact_inputs import agreement

GUIDE = MessageGuide(
    required=("DTM+2", "NAD+DP", "LIN/PRI+AAA", "LIN/QTY+21 6411"),
    forbidden=("LIN/ALC", "BGM 4343"),
    most={"LIN/RFF": 3},
    codes={"BGM 1001": ("220", "224")},
    fixed={"LIN 7143": "EN"},
    longest={"BGM 1004": 6},
    rules=(Rule(when="BGM 1225 = 1", forbidden=("LIN",), says="all or nothing"),),
    one_of=(("DTM+64", "DTM+63"),),
)


def told(guide: MessageGuide = GUIDE, **edi: Any) -> MessageTold:
    return guide_book(agreement(guides={"ORDERS": (guide,)}, **edi)).messages[0]


def at(message: MessageTold, path: str) -> PlaceTold:
    (place,) = [place for place in message.places if place.path == path]
    return place


@pytest.mark.parametrize(
    ("path", "status", "most"),
    [
        ("BGM", "mandatory", 1),
        ("DTM+2", "required", 35),
        ("NAD+DP", "required", 99),
        ("LIN/PRI+AAA", "required", 25),
        ("LIN/ALC", "not used", 99),
        ("LIN/RFF", "optional", 3),
    ],
)
def test_a_place_that_is_named_has_its_use(path: str, status: str, most: int) -> None:
    place = at(told(), path)
    assert (place.status, place.most) == (status, most)


def test_of_a_place_the_elements_are_told_that_matter() -> None:
    shown = {one.element: one for one in at(told(), "BGM").elements}
    kinds = shown["1001"].codes
    assert kinds is not None
    assert [one.code for one in kinds] == ["220", "224"]
    assert (shown["1004"].format, shown["1004"].status) == ("an..6", "required")
    assert shown["4343"].status == "not used"
    assert [(one.element, one.status) for one in at(told(), "LIN").elements] == [("7143", "required")]


def test_what_stands_in_a_group_that_nobody_names_is_not_told_as_mandatory() -> None:
    paths = {place.path for place in told().places}
    assert "ALC/MOA" not in paths
    assert told().others > 100


def test_conditions_are_told_in_words() -> None:
    assert told().rules == (
        "DTM+64 or DTM+63 must be there.",
        "Where there is BGM 1225 = 1: LIN must not be there (all or nothing).",
    )


def test_the_example_is_right_by_the_guide() -> None:
    terms = agreement(guides={"ORDERS": (GUIDE,)})
    report = examine(example("ORDERS", terms), terms)
    assert [one.finding for one in report.found if one.finding.level == "error"] == []
    assert list(told().example) == [f"{one}'" for one in example("ORDERS", terms).decode().split("'")[:-1]]


@pytest.mark.parametrize("name", EDITIONS)
def test_an_example_of_each_message_is_right_by_its_edition(name: Any) -> None:
    for type_ in edition_guides(name).keys() & directory(EDITIONS[name]).messages:
        errors = [
            one.finding
            for one in examine(example(type_, edition=name), None, name).found
            if one.finding.level == "error" and type_ not in {"ORDERS", "ORDCHG"}
        ]
        assert errors == [], type_


def test_the_guide_tells_both_directions() -> None:
    book = guide_book(agreement(contrl="always", edition="EANCOM.1997", owed=("ORDRSP", "CONTRL")))
    assert [(one.type, one.from_partner, one.association) for one in book.messages] == [
        ("ORDERS", True, "EAN008"),
        ("CONTRL", False, "EAN002"),
        ("ORDRSP", False, "EAN005"),
    ]
    assert example("ORDRSP", agreement()).startswith(b"UNB+UNOA:3+5412345000020:14+5412345000013:14+")
    assert example("ORDERS", agreement()).startswith(b"UNB+UNOA:3+5412345000013:14+5412345000020:14+")


def test_an_agreement_without_edifact_has_no_guide() -> None:
    hook = WebhookAgreement(url="https://a.example", secret="whsec_12345678")
    with pytest.raises(Unusable, match="does not speak of EDIFACT"):
        guide_book(Agreement(partner="shop", party=Party(name="Shop"), webhook=hook))


CONDITIONAL = MessageGuide(
    required=("LIN/PRI+AAA",),
    one_of=(("DTM+64", "DTM+2"), ("LIN/MOA+203", "LIN/RFF+LI"), ("NAD+SU/RFF+VA", "NAD+SU/RFF+FC")),
    rules=(
        Rule(when="LIN/PRI+AAA", required=("LIN/TAX",)),
        Rule(when="LIN/TAX", required=("NAD+SU", "CUX")),
        Rule(when="CUX", forbidden=("PAT",)),
        Rule(when="BGM 1001 = 220|105", required=("RFF+CT",)),
    ),
)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("seed", ["", "a", "b", "c", "d"])
def test_an_example_keeps_to_rules_with_a_condition_and_to_alternatives(seed: str, *, full: bool) -> None:
    terms = agreement(guides={"ORDERS": (CONDITIONAL,)})
    (only,) = check(example("ORDERS", terms, seed=seed, full=full), terms).messages
    assert [one for one in only.verdict.findings if one.level == "error"] == []


def test_an_example_of_rules_that_contradict_each_other_is_made_all_the_same() -> None:
    guide = MessageGuide(rules=(Rule(when="BGM", required=("FTX",)), Rule(when="FTX", forbidden=("FTX",))))
    assert example("ORDERS", agreement(guides={"ORDERS": (guide,)})).startswith(b"UNB")
