"""A file made fit to be shown: the same structure, other names, numbers and prices."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hub.canonical.values import has_check_digit
from hub.errors import UnreadableInput
from hub.translators.edifact.anonymising import anonymised
from hub.translators.edifact.checking import examine
from hub.translators.edifact.interchange import check
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer
from tests.edifact_inputs import HEAD, ORDER, SAMPLES, UNB, file, interchange, message

FILES = tuple(sorted(SAMPLES.glob("*.edi")))
NAMED = (
    *HEAD[:2],
    "NAD+BY+5412345000013::9++M?+ller and Sons+12 Quay St+Harbour++1234+BE",
    "CTA+OC+:Anna",
    "COM+anna@example.org:EM",
    "LIN+1++5410738100159:EN",
    "QTY+21:48",
    "MOA+203:480.00",
    "PRI+AAA:10.00",
    "UNS+S",
    "MOA+86:480.00",
)


def changed(data: bytes, seed: bytes = b"seed") -> bytes:
    return b"".join(anonymised(data, seed))


def segments(data: bytes) -> list[Segment]:
    return [item for item in Tokenizer([data]).read() if isinstance(item, Segment)]


def said(data: bytes) -> list[tuple[str, str, str | None, int | None]]:
    """Return code, level, tag and position of each finding: what must be the same of both files."""
    return [
        (one.finding.code, one.finding.level, one.finding.location.tag, one.finding.location.segment)
        for one in examine(data).found
    ]


def test_names_numbers_and_prices_are_replaced_by_what_looks_alike() -> None:
    data = interchange(message(*NAMED))
    made = changed(data).decode()
    for word in ("Quay", "Harbour", "Anna", "anna", "example", "5412345000013", "5410738100159", "128576", "480.00"):
        assert word in data.decode()
        assert word not in made
    name, street = segments(changed(data))[4].value(4), segments(changed(data))[4].value(5)
    assert (len(name), name[1], name[6]) == (len("M+ller and Sons"), "+", " ")
    assert (street[:2].isdigit(), street[2]) == (True, " ")
    assert examine(made.encode()).verdict == "valid"


def test_qualifiers_dates_quantities_and_line_numbers_stay() -> None:
    before, after = segments(interchange(message(*NAMED))), segments(changed(interchange(message(*NAMED))))
    kept = {"UNH", "DTM", "QTY", "UNS", "UNT", "UNZ"}
    assert [one.text for one in before if one.tag in kept] == [one.text for one in after if one.tag in kept]
    qualified = {"BGM", "NAD", "CTA", "LIN", "MOA", "PRI"}
    assert [one.value(1) for one in before if one.tag in qualified] == [
        one.value(1) for one in after if one.tag in qualified
    ]


def test_check_digits_are_right_and_equal_values_stay_equal() -> None:
    found = {one.tag: one for one in segments(changed(interchange(message(*NAMED))))}
    assert has_check_digit(found["NAD"].value(2))
    assert has_check_digit(found["LIN"].value(3))
    assert found["UNB"].value(2) == found["NAD"].value(2)


def test_what_added_up_still_does() -> None:
    (checked,) = check(changed(interchange(message(*NAMED))), None).messages
    assert checked.order is not None
    (line,) = checked.order.order.lines
    assert line.price is not None
    assert line.stated_amount == line.price.amount * line.quantity.value
    assert line.price.amount % Decimal(10) == 0
    assert line.price.amount > Decimal(10)


def test_the_same_seed_replaces_alike_and_another_one_does_not() -> None:
    data = interchange(message(*NAMED))
    assert changed(data) == changed(data)
    assert changed(data) != changed(data, b"other")


def test_of_an_unknown_segment_everything_longer_than_a_code_goes() -> None:
    made = changed(interchange(message("XYZ+AB:Secret name:12+Hidden", identifier="NOSUCH:D:03B:UN")))
    (odd,) = [one for one in segments(made) if one.tag == "XYZ"]
    assert (odd.value(1, 1), odd.value(1, 3)) == ("AB", "12")
    assert "Secret" not in odd.text
    assert "Hidden" not in odd.text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_sample_keeps_its_structure_and_its_mistakes(path: Path) -> None:
    data = path.read_bytes()
    made = changed(data)
    assert [one.tag for one in segments(made)] == [one.tag for one in segments(data)]
    assert said(made) == said(data)


SOUND = file([UNB, *message(*ORDER)])


@example(b"UNB+'\x00\x01")
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda junk: SOUND + junk)))
def test_any_bytes_are_written_again_or_refused(data: bytes) -> None:
    try:
        made = changed(data)
    except UnreadableInput:
        return
    assert [one.tag for one in segments(made)] == [one.tag for one in segments(data)]


@pytest.mark.parametrize(
    "data", [b"Dear Anna,", file([UNB, "UNO+1"]), SOUND + b"NAD+BY+" + b"Anna" * 20_000 + b"'UNZ+1+542'"]
)
def test_what_cannot_be_read_to_its_end_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableInput, match="cannot be read"):
        changed(data)


def test_a_segment_that_is_cut_off_is_replaced_as_far_as_it_goes() -> None:
    made = changed(SOUND + b"NAD+BY+++Anna")
    assert b"Anna" not in made
    assert not made.endswith(b"'")


def test_what_stands_outside_messages_and_interchanges_tells_nobody_either() -> None:
    stray = file([UNB, "NAD+BY+++Anna", *message(*ORDER), "UNZ+1+542"])
    made = changed(stray + b"\nFrom: Anna\n" + interchange(message(*ORDER)))
    assert b"Anna" not in made
    assert [one.tag for one in segments(made)].count("UNB") == 2


@pytest.mark.parametrize(
    "segment",
    [
        *("LOC+11+5412345001034::9", "QTY+21:Anna", "TOD+3++:::Anna pays", "DTM+2:call Anna:102"),
        *("MOA+203:Anna", "BGM+Anna 7", "NAD+BY+1++++++++++Anna", "FTX+AAI+++a:b:c:d:e:Anna"),
    ],
)
def test_no_element_is_a_hiding_place(segment: str) -> None:
    made = changed(interchange(message(*ORDER[:3], segment, *ORDER[3:])))
    assert b"Anna" not in made
    assert b"5412345001034" not in made
