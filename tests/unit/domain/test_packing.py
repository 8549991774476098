"""SSCCs, and what makes a packing whole."""

from decimal import Decimal

import pytest

from hub.canonical.delivery import PackedUnit, PickedLine
from hub.canonical.party import Party
from hub.canonical.values import has_check_digit
from hub.domain import packing
from hub.errors import BusinessRefusal, NeedsDecision

PICKED = {"1": Decimal(5), "2": Decimal(3)}


def unit(mark: str, parent: str | None = None, **content: str) -> PackedUnit:
    """Return a unit; content as `line_1="5"`."""
    parts = tuple(PickedLine(line_id=name[5:], quantity=Decimal(quantity)) for name, quantity in content.items())
    return PackedUnit(unit=mark, parent=parent, content=parts)


def test_an_sscc_has_18_digits_and_the_check_digit_of_the_standard() -> None:
    assert packing.sscc("4012345", 3_000_000_123) == "340123450000001236"


def test_serials_that_fill_their_digits_go_on_into_the_extension_digit() -> None:
    last, next_ = packing.sscc("4012345", 999_999_999), packing.sscc("4012345", 1_000_000_000)
    assert (last[:-1], next_[:-1]) == ("04012345999999999", "14012345000000000")
    assert has_check_digit(last)
    assert has_check_digit(next_)


def test_when_all_serials_are_used_up_a_person_decides() -> None:
    with pytest.raises(NeedsDecision, match="used up"):
        packing.sscc("4012345", 10_000_000_000)


@pytest.mark.parametrize(
    ("company", "prefix"),
    [
        (Party(gln="4012345000009"), "4012345"),
        (Party(gln="4012345000009", identifier="401234500", scheme="gs1_prefix"), "401234500"),
        (Party(gln="4012345000009", identifier="HRB 77", scheme="gs1_prefix"), "4012345"),
        (Party(name="Dock Ltd"), None),
    ],
)
def test_the_company_prefix_is_the_one_named_else_begins_the_gln(company: Party, prefix: str | None) -> None:
    assert packing.company_prefix(company) == prefix


def test_a_longer_prefix_leaves_fewer_serials_before_the_extension_digit() -> None:
    assert packing.sscc("401234500", 10_000_001)[:-1] == "14012345000000001"


def test_the_plainest_packing_is_whole() -> None:
    packing.check(packing.one_pallet(PICKED), PICKED)


def test_a_line_that_was_not_found_is_in_no_unit() -> None:
    pallet, carton = packing.one_pallet({"1": Decimal(5), "2": Decimal(0)})
    assert (pallet.content, [part.line_id for part in carton.content]) == ((), ["1"])


@pytest.mark.parametrize(
    ("units", "problem"),
    [
        ([unit("a", line_1="5")], "line 2: 0 packed, 3 picked"),
        ([unit("a", line_1="5"), unit("b", line_1="1", line_2="3")], "line 1: 6 packed, 5 picked"),
        ([unit("a", line_1="5", line_2="3", line_9="1")], "unit a holds line 9, which was not picked"),
        ([unit("a", line_1="5", line_2="3"), unit("b", line_1="-1")], "unit b holds -1 of line 1"),
        ([unit("a", line_1="5", line_2="3"), unit("b")], "unit b is empty"),
        ([unit("a", line_1="5"), unit("a", line_2="3")], "unit a is given 2 times"),
        ([unit("a", "p", line_1="5", line_2="3")], "unit a stands on p, which is not given"),
        ([unit("a", "b", line_1="5"), unit("b", "a", line_2="3")], "unit a stands on itself"),
        ([unit("a", "a", line_1="5", line_2="3")], "unit a stands on itself"),
    ],
)
def test_a_packing_that_is_not_whole_is_refused_by_name(units: list[PackedUnit], problem: str) -> None:
    with pytest.raises(BusinessRefusal) as refusal:
        packing.check(units, PICKED)
    assert problem in str(refusal.value)


def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(BusinessRefusal) as refusal:
        packing.check([unit("a", "p", line_1="4")], PICKED)
    assert len(refusal.value.context["problems"]) == 3
