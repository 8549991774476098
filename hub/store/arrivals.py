"""What comes to a door and what its sender hears: deliveries, their parts, and what became of each."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple
from uuid import UUID

from hub.canonical.envelope import Channel, new_id
from hub.canonical.finding import Finding
from hub.canonical.intake import InputFormat, InterchangeChecked
from hub.store.messages import Archive, End
from hub.translators.pos.receipt import Receipt

DOOR = "door"
"""Who writes the books of what comes in, and in whose name a conflict is parked."""


Entropy = Callable[[int], bytes]
Outcome = Literal["stored", "duplicate", "conflict", "invalid"]

ENDS: Mapping[Outcome, End] = MappingProxyType({"duplicate": "duplicate", "conflict": "parked", "invalid": "refused"})
"""What the books call the end of a document that ended at the door; what is stored goes on."""


class Part(NamedTuple):
    """One interchange or notification inside the bytes: `length` bytes from `offset` on, under one source key.

    `reference` is what the sender calls it. `rejection` is what an EDI partner is told
    where the key is taken by other content, and with `reject_duplicates` at every repetition.
    """

    source_key: str
    sha256: str
    length: int
    offset: int = 0
    reference: str = ""
    test: bool = False
    rejection: InterchangeChecked | None = None
    reject_duplicates: bool = False


class Delivery(NamedTuple):
    """Bytes as they came through a door: `source` is the CloudEvents source (`edi:5412345000013`, `pos:12:3`).

    A body whose chunks are archived already (a large file) is named by `stored`, and
    `body` is empty; then `size` and `sha256` are those of the whole.
    """

    channel: Channel
    endpoint: str
    source: str
    partner: str | None
    body: bytes
    sha256: str
    content_type: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    stored: UUID | None = None
    size: int | None = None


class Input(NamedTuple):
    """A delivery that intake is to read: one file of EDIFACT, or a shop's notification with its `topic`."""

    delivery: Delivery
    format: InputFormat
    parts: tuple[Part, ...]
    topic: str | None = None


class Sales(NamedTuple):
    """A till's delivery, translated at the door; `partner` owns the store."""

    delivery: Delivery
    receipts: tuple[Receipt, ...]


class Taken(NamedTuple):
    """What became of one part or receipt; `first_id` is the document that came first under the key."""

    reference: str
    outcome: Outcome
    document_id: UUID
    first_id: UUID
    findings: tuple[Finding, ...] = ()


class Received(NamedTuple):
    """The answer to one delivery, its parts in their order."""

    archive_id: UUID
    parts: tuple[Taken, ...]


def archived_delivery(one: Delivery, now: datetime, entropy: Entropy) -> Archive:
    """Return the archive row of a delivery, its body still apart."""
    return Archive(
        id=one.stored or new_id(now, entropy(10)),
        at=now,
        direction="in",
        channel=one.channel,
        endpoint=one.endpoint,
        partner=one.partner,
        content_type=one.content_type,
        sha256=one.sha256,
        size=len(one.body) if one.size is None else one.size,
        headers=dict(one.headers),
        body=b"",
    )
