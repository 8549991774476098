"""A message is walked against its table: one fault makes one finding, and the rest is still read."""

from typing import Any

import pytest

from hub.translators.edifact.directory import directory
from hub.translators.edifact.found import MAX_FINDINGS
from hub.translators.edifact.structure import Group
from tests.edifact_inputs import ORDER
from tests.edifact_readers import read_structure
from tests.patience import patience


def walked(*texts: str, type_: str = "ORDERS", name: str = "D.96A") -> tuple[Group, list[tuple[Any, ...]]]:
    table = directory(name).message(type_)
    assert table is not None
    tree, findings = read_structure(("UNH+1", *texts, "UNT+1"), table)
    return tree, [(found.code, found.location.tag, found.location.segment) for found in findings]


CASES: dict[str, tuple[tuple[str, ...], list[tuple[Any, ...]]]] = {
    "right": (ORDER, []),
    "a missing segment": ((ORDER[0], *ORDER[2:]), [("13", "DTM", 2)]),
    "a missing segment at the end": (ORDER[:-1], [("13", "UNS", 6)]),
    "two missing segments": (ORDER[2:-1], [("13", "BGM", 1), ("13", "DTM", 1), ("13", "UNS", 4)]),
    "a segment that the message does not have": ((*ORDER[:2], "XYZ+1", *ORDER[2:]), [("15", "XYZ", 4)]),
    "a segment too late": ((ORDER[0], *ORDER[2:3], ORDER[1], *ORDER[3:]), [("15", "DTM", 4)]),
    "a segment too often": ((ORDER[0], *[ORDER[1]] * 37, *ORDER[2:]), [("35", "DTM", 38)]),
    "a group too often": ((*ORDER[:3], *["CUX+2:EUR:9"] * 7, *ORDER[3:]), [("36", "CUX", 10)]),
    "a group whose trigger is missing": ((*ORDER[:3], "COM+1:TE", *ORDER[3:]), [("13", "CTA", 4)]),
    "a segment after the groups behind its place": (
        (*ORDER[:5], "NAD+DP+1", "PIA+1+A:SA", *ORDER[5:]),
        [("15", "PIA", 8)],
    ),
    "a line without its trigger": (
        (*ORDER[:-1], "PRI+AAA:1", "IMD+F", "QTY+21:1", "PRI+AAA:1", "UNS+S"),
        [("13", "LIN", 7)],
    ),
    "a trigger by another name": ((*ORDER[:3], "XYZ+OC", "COM+1:TE", *ORDER[3:]), [("15", "XYZ", 5)]),
    "a mandatory segment by another name": ((ORDER[0], "XYZ+137", *ORDER[2:]), [("15", "XYZ", 3)]),
    "an amount that is there again before the summary": (
        (*ORDER[:-1], "TAX+7", "MOA+124:1", "MOA+124:1", "LIN+2", "QTY+21:1", "UNS+S"),
        [("35", "MOA", 9)],
    ),
    "the head after the lines": ((*ORDER[:-1], "CUX+2:EUR:9", "UNS+S"), [("15", "CUX", 7)]),
}


@pytest.mark.parametrize(("texts", "expected"), CASES.values(), ids=CASES.keys())
def test_each_fault_of_the_structure_is_told_where_it_is(
    texts: tuple[str, ...], expected: list[tuple[Any, ...]]
) -> None:
    assert walked(*texts)[1] == expected


def test_groups_are_found_by_their_trigger_in_either_directory() -> None:
    for name in ("D.96A", "D.01B"):
        tree, findings = walked(*ORDER[:-1], "PRI+AAA:1", "RFF+PL:1", "LIN+2", "QTY+21:1", "UNS+S", name=name)
        assert not findings
        first, second = tree.children("LIN")
        assert [group.tag for group in first.groups] == ["PRI", "RFF"]
        assert second.trigger.value(1) == "2"
        assert [segment.tag for segment in tree.segments] == ["UNH", "BGM", "DTM", "UNS", "UNT"]


def test_every_segment_has_its_place_in_the_tree_once() -> None:
    texts = (*ORDER[:3], "CTA+OC", "COM+1:TE", *ORDER[3:])
    tree, _ = walked(*texts)
    assert [segment.text for segment in tree.walk()] == ["UNH+1", *texts, "UNT+1"]


def test_what_stands_before_and_after_a_segment_can_be_told_apart() -> None:
    tree, _ = walked(*ORDER[:3], "ALC+A", "MOA+8:1", *ORDER[3:], "MOA+79:1", "ALC+C", "MOA+8:2")
    assert [group.trigger.value(1) for group in tree.before("UNS").children("ALC")] == ["A"]
    assert [group.trigger.value(1) for group in tree.after("UNS").children("ALC")] == ["C"]


def test_a_misplaced_group_is_read_apart_and_the_next_segment_goes_on() -> None:
    tree, findings = walked(*ORDER[:-1], "PRI+AAA:1", "CUX+2:EUR:9", "LIN+2", "QTY+21:1", "UNS+S")
    assert findings == []
    assert len(tree.children("LIN")) == 2


def test_a_flood_of_faults_is_bounded_and_takes_a_step_for_each_segment() -> None:
    tree, findings = walked(*ORDER[:3], *["XYZ", "DTM+137"] * 5000, *ORDER[3:])
    assert len(findings) == 1998
    assert tree.children("LIN")[-1].trigger.value(1) == "1"


def test_a_message_of_strangers_alone_is_passed_over_once_enough_is_said() -> None:
    strangers = ["XYZ+1"] * 200_000
    with patience():
        findings = walked(*ORDER[:2], *strangers, *ORDER[2:])[1]
    assert len(findings) == 2 * MAX_FINDINGS
