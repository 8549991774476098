"""The records of the status service: what partners are owed and were sent, and the public feed."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.store.records import table

LEAVES = "state = 'queued' and held is null and transport <> 'pull'"
"""What leaves by itself, of all transmissions that ever were."""
INTERCHANGE = "interchange"
"""The kind of a transmission that carries collected documents, and is none itself."""
BY_INTERCHANGE = "interchange"
"""The transport of a document that waits to be collected, or was."""
WAITS = "state = 'waiting' and held is null"
"""What waits to be collected."""
SENT = "sent_at is not null and kind not in ('event', 'interchange')"
"""Documents that have left: counted by kind whenever somebody looks."""
STUCK_STATES = frozenset({"parked", "refused"})
STUCK = "state in ('parked', 'refused')"
"""What a person must look at."""


@table(
    "transmission",
    indexes=[
        ("created_at",),
        ("partner", "subject", "position"),
        ("partner", "reference"),
        ("order_id",),
    ],
    partial={
        ("transport", "partner", "next_at", "position"): LEAVES,
        ("partner", "kind", "test", "next_at"): WAITS,
        ("created_at", "state"): STUCK,
        ("partner", "position"): "held is not null",
        ("kind", "sent_at"): SENT,
        ("ack_due",): "acknowledged is null and ack_due is not null",
    },
    unique=[("partner", "position")],
)
class Transmission(NamedTuple):
    """One document, interchange or event on its way to a partner. Its bytes (`archive_id`) never change.

    `kind` is CONTRL, APERAK, ORDRSP, DESADV, INVOIC, `interchange` (of collected
    documents) or `event`; `transport` is folder, http, pull or webhook, or `interchange`
    for a document that leaves by one. `reference` is the control reference, for a
    collected document with its place in the interchange (`17/3`), empty while it waits.
    `position` counts the partner's transmissions; those of one `subject` are sent in its
    order. `state` only moves forward: waiting, collected; queued, sent, delivered,
    acknowledged; refused, parked. `held` says why it may not leave yet.
    """

    id: UUID
    partner: str
    position: int
    kind: str
    event_id: UUID
    event_type: str
    order_id: str | None
    subject: str
    reference: str
    archive_id: UUID
    transport: str
    test: bool
    state: str
    held: str | None
    attempts: int
    next_at: datetime
    created_at: datetime
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    ack_due: datetime | None = None
    acknowledged: str | None = None
    last_error: str | None = None
    resent: int = 0
    version: int = 0


@table("collected", key=2, group=1, unique=[("document_id",)])
class Collected(NamedTuple):
    """A document's place in the interchange that it leaves in: its message reference (UNH 0062), from 1."""

    interchange_id: UUID
    number: int
    document_id: UUID


@table("feed", indexes=[("partner", "position")], unique=[("event_id", "partner")])
class FeedEntry(NamedTuple):
    """One partner-facing event at its place in the feed; only the status service gives positions."""

    position: int
    event_id: UUID
    partner: str
    type: str
    order_id: str | None
    at: datetime
