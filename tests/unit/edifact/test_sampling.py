"""Messages made from their tables are right by them: the generator and the checks hold each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.agreement import InterchangeAddress
from hub.errors import Unusable
from hub.translators.edifact.checking import examine
from hub.translators.edifact.directory import DIRECTORIES, directory
from hub.translators.edifact.sampling import sample
from hub.translators.edifact.syntax import Segment, ServiceCharacters
from hub.translators.edifact.tokenizer import Tokenizer
from hub.translators.edifact.validate import Rules, validator
from tests.edifact_readers import read_structure

ALL = [(type_, name) for name in DIRECTORIES for type_ in sorted(directory(name).messages)]

TRANSLATED = frozenset({"ORDERS", "ORDCHG"})
"""Of these more is asked than the directory does."""


def inside(data: bytes) -> list[Segment]:
    return [item for item in Tokenizer([data]).read() if isinstance(item, Segment)][1:-1]


@pytest.mark.parametrize(("type_", "name"), ALL)
@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
def test_a_sample_has_no_fault_and_each_of_its_segments_has_its_place(type_: str, name: str, *, full: bool) -> None:
    segments = inside(sample(type_, name, full=full))
    table = directory(name).message(type_)
    assert table is not None
    tree, findings = read_structure([segment.text for segment in segments], table)
    assert findings == []
    assert [each.text for each in tree.walk()] == [segment.text for segment in segments]
    check = validator(Rules(name, 3, ServiceCharacters())).check
    assert [problem for segment in segments for problem in check(segment)] == []


@pytest.mark.parametrize(("type_", "name"), [one for one in ALL if one[0] not in TRANSLATED])
def test_a_sample_is_valid(type_: str, name: str) -> None:
    for full in (False, True):
        assert examine(sample(type_, name, full=full)).found == ()


@pytest.mark.parametrize("name", DIRECTORIES)
def test_a_full_sample_has_every_segment_of_its_table_but_those_of_alternatives(name: str) -> None:
    for type_ in directory(name).messages:
        table = directory(name).message(type_)
        assert table is not None
        tags = {segment.tag for segment in inside(sample(type_, name, full=True))}
        assert set(table.by_tag) - tags == set(), type_


@given(one=st.sampled_from(ALL), seed=st.text(max_size=20), full=st.booleans())
def test_any_seed_makes_a_right_message_and_the_same_again(one: tuple[str, str], seed: str, *, full: bool) -> None:
    type_, name = one
    data = sample(type_, name, seed=seed, full=full)
    assert data == sample(type_, name, seed=seed, full=full)
    assert type_ in TRANSLATED or examine(data).found == ()


def test_other_seeds_make_other_values() -> None:
    assert sample("INVOIC", "D.96A", seed="a", full=True) != sample("INVOIC", "D.96A", seed="b", full=True)


def test_what_is_not_held_is_refused_with_what_is() -> None:
    with pytest.raises(Unusable, match=r"IFTMIN of D.96A is not held; there are APERAK, .*ORDERS"):
        sample("IFTMIN", "D.96A")
    with pytest.raises(Unusable, match=r"ORDERS of D.03B is not held; there are D.96A, D.01B"):
        sample("ORDERS", "D.03B")


def test_an_address_that_the_character_set_does_not_have_spoils_nothing() -> None:
    data = sample("INVOIC", "D.96A", sender=InterchangeAddress(identifier="MÜLLER:1", qualifier="ZZ"))
    assert data.startswith(b"UNB+UNOA:3+MXLLER?:1:ZZ+")
    assert examine(data).found == ()
