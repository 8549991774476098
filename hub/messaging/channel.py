"""What every channel to a broker can do: the contract that RabbitMQ and the embedded stand-in both keep.

A channel either publishes groups or carries one consumer. Delivery tags count up
within the channel and die with it; what was delivered and not acked when a channel
ends returns to its queue, in order and marked as redelivered.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from hub.messaging.topology import ServiceQueues


@dataclass(frozen=True, slots=True)
class Publication:
    """One copy of a message on its way to one queue; `message_id` is the event's id, `type` its wire type."""

    queue: str
    body: bytes
    message_id: str
    type: str


class Outcome(StrEnum):
    """What became of a publication.

    Only CONFIRMED is success. RETURNED: no queue of that name, an error of the
    topology. NACKED: the queue refused it. UNKNOWN: no answer; publish it again
    with the same id.
    """

    CONFIRMED = "confirmed"
    RETURNED = "returned"
    NACKED = "nacked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as it came from its queue. `tag` is what `ack_through` takes."""

    body: bytes
    message_id: str
    redelivered: bool
    tag: int


class QueueState(NamedTuple):
    """What the broker sees of a queue: messages that nobody has taken yet, and how many consumers it has."""

    ready: int
    consumers: int


class Channel(Protocol):
    """One channel of either broker. Every call that waits for the broker is bounded in time."""

    closed: "asyncio.Future[None]"
    """Done when the channel ended, for whatever reason."""

    async def declare(self, services: Sequence[ServiceQueues]) -> None:
        """Declare the queues of these services; what exists with other properties raises `Unusable`."""

    async def publish_group(self, publications: Sequence[Publication], within: float) -> list[Outcome]:
        """Publish all in this order and return what became of each; `within` is the time for their confirms."""

    async def consume(self, queue: str, prefetch: int, on_delivery: Callable[[Delivery], None]) -> None:
        """Deliver from the queue, at most `prefetch` unacked at a time."""

    async def ack_through(self, tag: int) -> None:
        """Settle every delivery up to and including this tag."""

    async def reject(self, tag: int) -> None:
        """Send one delivery to the dead letters."""

    async def state(self, queue: str) -> QueueState:
        """Return what the broker sees of a queue."""

    async def close(self) -> None:
        """End the channel; it is closed afterwards, whatever the broker says."""
