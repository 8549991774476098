"""The table decides: what is not in it is refused, what was done before is said to have been."""

import pytest

from hub.domain.life_cycle import LifeCycle, Step
from hub.errors import IllegalTransition

PARCEL = LifeCycle(
    "parcel",
    start="planned",
    moves={
        ("planned", "release"): "released",
        ("released", "pick"): "picked",
        ("released", "hold"): "held",
        ("held", "resume"): "released",
        ("planned", "cancel"): "cancelled",
        ("released", "cancel"): "cancelled",
    },
)


def test_a_move_in_the_table_leads_to_its_state() -> None:
    assert PARCEL.step("planned", "release") == Step("released", made=True)


def test_repeating_the_last_move_changes_nothing_and_says_so() -> None:
    assert PARCEL.step("released", "release") == Step("released", made=False)


def test_a_move_that_every_way_here_has_made_counts_as_made() -> None:
    assert PARCEL.step("picked", "release") == Step("picked", made=False)


def test_a_move_that_may_not_have_been_made_is_refused() -> None:
    with pytest.raises(IllegalTransition, match="release is not possible in state cancelled; possible: nothing"):
        PARCEL.step("cancelled", "release")


def test_a_refusal_names_what_is_possible_instead() -> None:
    with pytest.raises(IllegalTransition, match="possible: pick, hold, cancel"):
        PARCEL.step("released", "deliver")


def test_a_state_nobody_knows_is_refused() -> None:
    with pytest.raises(IllegalTransition, match="in state lost"):
        PARCEL.step("lost", "release")


def test_the_states_are_those_that_can_be_reached() -> None:
    assert PARCEL.states() == ("planned", "released", "cancelled", "picked", "held")
