"""Publishing: an event into the log, and one row for each service that takes it into the outbox, in one job.

The outbox is a queue that is nearly empty: what the broker confirmed is deleted by id
and event, so that a late confirm never removes another row. See `docs/adr/0003`.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from hub.canonical.envelope import Message
from hub.store.leases import HELD, Holding
from hub.store.messages import Event, OutboxRow
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query

_EVENTS = SPECS[Event]
_OUTBOX = SPECS[OutboxRow]
NONE_KNOWN: AbstractSet[UUID] = frozenset()


class Subscriber(Protocol):
    """A service that takes a kind of message, and its own key of one."""

    @property
    def service(self) -> str:
        """The service's name, which is that of its queue."""
        ...

    @property
    def key(self) -> Callable[[Any], str]:
        """The service's key of a message: messages of one key keep their order."""
        ...

    def takes(self, message: Any) -> bool:
        """Tell whether this message, which may be a test, is for the service."""
        ...

    def reads(self, body: bytes) -> Any:
        """Return a message of this kind, as it was published."""
        ...


Subscribers = Mapping[str, Sequence[Subscriber]]
"""Who takes a message, by its wire type."""


class Outgoing(NamedTuple):
    """A row of the outbox with what is published of its event; sorted, rows stand in their order."""

    id: int
    event_id: UUID
    destination: str
    okey: str
    type: str
    body: bytes


def event_of(message: Message[Any], destinations: Sequence[str]) -> Event:
    """Return the event that a message is in the log."""
    return Event(
        id=message.id,
        at=message.time,
        type=message.type,
        subject=message.subject,
        source=message.source,
        correlation_id=message.correlationid,
        causation_id=message.causationid,
        partner=message.partner,
        channel=message.channel,
        order_id=getattr(message.data, "order_id", None),
        destinations=" ".join(destinations),
        body=message.to_json(),
    )


def publish(
    messages: Sequence[Message[Any]], subscribers: Subscribers, *, may_be_known: bool = True
) -> Job[list[Outgoing]]:
    """Log messages and queue them for their subscribers; return what is queued, in order.

    A message that is in the log already was queued when it was written, and is left alone.
    Where none `may_be_known`, since an inbox has passed what caused them only once, they
    are added faster, and one that is known after all ends the transaction.
    """
    if not messages:
        return []
    takers = [[one for one in subscribers.get(message.type, ()) if one.takes(message)] for message in messages]
    events = [
        event_of(message, [taker.service for taker in takes]) for message, takes in zip(messages, takers, strict=True)
    ]
    keys = yield Insert(_EVENTS, events, skip_existing=may_be_known)
    known = {one.id for one in events}.difference(key[0] for key in keys) if may_be_known else NONE_KNOWN
    queued = [
        (OutboxRow(None, message.id, taker.service, taker.key(message)), event)
        for message, event, takes in zip(messages, events, takers, strict=True)
        if not known or message.id not in known
        for taker in takes
    ]
    ids = yield Insert(_OUTBOX, [row for row, _ in queued])
    return [
        Outgoing(identifier, *row[1:], event.type, event.body)
        for identifier, (row, event) in zip(ids, queued, strict=True)
    ]


def unsent(
    destination: str, limit: int, known: AbstractSet[int], held: Sequence[str] = ()
) -> Job[tuple[list[Outgoing], bool]]:
    """Return the first rows of a service's queue that are not known, and whether there are no others.

    Rows are looked for from the head of the queue each time: a slow commit may show a low
    id late, so nothing remembers how far it has looked. Rows of `held` keys are left out.
    """
    found = yield Query(
        "select id, event_id, okey from outbox where destination = :destination and okey not in :held"
        " order by id limit :limit",
        {"destination": destination, "held": tuple(held), "limit": limit + len(known)},
        (int, UUID, str),
    )
    new = [row for row in found if row[0] not in known]
    whole = len(found) < limit + len(known) and len(new) <= limit
    events = yield Query(
        "select id, type, body from event_log where id in :ids",
        {"ids": tuple({event_id for _, event_id, _ in new[:limit]})},
        (UUID, str, bytes),
    )
    by_id = {identifier: (type_, body) for identifier, type_, body in events}
    rows = [Outgoing(id_, event, destination, okey, *by_id[event]) for id_, event, okey in new[:limit]]
    return rows, whole


def delete(rows: Sequence[Outgoing], holding: Holding) -> Job[None]:
    """Remove rows that the broker has confirmed, by id and event, unless another relay holds the lease by now."""
    yield Query(
        f"delete from outbox where id in :ids and event_id in :events and {HELD}",
        {
            "ids": tuple(row.id for row in rows),
            "events": tuple({row.event_id for row in rows}),
            **holding.fence,
        },
    )
