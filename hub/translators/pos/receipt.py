"""One receipt as it was read, with the key and the content hash by which repetitions are known."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hub.canonical.finding import Finding, Location
from hub.canonical.sale import Sale

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of a batch: `ordinal` is its position from 0; `sale` is None where it could not be read."""

    ordinal: int
    sale: Sale | None
    findings: tuple[Finding, ...] = ()

    @property
    def key(self) -> str | None:
        """The source key: store, terminal, business date and number."""
        return self.sale.receipt_key if self.sale else None

    @property
    def sha256(self) -> str | None:
        """The hash of the canonical content: the same for every spelling of the same receipt."""
        return content_hash(self.sale) if self.sale else None


def content_hash(sale: Sale) -> str:
    """Return the SHA-256 of what the receipt says, whatever its spelling of numbers, times and defaults."""
    content = _plain(sale.model_dump(exclude_defaults=True))
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(member) for member in value]
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(microseconds=1)
    return value if isinstance(value, bool | int | None) else str(value)


def ambiguities(sale: Sale, path: str) -> tuple[Finding, ...]:
    """Return a warning for each line or tender id that a receipt uses twice: repetitions of it cannot be told apart."""
    found = []
    for name, ids in (
        ("lines", [line.line_id for line in sale.lines]),
        ("tenders", [tender.tender_id for tender in sale.tenders]),
    ):
        seen: set[str] = set()
        for index, identifier in enumerate(ids):
            if identifier in seen:
                place = Location(path=f"{path}.{name}[{index}]")
                message = f"the id {identifier!r} was used before in this receipt"
                found.append(Finding(code="duplicate_id", level="warning", location=place, message=message))
            seen.add(identifier)
    return tuple(found)
