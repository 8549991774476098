"""Archives of the UN, read into the tables that the hub checks by."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.order import OrderAccepted
from hub.translators.edifact import imported
from hub.translators.edifact.directory import directory, family, held_directory, held_names, load
from hub.translators.edifact.documents import WRITERS
from hub.translators.edifact.drafting import draft
from hub.translators.edifact.interchange import check
from hub.translators.edifact.labels import code_label, element_label, labelled_codes, segment_label
from hub.translators.edifact.layers import mistakes
from hub.translators.edifact.leaving import refusal
from hub.translators.edifact.untdid import Unreadable, read
from tests import untdid_archive
from tests.desk import NOW, message
from tests.edifact_documents import agreement, answer
from tests.edifact_inputs import ORDER, interchange
from tests.edifact_inputs import message as message_of

KINDS = ("messages", "segments", "composites", "elements")


def tables(like: str, *, repeats: bool = True) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a shipped directory and its code lists; without `repeats`, which old archives have no column for."""
    table = json.loads(json.dumps(load(like.replace(".", ""))))
    if not repeats:
        table["segments"] = {tag: [[*part[:2], 1] for part in parts] for tag, parts in table["segments"].items()}
    lists = load("codes")[like]
    return table, {element: values for element, values in lists.items() if element in table["elements"]}


def files(name: str = "D.97A", like: str = "D.96A", *, old: bool = True) -> dict[str, bytes]:
    return untdid_archive.files(*tables(like, repeats=not old), name, old=old)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Hold D.97A, which is like D.96A, in a folder of its own."""
    (tmp_path / "D97A.json").write_text(json.dumps(read(files()).table))
    imported.hold(tmp_path)
    yield tmp_path
    imported.hold(tmp_path / "none")


@pytest.mark.parametrize("old", [True, False], ids=["before D.99B", "since D.99B"])
@pytest.mark.parametrize("like", ["D.96A", "D.01B"])
def test_every_message_segment_element_and_code_of_an_archive_is_read(like: str, *, old: bool) -> None:
    table, lists = tables(like, repeats=not old)
    facts = read(untdid_archive.files(table, lists, "D.03A", old=old))
    assert facts.name == "D.03A"
    assert {kind: getattr(facts, kind) for kind in KINDS} == {kind: table[kind] for kind in KINDS}
    assert {element: set(values.split()) for element, values in facts.codes.items()} == {
        element: set(values.split()) for element, values in lists.items()
    }
    assert facts.left_out == {}
    assert facts.labels["segments"]["NAD"] == "Name of nad"
    assert facts.labels["codes"]["3035"]["BY"] == "Code BY"


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("ORDERS_D.97A", b"Release      : 97A", b"Release      : 97B", "is of D.97B, others are of D.97A"),
        ("ORDERS_D.97A", b"Message Type : ORDERS", b"", "says no Message Type"),
        ("ORDERS_D.97A", b"Tag Name ", b"Tag Title", "has no segment table"),
        ("ORDERS_D.97A", b"Name of BGM  ", b"", r"line 24: no row of a segment table: '0020 \+ BGM"),
        ("ORDERS_D.97A", b"UNT Name", b"ZZZ Name", "does not end with UNT outside all groups"),
        ("ORDERS_D.97A", b"M   1\r\n0020", b"M   1---+\r\n0020", "line 23: closes 1 groups, 0 are open"),
        ("EDSD.97A", b"020", b"030", "part 2 of"),
        ("EDSD.97A", b"ALC  NAME OF ALC", b"                ", "no tag with a name"),
        ("EDSD.97A", b"5463 NAME OF 5463", b"5463", "no part of ALC"),
        ("EDED.97A", b"1001  Element 1001", b"", "no element with a name"),
    ],
)
def test_what_is_set_out_otherwise_is_told_by_file_and_line(file: str, old: bytes, new: bytes, told: str) -> None:
    made = files(old=False)
    assert old in made[file]
    with pytest.raises(Unreadable, match=f"{file}.*{told}"):
        read({**made, file: made[file].replace(old, new)})


@pytest.mark.parametrize("kind", ["EDSD.97A", "EDCD.97A", "EDED.97A"])
def test_an_archive_without_a_kind_of_file_is_refused(kind: str) -> None:
    made = files()
    del made[kind]
    with pytest.raises(Unreadable, match=f"no {kind[:4]}"):
        read(made)


def test_code_lists_need_not_be_there() -> None:
    made = files()
    del made["UNCL.97A"]
    assert read(made).codes == {}


def test_a_message_of_which_something_is_missing_is_left_out_and_told() -> None:
    made = files()
    made["EDSD.97A"] = made["EDSD.97A"].replace(b"CUX    NAME OF CUX", b"ZZZ    NAME OF ZZZ")
    facts = read(made)
    assert facts.left_out["ORDERS"] == "CUX"
    assert "ORDERS" not in facts.messages
    assert "DESADV" in facts.messages
    made = files()
    made["EDED.97A"] = made["EDED.97A"].replace(b"3039  Element 3039", b"3038  Element 3038")
    assert read(made).left_out["ORDERS"] == "3039"


@given(st.data())
def test_a_damaged_archive_is_read_or_refused(data: st.DataObject) -> None:
    made = dict(SMALL)
    name = data.draw(st.sampled_from(sorted(made)))
    body = made[name]
    at = data.draw(st.integers(0, len(body)))
    damage = data.draw(st.binary(max_size=30) | st.sampled_from([b"\r\n", b"-" * 70, b"010    C082 X  M", b"++"]))
    made[name] = body[:at] + damage + body[at + data.draw(st.integers(0, 60)) :]
    try:
        read(made)
    except Unreadable as error:
        assert str(error)  # noqa: PT017 - either is right, but an error says something


def _small() -> dict[str, bytes]:
    table, lists = tables("D.96A")
    table["messages"] = {"REMADV": table["messages"]["REMADV"]}
    table["segments"] = dict(list(table["segments"].items())[:6])
    table["elements"] = dict(list(table["elements"].items())[:9])
    lists = {element: lists[element] for element in list(lists)[:2] if element in table["elements"]}
    table["composites"] = {
        code: parts
        for code, parts in table["composites"].items()
        if {one for one, _ in parts} <= set(table["elements"])
    }
    table["segments"] = {
        tag: [part for part in parts if part[0] in {*table["elements"], *table["composites"]}]
        for tag, parts in table["segments"].items()
    }
    return untdid_archive.files(table, lists, "D.97A", old=True)


SMALL = _small()


def test_a_directory_that_is_imported_is_checked_as_any_other(folder: Path) -> None:
    assert held_names() == ("D.96A", "D.01B", "D.97A")
    order = interchange(message_of(*ORDER, identifier="ORDERS:D:97A:UN"))
    assert check(order, None).all_sound
    (read_message,) = check(order.replace(b"BGM+220", b"BGM+2200000"), None).messages
    (finding,) = [one for one in read_message.verdict.findings if one.level == "error"]
    assert (finding.code, finding.location.tag) == ("39", "BGM")
    assert folder.is_dir()


@pytest.mark.usefixtures("folder")
def test_an_agreement_on_it_is_sound_read_and_written() -> None:
    terms = agreement(directory="D.97A")
    assert terms.edi is not None
    assert list(mistakes(terms.edi)) == []
    read_order = check(interchange(message_of(*ORDER, identifier="ORDERS:D:97A:UN")), terms)
    assert [one.order is not None for one in read_order.messages] == [True]
    told = message(answer(OrderAccepted), partner="mueller")
    written = WRITERS["ORDRSP"](told, terms, reference="1", now=NOW, test=False)
    assert b"ORDRSP:D:97A:UN" in written
    assert refusal(written, terms) is None


@pytest.mark.usefixtures("folder")
def test_a_file_in_it_is_drafted_into_an_agreement_on_it() -> None:
    text = draft(interchange(message_of(*ORDER, identifier="ORDERS:D:97A:UN")), "acme")
    assert 'directory = "D.97A"' in text
    assert "stated_directory" not in text


@pytest.mark.usefixtures("folder")
def test_its_names_stand_where_we_have_none() -> None:
    assert segment_label("NAD") != "Name of nad"
    bare = min((directory("D.97A").codes("3035") or frozenset()) - labelled_codes("3035"))
    assert code_label("3035", bare) == f"Code {bare}"
    assert element_label("1131") != "1131"


def test_what_an_archive_of_a_shipped_directory_adds_is_held_beside_it(tmp_path: Path) -> None:
    table, lists = tables("D.96A")
    shipped = directory("D.96A").message("REMADV")
    table["messages"]["IFTMIN"] = table["messages"]["REMADV"]
    facts = read(untdid_archive.files(table, {**lists, "4451": f"{lists['4451']} QQQ"}, "D.96A", old=True))
    (tmp_path / "D96A.json").write_text(json.dumps(facts.table))
    imported.hold(tmp_path)
    held = directory("D.96A")
    imported.hold(tmp_path / "none")
    assert held.message("IFTMIN") is not None
    assert "QQQ" in (held.codes("4451") or ())
    assert "9" in (held.codes("3055") or ()), "what GS1 adds to the lists stays"
    assert directory("D.96A").message("REMADV") is shipped


@pytest.mark.parametrize("name", ["D.97A", "../x", "D.97A/../../D.96A", "", "d.97a", "D.97B\n"])
def test_what_is_not_held_is_not_looked_for_elsewhere(folder: Path, name: str) -> None:
    (folder / "D97A.json").unlink()
    assert held_directory(name) is None


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"messages": 1}', "\0"])
def test_a_file_that_is_no_directory_is_told_by_its_name(folder: Path, content: str) -> None:
    (folder / "D98B.json").write_text(content)
    with pytest.raises(Exception, match=r"D98B.json is no directory"):
        held_directory("D.98B")


@pytest.mark.parametrize(
    ("name", "like"),
    [("D.93A", "D.96A"), ("D.99A", "D.96A"), ("D.99B", "D.01B"), ("D.00A", "D.01B"), ("D.21B", "D.01B"), ("", "D.96A")],
)
def test_a_directory_is_like_one_that_is_shipped(name: str, like: str) -> None:
    assert family(name) == like
