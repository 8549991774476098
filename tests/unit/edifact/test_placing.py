"""From the bytes to the fields and back: where each value of a message goes, and that none is dropped."""

import pytest

from hub.canonical.agreement import Agreement
from hub.translators.edifact.directory import DIRECTORIES, directory
from hub.translators.edifact.examples import example
from hub.translators.edifact.forms.messages import RECEIVED
from hub.translators.edifact.placing import Fields, Origin, fields_of
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer
from tests.edifact_inputs import HEAD, LINE, ORDER, SAMPLES, UNB, agreement, interchange, message

CODES_ALONE = frozenset({"ALI", "DGS", "MTD", "PAI", "SCC", "STG"})
"""Segments that hold nothing but codes, and what is too short for a mark."""
SOUND = ("orders-eancom-d96a.edi", "orders-d01b-syntax4.edi")


def placed(data: bytes, terms: Agreement | None = None) -> tuple[list[Segment], Fields]:
    """Return the segments of the one message of an interchange, and where its values go."""
    tokens = Tokenizer([data])
    unb, *inside = [item for item in tokens.read() if isinstance(item, Segment)]
    for position, segment in enumerate(inside[:-1], 1):
        segment.position = position
    assert tokens.opening is not None
    return inside[:-1], fields_of(unb, inside[:-1], tokens.opening, terms, None)


def test_each_value_is_followed_to_its_fields() -> None:
    _, fields = placed(interchange(message(*HEAD[:2], "RFF+CT:C-1", HEAD[2], *LINE, "PRI+AAA:1.2", "UNS+S", "CNT+2:1")))
    assert fields == {
        Origin(2, 2, 1): ("order.number",),
        Origin(3, 1, 2): ("order.issued",),
        Origin(4, 1, 2): ("order.references[0].number",),
        Origin(5, 2, 1): ("buyer_key", "order.buyer.gln"),
        Origin(6, 1, 1): ("order.lines[0].line_id",),
        Origin(6, 3, 1): ("order.lines[0].item.gtin",),
        Origin(7, 1, 2): ("order.lines[0].quantity.value",),
        Origin(8, 1, 2): ("order.lines[0].price.amount",),
        Origin(10, 1, 2): ("order.stated.line_count",),
    }


def test_letters_beyond_the_declared_set_release_nothing() -> None:
    unb = UNB.replace("UNOC", "UNOA")
    segments = (*HEAD[:2], "NAD+BY+5412345000013::9++Müller++++24103+ü", *LINE, "UNS+S")
    _, fields = placed(interchange(message(*segments), unb=unb))
    assert fields[Origin(4, 4, 1)] == ("order.buyer.name",)
    assert fields[Origin(4, 8, 1)] == ("order.buyer.address.postcode",)


def test_what_has_no_place_of_its_own_is_followed_into_the_extensions() -> None:
    _, fields = placed(interchange(message(*HEAD, *LINE, "PAC+1++CT", "PCI+33E+box", "UNS+S")))
    (path,) = fields[Origin(8, 2, 1)]
    assert path == "order.lines[0].extensions.PAC[0]" or path.startswith("order.lines[0].extensions[")


@pytest.mark.parametrize("name", SOUND)
def test_of_an_order_nothing_is_dropped(name: str) -> None:
    segments, fields = placed((SAMPLES / name).read_bytes())
    assert [segments[origin.position - 1].text for origin, paths in fields.items() if not paths] == []
    assert len(fields) > len(segments) / 2


@pytest.mark.parametrize("name", DIRECTORIES)
def test_of_an_order_with_every_segment_that_there_may_be_nothing_is_dropped(name: str) -> None:
    terms = agreement(directory=name)
    segments, fields = placed(example("ORDERS", terms, full=True), terms)
    assert [segments[origin.position - 1].text for origin, paths in fields.items() if not paths] == []
    marked = {segments[origin.position - 1].tag for origin in fields}
    table = directory(name).message("ORDERS")
    assert table is not None
    assert set(table.by_tag) - marked <= {"UNH", "UNS", "UNT", *CODES_ALONE}


@pytest.mark.parametrize("name", DIRECTORIES)
@pytest.mark.parametrize("type_", RECEIVED)
def test_of_any_document_with_every_segment_that_there_may_be_nothing_is_dropped(type_: str, name: str) -> None:
    terms = agreement(directory=name, receives=(type_,))
    segments, fields = placed(example(type_, terms, full=True), terms)
    assert [segments[origin.position - 1].text for origin, paths in fields.items() if not paths] == []
    marked = {segments[origin.position - 1].tag for origin in fields}
    table = directory(name).message(type_)
    assert table is not None
    assert {segment.tag for segment in segments} - marked <= {"UNH", "UNS", "UNT", *CODES_ALONE}


def test_what_cannot_be_read_goes_nowhere() -> None:
    assert placed(interchange(message(*HEAD, "UNS+S")))[1] == {}
    assert placed(interchange(message(*ORDER, identifier="APERAK:D:96A:UN")))[1] == {}
