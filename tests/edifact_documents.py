"""Documents for the tests of the EDIFACT writers, each with its parts, and segments as text."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.canonical.catalogue import ItemIdentification
from hub.canonical.delivery import DespatchedLine, HandlingUnit, ShipmentDespatched, UnitContent
from hub.canonical.invoice import Invoice, InvoiceIssued, InvoiceLine, TaxSubtotal
from hub.canonical.order import AgreedLine, OrderPartlyAccepted
from hub.canonical.party import Address, Party
from hub.canonical.values import Quantity, check_digit

NOW = datetime(2026, 11, 25, 9, 5, tzinfo=UTC)
ENVELOPE: dict[str, Any] = {"reference": "000000077", "now": NOW, "test": False}
BUYER = Party(
    gln="5412345000020",
    name="Kaufhaus Müller",
    vat_id="DE136695976",
    address=Address(street="Kranhäuser Weg 1\nHinterhof", city="Köln", postcode="50667", country="DE"),
)
SELLER = Party(gln="5412345000013", name="Crossdock Trading", vat_id="ATU13585627")
PEN = ItemIdentification(gtin="4006381333931", buyers="B-77", name="Pen, blue")


def agreement(**edi: Any) -> Agreement:
    terms = {
        "us": InterchangeAddress(identifier="5412345000013", qualifier="14"),
        "them": InterchangeAddress(identifier="5412345000020", qualifier="14"),
        "association_codes": {"ORDRSP": "EAN005", "DESADV": "EAN005", "INVOIC": "EAN008"},
    }
    return Agreement(partner="mueller", party=BUYER, edi=EdiAgreement.model_validate(terms | edi))


def agreed_line(**changes: Any) -> AgreedLine:
    stated = {
        "line_id": "1",
        "item": PEN,
        "sku": "PEN-1",
        "ordered": Quantity(value=Decimal(10)),
        "confirmed": Decimal(10),
        "backordered": Decimal(0),
        "rejected": Decimal(0),
        "price": Decimal("9.950"),
        "amount": Decimal("99.50"),
        "tax_rate": Decimal("19.00"),
        "status": "accepted",
    }
    return AgreedLine.model_validate(stated | changes)


def answer(type_: Any = OrderPartlyAccepted, **changes: Any) -> Any:
    stated = {
        "order_id": "0198",
        "order_number": "SO-1",
        "buyer_key": "5412345000020",
        "buyers_number": "128576",
        "currency": "EUR",
        "issued": date(2026, 11, 24),
        "buyer": BUYER,
        "seller": SELLER,
        "lines": (agreed_line(),),
    }
    return type_.model_validate(stated | changes)


def despatched_line(**changes: Any) -> DespatchedLine:
    stated = {
        "delivery_line": "D1",
        "line_id": "1",
        "sku": "PEN-1",
        "item": PEN,
        "quantity": Quantity(value=Decimal(10)),
        "ordered": Decimal(10),
        "location": "main",
    }
    return DespatchedLine.model_validate(stated | changes)


def unit(number: int, parent: int | None = None, **changes: Any) -> HandlingUnit:
    """Return a carton with the SSCC of this number, holding what `holds` says of each delivery line."""
    holds = changes.pop("holds", {})
    content = tuple(UnitContent(delivery_line=line, quantity=quantity) for line, quantity in holds.items())
    stated = {
        "sscc": sscc(number),
        "parent": None if parent is None else sscc(parent),
        "package_type": "CT",
        "content": content,
    }
    return HandlingUnit.model_validate(stated | changes)


def sscc(number: int) -> str:
    stem = f"354123450{number:08d}"
    return stem + check_digit(stem)


def shipment(**changes: Any) -> ShipmentDespatched:
    stated = {
        "order_id": "0198",
        "order_number": "SO-1",
        "buyer_key": "5412345000020",
        "buyers_number": "128576",
        "despatch_number": "DN-1",
        "delivery_number": "DO-1",
        "despatched_at": datetime(2026, 11, 25, 8, 30, tzinfo=UTC),
        "buyer": BUYER,
        "seller": SELLER,
        "lines": (despatched_line(),),
        "units": (unit(1, package_type="201"), unit(2, 1, holds={"D1": Decimal(10)})),
    }
    return ShipmentDespatched.model_validate(stated | changes)


def invoice_line(**changes: Any) -> InvoiceLine:
    stated = {
        "line_id": "1",
        "order_line": "10",
        "despatch_number": "DN-1",
        "item": PEN.model_copy(update={"sellers": "PEN-1"}),
        "quantity": Quantity(value=Decimal(10)),
        "price": Decimal("9.95"),
        "net": Decimal("99.50"),
        "tax_rate": Decimal(19),
    }
    return InvoiceLine.model_validate(stated | changes)


def invoice(**changes: Any) -> InvoiceIssued:
    stated = {
        "number": "R-2026-00001",
        "issued": date(2026, 11, 25),
        "due": date(2026, 12, 25),
        "delivered": date(2026, 11, 25),
        "currency": "EUR",
        "buyer": BUYER,
        "seller": SELLER,
        "lines": (invoice_line(),),
        "taxes": (TaxSubtotal(category="S", rate=Decimal(19), base=Decimal("99.50"), tax=Decimal("18.91")),),
        "line_total": Decimal("99.50"),
        "net_total": Decimal("99.50"),
        "tax_total": Decimal("18.91"),
        "gross_total": Decimal("118.41"),
        "payable": Decimal("118.41"),
        "payment_terms_days": 30,
    }
    return InvoiceIssued(
        order_id="0198",
        order_number="SO-1",
        buyer_key="5412345000020",
        buyers_number="128576",
        invoice=Invoice.model_validate(stated | changes),
    )


def segments(interchange: bytes, charset: str = "latin-1") -> list[str]:
    """Return the segments as they stand on the wire, for texts without released terminators."""
    text = interchange.decode(charset)
    return (text[9:] if text.startswith("UNA") else text).split("'")[:-1]


def lines_of(interchange: bytes, tag: str) -> list[str]:
    """Return the segments with this tag."""
    return [each for each in segments(interchange) if each.startswith(tag)]
