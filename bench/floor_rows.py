"""What one order leaves behind, made without validation: the rows and the message of the floors' hop.

The rows are as wide as the hub's own: same tables, same columns, the same JSON where the hub keeps JSON.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import orjson

HEAD = ("currency", "tax_included", "issued", "buyer", "seller", "delivery", "invoicee", "requested_delivery")
NUMBERS = "order"
TYPE = "stock.allocate.v1"
DESTINATION = "stock"


class Made(NamedTuple):
    """The rows of one order; `number` is its place in our series."""

    inbox: tuple[Any, ...]
    order: tuple[Any, ...]
    lines: list[tuple[Any, ...]]
    event: tuple[Any, ...]
    outbox: tuple[Any, ...]


def made(document: Mapping[str, Any], number: int, now: datetime) -> Made:
    """Return what the hop of this message stores."""
    order, identifier = document["data"]["order"], UUID(document["id"])
    key = document["subject"]
    ours = f"A-{number:08d}"
    event = uuid4()
    order_id = str(event)
    prices = [Decimal(line["price"]["amount"]) * Decimal(line["quantity"]["value"]) for line in order["lines"]]
    row = (
        order_id, ours, document["data"]["buyer_key"], order["number"], document["channel"], document["partner"],
        "received", now, UUID(document["correlationid"]), str(sum(prices)),
        orjson.dumps({name: order[name] for name in HEAD if name in order}).decode(),
        identifier, None, 0, True, 1,
    )  # fmt: skip
    lines = [
        (order_id, position, line["line_id"], line["item"]["gtin"], _terms(line, price), _quantities(line), 1)
        for position, (line, price) in enumerate(zip(order["lines"], prices, strict=True))
    ]
    body = _message(document, event, order_id, ours, lines, now)
    return Made(
        ("order", identifier, "applied", now, None),
        row,
        lines,
        (event, now, TYPE, ours, document["source"], UUID(document["correlationid"]), identifier,
         document["partner"], document["channel"], order_id, DESTINATION, body),
        (event, DESTINATION, key),
    )  # fmt: skip


def instant() -> datetime:
    """Return now."""
    return datetime.now(UTC)


def _terms(line: Mapping[str, Any], amount: Decimal) -> str:
    terms = {"item": line["item"], "unit": "C62", "stocked": True, "location": "main", "price": line["price"]["amount"]}
    return orjson.dumps(terms | {"amount": str(amount), "vat_code": "reduced", "tax_rate": "7"}).decode()


def _quantities(line: Mapping[str, Any]) -> str:
    return orjson.dumps({"ordered": line["quantity"]["value"]}).decode()


def _message(
    document: Mapping[str, Any], event: UUID, order_id: str, ours: str, lines: list[tuple[Any, ...]], now: datetime
) -> bytes:
    wanted = [
        {"line_id": line[2], "sku": line[3], "location": "main", "quantity": given["quantity"]["value"]}
        for line, given in zip(lines, document["data"]["order"]["lines"], strict=True)
    ]
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": event,
            "type": TYPE,
            "source": document["source"],
            "subject": ours,
            "time": now,
            "correlationid": document["correlationid"],
            "causationid": document["id"],
            "partner": document["partner"],
            "channel": document["channel"],
            "testindicator": False,
            "datacontenttype": "application/json",
            "data": {
                "order_id": order_id,
                "order_number": ours,
                "buyer_key": document["data"]["buyer_key"],
                "buyers_number": document["data"]["order"]["number"],
                "lines": wanted,
                "backorder": True,
            },
        }
    )
