"""A channel to RabbitMQ, straight on aiormq.

One channel, one life: it is not restored after a reconnect, because its delivery
tags are void then and whoever used it must know.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from aiormq.abc import DeliveredMessage
from aiormq.channel import Channel
from aiormq.exceptions import AMQPError, ChannelInvalidStateError
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from hub.messaging import publishing, topology
from hub.messaging.channel import Delivery, Outcome, Publication
from hub.messaging.frames import event_id
from hub.messaging.topology import CALL_TIMEOUT, ServiceQueues

AWAY = (AMQPError, ChannelInvalidStateError, OSError, TimeoutError)
"""What a call raises when the broker, the connection or the channel is gone."""


class _Frames:
    """Puts deliveries together where their frames arrive, and hands on whole ones; all other frames go their own way.

    By way of aiormq's queue and its task a delivery is passed on three times more, at the cost of reading it again.
    """

    def __init__(self, channel: Channel, on_delivery: Callable[[Delivery], None]) -> None:
        self._on_delivery = on_delivery
        self._put: Callable[[Any], Awaitable[None]] = channel.frames.put
        self._delivery: Any = None
        self._header: Any = None
        self._parts: list[bytes] = []
        self._missing = 0

    async def put(self, arrived: tuple[int, Any]) -> None:
        """Take the next frame of the channel."""
        frame = arrived[1]
        if isinstance(frame, Basic.Deliver):
            self._delivery = frame
        elif self._delivery is None:
            await self._put(arrived)
        elif isinstance(frame, ContentHeader):
            self._header, self._missing = frame, frame.body_size
        else:
            self._parts.append(frame.value)
            self._missing -= len(frame.value)
        if self._header is not None and not self._missing:
            self._hand_on()
            await asyncio.sleep(0)  # a database that has answered goes on now, not behind all that has arrived

    def _hand_on(self) -> None:
        arrived, header, parts = self._delivery, self._header, self._parts
        self._delivery = self._header = None
        self._parts = []
        identifier = event_id(header.properties.message_id or "")
        self._on_delivery(Delivery(b"".join(parts), identifier, arrived.redelivered, arrived.delivery_tag))


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
        async def elsewhere(_: DeliveredMessage) -> None:
            raise AssertionError("deliveries are taken from their frames")

        self._channel.frames.put = _Frames(self._channel, on_delivery).put  # type: ignore[assignment,method-assign] # one channel's
        await self._channel.basic_qos(prefetch_count=prefetch, timeout=CALL_TIMEOUT)
        await self._channel.basic_consume(queue, elsewhere, timeout=CALL_TIMEOUT)

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
