"""Messages as forms: what each says is read, and what was read is written again."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example as example_of
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.agreement import Agreement
from hub.canonical.document import Period
from hub.canonical.trade import TradeDocument
from hub.canonical.values import Quantity
from hub.errors import NeedsDecision, Unusable
from hub.translators.edifact.directory import DIRECTORIES
from hub.translators.edifact.examples import example
from hub.translators.edifact.forms.messages import RECEIVED, write
from hub.translators.edifact.interchange import check
from hub.translators.edifact.message import MessageRead
from tests.edifact_inputs import agreement, interchange, message

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
GTIN = "5410738100159"
SSCC = "354123450000000106"
BUYER = "NAD+BY+5412345000013::9"
SELLER = "NAD+SU+5412345000020::9"


def terms(type_: str, name: str = "D.96A", **more: Any) -> Agreement:
    """Return an agreement on one message in a directory."""
    return agreement(directory=name, receives=(type_,), syntax_identifier="UNOW", **more)


def read(type_: str, *segments: str, name: str = "D.96A") -> MessageRead:
    """Read one message of these segments, BGM first; nothing may be wrong with it."""
    version = name.replace(".", ":")
    (found,) = check(interchange(message(*segments, identifier=f"{type_}:{version}:UN")), terms(type_, name)).messages
    return found


def document(type_: str, *segments: str, name: str = "D.96A") -> Any:
    """Return the document of a message that nothing is wrong with."""
    found = read(type_, *segments, name=name)
    assert found.verdict.findings == ()
    assert found.document is not None
    return found.document.document


def written(type_: str, stated: TradeDocument, name: str = "D.96A") -> bytes:
    """Return a document as an interchange."""
    return write(type_, stated, terms(type_, name), reference="1", now=NOW, test=False)


def segments_of(data: bytes) -> list[str]:
    """Return the segments between UNH and UNT."""
    texts = data.decode("latin-1").split("'")
    first = next(place for place, text in enumerate(texts) if text.startswith("UNH"))
    return texts[first + 1 : -3]


def again(type_: str, stated: TradeDocument, name: str = "D.96A") -> TradeDocument:
    """Return the document as it is read from what is written of it."""
    (found,) = check(written(type_, stated, name), terms(type_, name)).messages
    assert found.document is not None, found.verdict.findings
    return found.document.document


@pytest.mark.parametrize("name", DIRECTORIES)
@pytest.mark.parametrize("type_", RECEIVED)
@pytest.mark.parametrize("full", [True, False])
def test_what_was_read_is_written_and_read_again(type_: str, name: Any, full: bool) -> None:
    (found,) = check(example(type_, terms(type_, name), full=full), terms(type_, name)).messages
    assert found.document is not None, found.verdict.findings
    stated = found.document.document
    assert again(type_, stated, name) == stated


@example_of("DESADV", "D.01B", "\x93\U0009d7cd\xb7\x1a")
@given(st.sampled_from(sorted(RECEIVED)), st.sampled_from(DIRECTORIES), st.text(max_size=20))
def test_whatever_a_message_says_it_says_again(type_: str, name: Any, seed: str) -> None:
    (found,) = check(example(type_, terms(type_, name), seed=seed, full=True), terms(type_, name)).messages
    assert found.document is not None, found.verdict.findings
    stated = found.document.document
    assert again(type_, stated, name) == stated


def test_an_answer_to_an_order_says_by_line_what_comes_when() -> None:
    stated = document(
        "ORDRSP",
        *("BGM+231+R-1+4+AC", "DTM+137:20261201:102", "RFF+ON:128576", BUYER, SELLER, "CUX+2:EUR:9"),
        *(
            "LIN+1+3+5410738100159:EN",
            "QTY+21:48",
            "QTY+12:36",
            "DTM+67:20261210:102",
            "PRI+AAA:7.50",
            "RFF+ON:128576:1",
        ),
        *("LIN+2+7++1:1", "PIA+5+4711:SA", "QTY+21:5", "QVR+-5:21+CP+AV", "UNS+S", "CNT+2:2"),
    )
    assert (stated.number, stated.function, stated.response) == ("R-1", "4", "AC")
    assert (stated.currency, stated.currency_use) == ("EUR", "9")
    assert stated.buyer.gln == "5412345000013"
    changed, refused = stated.lines
    assert (changed.line_id, changed.action, changed.item.gtin) == ("1", "3", GTIN)
    assert [(each.kind, each.quantity.value) for each in changed.quantities] == [("21", 48), ("12", 36)]
    assert [(each.kind, each.period) for each in changed.dates] == [
        ("67", Period(start=date(2026, 12, 10), end=date(2026, 12, 10)))
    ]
    assert changed.prices[0].amount == Decimal("7.50")
    assert (changed.references[0].number, changed.references[0].line) == ("128576", "1")
    assert (refused.action, refused.parent_line, refused.item.sellers) == ("7", "1", "4711")
    (variance,) = refused.variances
    assert (variance.difference, variance.kind, variance.discrepancy, variance.reason) == (-5, "21", "CP", "AV")
    assert [(each.kind, each.value) for each in stated.counts] == [("2", 2)]
    assert stated.extensions == {}


def test_a_despatch_advice_keeps_its_packages_and_who_stands_on_whom() -> None:
    segments = [
        *("BGM+351+D-1+9", "DTM+137:20261201:102", "DTM+11:202612011430:203", BUYER, SELLER),
        *("TDT+20++30++:::Fast Lorries+++:::B-XY 123", "CPS+1", "PAC+2++201::9"),
        *("CPS+2+1", "PAC+1++201::9", "MEA+PD+AAB+KGM:412.5", "PCI+33E", f"GIN+BJ+{SSCC}"),
        *(f"LIN+1++{GTIN}:EN", "QTY+12:48", "PCI+36E", "DTM+361:20270301:102", "GIN+BX+LOT7:LOT9+LOT11", "CNT+2:1"),
    ]
    stated = document("DESADV", *segments)
    assert [(each.kind, each.time_of_day) for each in stated.dates] == [("11", time(14, 30))]
    assert (stated.transports[0].carrier_name, stated.transports[0].vehicle_name) == ("Fast Lorries", "B-XY 123")
    shipment, pallet = stated.nodes
    assert (shipment.node, shipment.parent, shipment.packaging[0].count) == ("1", None, 2)
    assert (pallet.node, pallet.parent) == ("2", "1")
    (packaging,) = pallet.packaging
    assert (packaging.type, packaging.agency) == ("201", "9")
    assert (packaging.measures[0].property, packaging.measures[0].value) == ("AAB", Decimal("412.5"))
    assert [(one.first, one.last) for one in packaging.labels[0].marks[0].identities] == [(SSCC, None)]
    (line,) = pallet.lines
    assert line.labels[0].dates[0].kind == "361"
    assert [(one.first, one.last) for one in line.labels[0].marks[0].identities] == [("LOT7", "LOT9"), ("LOT11", None)]
    assert segments_of(written("DESADV", stated)) == segments


def test_an_invoice_is_read_with_its_taxes_and_its_sums() -> None:
    segments = [
        *("BGM+380+INV-1+9", "DTM+137:20261201:102", "RFF+ON:128576", BUYER, "RFF+VA:DE123456789", SELLER),
        *("CUX+2:EUR:4", "PAT+1++5:3:D:30", f"LIN+1++{GTIN}:EN", "IMD+C++CU::9", "IMD+F++:::Brown ale", "QTY+47:48"),
        *("MOA+203:360", "PRI+AAA:750::NTP:100:C62", "TAX+7+VAT+++:::19+S", "UNS+S", "CNT+2:1", "MOA+77:428.4"),
        *("MOA+79:360", "TAX+7+VAT+++:::19+S", "MOA+124:68.4", "MOA+125:360"),
    ]
    stated = document("INVOIC", *segments)
    assert (stated.kind, stated.buyer.vat_id) == ("380", "DE123456789")
    (term,) = stated.payment_terms
    assert (term.type, term.from_event, term.unit, term.count) == ("1", "5", "D", 30)
    (line,) = stated.lines
    assert (line.item.name, [each.code for each in line.descriptions]) == ("Brown ale", ["CU"])
    (price,) = line.prices
    assert (price.amount, price.base_quantity, price.unit, price.specification) == (750, 100, "C62", "NTP")
    assert [(each.rate, each.category) for each in line.taxes] == [(19, "S")]
    assert {each.kind: each.amount for each in stated.totals} == {"77": Decimal("428.4"), "79": 360}
    (tax,) = stated.total_taxes
    assert {each.kind: each.amount for each in tax.amounts} == {"124": Decimal("68.4"), "125": 360}
    found = segments_of(written("INVOIC", stated))
    assert sorted(found) == sorted(segments)


def test_a_price_list_has_scales_and_days() -> None:
    stated = document(
        "PRICAT",
        *("BGM+9+P-1+9", "DTM+137:20261201:102", "DTM+157:20270101:102", BUYER, SELLER, "CUX+2:EUR:8", "PGI+1"),
        *(f"LIN+1+3+{GTIN}:EN", "PIA+1+ALE:GU::92", "DTM+44:20270115:102", "PRI+AAA:7.50", "RNG+4+C62:1:99"),
        *("DTM+157:2027010120271231:718", "PRI+AAA:7.20", "RNG+4+C62:100"),
    )
    (group,) = stated.groups
    (line,) = group.lines
    (number,) = line.item_numbers
    assert (number.function, number.kind, number.number, number.agency) == ("1", "GU", "ALE", "92")
    small, large = line.prices
    assert (small.ranges[0].minimum, small.ranges[0].maximum) == (1, 99)
    assert small.dates[0].period == Period(start=date(2027, 1, 1), end=date(2027, 12, 31))
    assert (large.amount, large.ranges[0].minimum, large.ranges[0].maximum) == (Decimal("7.20"), 100, None)
    assert again("PRICAT", stated) == stated


def test_a_sales_report_is_told_by_place() -> None:
    stated = document(
        "SLSRPT",
        *(
            "BGM+73E::9+S-1+9",
            "DTM+137:20261201:102",
            "DTM+356:20261130:102",
            SELLER,
            BUYER,
            "LOC+162+5412345000037::9",
        ),
        *(f"LIN+1++{GTIN}:EN", "PRI+AAE:9.99", "QTY+153:3", "QTY+61:1"),
    )
    (place,) = stated.places
    assert (place.kind, place.identifier, place.agency) == ("162", "5412345000037", "9")
    assert [(each.kind, each.quantity.value) for each in place.lines[0].quantities] == [("153", 3), ("61", 1)]
    assert again("SLSRPT", stated) == stated


def test_a_delivery_schedule_may_begin_with_places_or_with_lines() -> None:
    head = ("BGM+241+F-1+5", "DTM+137:20261201:102", "UNS+D")
    line = (f"LIN+1++{GTIN}:EN", "QTY+113:100", "SCC+1++W", "DTM+2:20261210:102")
    by_place = document("DELFOR", *head, "NAD+CN+5412345000037::9", *line, "UNS+S")
    (place,) = by_place.places
    assert (place.role, place.party.gln) == ("CN", "5412345000037")
    (quantity,) = place.lines[0].quantities
    assert (quantity.commitment, quantity.frequency, quantity.dates[0].kind) == ("1", "W", "2")
    by_line = document("DELFOR", *head, *line, "UNS+S")
    assert by_line.lines == place.lines
    assert segments_of(written("DELFOR", by_line)) == [*head, *line, "UNS+S"]
    assert segments_of(written("DELFOR", by_place)) == [*head, "NAD+CN+5412345000037::9", *line, "UNS+S"]


def test_in_the_newer_directory_a_schedule_has_its_quantities_below_its_status() -> None:
    segments = [
        *(
            "BGM+241+F-1+5",
            "DTM+137:20261201:102",
            "GIS+37",
            "NAD+CN+5412345000037::9",
            f"LIN+1++{GTIN}:SRV",
            "QTY+3:900",
        ),
        *("SCC+1++W", "QTY+113:100", "DTM+2:20261210:102", "QTY+113:50", "SCC+4", "QTY+113:500"),
    ]
    stated = document("DELFOR", *segments, name="D.01B")
    (place,) = stated.places
    assert (place.process, place.parties[0].party.gln) == ("37", "5412345000037")
    assert [(one.kind, one.quantity.value, one.commitment, one.frequency) for one in place.lines[0].quantities] == [
        ("3", 900, None, None),
        ("113", 100, "1", "W"),
        ("113", 50, "1", "W"),
        ("113", 500, "4", None),
    ]
    assert segments_of(written("DELFOR", stated, "D.01B")) == segments
    odd = document("DELFOR", *segments[:6], "SCC+1+A", "QTY+113:100", name="D.01B")
    assert odd.places[0].lines[0].extensions == {"SCC+1": ("SCC+1+A'QTY+113:100",)}


def test_a_sales_report_by_item_has_places_below_the_items() -> None:
    segments = [
        *("BGM+346+S-1+9", "DTM+137:20261201:102", SELLER, "GIS+37", f"LIN+1++{GTIN}:SRV"),
        *("LOC+162+5412345000037::9", "QTY+153:3", "UNS+S"),
    ]
    stated = document("SLSRPT", *segments, name="D.01B")
    ((location,),) = (line.locations for place in stated.places for line in place.lines)
    assert (location.identifier, location.quantities[0].quantity.value) == ("5412345000037", 3)
    assert segments_of(written("SLSRPT", stated, "D.01B")) == segments


def test_a_stock_report_says_what_lies_where() -> None:
    stock = ("BGM+35+B-1+9", "DTM+137:20261201:102", f"LIN+1++{GTIN}:EN")
    older = document("INVRPT", *stock, "QTY+145:480", "INV+1+4", "LOC+18+A1", "QTY+198:12")
    assert [(each.kind, each.quantity.value, each.direction) for each in older.lines[0].quantities] == [
        ("145", 480, "1"),
        ("198", 12, None),
    ]
    assert older.lines[0].quantities[0].locations[0].identifier == "A1"
    newer = document("INVRPT", *stock[:2], f"LIN+1++{GTIN}:SRV", "INV+1", "QTY+145:480", name="D.01B")
    assert newer.lines[0].quantities[0].direction == "1"
    assert segments_of(written("INVRPT", older, "D.01B"))[3:] == [
        *("INV+1+4", "QTY+145:480", "LOC+18+A1", "INV", "QTY+198:12"),
    ]


def test_a_remittance_names_what_is_paid_and_what_is_not() -> None:
    stated = document(
        "REMADV",
        *("BGM+481+Z-1+9", "DTM+137:20261201:102", "RFF+PQ:4711", "NAD+PR+5412345000013::9", "CUX+2:EUR:11"),
        *("DOC+380+INV-1", "MOA+9:100", "MOA+12:90", "AJT+4", "MOA+165:10", "FTX+AAI+++two were broken"),
        *("DLI+1+7", "MOA+12:5", "UNS+S", "MOA+12:90"),
    )
    (paid,) = stated.documents
    assert (paid.kind, paid.number) == ("380", "INV-1")
    assert {each.kind: each.amount for each in paid.amounts} == {"9": 100, "12": 90}
    (adjustment,) = paid.adjustments
    assert (adjustment.reason, adjustment.amounts[0].amount, adjustment.notes[0].text) == ("4", 10, "two were broken")
    assert (paid.lines[0].line, stated.totals[0].amount) == ("7", 90)
    assert again("REMADV", stated) == stated


def test_a_party_keeps_its_places_and_its_bank_each_its_own() -> None:
    stated = document(
        "PARTIN",
        *("BGM+10+PI-1+9", "DTM+137:20261201:102", "UNS+D", f"{BUYER}++One", "FII+PB+111", "LOC+7+A"),
        *("NAD+BY+5412345000037::9++Two", "FII+PB+222", "LOC+7+B", "RFF+VA:DE2"),
    )
    assert [each.party.name for each in stated.parties] == ["One", "Two"]
    assert [each.extensions["FII+PB"] for each in stated.parties] == [("FII+PB+111",), ("FII+PB+222",)]
    assert again("PARTIN", stated) == stated


def test_how_long_something_lasts_is_a_duration() -> None:
    stated = document("QUOTES", "BGM+310+Q-1+9", "DTM+137:20261201:102", "DTM+273:2:802", f"LIN+1++{GTIN}:EN", "UNS+S")
    assert stated.dates[0].duration == Quantity(value=Decimal(2), unit="MON")
    assert "DTM+273:2:802" in segments_of(written("QUOTES", stated))


@pytest.mark.parametrize(
    ("segment", "code", "kept"),
    [
        ("DTM+17:30-12-2026:102", "12", "DTM+17"),
        ("DTM+17:20261301:102", "12", "DTM+17"),
        ("MEA+PD+AAB+KGM:heavy", None, None),
        ("MEA+PD+AAB+k_g:5", "12", None),
        ("CUX+2:XXL", "12", None),
    ],
)
def test_what_cannot_be_understood_is_kept_as_it_stands(segment: str, code: str | None, kept: str | None) -> None:
    found = read("DESADV", "BGM+351+D-1+9", "DTM+137:20261201:102", segment, "CPS+1", name="D.01B")
    assert found.document is not None
    assert [(one.code, one.level) for one in found.verdict.findings] == ([(code, "warning")] if code else [])
    stated = found.document.document
    if kept:
        assert stated.extensions[kept] == (segment,)
    assert segment in segments_of(written("DESADV", stated, "D.01B"))


def test_a_number_of_an_item_that_is_none_is_no_description() -> None:
    stated = document("DESADV", "BGM+351+D-1+9", "DTM+137:20261201:102", "CPS+1", "LIN+1++ABC", "QTY+12:1")
    (line,) = stated.nodes[0].lines
    assert (line.descriptions, line.extensions) == ((), {"LIN+": ("LIN+1++ABC",)})
    assert "LIN+1++ABC" in segments_of(written("DESADV", stated))


def test_a_day_needs_no_form_where_it_is_plain() -> None:
    stated = document("PRICAT", "BGM+9+P-1+9", "DTM+137:20261201:102", "DTM+157:20270101", "PGI+1")
    assert stated.dates[0].period == Period(start=date(2027, 1, 1), end=date(2027, 1, 1))


@pytest.mark.parametrize(
    ("segment", "code", "kept"),
    [
        ("QTY+12:many", "37", {"QTY+12": ("QTY+12:many",)}),
        ("PCI+36E'QTY+12:many", "37", {}),
    ],
)
def test_a_quantity_that_is_none_spoils_no_line(segment: str, code: str, kept: dict[str, Any]) -> None:
    segments = ("BGM+351+D-1+9", "DTM+137:20261201:102", "CPS+1", f"LIN+1++{GTIN}:SRV", *segment.split("'"))
    found = read("DESADV", *segments, name="D.01B")
    assert [(one.code, one.level) for one in found.verdict.findings] == [(code, "warning")]
    assert found.document is not None
    stated: Any = found.document.document
    assert stated.nodes[0].lines[0].extensions == kept
    assert segments_of(written("DESADV", stated, "D.01B")) == list(segments)


def test_a_tax_rate_and_a_currency_that_are_none_are_kept() -> None:
    segments = (
        "BGM+380+I-1+9",
        "DTM+137:20261201:102",
        f"LIN+1++{GTIN}:EN",
        "TAX+7+VAT+++:::250+S",
        "UNS+S",
        "MOA+77:1",
    )
    found = read("INVOIC", *segments)
    assert [one.level for one in found.verdict.findings] == ["warning"]
    assert found.document is not None
    assert segments_of(written("INVOIC", found.document.document)) == [*segments[:4], "UNS+S", "MOA+77:1"]


def test_a_document_without_a_number_is_none() -> None:
    found = read("INVOIC", "BGM+380", "DTM+137:20261201:102", "UNS+S", "MOA+77:1")
    (finding,) = found.verdict.findings
    assert (finding.code, finding.message, finding.location.tag) == ("13", "The document has no number", "BGM")
    assert found.document is None


def test_an_edited_field_wins_over_what_was_kept_and_the_rest_stays() -> None:
    stated = document("PRICAT", "BGM+9:::Spring list+P-1+9", "DTM+137:20261201:102", "PGI+1")
    assert stated.extensions == {"=BGM+9": ("BGM+9:::Spring list+P-1+9",)}
    edited = stated.model_copy(update={"number": "P-2"})
    assert segments_of(written("PRICAT", edited))[0] == "BGM+9:::Spring list+P-2+9"
    assert segments_of(written("PRICAT", stated.model_copy(update={"extensions": {}})))[0] == "BGM+9+P-1+9"


def test_a_street_of_many_lines_is_written_whole() -> None:
    stated = document("PRICAT", "BGM+9+P-1+9", "DTM+137:20261201:102", "NAD+SU+++Ale Co+A:B:C:D+Town", "PGI+1")
    longer = stated.seller.model_copy(
        update={"address": stated.seller.address.model_copy(update={"street": "A\nB\nC\nD\nE\nF"})}
    )
    changed = stated.model_copy(update={"seller": longer})
    assert "NAD+SU++E:F+Ale Co+A:B:C:D+Town" in segments_of(written("PRICAT", changed))
    assert again("PRICAT", changed) == changed


def test_what_cannot_be_written_is_for_a_person() -> None:
    stated = document("PRICAT", "BGM+9+P-1+9", "DTM+137:20261201:102", "PGI+1")
    with pytest.raises(NeedsDecision, match="BGM 1004"):
        written("PRICAT", stated.model_copy(update={"number": "9" * 99}))
    without = terms("PRICAT").model_copy(update={"edi": None})
    with pytest.raises(Unusable, match="says nothing about EDIFACT"):
        write("PRICAT", stated, without, reference="1", now=NOW, test=False)
