"""A channel to RabbitMQ, straight on aiormq.

One channel, one life: it is not restored after a reconnect, because its delivery
tags are void then and whoever used it must know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel
from aiormq.exceptions import (
    AMQPError,
    AuthenticationError,
    ChannelInvalidStateError,
    ProbableAuthenticationError,
    ProtocolSyntaxError,
)

from hub.messaging import publishing, topology
from hub.messaging.channel import Delivery, Outcome, Publication, QueueState
from hub.messaging.tap import Deliveries, Stream
from hub.messaging.topology import CALL_TIMEOUT, ServiceQueues

T = TypeVar("T")

AWAY = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)
"""What a call raises when the broker, the connection or the channel is gone."""


async def heeding(call: Awaitable[T]) -> T:
    """Return what a call of aiormq returns. A cancellation that it drops is raised all the same.

    Python 3.11's `wait_for`, on which aiormq stands, returns its result if that is there at
    the moment of the cancellation; a task that loops then goes on for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    result = await call
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
    return result


def in_words(error: BaseException) -> str:
    """Return what is wrong with the broker, for whoever has set it up."""
    match error:
        case AuthenticationError() | ProbableAuthenticationError():
            return f"RabbitMQ does not let us in: {error}; see HUB_BROKER_URL"
        case ProtocolSyntaxError():
            return f"RabbitMQ ended the greeting: is the virtual host of HUB_BROKER_URL there, and ours to use? {error}"
        case _:
            return f"the broker is away: {error}"


class AmqpChannel:
    """A channel of a RabbitMQ connection; see `hub.messaging.channel.Channel`. `stream` is what it is read from."""

    def __init__(self, channel: Channel, stream: Stream) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._channel = channel
        self._stream = stream
        self._deliveries: Deliveries | None = None
        channel.closing.add_done_callback(self._ended)
        channel.on_consumer_cancel_callbacks.add(self._ended)

    async def declare(self, services: Sequence[ServiceQueues]) -> None:
        await heeding(topology.declare(self._channel, services))

    async def publish_group(self, publications: Sequence[Publication], within: float) -> list[Outcome]:
        return await publishing.publish_group(self._channel, publications, within)

    async def consume(self, queue: str, prefetch: int, on_delivery: Callable[[Delivery], None]) -> None:
        self._deliveries = Deliveries(on_delivery)
        self._stream.consume(self._channel.number, self._deliveries)
        await heeding(self._channel.basic_qos(prefetch_count=prefetch, timeout=CALL_TIMEOUT))
        await heeding(self._channel.basic_consume(queue, _taken_already, timeout=CALL_TIMEOUT))

    async def ack_through(self, tag: int) -> None:
        async with asyncio.timeout(CALL_TIMEOUT):
            await self._channel.basic_ack(tag, multiple=True, wait=False)

    async def reject(self, tag: int) -> None:
        async with asyncio.timeout(CALL_TIMEOUT):
            await self._channel.basic_reject(tag, requeue=False, wait=False)

    async def state(self, queue: str) -> QueueState:
        declared = await heeding(self._channel.queue_declare(queue, passive=True, timeout=CALL_TIMEOUT))
        return QueueState(declared.message_count or 0, declared.consumer_count or 0)

    async def close(self) -> None:
        with suppress(*AWAY):
            await heeding(self._channel.close(timeout=CALL_TIMEOUT))
        self._ended()

    def _ended(self, _: object = None) -> None:
        if self._deliveries is not None:
            self._stream.leave(self._channel.number, self._deliveries)
        if not self.closed.done():
            self.closed.set_result(None)


async def _taken_already(message: DeliveredMessage) -> None:
    raise AssertionError(f"aiormq was given {message.delivery}, which the stream takes")
