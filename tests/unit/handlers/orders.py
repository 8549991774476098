"""Orders as partners send them, and the master data that they are judged by."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from hub.canonical.agreement import Agreement
from hub.canonical.catalogue import ItemIdentification, Price
from hub.canonical.order import Order, OrderLine, OrderReceived
from hub.canonical.party import Party
from hub.canonical.values import Quantity
from hub.store.master import HOME, AgreementRow, ItemCode, ItemRow, PriceRow, VatRow

ISSUED = date(2026, 11, 20)
GTIN = "4006381333931"
BEFORE = date(2026, 1, 1)

MASTER_DATA = (
    ItemRow("PEN", GTIN, "Pen", "C62", "standard", stocked=True),
    ItemRow("BOOK", None, "Book", "C62", "reduced", stocked=True),
    ItemRow("SERVICE", None, "Engraving", "C62", "standard", stocked=False),
    ItemCode("gtin", f"0{GTIN}", "PEN"),
    ItemCode("buyer:retail", "R-4711", "BOOK"),
    PriceRow("PEN", "EUR", BEFORE, Decimal("1.20")),
    PriceRow("PEN", "EUR", date(2026, 12, 1), Decimal("1.50")),
    PriceRow("BOOK", "EUR", BEFORE, Decimal("10.00")),
    PriceRow("SERVICE", "EUR", BEFORE, Decimal("5.00")),
    VatRow(HOME, "standard", BEFORE, "S", Decimal(19)),
    VatRow(HOME, "reduced", BEFORE, "S", Decimal(7)),
)


def agreement(**fields: Any) -> AgreementRow:
    """Return what is agreed with `retail`."""
    terms = Agreement.model_validate({"partner": "retail", "party": {"name": "Retail SA"}} | fields)
    return AgreementRow("retail", terms, "", datetime(2026, 1, 1, tzinfo=UTC), 1)


def wants(line_id: str, quantity: str, price: str | None = None, **fields: Any) -> OrderLine:
    """Return an order line for pens, or for what `sku`, `gtin` or `buyers` names."""
    names = {name: fields.pop(name) for name in ("gtin", "buyers") if name in fields}
    sku = fields.pop("sku", None if names else "PEN")
    return OrderLine(
        line_id=line_id,
        item=ItemIdentification(sellers=sku, **names),
        quantity=Quantity(value=Decimal(quantity), unit=fields.pop("unit", "C62")),
        price=None if price is None else Price(amount=Decimal(price)),
        **fields,
    )


def order(lines: Sequence[OrderLine], **fields: Any) -> OrderReceived:
    """Return an order of `retail` with these lines."""
    head = {"number": "PO-7", "issued": ISSUED, "currency": "EUR", "buyer": Party(name="Retail SA"), "lines": lines}
    key = fields.pop("buyer_key", "retail")
    return OrderReceived(buyer_key=key, order=Order.model_validate(head | fields))
