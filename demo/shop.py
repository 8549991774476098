"""The web shop: paid orders as Shopify sends them, signed over the raw bytes."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from demo.catalogue import Article

PARTNER = "teeladen"
PATH = "/webhooks/shopify/teeladen"
DOMAIN = "teeladen.myshopify.com"
SECRET = b"demo-shop-secret-not-for-production"
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Delivery:
    """One webhook: its body and headers."""

    body: bytes
    headers: dict[str, str]


def order(number: int, lines: Sequence[tuple[Article, int]], now: datetime | None = None) -> bytes:
    """Return a paid order as Shopify states it, prices with VAT."""
    at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    total = sum((article.gross * quantity for article, quantity in lines), Decimal(0))
    items = [_line(number * 100 + position, article, quantity) for position, (article, quantity) in enumerate(lines, 1)]
    address = {"first_name": "Lena", "last_name": "Ahrens", "address1": "Deichweg 4", "zip": "20459", "city": "Hamburg"}
    address |= {"country": "Germany", "country_code": "DE", "name": "Lena Ahrens"}
    document: dict[str, Any] = {
        "id": 6_000_000_000 + number,
        "name": f"#{number}",
        "order_number": number,
        "created_at": at,
        "updated_at": at,
        "cancelled_at": None,
        "currency": "EUR",
        "presentment_currency": "EUR",
        "taxes_included": True,
        "test": False,
        "email": "lena@example.org",
        "financial_status": "paid",
        "payment_gateway_names": ["shopify_payments"],
        "subtotal_price": str(total),
        "total_discounts": "0.00",
        "total_tax": str(sum((Decimal(item["tax_lines"][0]["price"]) for item in items), Decimal(0))),
        "total_price": str(total),
        "customer": {"id": 7_000_000 + number, "first_name": "Lena", "last_name": "Ahrens"},
        "billing_address": address,
        "shipping_address": address,
        "line_items": items,
        "shipping_lines": [],
        "refunds": [],
        "fulfillments": [],
    }
    return json.dumps(document).encode()


def _line(identifier: int, article: Article, quantity: int) -> dict[str, Any]:
    total = article.gross * quantity
    tax = (total * article.vat / (100 + article.vat)).quantize(CENT, ROUND_HALF_UP)
    rate = float(article.vat / 100)
    return {
        "id": identifier,
        "sku": article.sku,
        "name": article.name,
        "title": article.name,
        "quantity": quantity,
        "current_quantity": quantity,
        "price": str(article.gross),
        "gift_card": False,
        "discount_allocations": [],
        "tax_lines": [{"title": "VAT", "price": str(tax), "rate": rate}],
    }


def delivery(body: bytes, webhook_id: str, *, secret: bytes = SECRET) -> Delivery:
    """Return the webhook that carries this body."""
    digest = base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Shop-Domain": DOMAIN,
        "X-Shopify-Webhook-Id": webhook_id,
        "X-Shopify-Hmac-SHA256": digest,
    }
    return Delivery(body, headers)
