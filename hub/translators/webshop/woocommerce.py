"""WooCommerce: the webhook of an order is the order as it stands when the delivery leaves, not when it was caused.

Line amounts are net, whatever `prices_include_tax` says: `subtotal` before and
`total` after the discount. `line_items[].price` contradicts its own line in the
field (price 30 for two pieces at 50.00) and is never used. The order's number is
its `id`, which alone a deletion names; `number` may be changed by plugins.

A shop signs every delivery but its ping, and its delivery id is not unique (a hash
of webhook and second), so the content belongs to the source key.

Source: WooCommerce REST API v3, resource Order; `WC_Webhook`.
"""

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hub.canonical.agreement import Agreement
from hub.errors import PartnerError, Unusable
from hub.translators.webshop.fields import Fields
from hub.translators.webshop.headers import Headers, header
from hub.translators.webshop.result import Result, received, resource

SNAPSHOT_TOPICS = frozenset({"order.created", "order.updated", "order.restored"})
DELETE_TOPIC = "order.deleted"

NOT_YET_ORDERED = frozenset({"auto-draft", "checkout-draft", "draft", "failed", "pending"})
"""Statuses of a basket whose buyer has not committed: nothing may be reserved or shipped for it."""
_CANCELLED = frozenset({"cancelled", "trash"})

_ORDER_EXTENSIONS = ("number", "status", "created_via", "payment_method_title")
_LINE_EXTENSIONS = ("product_id", "variation_id", "tax_class")
_PRICE_DECIMALS = Decimal("0.000001")
_PING = re.compile(rb"\s*webhook_id=\d{1,20}\s*")


def is_ping(body: bytes) -> bool:
    """Tell whether this is the unsigned `webhook_id=NN` with which a shop tries an address; it wants exactly 200."""
    return _PING.fullmatch(body) is not None


def source_key(headers: Headers, body: bytes) -> str:
    """Return the key under which repetitions of a delivery are one: shop, topic, resource and content."""
    shop = (header(headers, "X-WC-Webhook-Source") or "").rstrip("/")
    return ":".join(("woocommerce", shop, topic(headers), _resource_id(body), hashlib.sha256(body).hexdigest()))


def topic(headers: Headers) -> str:
    """Return the topic of the delivery, empty if the header is missing."""
    return header(headers, "X-WC-Webhook-Topic") or ""


def _resource_id(body: bytes) -> str:
    try:
        return resource(body, "data").text("id") or ""
    except PartnerError:
        return ""


def read(body: bytes, agreement: Agreement, topic: str) -> Result:
    """Return the order, or why there is none.

    Raises UnreadableInput or LimitExceeded where the body is no JSON object.
    """
    if agreement.shop is None:
        raise Unusable(f"the agreement with {agreement.partner} names no shop")
    if topic == DELETE_TOPIC:
        source = resource(body, "data")
        return Result(deleted=_number(source) or None, findings=tuple(source.findings))
    if topic not in SNAPSHOT_TOPICS:
        return Result(not_handled=f"topic {topic or '(none)'} has no effect here")
    source = resource(body, "data")
    result = received(source, f"shop:woocommerce:{agreement.shop.shop}", _order(source))
    status = source.text("status")
    if status in NOT_YET_ORDERED:
        return Result(not_handled=f"status {status}: not ordered yet", findings=result.findings)
    return result


def _order(source: Fields) -> dict[str, Any]:
    created = source.instant("date_created", utc=True) or source.instant("date_created_gmt", utc=True)
    if created is None:
        source.problem("missing", "date_created", "the order states no time of creation")
    gift_cards = list(source.objects("gift_cards"))
    return {
        "number": _number(source),
        "issued": created.date() if created else None,
        "currency": source.text("currency"),
        "tax_included": False,
        "buyer": _buyer(source),
        "delivery": _party(source.object("shipping")),
        "invoicee": _party(source.object("billing")),
        "notes": [{"text": note} for note in (source.text("customer_note"),) if note],
        "lines": [
            *_items(source),
            *_beside(source, "shipping_lines", "shipping"),
            *_beside(source, "fee_lines", "fee"),
        ],
        "stated": {"tax": source.number("total_tax"), "payable": _payable(source, gift_cards)},
        "payments": [*_paid(source), *_redeemed(gift_cards)],
        "version": source.instant("date_modified_gmt", utc=True),
        "cancelled": source.text("status") in _CANCELLED,
        "extensions": _extensions(source, _ORDER_EXTENSIONS)
        | _listed("coupons", (coupon.text("code") for coupon in source.objects("coupon_lines")))
        | _listed("refunds", (f"{refund.text('id')}={refund.text('total')}" for refund in source.objects("refunds"))),
    }


def _number(source: Fields) -> str:
    number = source.text("id")
    if number is None:
        source.problem("missing", "id", "the order has no id")
    return number or ""


def _items(source: Fields) -> Iterator[dict[str, Any]]:
    line_ids = {line.text("id") for line in source.objects("line_items")}
    coupons = ", ".join(code for coupon in source.objects("coupon_lines") if (code := coupon.text("code")))
    rates = _rates(source)
    for line in source.objects("line_items"):
        quantity = line.required_number("quantity")
        total = line.required_number("total")
        subtotal = line.number("subtotal")
        subtotal = total if subtotal is None else subtotal
        parent = line.text("bundled_by") or line.text("composite_parent")
        is_parent = bool(line.value.get("bundled_items") or line.value.get("composite_children"))
        yield {
            "line_id": _line_id(line),
            "kind": "bundle_parent" if is_parent else "item",
            "parent_line": parent if parent in line_ids else None,
            "item": {"sellers": line.text("sku"), "name": line.text("name")},
            "quantity": {"value": quantity},
            "price": _price(subtotal, quantity),
            "stated_amount": total,
            **_tax(line, rates),
            "allowances": _change(total - subtotal, coupons or None),
            "extensions": _extensions(line, _LINE_EXTENSIONS),
        }


def _beside(source: Fields, name: str, kind: str) -> Iterator[dict[str, Any]]:
    """Yield the shipping or fee lines; a fee may be negative, as shops write discounts."""
    rates = _rates(source)
    for line in source.objects(name):
        total = line.required_number("total")
        yield {
            "line_id": _line_id(line),
            "kind": kind,
            "item": {"sellers": line.text("method_id"), "name": line.text("method_title") or line.text("name")},
            "quantity": {"value": 1},
            "price": {"amount": total},
            "stated_amount": total,
            **_tax(line, rates),
        }


def _line_id(line: Fields) -> str:
    line_id = line.text("id")
    if line_id is None:
        line.problem("missing", "id", "the line has no id")
    return line_id or ""


def _price(subtotal: Decimal, quantity: Decimal) -> dict[str, Decimal] | None:
    """Return the unit price that the line's subtotal means: per piece where that comes out even, else per quantity."""
    if not quantity:
        return None
    each = (subtotal / quantity).quantize(_PRICE_DECIMALS)
    if each * quantity == subtotal:
        return {"amount": each.normalize() if each % 1 else each.quantize(Decimal(1))}
    return {"amount": subtotal, "base_quantity": quantity}


def _change(amount: Decimal, reason: str | None) -> list[dict[str, Any]]:
    return [{"charge": amount > 0, "amount": abs(amount), "reason": reason}] if amount else []


def _rates(source: Fields) -> dict[str | None, Decimal | None]:
    """Return percentages by rate id; none for a compound rate, which is not of the net amount."""
    return {
        tax.text("rate_id"): None if tax.flag("compound") else tax.number("rate_percent")
        for tax in source.objects("tax_lines")
    }


def _tax(line: Fields, rates: dict[str | None, Decimal | None]) -> dict[str, Any]:
    """Return the line's tax, and its rate if all the taxes on it are known and simple."""
    applied = [rates.get(tax.text("id")) for tax in line.objects("taxes") if tax.text("total")]
    known = [rate for rate in applied if rate is not None]
    rate = sum(known, Decimal(0)) if known and len(known) == len(applied) else None
    return {"tax_rate": rate, "tax_amount": line.number("total_tax")}


def _payable(source: Fields, gift_cards: list[Fields]) -> Decimal | None:
    """Return what the buyer owes in all: the shop's total is what was left after gift cards, which are payments."""
    total = source.number("total")
    if total is None:
        return None
    return total + sum((card.number("amount") or Decimal(0)) for card in gift_cards)


def _paid(source: Fields) -> Iterator[dict[str, Any]]:
    total = source.number("total")
    paid = source.text("date_paid_gmt") or source.text("date_paid")
    if paid and total:
        means = source.text("payment_method") or "woocommerce"
        reference = source.text("transaction_id") or f"{means}:{source.text('id')}"
        yield {"reference": reference[:128], "means": means, "amount": total}


def _redeemed(gift_cards: list[Fields]) -> Iterator[dict[str, Any]]:
    """Yield the gift cards that paid; their codes are money and stay out of the order."""
    for card in gift_cards:
        if amount := card.number("amount"):
            yield {"reference": f"gift_card:{card.text('id')}", "means": "gift_card", "amount": amount}


def _buyer(source: Fields) -> dict[str, Any]:
    """Return the customer; `customer_id` 0 is a guest, known by the billing address alone."""
    identifier = source.text("customer_id")
    known = identifier not in {None, "0"}
    party = _party(source.object("billing")) or {}
    return party | {"identifier": identifier if known else None, "scheme": "shop" if known else None}


def _party(address: Fields) -> dict[str, Any] | None:
    """Return the party of an address; an address of blanks is none."""
    if not any(value for value in address.value.values()):
        return None
    person = " ".join(name for name in (address.text("first_name"), address.text("last_name")) if name) or None
    return {
        "name": address.text("company") or person,
        "address": {
            "street": "\n".join(line for line in (address.text("address_1"), address.text("address_2")) if line)
            or None,
            "city": address.text("city"),
            "postcode": address.text("postcode"),
            "region": address.text("state"),
            "country": address.country("country"),
        },
        "contact": {"name": person, "telephone": address.text("phone"), "email": address.text("email")},
    }


def _extensions(source: Fields, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name: (text,) for name in names if (text := source.text(name))}


def _listed(name: str, texts: Iterator[str | None]) -> dict[str, tuple[str, ...]]:
    values = tuple(text for text in texts if text)
    return {name: values} if values else {}
