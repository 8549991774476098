"""A channel to RabbitMQ, straight on aiormq.

One channel, one life: it is not restored after a reconnect, because its delivery
tags are void then and whoever used it must know.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel
from aiormq.exceptions import AMQPError, ChannelInvalidStateError

from hub.messaging import publishing, topology
from hub.messaging.channel import Delivery, Outcome, Publication
from hub.messaging.topology import CALL_TIMEOUT, ServiceQueues

AWAY = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)
"""What a call raises when the broker, the connection or the channel is gone."""


class _Done:
    """What stands for the task of a consumer that has run already."""

    def add_done_callback(self, _: object) -> None:
        """Call nobody: whoever waits for the end would wait for nothing."""


def _run_at_once(channel: Channel, consumer: Callable[[DeliveredMessage], Any]) -> None:
    """Have a consumer that never waits run where its message is read: a task for each costs as much as reading it."""
    start: Callable[[Any], Any] = channel.create_task

    def run(coroutine: Any) -> Any:
        if getattr(coroutine, "cr_code", None) is not consumer.__code__:
            return start(coroutine)
        with suppress(StopIteration):
            coroutine.send(None)
        return _Done()

    channel.create_task = run  # type: ignore[method-assign,assignment] # of this one channel


class AmqpChannel:
    """A channel of a RabbitMQ connection; see `hub.messaging.channel.Channel`."""

    def __init__(self, channel: Channel) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._channel = channel
        channel.closing.add_done_callback(self._ended)
        channel.on_consumer_cancel_callbacks.add(self._ended)

    async def declare(self, services: Sequence[ServiceQueues]) -> None:
        await topology.declare(self._channel, services)

    async def publish_group(self, publications: Sequence[Publication], within: float) -> list[Outcome]:
        return await publishing.publish_group(self._channel, publications, within)

    async def consume(self, queue: str, prefetch: int, on_delivery: Callable[[Delivery], None]) -> None:
        async def deliver(message: DeliveredMessage) -> None:
            arrived: Any = message.delivery  # a Basic.Deliver: nothing else comes to a consumer
            wire_id = message.header.properties.message_id or ""
            on_delivery(Delivery(message.body, publishing.event_id(wire_id), arrived.redelivered, arrived.delivery_tag))

        _run_at_once(self._channel, deliver)
        await self._channel.basic_qos(prefetch_count=prefetch, timeout=CALL_TIMEOUT)
        await self._channel.basic_consume(queue, deliver, timeout=CALL_TIMEOUT)

    async def ack_through(self, tag: int) -> None:
        async with asyncio.timeout(CALL_TIMEOUT):
            await self._channel.basic_ack(tag, multiple=True, wait=False)

    async def reject(self, tag: int) -> None:
        async with asyncio.timeout(CALL_TIMEOUT):
            await self._channel.basic_reject(tag, requeue=False, wait=False)

    async def consumers(self, queue: str) -> int:
        declared = await self._channel.queue_declare(queue, passive=True, timeout=CALL_TIMEOUT)
        return declared.consumer_count or 0

    async def close(self) -> None:
        with suppress(*AWAY):
            await self._channel.close(timeout=CALL_TIMEOUT)
        self._ended()

    def _ended(self, _: object = None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
