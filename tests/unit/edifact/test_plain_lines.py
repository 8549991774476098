"""Plain lines: read at a stroke they say what they say read segment by segment; all others are left to that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.finding import Location
from hub.canonical.order import OrderLine
from hub.canonical.values import check_digit
from hub.translators.edifact.directory import directory
from hub.translators.edifact.interchange import check
from hub.translators.edifact.order_lines import read_line
from hub.translators.edifact.parties import read_party
from hub.translators.edifact.plain_lines import plain_rest, read_plain_line, read_plain_lines
from hub.translators.edifact.reading import Extensions, Reading
from hub.translators.edifact.run import Run
from hub.translators.edifact.structure import Group, StructureReader
from hub.translators.edifact.syntax import Segment, ServiceCharacters
from hub.translators.edifact.table import Node
from tests.edifact_inputs import ORDER, agreement, interchange, message

CHARS = ServiceCharacters()
GROUPS = frozenset({"PRI", "RFF", "TAX", "ALC", "NAD"})
PLAIN = (
    "LIN+1++5410738100159:EN",
    "PIA+1+A1:SA+B1:IN",
    "IMD+F++:::Brown ale",
    "QTY+21:48",
    "DTM+2:20261210:102",
    "MOA+203:360.00",
    "PRI+AAA:7.5",
    "RFF+CT:C-1:7",
)


def group(*texts: str) -> Group:
    """Return the LIN group of these segments."""
    whole = Group("LIN", 25)
    for position, text in enumerate(texts, 1):
        segment = Segment(text, 0, CHARS, position)
        if segment.tag in GROUPS:
            whole.groups.append(Group(segment.tag, 0, [segment]))
        else:
            whole.segments.append(segment)
    return whole


def at_length(*texts: str) -> tuple[OrderLine | None, Reading]:
    """Return the line as it is read segment by segment."""
    reading = Reading(agreement(), "542", Location())
    return read_line(group(*texts), 1, reading), reading


@given(st.sets(st.sampled_from(PLAIN[1:])))
def test_a_plain_line_says_what_its_segments_say(some: set[str]) -> None:
    texts = [text for text in PLAIN if text in some or text.startswith(("LIN", "QTY"))]
    plain = read_plain_line(group(*texts))
    line, reading = at_length(*texts)
    assert plain is not None
    assert reading.findings == []
    assert plain == line


VALUES = st.text("AZaz09 .,-/ü", min_size=1, max_size=35)
NUMBERS = st.from_regex(r"[0-9]{1,15}(\.[0-9]{1,15})?", fullmatch=True)


@given(VALUES, st.integers(0, 10**12 - 1), VALUES, VALUES, VALUES, NUMBERS, st.integers(0, 10**8), NUMBERS, NUMBERS)
def test_whatever_stands_in_a_line_is_read_alike(
    number: str, digits: int, sellers: str, buyers: str, name: str, quantity: str, day: int, amount: str, price: str
) -> None:
    gtin = f"{digits:012d}{check_digit(f'{digits:012d}')}"
    texts = (
        f"LIN+{number}++{gtin}:SRV",
        f"PIA+5+{sellers}:SA+{buyers}:IN",
        f"IMD+F++:::{name}",
        f"QTY+21:{quantity}",
        f"DTM+2:{day:08d}:102",
        f"MOA+203:{amount}",
        f"PRI+AAA:{price}",
    )
    plain = read_plain_line(group(*texts))
    line, reading = at_length(*texts)
    assert plain == line or (plain is None and (reading.findings or line is not None))
    assert plain is not None or reading.findings or day == 0


@pytest.mark.parametrize(
    "odd",
    [
        ("LIN+1++5410738100158:EN", "QTY+21:48"),
        ("LIN+1++5410738100159:EN::9", "QTY+21:48"),
        ("LIN+1+3+5410738100159:EN", "QTY+21:48"),
        ("LIN+++5410738100159:EN", "QTY+21:48"),
        ("LIN+1", "QTY+21:48"),
        ("LIN+1++5410738100159:EN",),
        ("LIN+1++5410738100159:EN", "QTY+21:-48"),
        ("LIN+1++5410738100159:EN", "QTY+21:48:KGM"),
        ("LIN+1++5410738100159:EN", "QTY+21:4,8"),
        ("LIN+1++5410738100159:EN", "QTY+21:48", "QTY+59:6"),
        ("LIN+1++5410738100159:EN", "IMD+F++:::a?+b", "QTY+21:48"),
        ("LIN+1++5410738100159:EN", "IMD+F++:::a:b", "QTY+21:48"),
        ("LIN+1++5410738100159:EN", "QTY+21:48", "DTM+2:20261301:102"),
        ("LIN+1++5410738100159:EN", "QTY+21:48", "PRI+AAB:7.5"),
        ("LIN+1++5410738100159:EN", "QTY+21:48", "TAX+7+VAT+++:::19"),
        ("LIN+1++5410738100159:EN", "QTY+21:48", "FTX+AAI+++leave it at the door"),
    ],
)
def test_any_other_line_is_left_to_be_read_segment_by_segment(odd: tuple[str, ...]) -> None:
    assert read_plain_line(group(*odd)) is None


def test_what_stands_below_a_price_or_a_reference_is_no_plain_line() -> None:
    line = group(*PLAIN)
    line.groups[-1].segments.append(Segment("DTM+171:20261001:102", 0, CHARS, 9))
    assert read_plain_line(line) is None


def run_of(*texts: str, chars: ServiceCharacters = CHARS) -> Run:
    """Return a whole message of these segments, as the envelope hands it on."""
    return Run(list(texts), [0] * len(texts), chars, 0, 1)


HEAD = ("UNH+1+ORDERS:D:96A:UN", "BGM+220+128576+9")
FOOT = ("UNS+S", "UNT+9+1")


def test_the_plain_lines_of_a_message_are_told_with_their_places() -> None:
    second = ("LIN+2++5410738100166:EN", "QTY+21:5")
    plain = read_plain_lines(run_of(*HEAD, *PLAIN, *second, *FOOT))
    assert plain is not None
    assert (plain.first, plain.behind) == (2, 12)
    assert plain.lines == [at_length(*PLAIN)[0], at_length(*second)[0]]


@pytest.mark.parametrize(
    "texts",
    [
        (*HEAD, *FOOT),
        (*HEAD, *PLAIN),
        (*HEAD, *PLAIN, *PLAIN, *FOOT),
        (*HEAD, *PLAIN, "LIN+2", "QTY+21:5", *FOOT),
        (*HEAD, *PLAIN, "PAC+1", *FOOT),
        (*HEAD, "LIN+1++5410738100159:EN", "QTY+21:5", "IMD+F++:::late", *FOOT),
    ],
)
def test_a_message_that_has_another_line_has_none_of_them(texts: tuple[str, ...]) -> None:
    assert read_plain_lines(run_of(*texts)) is None


def test_other_service_characters_are_read_segment_by_segment() -> None:
    assert read_plain_lines(run_of(*HEAD, *PLAIN, *FOOT, chars=ServiceCharacters(decimal=","))) is None


@given(st.lists(st.sets(st.sampled_from(PLAIN[1:])), min_size=1, max_size=4), st.booleans())
def test_an_order_is_read_alike_with_and_without_its_tree(lines: list[set[str]], odd: bool) -> None:
    body = []
    for number, some in enumerate(lines, 1):
        body += [f"LIN+{number}++5410738100159:EN", *(text for text in PLAIN[1:] if text in some or "QTY" in text)]
    whole = interchange(message(*ORDER[:3], *body, "UNS+S", "MOA+79:12", f"CNT+2:{len(lines) + odd}"))
    (at_once,) = check([whole], None).messages
    (in_pieces,) = check([whole[place : place + 1] for place in range(len(whole))], None).messages
    assert at_once == in_pieces
    assert at_once.order is not None
    assert len(at_once.order.order.lines) == len(lines)


@pytest.mark.parametrize("gln", ["5412345000013", "5412345000014", "0000000000000", "541234500001"])
def test_a_party_known_by_its_number_alone_is_what_it_is_at_length(gln: str) -> None:
    found = []
    for text in (f"NAD+BY+{gln}::9", f"NAD+BY+{gln}::9++"):
        reading, kept = Reading(agreement(), "542", Location()), Extensions()
        party = read_party(Group("NAD", 1, [Segment(text, 0, CHARS, 4)]), reading, kept, "NAD+BY/")
        found.append((party, kept.result(), reading.findings))
    assert found[0] == found[1]


HEADS = {
    "a plain one": ("BGM+220+1+9", "DTM+137:20261001:102", "NAD+BY+5412345000013::9"),
    "all that is plain": (
        *("BGM+220+1+9", "DTM+137:20261001:102", "DTM+2:20261002:102", "FTX+AAI+++x", "RFF+CT:7", "RFF+VN:8"),
        *("NAD+BY+5412345000013::9", "NAD+SU+5412345000020::9", "CUX+2:EUR:9"),
    ),
    "a date of a reference": (
        "BGM+220+1+9",
        "DTM+137:20261001:102",
        "RFF+CT:7",
        "DTM+171:20260101:102",
        "NAD+BY+1::92",
    ),
    "a number of a party": ("BGM+220+1+9", "DTM+137:20261001:102", "NAD+BY+5412345000013::9", "RFF+VA:7"),
    "terms of payment": ("BGM+220+1+9", "DTM+137:20261001:102", "NAD+BY+5412345000013::9", "PAT+1++5:3:D:30"),
}


@pytest.mark.parametrize("foot", [(), ("MOA+79:360", "CNT+2:1")])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
def test_what_stands_around_plain_lines_has_the_places_that_the_table_gives_it(
    head: tuple[str, ...], foot: tuple[str, ...]
) -> None:
    texts = ["UNH+1+ORDERS:D:96A:UN", *head, *PLAIN, "UNS+S", *foot]
    texts.append(f"UNT+{len(texts) + 1}+1")
    run = Run(texts, [0] * len(texts), CHARS, 0, 1)
    plain = read_plain_lines(run)
    assert plain is not None
    structure = StructureReader(order_table())
    structure.add(run)
    by_table = structure.tree_without(plain.first, plain.behind)
    assert by_table is not None
    found = plain_rest(run, plain)
    if found is not None:
        assert shape(found) == shape(by_table)
    is_plain = head in {HEADS["a plain one"], HEADS["all that is plain"]}
    assert (found is not None) is is_plain


def order_table() -> Node:
    table = directory("D.96A").message("ORDERS")
    assert table is not None
    return table


def shape(tree: Group) -> tuple[list[tuple[str, int]], list[object]]:
    """Return the segments and the groups of a group, by text and position."""
    return [(one.text, one.position) for one in tree.segments], [shape(below) for below in tree.groups]
