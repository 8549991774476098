"""One queue being read: it lives as long as its channel, and is never restored."""

import asyncio
from collections.abc import Callable
from typing import Any

from hub.messaging.amqp import AWAY
from hub.messaging.channel import Channel, Delivery
from hub.seams import async_failpoint


class Consumer:
    """One queue being read over a channel of its own."""

    def __init__(self, queue: str, channel: Channel, on_lost: Callable[["Consumer"], None]) -> None:
        self.queue = queue
        self.lost = asyncio.Event()
        self.unseen = 0
        self._channel = channel
        self._on_lost = on_lost
        self._open = True
        channel.closed.add_done_callback(self._channel_ended)

    @property
    def is_open(self) -> bool:
        """Whether it still delivers and its acks count."""
        return self._open

    async def read(self, prefetch: int, on_delivery: Callable[[Delivery], None]) -> None:
        """Begin to deliver; nothing is delivered once the consumer is lost or closed."""

        def deliver(delivery: Delivery) -> None:
            if self._open:
                on_delivery(delivery)

        await self._channel.consume(self.queue, prefetch, deliver)

    @async_failpoint
    async def ack_through(self, tag: int) -> None:
        """Settle every delivery up to and including this tag."""
        if self._open:
            await self._settle(self._channel.ack_through(tag))

    async def reject(self, tag: int) -> None:
        """Hand one delivery to the service's dead letters."""
        if self._open:
            await self._settle(self._channel.reject(tag))

    async def close(self) -> None:
        """Stop reading; what was delivered and not acked returns to the queue in order."""
        self._open = False
        await self._channel.close()

    async def abandon(self) -> None:
        """End the channel as a loss, so that the owner consumes anew."""
        await self._channel.close()

    async def _settle(self, call: Any) -> None:
        try:
            await call
        except AWAY:
            await self.abandon()

    def _channel_ended(self, _: object) -> None:
        if self._open:
            self._open = False
            self.lost.set()
        self._on_lost(self)
