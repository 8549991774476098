"""The records behind the five promises: what came, what became of it, what happened, what is on its way.

Written by the doors and by the runner, never by a handler (but `Document`, which
intake adds for what it finds inside an input). `docs/adr/0003` tells why event log
and outbox are two tables.
"""

from datetime import date, datetime
from typing import Literal, NamedTuple
from uuid import UUID

from hub.store.records import Rank, table

End = Literal["applied", "duplicate", "refused", "waiting", "parked", "dropped", "split"]
"""What became of a document. None is "in flight"; `split`: it was an input and its documents count now."""

Outcome = Literal["applied", "refused", "waiting", "parked", "dropped"]


@table("archive", key=1)
class Archive(NamedTuple):
    """Bytes that came in or went out, as they were. `body` is empty if it stands in `archive_chunk` (above 1 MB)."""

    id: UUID
    at: datetime
    direction: str
    channel: str
    endpoint: str
    partner: str | None
    content_type: str | None
    sha256: str
    size: int
    headers: dict[str, str]
    body: bytes


@table("archive_chunk", key=2, group=1)
class ArchiveChunk(NamedTuple):
    """One megabyte of a large body."""

    archive_id: UUID
    n: int
    body: bytes


@table("source_key", key=3)
class SourceKey(NamedTuple):
    """What makes an input the same one again, and the sha256 of what first came under it.

    `kind` is the format; `source` who sent it (partner, shop, store); `document_id` the first
    input's document.
    """

    kind: str
    source: str
    key: str
    sha256: str
    archive_id: UUID
    document_id: UUID


@table(
    "document",
    key=1,
    indexes=[("received_at", "id"), ("correlation_id",), ("ended", "received_at"), ("partner", "received_at", "id")],
    partial={("business_key",): "business_key is not null"},
)
class Document(NamedTuple):
    """One document of the books: id of its canonical message (an input's: of its `input.received`)."""

    id: UUID
    received_at: datetime
    archive_id: UUID
    correlation_id: UUID
    channel: str
    partner: str | None
    kind: str
    business_key: str | None
    source_key: str
    sha256: str
    test: bool
    ended: str | None = None
    reason: str | None = None
    ended_at: datetime | None = None


@table("event_log", key=1, indexes=[("correlation_id",), ("order_id",), ("at",), ("type", "at")])
class Event(NamedTuple):
    """A canonical message as it was written: immutable history. `body` is its CloudEvents JSON.

    `destinations` are the services that it was sent to, separated by blanks.
    """

    id: UUID
    at: datetime
    type: str
    subject: str
    source: str
    correlation_id: UUID
    causation_id: UUID | None
    partner: str | None
    channel: str
    order_id: str | None
    destinations: str
    body: bytes


@table("outbox", key=1, identity=True, indexes=[("destination", "id")])
class OutboxRow(NamedTuple):
    """One event on its way to one service's queue; deleted once confirmed. `okey` is the consumer's key of it."""

    id: int | None
    event_id: UUID
    destination: str
    okey: str


@table("inbox", key=2, indexes=[("outcome", "service")])
class InboxRow(NamedTuple):
    """What became of one message in one service: exactly one row, written with its effects."""

    service: str
    message_id: UUID
    outcome: str
    at: datetime
    reason: str | None = None


@table(
    "waiting",
    key=2,
    indexes=[("service", "until"), ("service", "okey", "seq"), ("service", "awaits")],
)
class WaitingRow(NamedTuple):
    """A message that cannot run now. `seq` keeps the turn within `okey`; `blocks`: later ones of the key join the tail.

    `until`: when to look again; `awaits`: the key whose arrival wakes it; `deadline`: when it is parked.
    """

    service: str
    message_id: UUID
    okey: str
    seq: int
    blocks: bool
    until: datetime
    deadline: datetime | None
    awaits: str | None
    attempts: int
    reason: str


@table("expected", key=1, rank=Rank.EXPECTED)
class Expected(NamedTuple):
    """The meeting place of two messages that look for each other: both lock it first. `key` begins with the service."""

    key: str
    version: int = 0


@table("suspect", key=2)
class Suspect(NamedTuple):
    """How often the processing of a redelivered message was begun: at the third it is parked."""

    service: str
    message_id: UUID
    starts: int


@table("parked", key=2, indexes=[("state", "at")])
class Parked(NamedTuple):
    """What a person must decide on. `state`: parked, replayed, dropped; `error_class` is the cause it is listed by.

    `body` is the message where the event log does not have it (undecodable), else empty.
    """

    service: str
    message_id: UUID
    at: datetime
    okey: str
    type: str
    error_class: str
    error: str
    traceback: str | None
    state: str
    note: str | None
    body: bytes
    version: int = 0


@table("counter", key=4)
class Counter(NamedTuple):
    """Documents counted by what became of them. `writer` keeps writers out of each other's way; the sum counts.

    `outcome` is an `End`, "received", "unauthenticated" or "quarantined".
    """

    writer: str
    day: date
    channel: str
    outcome: str
    n: int


@table("lease", key=1)
class Lease(NamedTuple):
    """Who holds a partition, the relay or a partner's folder, and until when; `epoch` rises with each holder."""

    name: str
    owner: str
    until: datetime
    epoch: int


@table("progress", key=2)
class Progress(NamedTuple):
    """How far a long input has been taken: `done` documents, from `offset` in its bytes on."""

    service: str
    message_id: UUID
    done: int
    offset: int
    state: bytes
    version: int = 0


@table("ring", key=2)
class Ring(NamedTuple):
    """Of what unknown senders tried at an endpoint, the last few, cut short: for diagnosis, never read as input."""

    endpoint: str
    place: int
    at: datetime
    reason: str
    headers: dict[str, str]
    body: bytes
    version: int = 0


@table("number_series", key=1, rank=Rank.NUMBERS)
class NumberSeries(NamedTuple):
    """A counter whose numbers have no gaps: locked last, given back when the transaction rolls back."""

    series: str
    last: int
    version: int = 0


@table("task", key=1, indexes=[("state", "at"), ("order_id",)])
class Task(NamedTuple):
    """Something odd about what has been applied all the same, for a person to look at and to close with a `note`."""

    id: UUID
    at: datetime
    service: str
    kind: str
    subject: str
    order_id: str | None
    reason: str
    state: str = "open"
    closed_at: datetime | None = None
    closed_by: str | None = None
    note: str | None = None


@table("audit_log", key=1, indexes=[("at",)])
class Audit(NamedTuple):
    """Who gave which command or decided what, why, and when."""

    id: UUID
    at: datetime
    actor: str
    action: str
    object: str
    reason: str | None
    detail: str
