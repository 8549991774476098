"""A file of EDIFACT as canonical JSON, read as if its partner had agreed to exactly what it says."""

import json
from typing import Any

from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.canonical.party import Party
from hub.canonical.values import Value
from hub.translators.edifact.directory import DIRECTORIES
from hub.translators.edifact.interchange import Checked, Header, check, split


def canonical(data: bytes) -> tuple[str, bool]:
    """Return the file's interchanges as JSON text, and whether nothing is wrong with any of them."""
    read = [_read(data[one.offset : one.offset + one.length], one.header) for one in split(data)]
    text = json.dumps([_told(one) for one in read], indent=2, ensure_ascii=False)
    return text + "\n", bool(read) and all(one.all_sound for one in read)


def _read(data: bytes, header: Header | None) -> Checked:
    """Return the reading with the fewest errors: UNH names a directory, and only one of ours can be it."""
    readings = [check(data, _agreement(header, directory)) for directory in DIRECTORIES]
    return min(readings, key=lambda one: sum(not message.verdict.accepted for message in one.messages))


def _agreement(header: Header | None, directory: Any) -> Agreement:
    nobody = InterchangeAddress(identifier="unknown")
    them = (header.sender_address if header else None) or nobody
    us = (header.recipient_address if header else None) or nobody
    edi = EdiAgreement(us=us, them=them, directory=directory)
    return Agreement(partner="unknown", party=Party(name="unknown"), edi=edi)


def _told(one: Checked) -> dict[str, Any]:
    return {
        "interchange": _plain(one.interchange),
        "test": one.test,
        "orders": [_plain(message.order) for message in one.messages if message.order],
    }


def _plain(value: Value) -> Any:
    return value.model_dump(mode="json", exclude_none=True)
