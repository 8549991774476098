"""Receipts of a till, for the tests of who takes what is theirs."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.sale import Sale, SaleLine, SaleRecorded, Tender
from hub.canonical.values import Quantity


def sold(line_id: str, quantity: str, amount: str, rate: str | None, **fields: Any) -> SaleLine:
    """Return a line of a receipt that comes to `amount`."""
    return SaleLine(
        line_id=line_id,
        quantity=Quantity(value=Decimal(quantity)),
        unit_price=abs(Decimal(amount)),
        amount=Decimal(amount),
        tax_rate=None if rate is None else Decimal(rate),
        **{"item": ItemIdentification(sellers=f"SKU-{line_id}")} | fields,
    )


def receipt(lines: Sequence[SaleLine], **fields: Any) -> SaleRecorded:
    """Return a receipt of these lines, paid in cash, with VAT in its prices unless it says otherwise."""
    total = sum((line.amount for line in lines if not line.voided), Decimal(0))
    head = {
        "store": "s1",
        "terminal": "t1",
        "business_date": date(2026, 11, 25),
        "number": "17",
        "currency": "EUR",
        "lines": tuple(lines),
        "total": total,
        "tenders": (Tender(tender_id="1", means="cash", amount=total),),
    }
    return SaleRecorded(sale=Sale(**head | fields))
