"""What makes two documents under one number the same document."""

import hashlib
from decimal import Decimal
from typing import Any

import orjson

from hub.canonical.order import Order

_MAY_DIFFER = frozenset({"version", "function"})
_GOODS = {"currency", "tax_included", "delivery", "allowances", "lines"}
_WORDS_OF_A_LINE = {"lines": {"__all__": {"extensions", "notes"}}}


def content_fingerprint(order: Order) -> str:
    """Return the hash of everything that an order says, but for its version and function: a repetition may differ."""
    said = {name: value for name, value in order.__dict__.items() if name not in _MAY_DIFFER}
    return hashlib.sha256(orjson.dumps(said, _plain)).hexdigest()


def goods_fingerprint(order: Order) -> str:
    """Return the hash of what an order asks for: goods, prices, place. What is merely said about it is left out."""
    return _hash(order.model_dump_json(include=_GOODS, exclude=_WORDS_OF_A_LINE))


def _plain(value: Any) -> Any:
    return str(value) if type(value) is Decimal else vars(value)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
