"""Shopify: the webhook of an order is a snapshot of the order in the shop's currency.

The order's number is its `id`: deletions, refunds and fulfilments name nothing
else, and `name` ("#1001") is a format that the merchant may change; it is kept in
`extensions`. Refunds and fulfilments inside the snapshot are deltas and not read
here, except pieces that were taken off the order before they left (`restock_type`
`cancel`): those are no longer ordered.

Source: Shopify REST Admin API, resource Order; webhook topics `orders/*`.
"""

import hashlib
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hub.canonical.agreement import Agreement
from hub.errors import Unusable
from hub.translators.webshop.fields import Fields
from hub.translators.webshop.headers import Headers, header
from hub.translators.webshop.result import Result, received, resource

SNAPSHOT_TOPICS = frozenset(
    {
        "orders/create",
        "orders/updated",
        "orders/paid",
        "orders/cancelled",
        "orders/fulfilled",
        "orders/partially_fulfilled",
    }
)
DELETE_TOPIC = "orders/delete"

_TOTALS = ("subtotal_price", "total_discounts", "total_tax", "total_price")
_PAID_IN_FULL = frozenset({"paid", "partially_refunded", "refunded"})
_ORDER_EXTENSIONS = (
    "name",
    "financial_status",
    "fulfillment_status",
    "cancel_reason",
    "source_name",
    "location_id",
    "presentment_currency",
    "tags",
)
_LINE_EXTENSIONS = ("variant_id", "product_id", "vendor", "fulfillment_service", "current_quantity")


def source_key(headers: Headers, body: bytes) -> str:
    """Return the key under which this delivery and all its repetitions are one: shop, topic, webhook id.

    Without a webhook id (never seen from Shopify itself) the body's hash stands for it.
    """
    shop = header(headers, "X-Shopify-Shop-Domain", "Shopify-Shop-Domain") or ""
    delivery = header(headers, "X-Shopify-Webhook-Id", "Shopify-Webhook-Id")
    return ":".join(("shopify", shop, topic(headers), delivery or f"sha256-{hashlib.sha256(body).hexdigest()}"))


def topic(headers: Headers) -> str:
    """Return the topic of the delivery, empty if the header is missing."""
    return header(headers, "X-Shopify-Topic", "Shopify-Topic") or ""


def read(body: bytes, agreement: Agreement, topic: str) -> Result:
    """Return the order, or why there is none.

    Raises UnreadableInput or LimitExceeded where the body is no JSON object.
    """
    if agreement.shop is None:
        raise Unusable(f"the agreement with {agreement.partner} names no shop")
    if topic == DELETE_TOPIC:
        source = resource(body, "order")
        return Result(deleted=_number(source) or None, findings=tuple(source.findings))
    if topic not in SNAPSHOT_TOPICS:
        return Result(not_handled=f"topic {topic or '(none)'} has no effect here")
    source = resource(body, "order")
    return received(source, f"shop:shopify:{agreement.shop.shop}", _order(source), test=source.flag("test"))


def _order(source: Fields) -> dict[str, Any]:
    created = source.instant("created_at")
    if created is None:
        source.problem("missing", "created_at", "the order states no time of creation")
    taken_off = _taken_off(source)
    cancelled = source.text("cancelled_at") is not None or not _something_left(source, taken_off)
    taken_off = {} if cancelled else taken_off
    lines = [*_items(source, taken_off), *_shipping(source), *_extras(source)]
    stated = {name: _total(source, name, current=bool(taken_off)) for name in _TOTALS}
    return {
        "number": _number(source),
        "issued": created.date() if created else None,
        "currency": source.text("currency"),
        "tax_included": source.flag("taxes_included"),
        "buyer": _buyer(source),
        "delivery": _party(source.object("shipping_address")),
        "invoicee": _party(source.object("billing_address")),
        "references": _references(source),
        "notes": [{"text": note} for note in (source.text("note"),) if note],
        "lines": lines,
        "allowances": _unallocated_discount(stated["total_discounts"], lines),
        "stated": {
            "lines": stated["subtotal_price"],
            "tax": stated["total_tax"],
            "payable": stated["total_price"],
        },
        "payments": _payments(source, stated["total_price"]),
        "version": source.instant("updated_at"),
        "cancelled": cancelled,
        "extensions": _extensions(source, _ORDER_EXTENSIONS)
        | _pairs("note_attributes", source)
        | _listed("discount_codes", (code.text("code") for code in source.objects("discount_codes"))),
    }


def _number(source: Fields) -> str:
    number = source.text("id")
    if number is None:
        source.problem("missing", "id", "the order has no id")
    return number or ""


def _money(source: Fields, name: str) -> Decimal | None:
    """Return an amount in the shop's currency: the plain field, or its newer `_set` form."""
    plain = source.number(name)
    if plain is not None:
        return plain
    return source.object(f"{name}_set").object("shop_money").number("amount")


def _total(source: Fields, name: str, *, current: bool) -> Decimal | None:
    """Return a total of the order; `current` once pieces were taken off it, which Shopify then states apart."""
    total = _money(source, f"current_{name}") if current else None
    return _money(source, name) if total is None else total


def _taken_off(source: Fields) -> dict[str, Decimal]:
    """Return the quantity per line id that was taken off the order before it left."""
    taken: dict[str, Decimal] = {}
    for refund in source.objects("refunds"):
        for entry in refund.objects("refund_line_items"):
            if entry.text("restock_type") == "cancel":
                line_id = entry.text("line_item_id") or ""
                taken[line_id] = taken.get(line_id, Decimal(0)) + entry.required_number("quantity")
    return taken


def _something_left(source: Fields, taken_off: dict[str, Decimal]) -> bool:
    """Tell whether a piece of any line is still wanted."""
    return not taken_off or any(
        (line.number("quantity") or Decimal(0)) > taken_off.get(line.text("id") or "", Decimal(0))
        for line in source.objects("line_items")
    )


def _items(source: Fields, taken_off: dict[str, Decimal]) -> Iterator[dict[str, Any]]:
    for line in source.objects("line_items"):
        line_id = line.text("id") or ""
        if not line_id:
            line.problem("missing", "id", "the line has no id")
        ordered = line.required_number("quantity")
        quantity = ordered - taken_off.get(line_id, Decimal(0))
        if quantity <= 0 < ordered:
            continue
        part = quantity / ordered if ordered else Decimal(1)
        yield {
            "line_id": line_id,
            "kind": _kind(line),
            "item": {"sellers": line.text("sku"), "name": line.text("name") or line.text("title")},
            "quantity": {"value": quantity},
            "price": {"amount": _price(line)},
            **_tax(line, part),
            "allowances": _allowances(source, line, part),
            "extensions": _extensions(line, _LINE_EXTENSIONS) | _pairs("properties", line) | _liable(line),
        }


def _liable(line: Fields) -> dict[str, tuple[str, ...]]:
    """Say where the sales channel, not the seller, owes the tax to the state."""
    liable = any(tax.flag("channel_liable") for tax in line.objects("tax_lines"))
    return {"channel_liable": ("true",)} if liable else {}


def _kind(line: Fields) -> str:
    if line.flag("gift_card"):
        return "gift_card"
    return "tip" if line.value.get("tip") else "item"


def _price(line: Fields) -> Decimal:
    price = _money(line, "price")
    if price is None:
        line.problem("missing", "price", "the line has no price")
    return Decimal(0) if price is None else price


def _shipping(source: Fields) -> Iterator[dict[str, Any]]:
    for position, line in enumerate(source.objects("shipping_lines"), 1):
        if line.flag("is_removed"):
            continue
        yield {
            "line_id": f"shipping-{line.text('id') or position}",
            "kind": "shipping",
            "item": {"sellers": line.text("code"), "name": line.text("title")},
            "quantity": {"value": 1},
            "price": {"amount": _price(line)},
            **_tax(line),
            "allowances": _allowances(source, line),
        }


def _extras(source: Fields) -> Iterator[dict[str, Any]]:
    """Yield what the shop charged and states in the head only: a tip without a line of its own, duties, fees."""
    has_tip_line = any(line.value.get("tip") for line in source.objects("line_items"))
    extras = {
        ("tip", "tip"): Decimal(0) if has_tip_line else _money(source, "total_tip_received"),
        ("duties", "fee"): _money(source, "original_total_duties"),
        ("additional-fees", "fee"): _money(source, "original_total_additional_fees"),
    }
    for (line_id, kind), amount in extras.items():
        if amount:
            yield {
                "line_id": line_id,
                "kind": kind,
                "item": {"name": line_id},
                "quantity": {"value": 1},
                "price": {"amount": amount},
                "tax_amount": Decimal(0),
            }


def _part(amount: Decimal | None, part: Decimal) -> Decimal:
    """Return the share of an amount, with the decimals that the amount has."""
    if amount is None:
        return Decimal(0)
    return amount if part == 1 else (amount * part).quantize(amount, rounding=ROUND_HALF_UP)


def _tax(line: Fields, part: Decimal = Decimal(1)) -> dict[str, Any]:
    """Return rate (in percent) and amount of all taxes of a line; neither where only the order has them."""
    if "tax_lines" not in line.value:
        return {}
    taxes = list(line.objects("tax_lines"))
    if not taxes:
        return {"tax_amount": Decimal(0)}
    return {
        "tax_rate": sum((tax.number("rate") or Decimal(0)) for tax in taxes) * 100,
        "tax_amount": sum(_part(_money(tax, "price"), part) for tax in taxes),
    }


def _allowances(source: Fields, line: Fields, part: Decimal = Decimal(1)) -> list[dict[str, Any]]:
    """Return the line's shares of the order's discounts; before allocations existed, the line's own discount."""
    causes = list(source.objects("discount_applications"))
    shares = [
        {
            "charge": False,
            "amount": _part(_money(share, "amount"), part),
            "reason": _cause(causes, share.number("discount_application_index")),
        }
        for share in line.objects("discount_allocations")
    ]
    if shares or "discount_allocations" in line.value:
        return [share for share in shares if share["amount"]]
    discount = _part(_money(line, "total_discount"), part)
    return [{"charge": False, "amount": discount}] if discount else []


def _cause(causes: list[Fields], index: Decimal | None) -> str | None:
    if index is None or index % 1 or not 0 <= index < len(causes):
        return None
    cause = causes[int(index)]
    return cause.text("code") or cause.text("title") or cause.text("description")


def _unallocated_discount(total: Decimal | None, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as document allowance what the order's discounts exceed those of its lines."""
    shares = sum(share["amount"] for line in lines for share in line.get("allowances", ()))
    rest = (total or Decimal(0)) - shares
    return [{"charge": False, "amount": rest, "reason": "discount"}] if rest > 0 else []


def _payments(source: Fields, payable: Decimal | None) -> list[dict[str, Any]]:
    """Return the money that has come in. Shopify's notification names the gateway, not its transactions."""
    status = source.text("financial_status")
    outstanding = _money(source, "total_outstanding")
    amount = payable if status in _PAID_IN_FULL else None
    if status == "partially_paid" and payable is not None and outstanding is not None:
        amount = payable - outstanding
    if not amount:
        return []
    gateways = source.texts("payment_gateway_names") or ((source.text("gateway") or "shopify"),)
    means = "+".join(gateways)
    return [{"reference": f"{means}:{source.text('id')}"[:128], "means": means, "amount": amount}]


def _buyer(source: Fields) -> dict[str, Any]:
    """Return the customer; a guest is known by the billing address and the order's e-mail alone."""
    customer = source.object("customer")
    party = _party(source.object("billing_address")) or _party(customer.object("default_address")) or {}
    names = " ".join(name for name in (customer.text("first_name"), customer.text("last_name")) if name)
    identifier = customer.text("id")
    return party | {
        "identifier": identifier,
        "scheme": "shop" if identifier else None,
        "name": names or party.get("name"),
        "contact": {
            "email": source.text("email") or customer.text("email"),
            "telephone": source.text("phone") or customer.text("phone"),
        },
    }


def _party(address: Fields) -> dict[str, Any] | None:
    if not address.value:
        return None
    names = " ".join(name for name in (address.text("first_name"), address.text("last_name")) if name)
    person = address.text("name") or names or None
    return {
        "name": address.text("company") or person,
        "address": {
            "street": "\n".join(line for line in (address.text("address1"), address.text("address2")) if line) or None,
            "city": address.text("city"),
            "postcode": address.text("zip"),
            "region": address.text("province_code") or address.text("province"),
            "country": address.country("country_code"),
        },
        "contact": {"name": person, "telephone": address.text("phone")},
    }


def _references(source: Fields) -> list[dict[str, Any]]:
    number = source.text("po_number")
    return [{"kind": "ON", "number": number}] if number else []


def _extensions(source: Fields, names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    return {name: (text,) for name in names if (text := source.text(name))}


def _pairs(name: str, source: Fields) -> dict[str, tuple[str, ...]]:
    return _listed(name, (f"{pair.text('name')}={pair.text('value') or ''}" for pair in source.objects(name)))


def _listed(name: str, texts: Iterator[str | None]) -> dict[str, tuple[str, ...]]:
    values = tuple(text for text in texts if text)
    return {name: values} if values else {}
