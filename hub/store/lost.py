"""Events that the broker has lost: sent to a service, settled by nobody, and in no outbox any more.

A message leaves the outbox when the broker has confirmed it, so from then on the broker
alone has it until its service has settled it. Should the broker lose what it confirmed
(its disk, a queue deleted by hand), the event log still holds the message, and it is
sent again from there. One that was not lost after all is known to its inbox.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from hub.store.audit import By, audited
from hub.store.messages import OutboxRow
from hub.store.outbox import Subscriber, Subscribers
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query
from hub.store.told import FIRST

PAGE = 2_000
"""Events of the log that are looked through in one transaction."""


class LostEvent(NamedTuple):
    """An event that a service should have settled."""

    id: UUID
    type: str
    body: bytes


class Resent(NamedTuple):
    """What one page of the log gave: how many were sent again, by service. After `next` it goes on; None: it ends."""

    next: UUID | None
    looked_at: int
    sent: Mapping[str, int]


def lost(
    service: str, before: datetime | None, *, most: int, after: UUID = FIRST, last: UUID | None = None
) -> Job[list[LostEvent]]:
    """Return the first lost events of a service in the order of their ids, `after` one and up to the `last`.

    `before` is when they must have been written, so that the broker cannot be taken to hold them still.
    """
    bounds = [("e.at < :before", before), ("e.id <= :last", last)]
    within = "".join(f" and {text}" for text, value in bounds if value is not None)
    parameters = {"before": before, "last": last, "after": after, "service": service, "most": most}
    found = yield Query(
        "select e.id, e.type, e.body from event_log e where e.id > :after"
        " and ' ' || e.destinations || ' ' like :destination"
        " and not exists (select 1 from inbox i where i.service = :service and i.message_id = e.id)"
        " and not exists (select 1 from outbox o where o.destination = :service and o.event_id = e.id)"
        f"{within} order by e.id limit :most",
        {name: value for name, value in parameters.items() if value is not None} | {"destination": f"% {service} %"},
        (UUID, str, bytes),
    )
    return [LostEvent(*row) for row in found]


def resend(after: UUID, before: datetime, subscribers: Subscribers, by: By, cause: UUID) -> Job[Resent]:
    """Look through the next page of the log and queue what is lost there for its services, in the order of the log.

    `cause` is a new id, from which that of the audit row is made.
    """
    page = yield Query(
        "select id from event_log where id > :after order by id limit :page", {"after": after, "page": PAGE}, (UUID,)
    )
    if not page:
        return Resent(None, 0, {})
    last: UUID = page[-1][0]
    rows: list[OutboxRow] = []
    for service, taken in _by_service(subscribers).items():
        found = yield from lost(service, before, most=PAGE, after=after, last=last)
        rows += [
            OutboxRow(None, event.id, service, _key(taker, event.body))
            for event in found
            if (taker := taken.get(event.type))
        ]
    sent = Counter(row.destination for row in rows)
    if rows:
        yield Insert(SPECS[OutboxRow], sorted(rows, key=attrgetter("event_id")))
        told = ", ".join(f"{service} {number}" for service, number in sorted(sent.items()))
        yield from audited(by, "events.resent", f"{after} to {last}", told, cause=cause)
    return Resent(last, len(page), sent)


def _key(taker: Subscriber, body: bytes) -> str:
    """Return the service's key of a message; one that it cannot read any more has none, and will be parked there."""
    try:
        return taker.key(taker.reads(body))
    except ValidationError:
        return ""


def _by_service(subscribers: Subscribers) -> Mapping[str, Mapping[str, Subscriber]]:
    found: dict[str, dict[str, Subscriber]] = defaultdict(dict)
    for type_, takers in subscribers.items():
        for taker in takers:
            found[taker.service][type_] = taker
    return found
