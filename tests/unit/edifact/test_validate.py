"""The elements of a segment against its directory: each fault by its code of 0085, at its place."""

from typing import Any

import pytest

from hub.translators.edifact.syntax import Segment, ServiceCharacters
from hub.translators.edifact.validate import Rules, validator

D96A = Rules("D.96A", 3, ServiceCharacters())
D01B = Rules("D.01B", 3, ServiceCharacters())
SYNTAX_4 = Rules("D.01B", 4, ServiceCharacters(repetition="*"))
COMMA = Rules("D.96A", 3, ServiceCharacters(decimal=","), announced=True)


def found(text: str, rules: Rules = D96A) -> list[tuple[Any, ...]]:
    problems = validator(rules).check(Segment(text, 0, rules.chars))
    return [(each.code, each.level, each.element, each.component) for each in problems]


@pytest.mark.parametrize(
    "text",
    [
        "BGM+220+128576+9",
        "BGM",
        "BGM++128576",
        "DTM+137:20261001:102",
        "NAD+BY+5412345000013::9",
        "NAD+BY+++Name:Second line+Street+Town++1000+BE",
        "NAD+BY++A loose:address",
        "PIA+1+A:SA+B:IN+C:MF+D:BP+E:HS",
        "LIN",
        "LIN+1++5410738100159:EN",
        "LIN+++:EN",
        "IMD+F++:::Name",
        "QTY+21:48",
        "QTY+21:48.125:KGM",
        "QTY+21:48,125:KGM",
        "QTY+21:-1",
        "PRI+AAA:123456789012345",
        "PRI+AAA:1234567890123.45",
        "MOA+79:-0.01",
        "FTX+AAI+++It?'s ?: ?+ ??",
        "TAX+7+VAT+++:::19+S",
        "ALC+A++++TD:::Discount",
        "UNS+S",
        "UNT+3+1",
        "UNH+1+ORDERS:D:96A:UN:EAN008",
        "XYZ+whatever:it:is",
    ],
)
def test_a_right_segment_has_no_problem(text: str) -> None:
    assert found(text) == []


CASES = [
    # 13 missing
    ("DTM", [("13", "error", 2, None)]),
    ("DTM+:20261001:102", [("13", "error", 2, 1)]),
    ("UNS", [("13", "error", 2, None)]),
    ("PIA+1", [("13", "error", 3, None)]),
    ("PIA++A:SA", [("13", "error", 2, None)]),
    ("QTY+21", [("13", "error", 2, 2)]),
    ("CUX+:EUR", [("13", "error", 2, 1)]),
    ("NAD+BY+:1:9", [("13", "error", 3, 1)]),
    # 16 too many constituents
    ("UNS+S+D", [("16", "error", 3, None)]),
    ("DTM+137:20261001:102:9", [("16", "error", 2, 4)]),
    ("NAD+BY:SU", [("16", "error", 2, 2)]),
    ("BGM+220+1+9+NA+X+Y", [("16", "error", 6, None)]),
    # 16 for separators that end nothing
    ("BGM+220+1+9+", [("16", "warning", None, None)]),
    ("DTM+137:20261001:102:", [("16", "warning", None, None)]),
    ("NAD+BY+5412345000013:+", [("16", "warning", None, None)]),
    # 37 characters of the wrong type
    ("QTY+21:five", [("37", "error", 2, 2)]),
    ("QTY+21:1.000,00", [("37", "error", 2, 2)]),
    ("QTY+21:1 000", [("37", "error", 2, 2)]),
    ("QTY+21:?+5", [("37", "error", 2, 2)]),
    ("QTY+21:5-", [("37", "error", 2, 2)]),
    ("QTY+21:5.", [("37", "error", 2, 2)]),
    ("QTY+21:1.5E3", [("37", "error", 2, 2)]),
    ("QTY+21:٣", [("37", "error", 2, 2)]),
    ("UNS+1", [("37", "error", 2, None)]),
    # 38 no digit before the mark
    ("QTY+21:.5", [("38", "error", 2, 2)]),
    ("QTY+21:-,5", [("38", "error", 2, 2)]),
    # 39, 40 too long, too short
    ("BGM+220+" + "1" * 36, [("39", "error", 3, None)]),
    ("QTY+21:1234567890123456", [("39", "error", 2, 2)]),
    ("QTY+21:12345678.90123456", [("39", "error", 2, 2)]),
    ("CUX+2:EURO", [("39", "error", 2, 2)]),
    ("UNS+SS", [("39", "error", 2, None)]),
    # 12 codes of no list
    ("DTM+ZQX:20261001:102", [("12", "warning", 2, 1)]),
    ("QTY+Z01:1", [("12", "warning", 2, 1)]),
    ("NAD+Q9", [("12", "warning", 2, None)]),
    # 21 releases nothing
    ("FTX+AAI+++a?b", [("21", "warning", None, None)]),
    # 34 nesting
    ("BGM:1+220", [("34", "error", 1, None)]),
    # several at once
    (
        "NAD++" + "1" * 36 + "::9++:::::QQQ:x",
        [("13", "error", 2, None), ("39", "error", 3, 1), ("13", "error", 5, 1), ("16", "error", 5, 7)],
    ),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_each_fault_is_told_at_its_place(text: str, expected: list[tuple[Any, ...]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize("text", ["LIN+1++X:QQ1:9", "LIN+1++X:QQ1::91", "TOD+3++DAP::9", "ALC+A++++QQ9::92"])
def test_a_code_of_somebody_elses_list_is_not_looked_up(text: str) -> None:
    assert [problem for problem in found(text) if problem[3] == 1 or problem[0] == "12"] == []


def test_each_directory_has_its_own_lengths_and_codes() -> None:
    name = "IMD+F++:::" + "x" * 200
    assert found(name) == [("39", "error", 4, 4)]
    assert found(name, D01B) == []
    assert found("LIN+1++5410738100159:SRV") == [("12", "warning", 4, 2)]
    assert found("LIN+1++5410738100159:SRV", D01B) == []
    assert found("QTY+21:ten", D01B) == []


def test_a_repeated_element_is_written_out_in_syntax_3_and_repeated_in_syntax_4() -> None:
    assert found("COM+1:TE+2:EM+3:FX", D01B) == []
    assert found("COM+1:TE+2:EM+3:FX+4:AL", D01B) == [("16", "error", 5, None)]
    assert found("COM+1:TE*2:EM*3:FX", SYNTAX_4) == []
    assert found("COM+1:TE*2:EM*3:FX*4:AL", SYNTAX_4) == [("35", "error", 2, None)]
    assert found("COM+1:TE*2:", SYNTAX_4) == [("13", "error", 2, 2), ("45", "warning", None, None)]
    assert found("COM+1:TE*2:2X", SYNTAX_4) == [("12", "warning", 2, 2)]
    assert found("NAD+BY*SU", SYNTAX_4) == [("35", "error", 2, None)]


@pytest.mark.parametrize("value", ["a?+b", "??", "a?'", "?:?:?:", "x" * 33 + "?+", "?'x"])
def test_released_characters_are_characters(value: str) -> None:
    assert found(f"BGM+220+{value}x+9", D96A) == []
    assert found(f"FTX+AAI+++{value}", D96A) == []


def test_a_released_character_counts_as_one() -> None:
    assert found("BGM+220+" + "?+" * 35 + "+9", D96A) == []
    assert found("BGM+220+" + "?+" * 36 + "+9", D96A) == [("39", "error", 3, None)]
    assert found("BGM+220+a?b+9", D96A) == [("21", "warning", None, None)]


def test_the_occurrence_of_a_repeated_element_is_told() -> None:
    (problem,) = validator(SYNTAX_4).check(Segment("COM+1:TE*" + "2" * 600 + ":EM", 0, SYNTAX_4.chars))
    assert (problem.code, problem.element, problem.component, problem.occurrence) == ("39", 2, 1, 2)


def test_syntax_4_has_a_code_of_its_own_for_separators_at_the_end_and_none_for_missing_digits() -> None:
    assert found("BGM+220+", SYNTAX_4) == [("45", "warning", None, None)]
    assert found("MOA+79:.5", SYNTAX_4) == [("37", "error", 2, 2)]


def test_the_decimal_mark_of_una_is_the_right_one_in_syntax_3_and_either_in_syntax_4() -> None:
    assert found("QTY+21:1,5", COMMA) == []
    assert found("QTY+21:1.5", COMMA) == [("19", "warning", 2, 2)]
    assert found("QTY+21:1.5", COMMA._replace(strict=True)) == [("19", "error", 2, 2)]
    assert found("QTY+21:1.5", COMMA._replace(version=4)) == []


def test_other_service_characters_make_the_same_findings() -> None:
    chars = ServiceCharacters(component="|", element="*", release="!", terminator="~")
    rules = Rules("D.96A", 3, chars)
    for text, expected in CASES:
        if "?" not in text and "|" not in text:
            turned = text.replace(":", "|").replace("+", "*")
            assert found(turned, rules) == expected, turned


def test_a_decimal_mark_that_separates_is_no_decimal_mark() -> None:
    chars = ServiceCharacters(component=".", element=",")
    assert found("QTY,21.48", Rules("D.96A", 3, chars)) == []
    assert found("QTY,21.4.KGM", Rules("D.96A", 3, chars)) == []
