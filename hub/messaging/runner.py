"""The runner: takes a service's messages as they arrive, a batch at a time, and acks what was committed.

Strategy. Deliveries are read and appended; no timer decides when a batch is full. One loop
takes what is there up to a cap, settles it in one transaction with the waiting messages
whose time has come ahead of it, and acks the unbroken prefix with one ack for each
queue. At a low rate a batch is one message, under load it fills by itself.

A partition is read only under its lease. It is given back by finishing the batch,
closing the channel (what was not acked returns in order) and then releasing the lease.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import structlog

from hub.canonical.intake import InputReceived
from hub.handlers.service import Service
from hub.messaging import suspects
from hub.messaging.batch import Subscriptions, read
from hub.messaging.broker import Broker
from hub.messaging.channel import Delivery
from hub.messaging.consumer import Consumer
from hub.messaging.events import first_of
from hub.messaging.leases import Leases, partition_name
from hub.messaging.outcomes import Poisonous, Taken
from hub.messaging.settling import NOTHING, Measured, Settler
from hub.messaging.topology import BATCH_CAP, GRACEFUL_TIMEOUT, PREFETCH, partition_of, queue_name
from hub.seams import Seams
from hub.store.database import Database
from hub.store.outbox import Outgoing

CAP_BYTES = 8_000_000
CAP_DOCUMENTS = 1_000
BYTES_OF_A_DOCUMENT = 1_000
SWEEP_SECONDS = 60.0
AFTER_FAILURE_SECONDS = 1.0
NONE_LATE = suspects.Start()
log = structlog.get_logger()


class Reading:
    """One consumer of a partition, and nothing after it."""

    def __init__(self) -> None:
        self.consumer: Consumer | None = None

    @property
    def alive(self) -> bool:
        """Whether what it delivered can still be acked."""
        return self.consumer is not None and self.consumer.is_open


class Entry(NamedTuple):
    """A delivery that is not settled yet."""

    reading: Reading
    delivery: Delivery
    taken: Taken


class Runner:
    """Runs one service in this process, over all partitions that fall to it.

    `published` is given what each commit left in the outbox, `settled` called after it. `underway` is the file that
    names the batch under way, for a broker that forgets with the process; None: the
    broker says which messages were delivered before.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        broker: Broker,
        leases: Leases,
        subscriptions: Subscriptions,
        seams: Seams,
        *,
        published: Callable[[Sequence[Outgoing]], None],
        settled: Callable[[], None] | None = None,
        partitions: int = 1,
        underway: Path | None = None,
    ) -> None:
        self.service = service
        self._broker = broker
        self._leases = leases
        self._partitions = partitions
        self._seams = seams
        self._settler = Settler(service, database, subscriptions, seams, published, settled)
        self._underway = None if underway is None else suspects.Underway(underway)
        self._suspected = set() if self._underway is None else set(self._underway.left)
        self._arrived = asyncio.Event()
        self._pending: deque[Entry] = deque()
        self._long_work = {type_: one.beforehand for type_, one in service.handlings.items() if one.beforehand}
        self._look = False
        self._look_at: datetime | None = None
        self._alarm: asyncio.Task[None] | None = None
        self._batch = asyncio.Lock()
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []
        self._working: asyncio.Task[None] | None = None
        self._readings: dict[int, Reading] = {}

    @property
    def measured(self) -> Measured:
        """What this runner did so far."""
        return self._settler.measured

    @property
    def backlog(self) -> int:
        """How many messages have been delivered and are not settled."""
        return len(self._pending)

    @property
    def reads(self) -> bool:
        """Whether every partition that falls to us is being read."""
        return all(n in self._readings for n in range(self._partitions) if self._leases.wants(self._lease(n)))

    def start(self) -> None:
        """Begin to read and to work."""
        name = self.service.name
        self._working = asyncio.create_task(self._keep_working(), name=f"run {name}")
        self._tasks = [
            asyncio.create_task(self._keep_reading(n), name=f"read {name} {n}") for n in range(self._partitions)
        ]

    async def stop(self) -> None:
        """Finish the batch under way, ack it and close the consumers. The leases are their owner's to release."""
        self._stopping = True
        self._arrived.set()
        if self._working is not None:
            await asyncio.wait([self._working], timeout=GRACEFUL_TIMEOUT)
        tasks = [one for one in (self._working, self._alarm, *self._tasks) if one is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for reading in tuple(self._readings.values()):
            if reading.consumer is not None:
                await reading.consumer.close()
        if self._underway is not None:
            self._underway.close()

    def look(self) -> None:
        """Look at the waiting messages soon: the time of one may have come, or somebody has replayed one."""
        self._look = True
        self._arrived.set()

    def _lease(self, partition: int) -> str:
        return partition_name(self.service.name, partition)

    def _may_read(self, partition: int) -> bool:
        name = self._lease(partition)
        return self._leases.holding(name) is not None and self._leases.wants(name)

    async def _keep_reading(self, partition: int) -> None:
        while True:
            while not self._may_read(partition):
                await self._leases.turn.wait()
            reading = await self._read(partition)
            self._readings[partition] = reading
            self.look()  # somebody else may have left messages waiting
            while reading.consumer is not None and reading.alive and self._may_read(partition):
                await first_of(self._leases.turn, reading.consumer.lost)
            await self._give_back(partition, reading)

    async def _read(self, partition: int) -> Reading:
        reading = Reading()
        early: list[Delivery] = []

        def deliver(delivery: Delivery) -> None:
            if reading.consumer is None:  # it is only just being opened
                early.append(delivery)
            else:
                self._pending.append(self._entry(reading, delivery))
                self._arrived.set()

        reading.consumer = await self._broker.consume(queue_name(self.service.name, partition), deliver, PREFETCH)
        self._pending.extend(self._entry(reading, delivery) for delivery in early)
        self._arrived.set()
        return reading

    async def _give_back(self, partition: int, reading: Reading) -> None:
        """Stop reading a partition: at once if its lease or consumer is lost, else between two batches."""
        name = self._lease(partition)
        if self._leases.holding(name) is None and reading.consumer is not None:
            await reading.consumer.close()  # a batch under way may wait for the database, and others for the queue
        async with self._batch:
            if reading.consumer is not None:
                await reading.consumer.close()
            self._pending = deque(one for one in self._pending if one.reading is not reading)
            del self._readings[partition]
        if not self._leases.wants(name):
            await self._leases.release(name)

    async def _keep_working(self) -> None:
        while not self._stopping:
            if not self._can_work():
                self._arrived.clear()
                await self._arrived.wait()
                continue
            try:
                async with self._batch:
                    await self._work()
            except Exception:
                log.exception("a batch could not be settled and is tried again", service=self.service.name)
                await self._seams.sleep(AFTER_FAILURE_SECONDS)

    def _can_work(self) -> bool:
        """Tell whether there is something that may be taken: not from a queue that is only just being opened."""
        if self._look and self._readings:
            return True
        return bool(self._pending) and self._pending[0].reading.consumer is not None

    async def _work(self) -> None:
        """Settle one batch, with the waiting messages whose time has come ahead of it."""
        late = await self._late() if self._look else NONE_LATE
        await self._arrived_together()
        entries = self._take(BATCH_CAP - len(late.ids))
        try:
            await self._settle(late, entries)
        except BaseException:
            self._pending.extendleft(reversed(entries))
            self._look = self._look or bool(late.ids)
            raise
        last = {one.reading: one.delivery.tag for one in entries}
        for reading, tag in last.items():
            if reading.consumer is not None:
                await reading.consumer.ack_through(tag)

    async def _arrived_together(self) -> None:
        """Let what has arrived together be handed over, up to the cap: it comes one message a turn."""
        before = -1
        while before < len(self._pending) < BATCH_CAP:
            before = len(self._pending)
            await asyncio.sleep(0)  # the turn in which the next one is handed over

    async def _late(self) -> suspects.Start:
        self._look = False
        start = await self._settler.run(
            lambda: suspects.begin_late(self.service.name, self._seams.now(), BATCH_CAP, self._is_ours)
        )
        if not start.ids:
            now = self._seams.now()
            self._ring_at(start.next_due, stuck=start.next_due is not None and start.next_due <= now)
        return start

    def _is_ours(self, okey: str) -> bool:
        return partition_of(okey, self._partitions) in self._readings

    def _take(self, most: int) -> list[Entry]:
        """Take what has arrived, up to the caps. A suspect is taken alone."""
        entries: list[Entry] = []
        size = documents = 0
        while self._pending and len(entries) < most and size < CAP_BYTES and documents < CAP_DOCUMENTS:
            one = self._pending[0]
            if not one.reading.alive:
                self._pending.popleft()
                continue
            suspected = self._is_suspect(one)
            if suspected and entries:
                break
            self._pending.popleft()
            entries.append(one)
            if suspected:
                break
            behind = _bytes_behind(one.taken)
            size += len(one.delivery.body) + behind
            documents += 1 + behind // BYTES_OF_A_DOCUMENT
        return entries

    def _entry(self, reading: Reading, delivery: Delivery) -> Entry:
        """Read a message as soon as it is there, while the batch before it waits for the database."""
        return Entry(reading, delivery, read(self.service, delivery.body, delivery.message_id))

    def _is_suspect(self, one: Entry) -> bool:
        if self._underway is None:
            return one.delivery.redelivered
        return one.taken.message_id in self._suspected

    async def _settle(self, late: suspects.Start, entries: Sequence[Entry]) -> None:
        if len(entries) == 1 and self._is_suspect(entries[0]):
            await self._run([], late)
            await self._settle_suspect(entries[0].taken)
        else:
            for one in entries if self._long_work else ():
                await self._do_beforehand(one.taken)
            await self._run([one.taken for one in entries], late)

    async def _do_beforehand(self, taken: Taken) -> None:
        """Do what takes too long for a transaction. Should the process die of it, this message is the suspect."""
        message = taken.message
        ask = self._long_work.get(message.type) if message is not None else None
        wanted = ask(message) if ask is not None and message is not None else None
        if wanted is not None:
            self._name([taken.message_id])
            await self._settler.beforehand(taken, wanted)
            self._name(())

    async def _settle_suspect(self, taken: Taken) -> None:
        """Run a message alone that was begun before and never ended; at its third start it is parked."""
        identifier = taken.message_id
        start = await self._settler.run(lambda: suspects.begin(self.service.name, identifier))
        failures = {identifier: Poisonous()} if start.poison else NOTHING
        await self._run([taken], cleared=[identifier], failures=failures)
        self._suspected.discard(identifier)

    async def _run(
        self,
        taken: Sequence[Taken],
        late: suspects.Start = NONE_LATE,
        *,
        cleared: Sequence[UUID] = (),
        failures: Mapping[UUID, Exception] = NOTHING,
    ) -> None:
        if not taken and not late.ids:
            return
        if late.poison:
            failures = {one: Poisonous() for one in late.ids}
        self._name(one.message_id for one in taken)
        settled = await self._settler.settle(taken, late=late.ids, suspects=cleared, failures=failures)
        self._name(())
        if late.ids or settled.next_due:
            self._ring_at(settled.next_due)

    def _name(self, ids: Iterable[UUID]) -> None:
        if self._underway is not None:
            self._underway.name(ids)

    def _ring_at(self, when: datetime | None, *, stuck: bool = False) -> None:
        """Have the waiting messages looked at when the next one is due, at the latest in a minute.

        `stuck`: one is due and could not be taken, so there is no hurry.
        """
        now = self._seams.now()
        if when is not None and when <= now and not stuck:
            self.look()
            return
        sweep = now + timedelta(seconds=SWEEP_SECONDS)
        next_look = sweep if when is None or stuck else min(when, sweep)
        if self._look_at is not None and self._look_at <= next_look:
            return
        self._look_at = next_look
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = asyncio.create_task(self._ring((next_look - now).total_seconds()))

    async def _ring(self, seconds: float) -> None:
        await self._seams.sleep(seconds)
        self._look_at = None
        self.look()


def _bytes_behind(taken: Taken) -> int:
    """Return how many archived bytes a message stands for: they are read in the same transaction."""
    data = taken.message.data if taken.message else None
    return data.length if isinstance(data, InputReceived) else 0
