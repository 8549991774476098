"""Answers to orders, as the order service gives them, for the tests of who acts on them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.order import AgreedLine, OrderAccepted
from hub.canonical.party import Address, Party
from hub.canonical.values import Quantity
from hub.store.master import PartyRow

COMPANY = PartyRow("company", "company", Party(gln="4012345000009", name="Dock Ltd", vat_id="DE123456789"), 1)
BUYER = Party(gln="5412345000013", name="Retail SA", address=Address(city="Brussels", country="BE"))
ORDER = {"order_id": "order-7", "order_number": "O-00000007", "buyer_key": "retail", "buyers_number": "PO-7"}


def line(line_id: str, sku: str | None, quantity: str, amount: str, **fields: Any) -> AgreedLine:
    """Return a line that costs `amount` in all, confirmed whole unless `confirmed` says less."""
    ordered = Decimal(quantity)
    confirmed = Decimal(fields.pop("confirmed", ordered))
    kind = fields.setdefault("kind", "item")
    return AgreedLine(
        line_id=line_id,
        sku=sku,
        item=ItemIdentification(sellers=sku or kind, name=f"Item {line_id}"),
        ordered=Quantity(value=ordered),
        confirmed=confirmed,
        backordered=ordered - confirmed,
        rejected=Decimal(0),
        price=Decimal(fields.pop("price", round(Decimal(amount) / ordered, 10))),
        amount=Decimal(amount),
        tax_rate=Decimal(fields.pop("tax_rate", "19")),
        status="accepted" if confirmed == ordered else "changed",
        **{"stocked": kind == "item"} | fields,
    )


def answer(lines: Sequence[AgreedLine], kind: type[Any] = OrderAccepted, **fields: Any) -> Any:
    """Return an answer with these lines; what is not named is the same for all of them."""
    head = {
        **ORDER,
        "currency": "EUR",
        "issued": date(2026, 11, 20),
        "buyer": BUYER,
        "delivery": Party(gln="5412345000020", name="Retail warehouse"),
        "payment_terms_days": 30,
        "lines": tuple(lines),
    }
    return kind(**head | fields)
