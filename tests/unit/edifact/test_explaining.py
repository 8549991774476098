"""A file in words: labels, depth, and findings at their places."""

import json

import pytest

from hub.cli import explained as printing
from hub.errors import LimitExceeded
from hub.translators.edifact import explaining
from hub.translators.edifact.directory import DIRECTORIES, directory, load, service_directory
from hub.translators.edifact.explaining import Explained, SegmentTold, ValueTold, explain
from hub.translators.edifact.labels import code_label, element_label, segment_label
from hub.translators.edifact.telling import explained_data
from hub.web.edifact import as_page
from tests.edifact_inputs import ORDER, UNB, file, interchange, message


def told(explained: Explained, tag: str) -> SegmentTold:
    """Return the only segment with this tag."""
    (found,) = (segment for segment in explained.segments if segment.tag == tag)
    return found


def test_every_segment_and_element_has_a_label_of_ours_and_every_labelled_code_is_held() -> None:
    labels = load("labels")
    held = [*(directory(name) for name in DIRECTORIES), service_directory(3), service_directory(4)]
    tags = {tag for one in held for tag in one.segments}
    assert set(labels["segments"]) == tags
    elements = {element for one in held for element in one.elements}
    assert set(labels["elements"]) == elements
    for element, codes in labels["codes"].items():
        lists = [known for one in held if (known := one.codes(element)) is not None]
        assert not lists or set(codes) <= frozenset().union(*lists), element


def test_a_segment_is_told_with_its_values_in_words() -> None:
    quantity = told(explain(interchange(message(*ORDER))), "QTY")
    assert (quantity.label, quantity.text, quantity.position) == ("quantity", "QTY+21:48", 6)
    assert quantity.values == (
        ValueTold(2, 1, "6063", "which quantity", "21", "ordered"),
        ValueTold(2, 2, "6060", "quantity", "48", "", ("order.lines[0].quantity.value",)),
    )


def test_depth_counts_interchange_group_message_and_segment_groups() -> None:
    segments = (*ORDER[:3], "CTA+IC", "COM+1:TE", *ORDER[3:])
    depths = {segment.tag: segment.depth for segment in explain(interchange(message(*segments))).segments}
    assert depths == {
        "UNB": 0, "UNH": 1, "BGM": 2, "DTM": 2, "NAD": 3, "CTA": 4, "COM": 4,
        "LIN": 3, "QTY": 3, "UNS": 2, "UNT": 1, "UNZ": 0,
    }  # fmt: skip
    grouped = file([
        UNB, "UNG+ORDERS+A+B+261001:1020+7+UN+D:96A", *message(*ORDER), "UNE+1+7", *message(*ORDER), "UNZ+1+542"
    ])  # fmt: skip
    found = [(segment.tag, segment.depth) for segment in explain(grouped).segments if segment.tag.startswith("UN")]
    assert found == [
        ("UNB", 0), ("UNG", 1), ("UNH", 2), ("UNS", 3), ("UNT", 2), ("UNE", 1),
        ("UNH", 1), ("UNS", 2), ("UNT", 1), ("UNZ", 0),
    ]  # fmt: skip


def test_findings_stand_at_their_segments() -> None:
    explained = explain(interchange(message(*ORDER[:4], "QTY+21:12A", "UNS+S")))
    (found,) = told(explained, "QTY").found
    assert (found.finding.code, explained.elsewhere) == ("37", ())
    missing = explain(interchange(message(ORDER[0], *ORDER[2:])))
    assert [found.finding.code for found in told(missing, "BGM").found] == ["13"]


def test_what_belongs_to_no_segment_is_told_too() -> None:
    stray = file([UNB, "BGM+220+1+9", *message(*ORDER), "UNZ+1+542"])
    explained = explain(stray)
    assert [found.finding.code for found in explained.elsewhere] == ["33"]
    assert sum(len(segment.found) for segment in explained.segments) + 1 == len(explained.report.found)


def test_a_message_of_a_directory_that_is_not_held_is_told_without_words() -> None:
    explained = explain(interchange(message("BGM+220+1", identifier="ORDERS:D:03B:UN")))
    assert told(explained, "BGM").values == (
        ValueTold(2, None, "", "not in the directory", "220", ""),
        ValueTold(3, None, "", "not in the directory", "1", ""),
    )
    assert [value.label for value in told(explained, "UNH").values[:2]] == ["message reference", "message type"]


def test_a_control_message_is_told_by_the_service_directory() -> None:
    contrl = ("UNH+1+CONTRL:D:3:UN", "UCI+542+A+B+8", "UNT+3+1")
    explained = explain(interchange(contrl))
    assert told(explained, "UCI").values[-1].meaning == "received"


def test_repeated_elements_are_told_each_and_repetition_of_syntax_3_written_out() -> None:
    newer = UNB.replace("UNOC:3", "UNOC:4").replace("261001:1020", "20261001:1020")
    line = (*ORDER[:3], "CTA+IC", "COM+1:TE*2:FX", *ORDER[3:])
    values = told(explain(interchange(message(*line, identifier="ORDERS:D:01B:UN"), unb=newer)), "COM").values
    assert [(value.element, value.value) for value in values] == [(2, "1"), (2, "TE"), (2, "2"), (2, "FX")]
    line = (*ORDER[:3], "CTA+IC", "COM+1:TE+2:FX", *ORDER[3:])
    values = told(explain(interchange(message(*line, identifier="ORDERS:D:01B:UN"))), "COM").values
    assert [(value.element, value.meaning) for value in values] == [(2, ""), (2, "telephone"), (3, ""), (3, "fax")]


def test_a_file_has_so_many_segments_that_are_put_into_words(monkeypatch: pytest.MonkeyPatch) -> None:
    data = interchange(message(*ORDER))
    monkeypatch.setattr(explaining, "MOST_SEGMENTS", 10)
    assert len(explain(data).segments) == 10
    monkeypatch.setattr(explaining, "MOST_SEGMENTS", 9)
    with pytest.raises(LimitExceeded, match="more than 9 segments"):
        explain(data)


def test_what_has_no_label_is_shown_bare() -> None:
    assert (segment_label("XYZ"), element_label("9999"), code_label("6063", "no")) == ("", "9999", "")


def test_it_is_printed_for_people() -> None:
    lines = list(printing.as_text(explain(interchange(message(*ORDER[:4], "QTY+21:12A", "UNS+S"))), "file"))
    at = lines.index("      6 QTY  quantity")
    assert lines[at + 1 : at + 4] == [
        "          which quantity: 21 (ordered)",
        "          quantity: 12A → order.lines[0].quantity.value",
        "          !! error 37: 6060 is no number: '12A'",
    ]
    assert lines[-1] == "file: findings: 1 interchange, 1 message"


def test_the_tree_has_a_line_for_each_segment() -> None:
    explained = explain(interchange(message(*ORDER)))
    assert list(printing.as_tree(explained, "file")) == [
        UNB,
        "  UNH+1+ORDERS:D:96A:UN:EAN008",
        "    BGM+220+128576+9",
        "    DTM+137:20261001:102",
        "      NAD+BY+5412345000013::9",
        "      LIN+1++5410738100159:EN",
        "      QTY+21:48",
        "    UNS+S",
        "  UNT+8+1",
        "UNZ+1+542",
        "file: valid: 1 interchange, 1 message",
    ]


def test_it_is_json_for_machines() -> None:
    document = json.loads(json.dumps(explained_data(explain(interchange(message(*ORDER))))))
    assert (document["verdict"], document["messages"], document["elsewhere"]) == ("valid", 1, [])
    quantity = next(segment for segment in document["segments"] if segment["tag"] == "QTY")
    assert quantity["values"] == [
        {
            "element": 2, "component": 1, "data_element": "6063",
            "label": "which quantity", "value": "21", "meaning": "ordered", "fields": [],
        },
        {
            "element": 2, "component": 2, "data_element": "6060",
            "label": "quantity", "value": "48", "meaning": "", "fields": ["order.lines[0].quantity.value"],
        },
    ]  # fmt: skip


def test_a_page_escapes_what_a_stranger_wrote() -> None:
    page = as_page(explain(interchange(message("BGM+220+<script>alert(1)</script>+9", *ORDER[1:]))), "<b>")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>" not in page


@pytest.mark.parametrize("data", [b"", b"Dear Sir,", b"UNB+UNOC:3", b"UNA:+.? 'UNB+UNOX:3+A+B+261001:1020+1'UNZ+0+1'"])
def test_what_cannot_be_read_is_explained_by_what_is_wrong(data: bytes) -> None:
    explained = explain(data)
    everywhere = [*explained.elsewhere, *(found for segment in explained.segments for found in segment.found)]
    assert len(everywhere) == len(explained.report.found) > 0
