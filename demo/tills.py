"""The store's tills: receipts in our own JSON, one at a time or as a batch."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from demo.catalogue import Article

STORE = "store-12"
PARTNER = "store-12"
PATH = "/pos/sales"
CENT = Decimal("0.01")


def receipt(
    till: str, number: int, lines: Sequence[tuple[Article, int]], business_date: date | None = None
) -> dict[str, Any]:
    """Return a paid receipt, prices with VAT."""
    total = sum((article.gross * quantity for article, quantity in lines), Decimal(0))
    return {
        "store": STORE,
        "terminal": till,
        "business_date": (business_date or datetime.now(UTC).date()).isoformat(),
        "number": f"{number:06d}",
        "sequence": number,
        "currency": "EUR",
        "tax_included": True,
        "lines": [_line(position, article, quantity) for position, (article, quantity) in enumerate(lines, 1)],
        "tenders": [{"tender_id": "1", "means": "cash", "amount": str(total)}],
        "total": str(total),
    }


def batch(receipts: Sequence[dict[str, Any]]) -> bytes:
    """Return the request that sends several receipts."""
    return json.dumps({"sales": list(receipts)}).encode()


def _line(position: int, article: Article, quantity: int) -> dict[str, Any]:
    total = article.gross * quantity
    tax = (total * article.vat / (100 + article.vat)).quantize(CENT, ROUND_HALF_UP)
    return {
        "line_id": str(position),
        "item": {"gtin": article.gtin, "sellers": article.sku, "name": article.name},
        "quantity": {"value": str(quantity), "unit": "C62"},
        "unit_price": str(article.gross),
        "amount": str(total),
        "tax_rate": str(article.vat),
        "tax_amount": str(tax),
    }
