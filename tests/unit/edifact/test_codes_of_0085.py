"""Each error code that a receiver reports: at least three faults that yield it, alone and exactly where they are.

Source: ISO 9735, element 0085 and the levels at which CONTRL may carry each code.
"""

from collections import Counter
from typing import Any, NamedTuple

import pytest

from hub.canonical.agreement import Agreement
from hub.translators.edifact.interchange import Checked, check
from tests.edifact_inputs import HEAD, LINE, ORDER, UNB, agreement, file, interchange, message

NEWEST = UNB.replace("UNOC:3", "UNOC:4").replace("261001:1020", "20261001:1020")
LEVEL_A = UNB.replace("UNOC", "UNOA")
IN_GROUP = "UNG+ORDERS+5412345000013:14+5412345000020:14+261001:1020+7+UN+D:96A"
STRICT = agreement(charset_strictness="strict")
PLAIN = agreement()


class Case(NamedTuple):
    """A faulty interchange, and where its one error is, counted as CONTRL counts."""

    code: str
    data: bytes
    tag: str
    segment: int | None = None
    element: int | None = None
    component: int | None = None
    terms: Agreement = PLAIN


def order(*segments: str, unb: str = UNB, identifier: str = "ORDERS:D:96A:UN:EAN008") -> bytes:
    return interchange(message(*segments, identifier=identifier), unb=unb)


def with_head(old: str, new: str) -> bytes:
    return order(*(segment.replace(old, new) for segment in ORDER))


def with_line(*segments: str, unb: str = UNB) -> bytes:
    return order(*HEAD, *segments, "UNS+S", unb=unb)


def enveloped(old: str, new: str, unb: str = UNB) -> bytes:
    return interchange(message(*ORDER), unb=unb).replace(old.encode("latin-1"), new.encode("latin-1"), 1)


def grouped(*inside: str, une: str = "UNE+1+7", groups: int = 1) -> bytes:
    return file([UNB, IN_GROUP, *inside, une, f"UNZ+{groups}+542"])


def newest_group(ung: str) -> bytes:
    return file([NEWEST, ung, *TWO[0], "UNE+1+7", "UNZ+1+542"])


def acknowledgement(*segments: str) -> bytes:
    """Return a CONTRL of syntax 4 for an interchange of ours."""
    uci = "UCI+17+5412345000020:14+5412345000013:14+4"
    return interchange(message(uci, *segments, identifier="CONTRL:4:1:UN"), unb=NEWEST)


def changes(reference: str) -> tuple[str, ...]:
    segments = ("BGM+230+CH-7+1", HEAD[1], "RFF+ON:128576", HEAD[2], "UNS+S")
    return message(*segments, reference=reference, identifier="ORDCHG:D:96A:UN:EAN005")


BOTH = agreement(receives=("ORDERS", "ORDCHG"))
TWO = (message(*ORDER), message(*ORDER, reference="2"))
CASES = [
    Case("2", enveloped("UNOC:3", "UNOC:7"), "UNB", None, 2, 2),
    Case("2", enveloped("UNOC:3", "UNOC"), "UNB", None, 2, 2),
    Case("2", enveloped("UNOC:3", "UNOQ:3"), "UNB", None, 2, 1),
    Case("7", enveloped("5412345000020:14", "5412345000099:14"), "UNB", None, 4, 1),
    Case("7", enveloped("5412345000020:14", "SOMEBODY"), "UNB", None, 4, 1),
    Case("7", enveloped("5412345000020:14", "5412345000013:14"), "UNB", None, 4, 1),
    Case("12", with_head("20261001:102", "20261301:102"), "DTM", 3, 2, 2),
    Case("12", with_head("20261001:102", "20260230:102"), "DTM", 3, 2, 2),
    Case("12", with_line(LINE[0], "QTY+21:-3"), "QTY", 6, 2, 2),
    Case("13", order(HEAD[0], HEAD[1], *LINE, "UNS+S"), "NAD", 3),
    Case("13", order(HEAD[0], HEAD[2], *LINE, "UNS+S"), "DTM", 2),
    Case("13", with_head("BGM+220+128576+9", "BGM+220++9"), "BGM", 2, 3),
    Case("13", with_line(LINE[0]), "QTY", 5),
    Case("13", with_line(LINE[0], "QTY+21"), "QTY", 6, 2, 2),
    Case("14", with_head("+128576+9", "+128576+27"), "BGM", 2, 4),
    Case("14", order(*ORDER, identifier="ORDERS:D:01B:UN"), "UNH", 1, 3, 3),
    Case("14", order(*ORDER, identifier="ORDERS:S:96A:UN"), "UNH", 1, 3, 2),
    Case("15", order(HEAD[0], "XYZ+1", *ORDER[1:]), "XYZ", 3),
    Case("15", order(*HEAD, "MOA+79:1", *LINE, "UNS+S"), "MOA", 5),
    Case("15", order(*HEAD, *LINE, "CUX+2:EUR:9", "UNS+S"), "CUX", 7),
    Case("16", with_head("+128576+9", "+128576+9+AB+X"), "BGM", 2, 6),
    Case("16", with_line("LIN+1++5410738100159:EN:1:2:3", LINE[1]), "LIN", 5, 4, 5),
    Case("16", with_line(LINE[0], "QTY+21:48:PCE:X"), "QTY", 6, 2, 4),
    Case("17", order(*ORDER, identifier="INVOIC:D:96A:UN"), "UNH", 1, 3, 1),
    Case("17", order("BGM+1", identifier="IFTMIN:D:96A:UN"), "UNH", 1, 3, 1),
    Case("17", order(*ORDER, identifier="DESADV:D:96A:UN:EAN005"), "UNH", 1, 3, 1),
    Case("19", b"UNA:+.? '" + with_line(LINE[0], "QTY+21:4,8"), "QTY", 6, 2, 2, STRICT),
    Case("19", b"UNA:+.? '" + with_line(*LINE, "PRI+AAA:4,8"), "PRI", 7, 2, 2, STRICT),
    Case("19", b"UNA:+,? '" + with_line(*LINE, "PRI+AAA:4.8"), "PRI", 7, 2, 2, STRICT),
    Case("20", b"UNA::.? '" + interchange(message(*ORDER)), "UNA"),
    Case("20", b"UNA:+.+ '" + interchange(message(*ORDER)), "UNA"),
    Case("20", b"UNA:+.?''" + interchange(message(*ORDER)), "UNA"),
    Case("21", with_line(LINE[0], "IMD+F++:::a\x01b", LINE[1]), "IMD", 6),
    Case("21", with_line(LINE[0], "IMD+F++:::a\x85b", LINE[1]), "IMD", 6, None, None, STRICT),
    Case("21", with_line(LINE[0], "IMD+F++:::small", LINE[1], unb=LEVEL_A), "IMD", 6, None, None, STRICT),
    Case("22", interchange(message(*ORDER))[:-20], "UNZ"),
    Case("22", interchange(message(*ORDER))[:-40], "UNZ"),
    Case("22", b"Dear Sir, " + interchange(message(*ORDER)), "UNB"),
    Case("23", enveloped("5412345000013:14", "5412345000099:14"), "UNB", None, 3, 1),
    Case("23", enveloped("5412345000013:14", "SOMEBODY:ZZ"), "UNB", None, 3, 1),
    Case("23", enveloped("5412345000013:14", "5412345000020:14"), "UNB", None, 3, 1),
    Case("25", enveloped("+542'", "+542++++++1'"), "UNB", None, 12, None, agreement(test="production")),
    Case("25", enveloped("+542'", "+542++++++2'"), "UNB", None, 12, None, agreement(test="production")),
    Case("25", interchange(message(*ORDER)), "UNB", None, 12, None, agreement(test="test")),
    Case("26", interchange(message(*ORDER), message(*ORDER)), "UNH", 1, 2),
    Case("26", grouped(*message(*ORDER), *message(*ORDER), une="UNE+2+7"), "UNH", 1, 2),
    Case("26", with_line(*LINE, *LINE), "LIN", 7, 2),
    Case("27", order(HEAD[0].replace("BGM", "USH"), *ORDER), "USH", 2),
    Case("27", order(*ORDER, "UST+1"), "UST", 8),
    Case("27", order(HEAD[0], "USA+1", "USC+1", *ORDER[1:]), "USA", 3),
    Case("28", enveloped("UNZ+1+542", "UNZ+1+543"), "UNZ", None, 3),
    Case("28", enveloped("UNT+8+1", "UNT+8+2"), "UNT", 8, 3),
    Case("28", grouped(*message(*ORDER), une="UNE+1+8"), "UNE", None, 3),
    Case("29", enveloped("UNZ+1+542", "UNZ+2+542"), "UNZ", None, 2),
    Case("29", enveloped("UNT+8+1", "UNT+9+1"), "UNT", 8, 2),
    Case("29", grouped(*message(*ORDER), une="UNE+2+7"), "UNE", None, 2),
    Case("30", file([UNB, *TWO[0], IN_GROUP, *TWO[1], "UNE+1+7", "UNZ+1+542"]), "UNG"),
    Case("30", file([UNB, IN_GROUP, *TWO[0], "UNE+1+7", *TWO[1], "UNZ+1+542"]), "UNH", 1),
    Case("30", file([UNB, *TWO[0], *TWO[1], IN_GROUP, *message(*ORDER, reference="3"), "UNE+1+7", "UNZ+1+542"]), "UNG"),
    Case("31", grouped(*TWO[0], *changes("2"), une="UNE+2+7"), "UNH", 1, None, None, BOTH),
    Case("31", grouped(*changes("1"), *TWO[1], une="UNE+2+7"), "UNH", 1, None, None, BOTH),
    Case("31", grouped(*TWO[0], *TWO[1], *changes("3"), une="UNE+3+7"), "UNH", 1, None, None, BOTH),
    Case("32", file([UNB, "UNZ+0+542"]), "UNZ"),
    Case("32", grouped(une="UNE+0+7"), "UNE"),
    Case("32", file([UNB.replace("+542", "+5"), "UNZ+0+5"]), "UNZ"),
    Case("33", file([UNB, "BGM+220", *TWO[0], "UNZ+1+542"]), "BGM"),
    Case("33", file([UNB, *TWO[0], "LIN+1", "UNZ+1+542"]), "LIN"),
    Case("33", interchange(message(*ORDER)) + b"and so on", "UNZ"),
    Case("34", with_line("LIN:1+1++5410738100159:EN", LINE[1]), "LIN", 5, 1),
    Case("34", with_line(LINE[0], "QTY:1+21:48"), "QTY", 6, 1),
    Case("34", order("BGM:1+220+128576+9", *ORDER[1:]), "BGM", 2, 1),
    Case("35", order(HEAD[0], *[HEAD[1]] * 36, *ORDER[2:]), "DTM", 38),
    Case("35", order(*HEAD, *LINE, *["QTY+59:1"] * 10, "UNS+S"), "QTY", 16),
    Case("35", order(HEAD[0], HEAD[0], *ORDER[1:]), "BGM", 3),
    Case("36", order(*HEAD, *["CUX+2:EUR:9"] * 6, *LINE, "UNS+S"), "CUX", 10),
    Case("36", order(*HEAD, *["PAT+1"] * 11, *LINE, "UNS+S"), "PAT", 15),
    Case("36", order(*HEAD[:2], *["RFF+ZZZ:1"] * 11, *ORDER[2:]), "RFF", 14),
    Case("37", with_line(LINE[0], "QTY+21:12A"), "QTY", 6, 2, 2),
    Case("37", with_line(*LINE, "PRI+AAA:1.2.3"), "PRI", 7, 2, 2),
    Case("37", enveloped("UNT+8+1", "UNT+X+1"), "UNT", 8, 2),
    Case("38", with_line(LINE[0], "QTY+21:.5"), "QTY", 6, 2, 2),
    Case("38", with_line(*LINE, "PRI+AAA:.5"), "PRI", 7, 2, 2),
    Case("38", with_line(*LINE, "MOA+203:.75"), "MOA", 7, 2, 2),
    Case("39", with_head("128576", "1" * 36), "BGM", 2, 3),
    Case("39", with_line(*LINE, "QTY+5900:48"), "QTY", 7, 2, 1),
    Case("39", with_line(LINE[0], f"QTY+21:{'9' * 16}"), "QTY", 6, 2, 2),
    Case("40", enveloped("20261001", "2026101", NEWEST), "UNB", None, 5, 1),
    Case("40", grouped(*TWO[0]).replace(b"261001:1020+7", b"261001:120+7"), "UNG", None, 5, 2),
    Case("40", enveloped("261001:1020", "261001:120"), "UNB", None, 5, 2),
    Case("46", enveloped("UNOC", "UNOQ", NEWEST), "UNB", None, 2, 1),
    Case("46", enveloped("UNOC", "XYZW", NEWEST), "UNB", None, 2, 1),
    Case("46", enveloped("UNOC", "UNOX", NEWEST), "UNB", None, 2, 1),
    Case("47", enveloped("'UNH", "'UNO+1+1+1:2:3+4'ABCDUNP+4+1'UNH", NEWEST), "UNO"),
    Case("47", order(HEAD[0], "USH+1", *ORDER[1:], unb=NEWEST), "USH", 3),
    Case("47", b"UIB+UNOA:0++1'UIZ'", "UNB"),
    Case("48", newest_group("UNG+ORDERS+A+B+20261001:1020+7+UN"), "UNG", None, 8),
    Case("48", newest_group("UNG++A+B+20261001:1020+7++D:96A"), "UNG", None, 2),
    Case("48", newest_group("UNG+++++7+UN+D:96A"), "UNG", None, 2),
    Case("48", acknowledgement("UCM+1+ORDERS:D:96A:UN+4++UNT"), "UCM", 3, 5),
    Case("48", acknowledgement("UCM+1++4+29+UNT"), "UCM", 3, 3),
    Case("48", acknowledgement("UCM+++4+29+UNT"), "UCM", 3, 2),
    Case("48", acknowledgement("UCM+1+ORDERS:D:96A:UN+4+29++2"), "UCM", 3, 6),
    Case("48", acknowledgement("UCM+1+ORDERS:D:96A:UN+4", "UCS+2", "UCD+39+2:1:1"), "UCD", 5, 3, 3),
]  # fmt: skip
NOT_ALONE = frozenset({"22"})
"""What is cut off lacks its end, too: the interchange hears of the one, the message of the other."""


def found(case: Case) -> list[tuple[Any, ...]]:
    """Return code and place of every error."""
    checked: Checked = check(case.data, case.terms)
    findings = [*checked.interchange.findings]
    findings += [one for group in checked.interchange.groups for one in group.findings]
    findings += [one for verdict in checked.interchange.messages for one in verdict.findings]
    at = [(one.code, one.location) for one in findings if one.level == "error"]
    return [(code, place.tag, place.segment, place.element, place.component) for code, place in at]


@pytest.mark.parametrize("case", CASES, ids=[f"{case.code}-{number}" for number, case in enumerate(CASES)])
def test_a_fault_yields_its_code_at_its_place(case: Case) -> None:
    expected = (case.code, case.tag, case.segment, case.element, case.component)
    errors = found(case)
    assert errors == [expected] or (case.code in NOT_ALONE and expected in errors), errors


def test_each_code_has_three_cases() -> None:
    assert min(Counter(case.code for case in CASES).values()) >= 3
