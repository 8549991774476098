"""Dependency notes of ISO 9735: what may stand together."""

import pytest

from hub.translators.edifact.dependencies import Dependency

BROKEN = {
    "D1": {"": 0, "b": None, "ab": 1, "bc": 2},
    "D2": {"": None, "abc": None, "a": 1, "bc": 0, "ac": 1},
    "D4": {"": None, "c": None, "ac": 2, "abc": 1},
    "D5": {"": None, "bc": None, "abc": None, "a": 1, "ab": 2},
}
"""By kind, which of `a`, `b` and `c` have a value, and which of them is the one to tell of."""


@pytest.mark.parametrize(
    ("kind", "present", "place"),
    [(kind, present, place) for kind, cases in BROKEN.items() for present, place in cases.items()],
)
def test_a_note_tells_which_element_breaks_it(kind: str, present: str, place: int | None) -> None:
    dependency = Dependency.parse([kind, "a", "b", "c"])
    assert dependency.broken_at([code in present for code in "abc"]) == place


def test_notes_are_told_in_words() -> None:
    notes = [Dependency.parse([kind, "0062", "S009", "0800"]).words for kind in BROKEN]
    assert notes == [
        "exactly one of 0062, S009 and 0800 must stand",
        "0062, S009 and 0800 stand together or not at all",
        "at most one of 0062, S009 and 0800 may stand",
        "0062 stands only with S009 and 0800",
    ]


def test_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError):
        Dependency.parse(["D9", "0062", "S009"])
