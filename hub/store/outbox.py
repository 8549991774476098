"""Publishing: an event into the log, and one row for each service that takes it into the outbox, in one job.

The outbox is a queue that is nearly empty: what the broker confirmed is deleted by id
and event, so that a late confirm never removes another row. See `docs/adr/0003`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from hub.canonical.envelope import Message
from hub.store.messages import Event, OutboxRow
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query

_EVENTS = SPECS[Event]
_OUTBOX = SPECS[OutboxRow]


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


Subscribers = Mapping[str, Sequence[Subscriber]]
"""Who takes a message, by its wire type."""


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


def publish(messages: Sequence[Message[Any]], subscribers: Subscribers) -> Job[list[OutboxRow]]:
    """Log messages and queue them for their subscribers; return the rows of the queue, in order.

    A message that is in the log already was queued when it was written, and is left alone.
    """
    takers = [subscribers.get(message.type, ()) for message in messages]
    events = [
        event_of(message, [taker.service for taker in takes]) for message, takes in zip(messages, takers, strict=True)
    ]
    added: set[UUID] = {key[0] for key in (yield Insert(_EVENTS, events, skip_existing=True))}
    rows = [
        OutboxRow(None, message.id, taker.service, taker.key(message))
        for message, takes in zip(messages, takers, strict=True)
        if message.id in added
        for taker in takes
    ]
    ids = yield Insert(_OUTBOX, rows)
    return [row._replace(id=identifier) for row, identifier in zip(rows, ids, strict=True)]


def heads(destination: str, limit: int, busy: Sequence[str] = ()) -> Job[list[tuple[OutboxRow, str, bytes]]]:
    """Return the first rows of a service's queue in order, with type and body of their events.

    Rows whose key is `busy` are left out: their key has something under way.
    """
    rows = yield Query(
        "select o.id, o.event_id, o.destination, o.okey, e.type, e.body from outbox o "
        "join event_log e on e.id = o.event_id "
        "where o.destination = :destination and o.okey not in :busy order by o.id limit :limit",
        {"destination": destination, "busy": tuple(busy), "limit": limit},
        (int, UUID, str, str, str, bytes),
    )
    return [(OutboxRow(*row[:4]), row[4], row[5]) for row in rows]


def delete(rows: Sequence[OutboxRow]) -> Job[None]:
    """Remove rows that the broker has confirmed, by id and event."""
    yield Query(
        "delete from outbox where id in :ids and event_id in :events",
        {"ids": [row.id for row in rows], "events": [row.event_id for row in rows]},
    )
