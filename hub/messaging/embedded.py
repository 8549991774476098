"""The broker inside the process: RabbitMQ's behaviour without a server, for one process and nothing to install.

Strategy: nothing is kept on disk and nothing needs to be. A publication is confirmed
when its consumer acked it, so its outbox row lives until its effects are committed,
and whatever ends the process, the relay publishes the row again. From that follow:
- no confirm time-out: a confirm may take as long as the consumer does;
- a second publication of an unsettled id joins the first and shares its outcome;
- back-pressure is the consumer's prefetch and the relay's window.

The rest is RabbitMQ's: order kept, one active consumer per queue, returned when no
queue has that name, back to the head of the queue and marked as redelivered when a
channel ends, dead letters for what is rejected or was delivered too often.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, cast

from faststream.rabbit import RabbitBroker

from hub.messaging import topology
from hub.messaging.channel import Delivery, Outcome, Publication, QueueState


class _Group:
    """The outcomes of one `publish_group`, complete when `settled` is done."""

    __slots__ = ("open", "outcomes", "settled")

    def __init__(self, size: int) -> None:
        self.outcomes = [Outcome.UNKNOWN] * size
        self.open = size
        self.settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def settle(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self.open -= 1
        if not self.open:
            self.give_up()

    def give_up(self) -> None:
        """Stop waiting: what has no outcome stays unknown."""
        if not self.settled.done():
            self.settled.set_result(None)


class _Copy:
    """One message in one queue, with everybody who waits for its confirm."""

    __slots__ = ("body", "key", "returns", "tag", "waiting")

    def __init__(self, publication: Publication) -> None:
        self.key = publication.queue, publication.message_id
        self.body = publication.body
        self.returns = 0
        self.tag = 0
        self.waiting: list[tuple[_Group, int]] = []


class _Queue:
    """A queue and its consumers, the first of which is active."""

    def __init__(self, dead_letters: "_Queue | None") -> None:
        self.dead_letters = dead_letters
        self.ready: deque[_Copy] = deque()
        self.consumers: list[EmbeddedChannel] = []
        self._awake = False

    def wake(self) -> None:
        """Deliver soon, never inside the caller."""
        if not self._awake:
            self._awake = True
            asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._awake = False
        if self.consumers:
            self.consumers[0].take(self.ready)


class Server:
    """All queues of one process."""

    def __init__(self) -> None:
        self.queues: dict[str, _Queue] = {}
        self._unsettled: dict[tuple[str, str], _Copy] = {}

    def declare(self, queues: Sequence[topology.Queue]) -> None:
        """Make the queues that are not there yet."""
        for queue in sorted(queues, key=lambda one: one.dead_letters is not None):
            dead_letters = self.queues[queue.dead_letters] if queue.dead_letters else None
            self.queues.setdefault(queue.name, _Queue(dead_letters))

    def publish(self, publication: Publication, group: _Group, index: int) -> None:
        """Put one copy into its queue, or join the one that is still unsettled."""
        queue = self.queues.get(publication.queue)
        if queue is None:
            group.settle(index, Outcome.RETURNED)
            return
        key = publication.queue, publication.message_id
        copy = self._unsettled.get(key)
        if copy is None:
            copy = self._unsettled[key] = _Copy(publication)
            queue.ready.append(copy)
            queue.wake()
        copy.waiting.append((group, index))

    def settle(self, copy: _Copy) -> None:
        """Confirm one copy to everybody who published it."""
        del self._unsettled[copy.key]
        for group, index in copy.waiting:
            group.settle(index, Outcome.CONFIRMED)


class EmbeddedChannel:
    """A channel of the embedded broker; see `hub.messaging.channel.Channel`."""

    def __init__(self, server: Server) -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._server = server
        self._queue: _Queue | None = None
        self._prefetch = 0
        self._on_delivery: Callable[[Delivery], None] | None = None
        self._last_tag = 0
        self._unacked: deque[_Copy] = deque()
        self._groups: set[_Group] = set()

    async def declare(self, services: Sequence[topology.ServiceQueues]) -> None:
        self._server.declare(topology.queues(services))

    async def publish_group(self, publications: Sequence[Publication], within: float) -> list[Outcome]:  # noqa: ARG002 - a confirm takes as long as its consumer
        if not publications:
            return []
        group = _Group(len(publications))
        self._groups.add(group)
        for index, publication in enumerate(publications):
            self._server.publish(publication, group, index)
        try:
            await group.settled
        finally:
            self._groups.discard(group)
        return group.outcomes

    async def consume(self, queue: str, prefetch: int, on_delivery: Callable[[Delivery], None]) -> None:
        self._queue = self._server.queues[queue]
        self._prefetch = prefetch
        self._on_delivery = on_delivery
        self._queue.consumers.append(self)
        self._queue.wake()

    async def state(self, queue: str) -> QueueState:
        found = self._server.queues[queue]
        return QueueState(len(found.ready), len(found.consumers))

    def take(self, ready: deque[_Copy]) -> None:
        """Take from the queue what the prefetch allows and hand it on."""
        on_delivery = self._on_delivery
        while ready and len(self._unacked) < self._prefetch and on_delivery is not None:
            copy = ready.popleft()
            self._last_tag += 1
            copy.tag = self._last_tag
            self._unacked.append(copy)
            on_delivery(Delivery(copy.body, copy.key[1], copy.returns > 0, copy.tag))

    async def ack_through(self, tag: int) -> None:
        unacked = self._unacked
        if not unacked or not unacked[0].tag <= tag <= self._last_tag:
            await self.close()  # as RabbitMQ does: an unknown delivery tag ends the channel
            return
        while unacked and unacked[0].tag <= tag:
            self._server.settle(unacked.popleft())
        cast("_Queue", self._queue).wake()

    async def reject(self, tag: int) -> None:
        copy = next((one for one in self._unacked if one.tag == tag), None)
        if copy is None:
            await self.close()
            return
        self._unacked.remove(copy)
        self._bury(copy)
        cast("_Queue", self._queue).wake()

    async def close(self) -> None:
        if self.closed.done():
            return
        self.closed.set_result(None)
        self._on_delivery = None
        if self._queue is not None:
            self._queue.consumers.remove(self)
            self._give_back(self._queue)
        for group in self._groups:
            group.give_up()

    def _give_back(self, queue: _Queue) -> None:
        while self._unacked:
            copy = self._unacked.pop()
            copy.returns += 1
            if copy.returns > topology.DELIVERY_LIMIT and queue.dead_letters is not None:
                self._bury(copy)
            else:
                queue.ready.appendleft(copy)
        queue.wake()

    def _bury(self, copy: _Copy) -> None:
        dead_letters = cast("_Queue", self._queue).dead_letters
        if dead_letters is None:
            self._server.settle(copy)
            return
        copy.returns = 0
        dead_letters.ready.append(copy)
        dead_letters.wake()


class EmbeddedConnection:
    """What the hub needs of an aio-pika connection, without a wire."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._channels: list[EmbeddedChannel] = []

    def open_channel(self) -> EmbeddedChannel:
        """Open a channel that ends with this connection."""
        self._channels = [one for one in self._channels if not one.closed.done()]
        self._channels.append(EmbeddedChannel(self.server))
        return self._channels[-1]

    async def close(self) -> None:
        """End the connection with all its channels."""
        for channel in self._channels:
            await channel.close()


class EmbeddedBroker(RabbitBroker):
    """FastStream's broker over the embedded server: the same registration, another connection."""

    def __init__(self, server: Server, **settings: Any) -> None:
        super().__init__("amqp://embedded/", **settings)
        self._server = server

    async def _connect(self) -> Any:
        return EmbeddedConnection(self._server)
