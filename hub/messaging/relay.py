"""The relay: rows of the outbox to the broker, deleted once confirmed. Nothing is lost, per key nothing overtakes.

Strategy. Each destination has a window of rows in memory and up to three groups on
their way, so a slow service holds up nobody else. What the runners and doors of this
process committed is offered with its bytes; a poll finds all else, and is the truth.
Reading and waiting hold no write transaction. One task deletes what was confirmed, by
id and event id, while this relay's lease holds.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog

from hub.errors import TemporaryError
from hub.messaging.broker import Broker
from hub.messaging.channel import Outcome, Publication
from hub.messaging.topology import partition_of, queue_name
from hub.messaging.window import WINDOW, Window
from hub.seams import Seams, async_failpoint
from hub.store.database import Database
from hub.store.leases import Holding
from hub.store.outbox import Outgoing, delete, unsent

GROUPS_ON_THEIR_WAY = 3
POLL_SECONDS = 0.25
IDLE_POLL_SECONDS = 2.0
REFUSED_PAUSE_SECONDS = 1.0
LANE = "relay"
log = structlog.get_logger()


def nothing() -> None:
    """Tell nobody: there is no other process."""


class Relay:
    """Publishes what the outbox holds. `partitions` is the number of queues of each service of the installation.

    `holding` returns the lease under which this relay works, None while another one does;
    then `elsewhere` tells that one to look.
    """

    def __init__(
        self,
        database: Database,
        broker: Broker,
        partitions: Mapping[str, int],
        holding: Callable[[], Holding | None],
        seams: Seams,
        elsewhere: Callable[[], None] = nothing,
    ) -> None:
        self.published = 0
        self.refused = 0
        self._database = database
        self._broker = broker
        self._partitions = partitions
        self._holding = holding
        self._seams = seams
        self._elsewhere = elsewhere
        self._windows = {name: Window(name) for name in partitions}
        self._stirred = {name: asyncio.Event() for name in partitions}
        self._look = asyncio.Event()
        self._confirmed: list[Outgoing] = []
        self._to_delete = asyncio.Event()
        self._epoch: int | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    @property
    def backlog(self) -> int:
        """How many rows are known and not deleted yet."""
        return sum(len(window.known) for window in self._windows.values())

    def offer(self, rows: Iterable[Outgoing]) -> None:
        """Take rows right after their commit, instead of finding them."""
        holding = self._holding()
        if holding is None or holding.epoch != self._epoch:
            self._look.set()
            self._elsewhere()
            return
        for row in rows:
            window = self._windows.get(row.destination)
            if window is not None:
                window.offer(row)
                self._stirred[row.destination].set()

    def wake(self) -> None:
        """Look at the outbox soon: somebody committed rows that were not offered."""
        self._look.set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_looking(), name="relay look")
                tasks.create_task(self._keep_deleting(), name="relay delete")
                for window in self._windows.values():
                    tasks.create_task(self._keep_publishing(window), name=f"relay {window.destination}")
        finally:
            for task in self._publishing:
                task.cancel()
            await asyncio.gather(*self._publishing, return_exceptions=True)

    async def _keep_looking(self) -> None:
        while True:
            self._look.clear()
            found = await self._look_at_all() if self._holds() else 0
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS if found or self.backlog else IDLE_POLL_SECONDS):
                    await self._look.wait()

    def _holds(self) -> bool:
        """Tell whether the lease is ours; what was known under an earlier one may not be all there is."""
        holding = self._holding()
        epoch = None if holding is None else holding.epoch
        if epoch != self._epoch:
            self._epoch = epoch
            for window in self._windows.values():
                window.complete = False
        return epoch is not None

    async def _look_at_all(self) -> int:
        try:
            return sum([await self._look_at(window) for window in self._windows.values()])
        except TemporaryError as error:
            log.warning("the outbox cannot be read now", reason=str(error))
            return 0

    async def _look_at(self, window: Window) -> int:
        known, held = window.look(), sorted(window.held)
        if len(known) >= 2 * WINDOW:
            return 0
        rows, whole = await self._database.read(lambda: unsent(window.destination, WINDOW, known, held))
        window.found(rows, whole=whole)
        if rows:
            self._stirred[window.destination].set()
        return len(rows)

    async def _keep_publishing(self, window: Window) -> None:
        stirred = self._stirred[window.destination]
        on_their_way: set[asyncio.Task[None]] = set()
        while True:
            stirred.clear()
            while len(on_their_way) < GROUPS_ON_THEIR_WAY and self._holding() is not None:
                rows = window.group()
                if not rows:
                    break
                task = self._start(self._publish(window, rows))
                on_their_way.add(task)
                task.add_done_callback(on_their_way.discard)
                task.add_done_callback(lambda _: stirred.set())
            if window.wants_more:
                self._look.set()
            stopped = window.waits and self._holding() is None  # nobody stirs us when the same lease is ours again
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS if stopped else None):
                    await stirred.wait()

    async def _publish(self, window: Window, rows: Sequence[Outgoing]) -> None:
        outcomes = await self._broker.publish_group([self._publication(row) for row in rows])
        pairs = list(zip(rows, outcomes, strict=True))
        refused = [row for row, outcome in pairs if outcome is not Outcome.CONFIRMED]
        window.settled(rows, refused)
        self._confirmed += [row for row, outcome in pairs if outcome is Outcome.CONFIRMED]
        self._to_delete.set()
        self.published += len(rows) - len(refused)
        if refused:
            self.refused += len(refused)
            kinds = sorted({outcome.value for _, outcome in pairs if outcome is not Outcome.CONFIRMED})
            log.warning("not confirmed by the broker", service=window.destination, outcomes=kinds, rows=len(refused))
            self._start(self._free_later(window, refused))

    async def _free_later(self, window: Window, refused: Sequence[Outgoing]) -> None:
        """Hold the keys of what was not confirmed for a while; then it goes out again, under the same ids."""
        await self._seams.sleep(REFUSED_PAUSE_SECONDS)
        window.free(refused)
        self._stirred[window.destination].set()

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)
        return task

    def _publication(self, row: Outgoing) -> Publication:
        queue = queue_name(row.destination, partition_of(row.okey, self._partitions[row.destination]))
        return Publication(queue, row.body, str(row.event_id), row.type)

    async def _keep_deleting(self) -> None:
        while True:
            await self._to_delete.wait()
            self._to_delete.clear()
            done, self._confirmed = self._confirmed, []
            holding = self._holding()
            try:
                if holding is not None and done:
                    await delete_confirmed(self._database, done, holding)
            except TemporaryError as error:
                log.warning("confirmed rows cannot be deleted now", reason=str(error))
                self._confirmed += done
                await self._seams.sleep(POLL_SECONDS)
                self._to_delete.set()
            else:
                for row in done:
                    self._windows[row.destination].deleted(row)


@async_failpoint
async def delete_confirmed(database: Database, rows: Sequence[Outgoing], holding: Holding) -> None:
    """Delete rows that the broker has confirmed."""
    await database.run(lambda: delete(rows, holding), lane=LANE)
