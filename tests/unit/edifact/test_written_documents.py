"""What we write is sound: our own reader finds no error in it, in its own directory and syntax, nor does pydifact."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical import trade
from hub.canonical.agreement import Agreement
from hub.canonical.catalogue import AllowanceCharge, Price
from hub.canonical.document import Note, Period, Reference
from hub.canonical.finding import Finding, Location
from hub.canonical.intake import InterchangeChecked, MessageVerdict
from hub.canonical.order import Order, OrderLine, StatedTotals
from hub.canonical.party import Contact, OtherParty
from hub.canonical.trade import (
    Description,
    Details,
    Measure,
    StatedAmount,
    StatedDate,
    StatedPrice,
    StatedQuantity,
)
from hub.canonical.values import Quantity
from hub.translators.edifact import interchange, orders_write
from hub.translators.edifact.documents import WRITERS
from hub.translators.edifact.examples import example
from hub.translators.edifact.second_reader import differences
from tests.desk import message
from tests.edifact_documents import BUYER, ENVELOPE, PEN, SELLER, agreement, answer, invoice, shipment, unit

DIALECTS = [
    {"directory": directory, "syntax_version": version, "una": una}
    for directory in ("D.96A", "D.01B")
    for version in (3, 4)
    for una in (True, False)
]
CHECKED = InterchangeChecked(
    reference="542",
    sender="5412345000020:14",
    recipient="5412345000013:14",
    syntax_identifier="UNOC",
    syntax_version=3,
    accepted=True,
    messages=(
        MessageVerdict(
            reference="1",
            identifier="ORDERS:D:96A:UN:EAN008",
            accepted=False,
            findings=(Finding(code="39", location=Location(segment=2, tag="BGM", element=3), message=""),),
        ),
    ),
)
DOCUMENTS = {
    "CONTRL": CHECKED,
    "APERAK": CHECKED,
    "ORDRSP": answer(),
    "DESADV": shipment(carrier="Swift", vehicle="K-AB 1", tracking="T1"),
    "INVOIC": invoice(prepaid=Decimal(1), rounding=Decimal("0.01")),
}


def partner(terms: Agreement, **edi: Any) -> Agreement:
    """Return the agreement as the partner has it: us and them the other way round."""
    assert terms.edi is not None
    turned = {"us": terms.edi.them, "them": terms.edi.us, "receives": (*WRITERS, "ORDERS")}
    return terms.model_copy(update={"edi": terms.edi.model_copy(update=turned | edi)})


def assert_sound(data: bytes, terms: Agreement) -> Any:
    checked = interchange.check(data, partner(terms, charset_strictness="strict"))
    found = [*checked.interchange.findings, *(each for one in checked.messages for each in one.verdict.findings)]
    assert [each for each in found if each.level == "error"] == []
    assert checked.interchange.accepted
    assert differences(data) == ()
    return checked


@pytest.mark.parametrize("edi", DIALECTS)
@pytest.mark.parametrize("kind", WRITERS)
def test_every_document_is_sound_in_every_dialect(kind: Any, edi: dict[str, Any]) -> None:
    terms = agreement(**edi)
    data = WRITERS[kind](message(DOCUMENTS[kind]), terms, **ENVELOPE)
    assert_sound(data, terms)


def test_a_shipment_of_many_packages_is_sound() -> None:
    units = (unit(1, package_type="201"), *(unit(n, 1, holds={"D1": Decimal(1)}) for n in range(2, 12)))
    terms = agreement()
    assert_sound(WRITERS["DESADV"](message(shipment(units=units)), terms, **ENVELOPE), terms)


def test_our_acknowledgement_reads_as_what_it_says() -> None:
    terms = agreement()
    checked = assert_sound(WRITERS["CONTRL"](message(CHECKED), terms, **ENVELOPE), terms)
    acknowledgement = checked.messages[0].acknowledgement
    assert (acknowledgement.reference, acknowledgement.action) == ("542", "accepted")
    assert acknowledgement.rejected_messages == ("1",)
    assert [(each.code, each.location.segment, each.location.element) for each in acknowledgement.findings] == [
        ("39", 2, 3)
    ]


DETAILS = Details(
    dates=(StatedDate(kind="61", period=Period(start=date(2026, 12, 9), end=date(2026, 12, 9))),),
    quantities=(
        StatedQuantity(kind="59", quantity=Quantity(value=Decimal(12))),
        StatedQuantity(kind="192", quantity=Quantity(value=Decimal(1))),
    ),
    amounts=(StatedAmount(kind="66", amount=Decimal("0.40")),),
    prices=(StatedPrice(kind="AAB", amount=Decimal("13.10"), specification="SRP"),),
    measures=(Measure(purpose="PD", property="AAB", unit="KGM", value=Decimal(3)),),
    locations=(
        trade.StatedLocation(
            kind="7",
            identifier="1",
            agency="9",
            quantities=(StatedQuantity(kind="11", quantity=Quantity(value=Decimal("2.5"), unit="KGM")),),
            dates=(StatedDate(kind="2", period=Period(start=date(2026, 12, 1), end=date(2026, 12, 1))),),
        ),
    ),
    descriptions=(Description(format="C", kind="35", code="RED", agency="9"),),
)


def order(**changes: Any) -> Order:
    stated = {
        "number": "4711",
        "issued": date(2026, 11, 24),
        "currency": "EUR",
        "buyer": BUYER.model_copy(update={"contact": Contact(name="Ute", telephone="+49 221 1", email="u@x.example")}),
        "seller": SELLER,
        "other_parties": (OtherParty(role="UC", party=BUYER),),
        "requested_delivery": Period(start=date(2026, 12, 1), end=date(2026, 12, 3)),
        "references": (Reference(kind="CT", number="C-1", issued=date(2026, 1, 1)),),
        "notes": (Note(subject="DEL", text="ring twice\nthen wait"),),
        "payment_terms_days": 30,
        "allowances": (
            AllowanceCharge(
                charge=True, amount=Decimal("4.90"), reason_code="FC", reason="freight", tax_rate=Decimal(19)
            ),
        ),
        "lines": (
            OrderLine(
                line_id="000010",
                item=PEN.model_copy(update={"description": "a pen\nfor writing"}),
                quantity=Quantity(value=Decimal("2.5"), unit="KGM"),
                price=Price(amount=Decimal("12.50"), base_quantity=Decimal(100), unit="C62", qualifier="AAA"),
                stated_amount=Decimal("0.31"),
                tax_rate=Decimal(7),
                tax_amount=Decimal("0.02"),
                delivery=SELLER,
                allowances=(AllowanceCharge(charge=False, percentage=Decimal(5), base=Decimal(10), sequence=1),),
                details=DETAILS,
                extensions={"LIN+1229": ("1",), "PIA+HS": ("PIA+1+3402:HS",)},
            ),
            OrderLine(line_id="20", parent_line="000010", item=PEN, quantity=Quantity(value=Decimal(1))),
        ),
        "stated": StatedTotals(lines=Decimal("0.31"), payable=Decimal("5.21"), line_count=2, quantity=Decimal("3.5")),
        "extensions": {
            "BGM": ("BGM+220+4711+9+AB",),
            "TDT+20": ("TDT+20++++:::Köln",),
            "NAD+BY/RFF+XA": ("RFF+XA:HRB 1",),
            "NAD+BY/COM+FX": ("COM+99:FX",),
        },
    }
    return Order.model_validate(stated | changes)


@pytest.mark.parametrize("directory", ["D.96A", "D.01B"])
def test_an_order_is_read_as_it_was_written(directory: str) -> None:
    terms = agreement(directory=directory)
    written = order()
    checked = assert_sound(orders_write.write(written, terms, **ENVELOPE), terms)
    assert checked.messages[0].order.order == written


@pytest.mark.parametrize("seed", ["4", "16", "30", "40", "42", "46"])
@pytest.mark.parametrize("directory", ["D.96A", "D.01B"])
def test_an_order_with_every_segment_comes_back(directory: str, seed: str) -> None:
    ours = agreement(directory=directory, association_codes={}, syntax_identifier="UNOW")
    theirs = partner(ours, receives=("ORDERS",))
    (read_order,) = interchange.check(example("ORDERS", theirs, seed=seed, full=True), theirs).messages
    assert read_order.order is not None
    order = read_order.order.order
    (again,) = assert_sound(orders_write.write(order, ours, **ENVELOPE), ours).messages
    assert again.order is not None
    assert again.order.order == order
