"""A file of EDIFACT as canonical JSON, read without an agreement."""

import json
from typing import Any

from hub.canonical.values import Value
from hub.translators.edifact.interchange import Checked, check, split


def canonical(data: bytes) -> tuple[str, bool]:
    """Return the file's interchanges as JSON text, and whether nothing is wrong with any of them."""
    read = [check(data[one.offset : one.offset + one.length], None) for one in split(data)]
    text = json.dumps([_told(one) for one in read], indent=2, ensure_ascii=False)
    return text + "\n", bool(read) and all(one.all_sound for one in read)


def _told(one: Checked) -> dict[str, Any]:
    return {
        "interchange": _plain(one.interchange),
        "test": one.test,
        "orders": [_plain(message.order) for message in one.messages if message.order],
    }


def _plain(value: Value) -> Any:
    return value.model_dump(mode="json", exclude_none=True)
