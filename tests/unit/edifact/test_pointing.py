"""A partner's errors at their places in our own interchange."""

import pytest

from hub.canonical.finding import Finding, Location
from hub.translators.edifact.pointing import pointed_out
from tests.edifact_inputs import ORDER, UNB, interchange, message

OURS = interchange(message(*ORDER), message(*ORDER, reference="2"))


QUANTITY, LINE = "QTY+21:48'", "LIN+1++5410738100159:EN'"


@pytest.mark.parametrize(
    ("place", "words", "shown"),
    [
        (Location(message="2", segment=6, element=2, component=2), "QTY, element 1, component 2", f"48 in {QUANTITY}"),
        (Location(message="1", segment=6), "segment 6 QTY", QUANTITY),
        (Location(message="1", segment=5, element=4), "LIN, element 3", f"5410738100159:EN in {LINE}"),
        (Location(message="1", segment=5, element=9), "LIN, element 8", LINE),
        (Location(message="2", tag="UNH"), "message 2, UNH", "UNH+2+ORDERS:D:96A:UN:EAN008'"),
        (Location(tag="UNB", element=3), "UNB, element 2", f"5412345000013:14 in {UNB}'"),
        (Location(tag="UNZ"), "UNZ", "UNZ+2+542'"),
    ],
)
def test_what_stands_at_a_place_is_told(place: Location, words: str, shown: str) -> None:
    (told,) = pointed_out(OURS, [Finding(code="12", message="error 12", location=place)])
    assert told.startswith("error 12: ")
    assert told.endswith(f"{words}: {shown}")


@pytest.mark.parametrize(
    "place", [Location(), Location(message="3", segment=6), Location(message="1", segment=99), Location(tag="UNG")]
)
def test_a_place_that_our_interchange_does_not_have_is_not_made_up(place: Location) -> None:
    finding = Finding(code="12", message="error 12", location=place)
    assert list(pointed_out(OURS, [finding])) == ["error 12"]
    assert list(pointed_out(b"", [finding])) == ["error 12"]
