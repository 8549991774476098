"""What is not taken in: the unknown leave a trace in a small ring, those who claim another's name are put aside.

Neither takes a source key, neither counts as received, and the one claimed gets no answer.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from hub.canonical.envelope import derive_id
from hub.store.archive import keep
from hub.store.arrivals import DOOR, Delivery, archived_delivery
from hub.store.books import count
from hub.store.master import Quarantine
from hub.store.messages import Ring
from hub.store.numbers import next_number
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Write

RING_SIZE = 20
RING_BYTES = 4_096
"""Of each input only so much is kept."""


def unauthenticated(delivery: Delivery, reason: str, now: datetime) -> Job[None]:
    """Count an input whose sender is unknown, and keep the beginning of it in its endpoint's ring."""
    yield from count(DOOR, now, [(delivery.channel, "unauthenticated")])
    place = yield from _next_place(delivery.endpoint)
    before: list[Ring] = yield Load(SPECS[Ring], [(delivery.endpoint, place)], lock=True)
    entry = Ring(
        endpoint=delivery.endpoint,
        place=place,
        at=now,
        reason=reason,
        headers=dict(delivery.headers),
        body=delivery.body[:RING_BYTES],
        version=before[0].version if before else 0,
    )
    yield Write(SPECS[Ring], [entry])


def quarantine(
    delivery: Delivery, credential: str, claimed: str, now: datetime, entropy: Callable[[int], bytes]
) -> Job[UUID]:
    """Put aside what a known credential sent in the name of somebody it may not speak for; return its archive id."""
    archive = archived_delivery(delivery, now, entropy)._replace(partner=None)
    yield from keep([(archive, delivery.body)])
    identifier = derive_id(archive.id, DOOR, "quarantine")
    yield Insert(SPECS[Quarantine], [Quarantine(identifier, now, credential, claimed, delivery.endpoint, archive.id)])
    yield from count(DOOR, now, [(delivery.channel, "quarantined")])
    return archive.id


def _next_place(endpoint: str) -> Job[int]:
    """Return the place in the ring that is overwritten next; places go round."""
    number = yield from next_number(f"ring/{endpoint}")
    return (number - 1) % RING_SIZE
