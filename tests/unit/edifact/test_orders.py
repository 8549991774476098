"""ORDERS becomes the order that its buyer stated, nothing dropped, nothing mended."""

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.catalogue import AllowanceCharge, Price
from hub.canonical.document import Note, Period, Reference
from hub.canonical.order import StatedTotals
from hub.canonical.party import Address, Contact, Party
from hub.canonical.trade import Details, StatedAmount
from hub.canonical.values import Quantity
from hub.translators.edifact.interchange import check
from tests.edifact_inputs import (
    HEAD,
    LINE,
    ORDER,
    SAMPLES,
    UNB,
    agreement,
    errors,
    order_of,
    read_one,
    warnings,
)


def with_head(*segments: str) -> Any:
    return order_of(read_one(*HEAD, *segments, *LINE, "UNS+S"))


def with_line(*segments: str, terms: Any = None) -> Any:
    return order_of(read_one(*HEAD, "LIN+1++5410738100159:EN", *segments, "UNS+S", terms=terms)).lines[0]


def with_foot(*segments: str) -> Any:
    return order_of(read_one(*HEAD, *LINE, "UNS+S", *segments))


def refused(*segments: str, **options: Any) -> list[Any]:
    checked = read_one(*segments, **options)
    assert checked.messages[0].order is None
    return errors(checked.messages[0].verdict.findings)


def warned(*segments: str) -> list[Any]:
    checked = read_one(*segments)
    assert checked.messages[0].order is not None
    return warnings(checked.messages[0].verdict.findings)


def test_an_eancom_order_is_read_whole() -> None:
    checked = check((SAMPLES / "orders-eancom-d96a.edi").read_bytes(), agreement())
    (only,) = checked.messages
    assert not only.verdict.findings
    assert only.order is not None
    assert only.order.buyer_key == "5412345000013"
    order = order_of(checked)
    assert (order.number, order.kind, order.function, order.currency) == ("128576", "220", "original", "EUR")
    assert order.issued == date(2026, 10, 1)
    assert order.buyer == Party(
        gln="5412345000013",
        name="Harbour Stores\nHead office",
        vat_id="BE0123456749",
        address=Address(street="Quay 1\nBuilding B", city="Antwerp", postcode="2000", country="BE"),
        contact=Contact(name="Anna Peeters", telephone="+32 3 555 01 02", email="orders@harbour.example"),
    )
    assert order.seller == Party(gln="5412345000020")
    assert order.delivery is not None
    assert order.delivery.key == "5412345001034"
    assert order.invoicee == Party(gln="5412345000044")
    assert [(other.role, other.party.key) for other in order.other_parties] == [("UC", "5412345002055")]
    assert order.requested_delivery == Period(start=date(2026, 10, 12), end=date(2026, 10, 14))
    assert order.references == (
        Reference(kind="CT", number="C-2026-7", issued=date(2026, 1, 1)),
        Reference(kind="PD", number="AUTUMN"),
    )
    assert order.payment_terms_days == 30
    assert order.allowances == (
        AllowanceCharge(charge=False, percentage=Decimal("5.5"), reason_code="TD", reason="Trade discount", sequence=1),
        AllowanceCharge(charge=True, amount=Decimal("12.50"), reason_code="FC", sequence=2),
    )
    assert order.stated == StatedTotals(
        lines=Decimal("603.75"), payable=Decimal("742.41"), line_count=3, quantity=Decimal("59.5")
    )
    assert [line.line_id for line in order.lines] == ["1", "2", "3"]


def test_the_lines_of_an_eancom_order_are_read_whole() -> None:
    first, second, third = order_of(check((SAMPLES / "orders-eancom-d96a.edi").read_bytes(), agreement())).lines
    assert (first.item.gtin, first.item.sellers, first.item.buyers) == ("5410738100159", "HP-100", "77001")
    assert first.item.name == "Detergent 5 kg"
    assert first.quantity == Quantity(value=Decimal(48))
    assert first.price == Price(amount=Decimal("12.50"), qualifier="AAA")
    assert (first.stated_amount, first.tax_rate, first.tax_amount) == (
        Decimal("600.00"),
        Decimal(21),
        Decimal("126.00"),
    )
    assert first.requested_delivery == Period(start=date(2026, 10, 13), end=date(2026, 10, 13))
    assert first.allowances == (AllowanceCharge(charge=False, percentage=Decimal(10), reason_code="DI"),)
    assert first.references == (Reference(kind="PL", number="PL-9"),)
    assert first.notes == (Note(subject="LIN", text="Blue lid only"),)
    assert second.price == Price(amount=Decimal(250), base_quantity=Decimal(100), unit="KGM", qualifier="AAA")
    assert second.quantity == Quantity(value=Decimal("1.5"), unit="KGM")
    assert second.delivery == Party(gln="5412345002055")
    assert third.parent_line == "2"


def test_what_has_no_place_is_kept_under_its_qualifier() -> None:
    order = order_of(check((SAMPLES / "orders-eancom-d96a.edi").read_bytes(), agreement()))
    assert order.extensions == {
        "BGM": ("BGM+220+128576+9+NA",),
        "NAD+BY/RFF+XA": ("RFF+XA:REG-77",),
        "NAD+BY/3139": ("CTA+OC+:Anna Peeters",),
        "NAD+DP/LOC+11": ("LOC+11+GATE4",),
        "ALC/ALC+A": ("ALC+A++2+1+TD:::Trade discount'PCD+1:5.5",),
        "FTX+DEL": ("FTX+DEL+3++Deliver at gate 4:ring twice",),
        "FTX+ZZZ": ("FTX+ZZZ+1+001",),
    }
    assert order.lines[0].extensions == {"PIA+HS": ("PIA+1+3402:HS",)}


def test_what_services_do_not_ask_for_stands_in_details() -> None:
    order = order_of(check((SAMPLES / "orders-eancom-d96a.edi").read_bytes(), agreement()))
    details = order.details
    assert details is not None
    assert [(one.kind, one.time_of_day) for one in details.dates] == [("137", time(10, 15)), ("61", None)]
    ((terms, (place,)),) = [(one, one.locations) for one in details.delivery_terms]
    assert (terms.function, terms.code, place.kind, place.identifier) == ("3", "DAP", "1", "Antwerp")
    first = order.lines[0].details
    assert first is not None
    assert [(one.kind, one.quantity.value) for one in first.quantities] == [("59", 6)]
    assert [(one.kind, one.amount) for one in first.prices] == [("AAE", Decimal("15.13"))]
    assert [(one.format, one.code, one.agency) for one in first.descriptions] == [("C", "CU", "9")]
    split = order.lines[2].details
    assert split is not None
    assert [(one.identifier, one.quantities[0].quantity.value) for one in split.locations] == [
        ("5412345001034", 4),
        ("5412345002055", 6),
    ]


def test_a_d01b_order_in_syntax_4_is_read() -> None:
    checked = check((SAMPLES / "orders-d01b-syntax4.edi").read_bytes(), agreement(directory="D.01B"))
    assert not checked.messages[0].verdict.findings
    order = order_of(checked)
    assert order.number == "PO-77"
    assert order.delivery is not None
    assert order.delivery.name == "Store 12\nCorner shop"
    assert order.delivery.address == Address(
        street="Hauptstraße 5", city="Köln", region="NW", postcode="50667", country="DE"
    )
    assert order.delivery.contact == Contact(name="Jörg", telephone="+49 221 1", email="jo@shop.example")
    assert order.extensions["NAD+DP/COM+FX"] == ("COM+?+49 221 2:FX",)
    assert [line.line_id for line in order.lines] == ["000010", "000020"]
    assert order.lines[0].quantity == Quantity(value=Decimal(12), unit="CT")


def test_a_plain_order_is_read_by_the_partners_own_numbers() -> None:
    checked = check((SAMPLES / "orders-plain-d96a.edi").read_bytes(), agreement())
    order = order_of(checked)
    assert checked.messages[0].order is not None
    assert checked.messages[0].order.buyer_key == "K100"
    assert (order.kind, order.number, order.issued) == ("105", "A 4711", date(2026, 10, 3))
    assert order.seller == Party(identifier="L200", scheme="91")
    assert [(line.line_id, line.item.sellers, line.item.buyers) for line in order.lines] == [
        ("1", "BOLT-8", None),
        ("2", "BOLT-10", "B10"),
    ]
    assert order.lines[1].price == Price(amount=Decimal("3.2"), base_quantity=Decimal(100), qualifier="AAB")


@pytest.mark.parametrize(
    ("code", "function"),
    [
        ("9", "original"),
        ("", "original"),
        ("5", "replace"),
        ("4", "change"),
        ("1", "cancellation"),
        ("7", "duplicate"),
        ("31", "duplicate"),
        ("16", "proposal"),
        ("42", "confirmation"),
    ],
)
def test_the_function_of_the_document_is_that_of_bgm(code: str, function: str) -> None:
    order = order_of(read_one(f"BGM+220+1+{code}".rstrip("+"), *ORDER[1:]))
    assert order.function == function
    assert order.cancelled is (function == "cancellation")


def test_a_cancellation_needs_no_lines() -> None:
    assert order_of(read_one("BGM+220+1+1", *HEAD[1:], "UNS+S")).lines == ()


REFUSED: dict[str, tuple[tuple[str, ...], list[Any]]] = {
    "no number": (("BGM+220++9", *ORDER[1:]), [("13", "BGM", 2, 3, None)]),
    "a function we do not handle": (("BGM+220+1+53", *ORDER[1:]), [("14", "BGM", 2, 4, None)]),
    "no buyer": ((*HEAD[:2], *LINE, "UNS+S"), [("13", "NAD", 3, None, None)]),
    "no line": ((*HEAD, "UNS+S"), [("13", "LIN", 4, None, None)]),
    "no quantity": ((*HEAD, LINE[0], "UNS+S"), [("13", "QTY", 5, None, None)]),
    "another quantity than ordered": ((*HEAD, LINE[0], "QTY+59:6", "UNS+S"), [("13", "QTY", 5, None, None)]),
    "a quantity below nothing": ((*HEAD, LINE[0], "QTY+21:-1", "UNS+S"), [("12", "QTY", 6, 2, 2)]),
    "a date that is none": ((HEAD[0], "DTM+137:20261301:102", HEAD[2], *LINE, "UNS+S"), [("12", "DTM", 3, 2, 2)]),
    "a delivery on no day": ((*HEAD[:2], "DTM+2:20260230:102", HEAD[2], *LINE, "UNS+S"), [("12", "DTM", 4, 2, 2)]),
    "a form of date that we cannot read": (
        (HEAD[0], "DTM+137:1:802", HEAD[2], *LINE, "UNS+S"),
        [("12", "DTM", 3, 2, 2)],
    ),
    "a currency that is none": ((*HEAD, "CUX+2:XXX:9", *LINE, "UNS+S"), [("12", "CUX", 5, 2, 2)]),
    "one number for two lines": ((*HEAD, *LINE, *LINE, "UNS+S"), [("26", "LIN", 7, 2, None)]),
    "a price per nothing": ((*HEAD, *LINE, "PRI+AAA:1:::0", "UNS+S"), [("12", "PRI", 7, 2, 5)]),
    "more than everything off": (
        (*HEAD, *LINE, "ALC+A", "PCD+1:101", "UNS+S"),
        [("12", "PCD", 8, 2, 2)],
    ),
    "a unit that is none": ((*HEAD, LINE[0], "QTY+21:1:k g", "UNS+S"), [("12", "QTY", 6, 2, 3)]),
    "two faults": ((*HEAD, LINE[0], "UNS+S", "MOA+79:x"), [("13", "QTY", 5, None, None), ("37", "MOA", 7, 2, 2)]),
}


@pytest.mark.parametrize(("segments", "expected"), REFUSED.values(), ids=REFUSED.keys())
def test_an_order_that_nobody_could_deliver_is_refused_where_it_is_wrong(
    segments: tuple[str, ...], expected: list[Any]
) -> None:
    assert refused(*segments) == expected


WARNED: dict[str, tuple[tuple[str, ...], list[Any]]] = {
    "a GTIN with a wrong digit": ((*HEAD, "LIN+1++5410738100158:EN", *ORDER[4:]), [("12", "LIN", 5, 4, 1)]),
    "a GLN with a wrong digit": ((*HEAD[:2], "NAD+BY+5412345000012::9", *ORDER[3:]), [("12", "NAD", 4, 3, 1)]),
    "a line without a number": ((*HEAD, "LIN+++5410738100159:EN", *ORDER[4:]), [("13", "LIN", 5, 2, None)]),
    "a country that is none": ((*HEAD[:2], f"{HEAD[2]}+++++++Q1", *ORDER[3:]), [("12", "NAD", 4, 10, None)]),
    "a currency in small letters": ((*HEAD, "CUX+2:eur:9", *ORDER[3:]), [("12", "CUX", 5, 2, 2)]),
    "places that do not get the whole": (
        (*HEAD, *LINE, "LOC+7+1", "QTY+11:40", "LOC+7+2", "QTY+11:7", "UNS+S"),
        [("12", "QTY", 10, 2, 2)],
    ),
    "a wrong count of lines": ((*ORDER, "CNT+2:7"), [("29", "CNT", 8, 2, 2)]),
    "a discrete quantity": ((*HEAD, LINE[0], "QTY+1:3", "UNS+S"), [("14", "QTY", 6, 2, 1)]),
    "no date of its own": ((HEAD[0], "DTM+2:20261009:102", *ORDER[2:]), [("13", "DTM", 2, None, None)]),
}


@pytest.mark.parametrize(("segments", "expected"), WARNED.values(), ids=WARNED.keys())
def test_what_can_still_be_delivered_is_taken_with_a_warning(segments: tuple[str, ...], expected: list[Any]) -> None:
    assert warned(*segments) == expected


def test_a_number_that_is_no_gtin_is_kept_as_it_came() -> None:
    line = order_of(read_one(*HEAD, "LIN+1++5410738100158:EN", "PIA+1+HP-1:SA", *ORDER[4:])).lines[0]
    assert (line.item.gtin, line.item.sellers) == (None, "HP-1")
    assert line.extensions == {"LIN+EN": ("LIN+1++5410738100158:EN",)}


def test_a_number_that_is_no_gln_names_its_party_all_the_same() -> None:
    checked = read_one(*HEAD[:2], "NAD+BY+5412345000012::9", *ORDER[3:])
    assert order_of(checked).buyer == Party(identifier="5412345000012", scheme="9")
    assert checked.messages[0].order is not None
    assert checked.messages[0].order.buyer_key == "5412345000012"


def test_a_buyer_without_any_number_is_known_by_the_sender_of_the_interchange() -> None:
    checked = read_one(*HEAD[:2], "NAD+BY+++Harbour", *ORDER[3:])
    assert checked.messages[0].order is not None
    assert checked.messages[0].order.buyer_key == "5412345000013"


@pytest.mark.parametrize(
    ("nad", "party"),
    [
        ("NAD+BY+5412345000013", Party(gln="5412345000013")),
        ("NAD+BY+4711::92", Party(identifier="4711", scheme="92")),
        ("NAD+BY+0000000000000::9", Party()),
        ("NAD+BY+++One:Two", Party(name="One\nTwo")),
        ("NAD+BY++One:Way 5:Town", Party(name="One", address=Address(street="Way 5\nTown"))),
        ("NAD+BY++Way 5+One", Party(name="One", address=Address(street="Way 5"))),
        (
            "NAD+BY+++One+Way 5++NW+1000",
            Party(name="One", address=Address(street="Way 5", region="NW", postcode="1000")),
        ),
    ],
)
def test_a_party_is_what_nad_says(nad: str, party: Party) -> None:
    assert order_of(read_one(*HEAD[:2], nad, *ORDER[3:])).buyer == party


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("DP", "delivery"),
        ("ST", "delivery"),
        ("CN", "delivery"),
        ("SU", "seller"),
        ("SE", "seller"),
        ("IV", "invoicee"),
    ],
)
def test_a_role_has_several_codes(code: str, role: str) -> None:
    order = with_head(f"NAD+{code}+5412345000044::9")
    assert getattr(order, role) == Party(gln="5412345000044")


def test_a_second_party_in_a_role_is_kept_beside_the_first() -> None:
    order = with_head("NAD+DP+5412345001034::9", "NAD+ST+5412345000044::9")
    assert order.delivery == Party(gln="5412345001034")
    assert [(other.role, other.party.gln) for other in order.other_parties] == [("ST", "5412345000044")]


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("20261009", "102", (date(2026, 10, 9), date(2026, 10, 9))),
        ("261009", "101", (date(2026, 10, 9), date(2026, 10, 9))),
        ("202610091530", "203", (date(2026, 10, 9), date(2026, 10, 9))),
        ("20261009153000", "204", (date(2026, 10, 9), date(2026, 10, 9))),
        ("202610091530UTC", "303", (date(2026, 10, 9), date(2026, 10, 9))),
        ("202642", "616", (date(2026, 10, 12), date(2026, 10, 18))),
        ("202602", "610", (date(2026, 2, 1), date(2026, 2, 28))),
        ("2026", "602", (date(2026, 1, 1), date(2026, 12, 31))),
        ("2026100920261012", "718", (date(2026, 10, 9), date(2026, 10, 12))),
        ("20261009-20261012", "718", (date(2026, 10, 9), date(2026, 10, 12))),
        ("20261009", "", (date(2026, 10, 9), date(2026, 10, 9))),
    ],
)
def test_dates_are_read_in_every_form(value: str, form: str, expected: tuple[date, date]) -> None:
    order = order_of(read_one(*HEAD[:2], f"DTM+2:{value}:{form}".rstrip(":"), *ORDER[2:]))
    assert order.requested_delivery == Period(start=expected[0], end=expected[1])


@pytest.mark.parametrize(
    ("dtms", "expected"),
    [
        (("DTM+64:20261009:102", "DTM+63:20261012:102"), Period(start=date(2026, 10, 9), end=date(2026, 10, 12))),
        (("DTM+63:20261012:102",), Period(end=date(2026, 10, 12))),
        (("DTM+358:20261009:102", "DTM+359:20261012:102"), Period(start=date(2026, 10, 9), end=date(2026, 10, 12))),
        (("DTM+2:00000000:102",), None),
    ],
)
def test_delivery_is_wanted_on_a_day_or_between_two(dtms: tuple[str, ...], expected: Period | None) -> None:
    assert order_of(read_one(*HEAD[:2], *dtms, *ORDER[2:])).requested_delivery == expected


def test_the_decimal_mark_may_be_a_comma() -> None:
    assert with_line("QTY+21:1,25").quantity.value == Decimal("1.25")


@pytest.mark.parametrize(
    ("stated", "unit"), [("", "C62"), ("PCE", "C62"), ("EA", "C62"), ("KGM", "KGM"), ("KAR", "CT")]
)
def test_units_are_those_of_recommendation_20_or_of_the_agreement(stated: str, unit: str) -> None:
    line = with_line(f"QTY+21:1:{stated}".rstrip(":"), terms=agreement(unit_codes={"KAR": "CT"}))
    assert line.quantity.unit == unit


def test_an_agreed_unit_may_be_longer_than_the_directory_allows() -> None:
    segments = (*HEAD, LINE[0], "QTY+21:1:KARTON", "UNS+S")
    assert refused(*segments) == [("39", "QTY", 6, 2, 3)]
    agreed = agreement(unit_codes={"KARTON": "CT"})
    assert order_of(read_one(*segments, terms=agreed)).lines[0].quantity.unit == "CT"


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("PRI+AAA:1",), Price(amount=Decimal(1), qualifier="AAA")),
        (("PRI+AAB:2", "PRI+AAA:1"), Price(amount=Decimal(1), qualifier="AAA")),
        (("PRI+AAB:2",), Price(amount=Decimal(2), qualifier="AAB")),
        (("PRI+AAA:0",), Price(amount=Decimal(0), qualifier="AAA")),
        (("PRI+AAE:1.19",), None),
        ((), None),
    ],
)
def test_the_net_price_is_taken_before_others_and_one_with_tax_never(
    segments: tuple[str, ...], expected: Price | None
) -> None:
    assert with_line("QTY+21:1", *segments).price == expected


@pytest.mark.parametrize(
    ("lin", "pia", "expected"),
    [
        ("5410738100159:EN", (), {"gtin": "5410738100159"}),
        ("5410738100159:SRV", (), {"gtin": "5410738100159"}),
        ("036000291452:UP", (), {"gtin": "036000291452"}),
        ("9780306406157:IB", (), {"gtin": "9780306406157"}),
        ("0306406152:IB", (), {"gtin": "9780306406157"}),
        ("080442957X:IB", (), {"gtin": "9780804429573"}),
        (
            "",
            ("PIA+5+5410738100159:EN+HP:SA+B1:IN+M1:MF",),
            {"gtin": "5410738100159", "sellers": "HP", "buyers": "B1", "manufacturers": "M1"},
        ),
        ("", ("PIA+5+B1:BP",), {"buyers": "B1"}),
        ("HP:SA", (), {"sellers": "HP"}),
        ("HP:VP", (), {"sellers": "HP"}),
    ],
)
def test_an_item_is_known_by_its_numbers_wherever_they_stand(
    lin: str, pia: tuple[str, ...], expected: dict[str, str]
) -> None:
    (line,) = order_of(read_one(*HEAD, f"LIN+1++{lin}".rstrip("+"), *pia, *ORDER[4:])).lines
    assert line.item.model_dump(exclude_none=True) == expected


def test_a_second_number_of_a_kind_is_kept() -> None:
    line = with_line("PIA+1+A:SA+B:SA", "QTY+21:1")
    assert line.item.sellers == "A"
    assert line.extensions == {"PIA+SA": ("PIA+1+B:SA",)}


def test_totals_are_kept_as_stated() -> None:
    stated = with_foot(
        "MOA+79:100", "MOA+176:21", "MOA+77:121", "MOA+259:5", "MOA+260:2", "MOA+129:1", "CNT+1:48", "CNT+11:3"
    )
    assert stated.stated == StatedTotals(
        lines=Decimal(100),
        tax=Decimal(21),
        payable=Decimal(121),
        charges=Decimal(5),
        allowances=Decimal(2),
        quantity=Decimal(48),
    )
    assert stated.extensions == {"CNT+11": ("CNT+11:3",)}
    assert stated.details == Details(amounts=(StatedAmount(kind="129", amount=Decimal(1)),))


@pytest.mark.parametrize(
    ("moas", "payable"), [(("MOA+86:1", "MOA+9:2"), 2), (("MOA+77:1", "MOA+86:3"), 3), (("MOA+128:4",), 4)]
)
def test_what_is_payable_is_the_amount_due_else_the_total_of_the_message(moas: tuple[str, ...], payable: int) -> None:
    assert with_foot(*moas).stated.payable == payable


@pytest.mark.parametrize(
    ("segments", "expected"),
    [
        (("ALC+A", "MOA+8:5"), AllowanceCharge(charge=False, amount=Decimal(5))),
        (("ALC+C", "MOA+23:5", "MOA+25:50"), AllowanceCharge(charge=True, amount=Decimal(5), base=Decimal(50))),
        (("ALC+A", "PCD+3:10"), AllowanceCharge(charge=False, percentage=Decimal(10))),
        (("ALC+A", "MOA+8:-5"), AllowanceCharge(charge=True, amount=Decimal(5))),
        (
            ("ALC+C++++FC:::Freight", "MOA+8:5", "TAX+7+VAT+++:::21"),
            AllowanceCharge(charge=True, amount=Decimal(5), reason_code="FC", reason="Freight", tax_rate=Decimal(21)),
        ),
    ],
)
def test_allowances_and_charges_are_positive_amounts_or_percentages(
    segments: tuple[str, ...], expected: AllowanceCharge
) -> None:
    assert with_head(*segments).allowances == (expected,)


def test_an_amount_in_another_currency_is_kept_and_not_taken() -> None:
    line = with_line("QTY+21:1", "MOA+203:5:USD", "MOA+66:4:EUR")
    assert line.stated_amount == Decimal(4)
    assert line.extensions == {}
    assert line.details == Details(amounts=(StatedAmount(kind="203", amount=Decimal(5), currency="USD"),))


def test_an_allowance_that_is_neither_is_kept_whole() -> None:
    order = with_head("ALC+A++++QD", "QTY+1:3")
    assert order.allowances == ()
    assert order.extensions == {"ALC+A": ("ALC+A++++QD'QTY+1:3",)}


@pytest.mark.parametrize(
    ("pat", "days"),
    [("PAT+1++5:3:D:30", 30), ("PAT+3++5:3:D:14", 14), ("PAT+1++5:3:M:1", None), ("PAT+22++5:3:D:8", None)],
)
def test_payment_terms_are_days_or_kept(pat: str, days: int | None) -> None:
    order = with_head(pat)
    assert order.payment_terms_days == days
    assert bool(order.extensions) is (days is None)


def test_what_is_kept_is_written_in_the_default_characters_whatever_the_interchange_has() -> None:
    segments = ["UNB+UNOC:3+5412345000013:14+5412345000020:14+261001:1020+1", "UNH+1+ORDERS:D:96A:UN", *HEAD]
    segments += ["TDT+20++++:::a;b", *LINE, "UNS+S", "UNT+9+1", "UNZ+1+1"]
    data = "UNA|*.! ~" + "".join(
        each.replace(":", "|").replace("+", "*").replace(";", "+:?'") + "~" for each in segments
    )
    assert order_of(check(data.encode(), agreement())).extensions == {"TDT+20": ("TDT+20++++:::a?+?:???'b",)}


def test_strict_partners_are_read_strictly() -> None:
    unb = UNB.replace("UNOC", "UNOA")
    segments = (*HEAD, LINE[0], "IMD+F++:::small", LINE[1], "UNS+S")
    assert refused(*segments, unb=unb, terms=agreement(charset_strictness="strict")) == [("21", "IMD", 6, None, None)]
    assert order_of(read_one(*segments, unb=unb)).lines[0].item.name == "small"


def test_the_title_of_a_book_is_its_name_and_its_codes_stand_in_details() -> None:
    line = with_line("IMD+F+BTI+:::Pride and", "IMD+F+BAU+:::Austen", "QTY+21:1")
    assert line.item.name == "Pride and"
    assert line.extensions == {}
    assert line.details is not None
    assert [(one.kind, one.text) for one in line.details.descriptions] == [("BTI", "Pride and"), ("BAU", "Austen")]


def test_a_number_of_a_book_is_kept_beside_the_gtin_that_it_becomes() -> None:
    (line,) = order_of(read_one(*HEAD, "LIN+1++0306406152:IB", *ORDER[4:])).lines
    assert line.item.gtin == "9780306406157"
    assert line.extensions == {"LIN+IB": ("LIN+1++0306406152:IB",)}


def test_a_region_keeps_all_its_parts() -> None:
    order = order_of(check((SAMPLES / "orders-d01b-syntax4.edi").read_bytes(), agreement(directory="D.01B")))
    assert order.extensions["NAD+DP/3229"] == ("NW:::Nordrhein",)


@pytest.mark.parametrize("text", ["FTX+ZZZ+1++a?:", "FTX+ZZZ+1++a??", "FTX+ZZZ+1+a?+"])
def test_a_kept_text_may_end_in_a_released_character(text: str) -> None:
    assert with_head_first(text).extensions == {"FTX+ZZZ": (text,)}


def with_head_first(*segments: str) -> Any:
    return order_of(read_one(*HEAD[:2], *segments, *ORDER[2:]))


def test_who_gets_a_line_keeps_the_role_in_which_it_was_named() -> None:
    line = with_line("QTY+21:1", "NAD+ST+4012345000023:XY:9++Depot")
    assert line.delivery == Party(gln="4012345000023", name="Depot")
    assert line.extensions == {"NAD+ST/1131": ("XY",), "NAD+delivery": ("ST",)}
