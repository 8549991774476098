"""The broker as the rest of the hub knows it: publish a group, consume a queue, tell how it is.

Strategy. FastStream owns the two connections (one publishes, one consumes, because a
broker short of memory stops reading from whoever publishes) and the registration that
AsyncAPI is made of. Groups and deliveries go through channels of our own on those
connections (ADR 1). RabbitMQ (`amqp://`, `amqps://`) and the embedded stand-in
(`memory://`) differ only in the connection that FastStream's broker makes.

How to use it, in three rules:
- `publish_group` never raises for what the broker does; read its outcomes. CONFIRMED
  alone is success. Groups go out in the order of the calls.
- `consume` waits until the broker is there and returns a `Consumer`, which lives as
  long as its channel. When `consumer.lost` is set, what it delivered and did not ack
  returns: forget those messages and call `consume` again.
- Acks are cumulative. An ack through a consumer that is lost or closed does nothing.

A watch task connects, declares the topology, repeats both after every loss, counts what
lies in the queues, and ends consumers that the broker no longer knows.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from faststream.rabbit import RabbitBroker
from faststream.specification.asyncapi import AsyncAPI

from hub.errors import Unusable
from hub.messaging import topology
from hub.messaging.amqp import AWAY, AmqpChannel, heeding, in_words
from hub.messaging.channel import Channel, Delivery, Outcome, Publication
from hub.messaging.consumer import Consumer
from hub.messaging.embedded import EmbeddedBroker, EmbeddedConnection, Server
from hub.messaging.tap import TappedBroker
from hub.messaging.topology import CALL_TIMEOUT, RECONNECT_INTERVAL, ServiceQueues
from hub.seams import async_failpoint

__all__ = ["Broker", "Consumer", "Delivery", "Health", "Outcome", "Publication", "ServiceQueues", "asyncapi"]

CONFIRM_TIMEOUT = 10.0
WATCH_INTERVAL = 5.0
HEARTBEAT = 15


@dataclass(frozen=True, slots=True)
class Health:
    """What `/readyz` tells of the broker. `problem` says in a sentence why it is not usable.

    `ready` is how many messages lay in the queues of each service at the last look, taken by nobody.
    """

    connected: bool
    blocked: bool
    consumers: tuple[str, ...]
    ready: Mapping[str, int]
    problem: str | None


class _Link:
    """One of the two connections. aio-pika keeps it open once it was open."""

    def __init__(self, broker: RabbitBroker) -> None:
        self.broker = broker
        self._connection: Any = None

    async def connect(self) -> None:
        """Connect for the first time; later calls wait until the connection is there again."""
        async with asyncio.timeout(CALL_TIMEOUT):
            self._connection = await heeding(self.broker.connect())
            if not isinstance(self._connection, EmbeddedConnection):
                await self._connection.connected.wait()

    async def open_channel(self) -> Channel:
        """Open a channel that is nobody else's and is never restored."""
        if isinstance(self._connection, EmbeddedConnection):
            return self._connection.open_channel()
        async with asyncio.timeout(CALL_TIMEOUT):
            await self._connection.connected.wait()
            return AmqpChannel(*await heeding(self._connection.open_channel()))

    async def is_blocked(self) -> bool:
        """Tell whether the broker has asked this connection to stop publishing."""
        if isinstance(self._connection, EmbeddedConnection):
            return False
        try:
            async with asyncio.timeout(0):
                await self._connection.transport.ready()
        except TimeoutError:
            return True
        return False

    async def close(self) -> None:
        """Close the connection and give up on it."""
        with suppress(*AWAY):
            async with asyncio.timeout(CALL_TIMEOUT):
                await self.broker.stop()


class Broker:
    """The broker of this process, with the queues of all services."""

    def __init__(
        self,
        url: str,
        services: Sequence[ServiceQueues],
        *,
        on_consumer_lost: Callable[[Consumer], None] | None = None,
        confirm_timeout: float = CONFIRM_TIMEOUT,
    ) -> None:
        """Prepare the broker at `url`; nothing connects before `start`."""
        self._services = tuple(services)
        self._consuming, self._publishing = (_Link(one) for one in _faststream_brokers(url, self._services))
        self._on_consumer_lost = on_consumer_lost
        self._confirm_timeout = confirm_timeout
        self._publisher: Channel | None = None
        self._watcher: Channel | None = None
        self._opening = asyncio.Lock()
        self._consumers: set[Consumer] = set()
        self._in_queues: Mapping[str, int] = {}
        self._ready = asyncio.Event()
        self._disturbed = asyncio.Event()
        self._blocked = False
        self._problem: str | None = "not started"
        self._watch: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Connect and declare the topology; a broker that is away is waited for in the background.

        A topology that differs from ours raises `Unusable`.
        """
        try:
            await self._mend()
        finally:
            self._watch = asyncio.create_task(self._keep_mended(), name="broker watch")

    async def stop(self) -> None:
        """Close everything. Finish batches and close consumers before."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        self._ready.clear()
        self._problem = "stopped"
        for consumer in tuple(self._consumers):
            await consumer.close()
        await self._consuming.close()
        await self._publishing.close()

    @async_failpoint
    async def publish_group(self, publications: Sequence[Publication]) -> list[Outcome]:
        """Publish all, in this order, persistent and mandatory, and return what became of each."""
        try:
            async with asyncio.timeout(self._confirm_timeout):
                await self._ready.wait()
                channel = await self._publishing_channel()
        except AWAY:
            return [Outcome.UNKNOWN] * len(publications)
        return await channel.publish_group(publications, self._confirm_timeout)

    async def consume(
        self, queue: str, on_delivery: Callable[[Delivery], None], prefetch: int = topology.PREFETCH
    ) -> Consumer:
        """Read a queue from now on, in order. Waits as long as the broker is away."""
        while True:
            await self._ready.wait()
            consumer: Consumer | None = None
            try:
                consumer = Consumer(queue, await self._consuming.open_channel(), self._lost)
                await consumer.read(prefetch, on_delivery)
            except BaseException as error:
                if consumer is not None:  # or the queue would go on being delivered to nobody
                    await consumer.close()
                if not isinstance(error, AWAY):
                    raise
                self._disturb()
            else:
                if not consumer.lost.is_set():
                    self._consumers.add(consumer)  # from now on the watch looks for it
                return consumer

    def health(self) -> Health:
        """Tell how the broker is, without asking it."""
        return Health(
            connected=self._ready.is_set(),
            blocked=self._blocked,
            consumers=tuple(sorted(one.queue for one in self._consumers)),
            ready=self._in_queues,
            problem=self._problem,
        )

    async def look(self) -> None:
        """Count what lies in the queues, and end consumers that the broker did not know at two looks in a row."""
        if self._watcher is None or self._watcher.closed.done():
            self._watcher = await self._consuming.open_channel()
        consumers = tuple(self._consumers)
        states = {queue.name: await self._watcher.state(queue.name) for queue in topology.queues(self._services)}
        self._in_queues = {
            one.service: sum(states[topology.queue_name(one.service, n)].ready for n in range(one.partitions))
            for one in self._services
        }
        for consumer in consumers:
            consumer.unseen = 0 if states[consumer.queue].consumers else consumer.unseen + 1
            if consumer.unseen > 1:
                await consumer.abandon()

    async def _publishing_channel(self) -> Channel:
        async with self._opening:
            if self._publisher is None or self._publisher.closed.done():
                self._publisher = await self._publishing.open_channel()
            return self._publisher

    def _lost(self, consumer: Consumer) -> None:
        self._consumers.discard(consumer)
        if consumer.lost.is_set():
            self._disturb()
            if self._on_consumer_lost is not None:
                self._on_consumer_lost(consumer)

    def _disturb(self) -> None:
        self._ready.clear()
        self._problem = "a channel to the broker was lost"
        self._disturbed.set()

    async def _keep_mended(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(WATCH_INTERVAL if self._ready.is_set() else RECONNECT_INTERVAL):
                    await self._disturbed.wait()
            self._disturbed.clear()
            with suppress(Unusable):  # told by `health`
                await self._mend()

    async def _mend(self) -> None:
        """Do what is needed to be ready: connect, declare, look after the consumers."""
        try:
            if not self._ready.is_set():
                await self._consuming.connect()
                await self._publishing.connect()
                await self._declare()
                self._ready.set()
            await self.look()
            self._blocked = await self._publishing.is_blocked()
            self._problem = "the broker takes no messages" if self._blocked else None
        except AWAY as error:
            self._ready.clear()
            self._problem = in_words(error)
        except Unusable as error:
            self._problem = str(error)
            raise

    async def _declare(self) -> None:
        channel = await self._consuming.open_channel()
        try:
            await channel.declare(self._services)
        finally:
            await channel.close()


def asyncapi(services: Sequence[ServiceQueues], version: str) -> str:
    """Return the AsyncAPI document of these services' queues as JSON."""
    consuming, _ = _faststream_brokers("memory://", services)
    return AsyncAPI(consuming, title="Crossdock", version=version).to_specification().to_json()


def _faststream_brokers(url: str, services: Sequence[ServiceQueues]) -> tuple[RabbitBroker, RabbitBroker]:
    """Return FastStream's brokers, the consuming one with the registration of all queues."""
    router = topology.router(services)
    scheme = url.partition("://")[0]
    if scheme == "memory":
        server = Server()
        return (
            EmbeddedBroker(server, routers=[router], **topology.FASTSTREAM_SETTINGS),
            EmbeddedBroker(server, **topology.FASTSTREAM_SETTINGS),
        )
    if scheme in {"amqp", "amqps"}:
        timed = url if "heartbeat=" in url else f"{url}{'&' if '?' in url else '?'}heartbeat={HEARTBEAT}"
        return (
            TappedBroker(timed, routers=[router], **topology.FASTSTREAM_SETTINGS),
            TappedBroker(timed, **topology.FASTSTREAM_SETTINGS),
        )
    raise Unusable(f"broker address {scheme}://: use memory://, amqp:// or amqps://")
