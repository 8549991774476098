"""Documents for the tests of the EDIFACT writers: an agreement, the parties, an answer, and segments as text."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.canonical.catalogue import ItemIdentification
from hub.canonical.order import AgreedLine, OrderPartlyAccepted
from hub.canonical.party import Address, Party
from hub.canonical.values import Quantity

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


def segments(interchange: bytes, charset: str = "latin-1") -> list[str]:
    """Return the segments as they stand on the wire, for texts without released terminators."""
    text = interchange.decode(charset)
    return (text[9:] if text.startswith("UNA") else text).split("'")[:-1]


def lines_of(interchange: bytes, tag: str) -> list[str]:
    """Return the segments with this tag."""
    return [each for each in segments(interchange) if each.startswith(tag)]
