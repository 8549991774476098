"""The records of the status service: what partners are owed and were sent, and the public feed."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.store.records import table

LEAVES = "state = 'queued' and held is null and transport <> 'pull'"
"""What leaves by itself, of all transmissions that ever were."""
SENT = "sent_at is not null and kind <> 'event'"
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
        ("created_at", "state"): STUCK,
        ("partner", "position"): "held is not null",
        ("kind", "sent_at"): SENT,
        ("ack_due",): "acknowledged is null and ack_due is not null",
    },
    unique=[("partner", "position")],
)
class Transmission(NamedTuple):
    """One document or event on its way to a partner. Its bytes (`archive_id`) and `reference` never change.

    `kind` is CONTRL, ORDRSP, DESADV, INVOIC or `event`; `transport` is folder, http, pull
    or webhook. `position` counts the partner's transmissions; those of one `subject`
    are sent in its order. `state` only moves forward: queued, sent, delivered,
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


@table("feed", indexes=[("partner", "position")], unique=[("event_id", "partner")])
class FeedEntry(NamedTuple):
    """One partner-facing event at its place in the feed; only the status service gives positions."""

    position: int
    event_id: UUID
    partner: str
    type: str
    order_id: str | None
    at: datetime
