"""Whatever we mean to say is in what we write: our reader finds it again, finds no error, and pydifact agrees."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.delivery import ShipmentDespatched
from hub.canonical.document import Period, Reference
from hub.canonical.invoice import InvoiceIssued, TaxSubtotal
from hub.canonical.order import OrderAnswer, OrderChanged, OrderPartlyAccepted
from hub.canonical.party import Address, Contact, Party
from hub.canonical.values import Quantity, check_digit
from hub.translators.edifact import desadv, interchange, invoic, ordrsp
from hub.translators.edifact.second_reader import differences
from tests.desk import message
from tests.edifact_documents import (
    ENVELOPE,
    agreed_line,
    agreement,
    answer,
    despatched_line,
    invoice,
    invoice_line,
    shipment,
    unit,
)
from tests.edifact_readers import read_answer, read_invoice, read_shipment, tree_of

LETTERS = st.characters(codec="latin-1", exclude_categories=["Cc", "Zs"]) | st.sampled_from("'+:?*")
DIALECTS = st.fixed_dictionaries(
    {
        "directory": st.sampled_from(["D.96A", "D.01B"]),
        "syntax_version": st.sampled_from([3, 4]),
        "una": st.booleans(),
    }
)


def words(longest: int) -> st.SearchStrategy[str]:
    """Text as people write it: any character, blanks between."""
    word = st.text(LETTERS, min_size=1, max_size=9)
    return st.lists(word, min_size=1, max_size=9).map(lambda each: " ".join(each)[:longest].strip())


def codes(longest: int = 35) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=1, max_size=longest)


def amounts(places: int = 2, low: int = 0) -> st.SearchStrategy[Decimal]:
    return st.decimals(low, 9_999_999, places=places)


DAYS = st.dates(date(2000, 1, 1), date(2049, 12, 31))
MINUTES = st.datetimes(datetime(2000, 1, 1), datetime(2049, 12, 31), timezones=st.just(UTC)).map(  # noqa: DTZ001 - UTC is added
    lambda at: at.replace(second=0, microsecond=0)
)
GLNS = st.from_regex(r"[1-9][0-9]{11}", fullmatch=True).map(lambda digits: digits + check_digit(digits))
ADDRESSES = st.builds(
    Address,
    street=st.lists(words(35), min_size=1, max_size=4).map("\n".join),
    city=st.none() | words(35),
    region=st.none() | words(9),
    postcode=st.none() | codes(9),
    country=st.none() | st.from_regex(r"[A-Z]{2}", fullmatch=True),
)
PARTIES = st.builds(
    Party,
    gln=GLNS,
    name=st.none() | st.lists(words(35), min_size=1, max_size=5).map("\n".join),
    vat_id=st.none() | codes(),
    tax_registration=st.none() | codes(),
    address=st.none() | ADDRESSES,
    contact=st.none()
    | st.builds(Contact, name=words(35), telephone=st.none() | words(70), email=st.none() | words(70)),
) | st.builds(Party, identifier=st.from_regex(r"[A-Z]{1,35}", fullmatch=True), scheme=st.none() | st.just("92"))
ITEMS = st.builds(
    ItemIdentification,
    gtin=st.none() | GLNS,
    buyers=st.none() | codes(),
    manufacturers=st.none() | codes(),
    name=st.none() | words(69),  # two parts of 35, the first of which ends in no blank
)
REFERENCES = st.lists(
    st.builds(Reference, kind=st.sampled_from(["CT", "CR", "BO"]), number=codes(), issued=st.none() | DAYS), max_size=3
).map(tuple)
UNITS = st.sampled_from(["C62", "KGM", "MTR"])


@st.composite
def answers(draw: st.DrawFn) -> OrderAnswer:
    lines = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        confirmed, backordered, rejected = draw(amounts(3)), draw(amounts(3)), draw(amounts(3))
        lines.append(
            agreed_line(
                line_id=str(number),
                item=draw(ITEMS),
                sku=draw(st.none() | codes()),
                ordered=Quantity(value=confirmed + backordered + rejected, unit=draw(UNITS)),
                confirmed=confirmed,
                backordered=backordered,
                rejected=rejected,
                price=draw(amounts(4)),
                tax_rate=draw(st.decimals(0, 100, places=2)),
                tax_category=draw(st.sampled_from(["S", "E", "Z"])),
                status=draw(st.sampled_from(["changed", "rejected"])),
                reasons=draw(st.lists(words(70), max_size=2).map(tuple)),
            )
        )
    day = draw(DAYS)
    return answer(  # type: ignore[no-any-return] # answers of every type are made there
        draw(st.sampled_from([OrderPartlyAccepted, OrderChanged])),
        buyers_number=draw(codes()),
        order_number=draw(codes(30)),
        buyer=draw(PARTIES),
        seller=draw(st.none() | PARTIES),
        delivery=draw(st.none() | PARTIES),
        invoicee=draw(st.none() | PARTIES),
        requested_delivery=draw(st.none() | st.just(Period(start=day, end=day)) | st.builds(Period, start=DAYS)),
        references=draw(REFERENCES),
        lines=tuple(lines),
        revision=draw(st.integers(1, 99)),
    )


@st.composite
def shipments(draw: st.DrawFn) -> ShipmentDespatched:
    count = draw(st.integers(1, 5))
    parents = [draw(st.none() | st.integers(1, number - 1)) if number > 1 else None for number in range(1, count + 1)]
    holds: list[dict[str, Decimal]] = [{} for _ in range(count)]
    lines = []
    for number in range(1, draw(st.integers(1, 3)) + 1):
        key = f"D{number}"
        inside = draw(st.dictionaries(st.integers(0, count - 1), amounts(3, low=1), max_size=count))
        for at, quantity in inside.items():
            holds[at][key] = quantity
        loose = draw(amounts(3, low=1)) if not inside or draw(st.booleans()) else Decimal(0)
        total = sum(inside.values(), loose)
        lines.append(
            despatched_line(
                delivery_line=key,
                line_id=str(number),
                sku=draw(codes()),
                item=draw(ITEMS),
                quantity=Quantity(value=total, unit=draw(UNITS)),
            )
        )
    packages = [
        unit(
            number,
            parent,
            holds=inside,
            package_type=draw(st.sampled_from(["CT", "201", "PX"])),
            gross_weight_kg=draw(st.none() | amounts(3)),
        )
        for number, (parent, inside) in enumerate(zip(parents, holds, strict=True), 1)
    ]
    return shipment(
        buyers_number=draw(codes()),
        despatch_number=draw(codes()),
        despatched_at=draw(MINUTES),
        estimated_arrival=draw(st.none() | MINUTES),
        buyer=draw(PARTIES),
        seller=draw(st.none() | PARTIES),
        delivery=draw(st.none() | PARTIES),
        references=draw(REFERENCES),
        carrier=draw(st.none() | words(35)),
        vehicle=draw(st.none() | words(35)),
        tracking=draw(st.none() | codes()),
        lines=tuple(lines),
        units=tuple(packages),
    )


@st.composite
def invoices(draw: st.DrawFn) -> InvoiceIssued:
    lines = [
        invoice_line(
            line_id=str(number),
            order_line=draw(st.from_regex(r"[0-9]{1,6}", fullmatch=True)),
            despatch_number=draw(codes()),
            item=draw(ITEMS),
            quantity=Quantity(value=draw(amounts(3)), unit=draw(UNITS)),
            price=draw(amounts(4)),
            net=draw(amounts(low=-9_999_999)),
            tax_rate=draw(st.decimals(0, 100, places=2)),
        )
        for number in range(1, draw(st.integers(1, 3)) + 1)
    ]
    tax = st.builds(
        TaxSubtotal, category=st.sampled_from("SEZ"), rate=st.decimals(0, 100, places=2), base=amounts(), tax=amounts()
    )
    names = ("line_total", "net_total", "tax_total", "gross_total", "prepaid", "rounding", "payable")
    return invoice(
        number=draw(codes()),
        kind=draw(st.sampled_from(["380", "381"])),
        issued=draw(DAYS),
        due=draw(DAYS),
        delivered=draw(st.none() | DAYS),
        payment_terms_days=draw(st.none() | st.integers(0, 365)),
        buyer=draw(PARTIES),
        seller=draw(PARTIES),
        delivery=draw(st.none() | PARTIES),
        invoicee=draw(st.none() | PARTIES),
        references=draw(REFERENCES),
        lines=tuple(lines),
        taxes=tuple(draw(st.lists(tax, max_size=3))),
        **{name: draw(amounts(low=-9_999_999)) for name in names},
    )


@pytest.mark.parametrize(
    ("writer", "reader", "documents"),
    [
        pytest.param(ordrsp.write, read_answer, answers(), id="ORDRSP"),
        pytest.param(desadv.write, read_shipment, shipments(), id="DESADV"),
        pytest.param(invoic.write, read_invoice, invoices(), id="INVOIC"),
    ],
)
@given(data=st.data())
def test_what_was_written_is_read_again(writer: Any, reader: Any, documents: Any, data: st.DataObject) -> None:
    original, edi = data.draw(documents), data.draw(DIALECTS)
    written = writer(message(original), agreement(**edi), **ENVELOPE)
    assert differences(written) == ()
    assert reader(tree_of(written, edi["directory"]), original) == original
    turned = {"us": agreement().edi.them, "them": agreement().edi.us, "receives": ("ORDRSP", "DESADV", "INVOIC")}
    checked = interchange.check(written, agreement(**edi, **turned))
    found = [*checked.interchange.findings, *(each for one in checked.messages for each in one.verdict.findings)]
    assert [each for each in found if each.level == "error"] == []
