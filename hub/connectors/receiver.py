"""One commit for all requests that wait: what the doors call to take something in.

While a flush commits, what arrives meanwhile gathers, and the next one takes all of it in
one transaction. Where the database can keep two under way, one is prepared while the other
waits for the disk; the second leaves when it has as much as the first. If a flush fails,
its inputs are repeated one by one, so that an input which cannot be stored fails alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import structlog

from hub.seams import Seams
from hub.store.arrivals import DOOR, ENDS, Delivery, Input, Received, Sales
from hub.store.database import Database
from hub.store.outbox import Subscribers
from hub.store.receiving import receive, record_sales
from hub.store.statements import Job

A = TypeVar("A")

FLUSH_LIMIT = 200
FLUSH_BYTES = 8_000_000
MOST_LINES = 50
GATHERING = 0
"""The size of a flush that takes what there is at the next turn of the event loop."""

log = structlog.get_logger()


class Receiver:
    """Takes in inputs and sales. Returns when they are committed; only then may the sender hear that we have them.

    `published` is called after each commit: there is something in the outbox.
    """

    def __init__(
        self, database: Database, subscribers: Subscribers, seams: Seams, published: Callable[[], None] = lambda: None
    ) -> None:
        self._inputs: _Gathering[Input] = _Gathering(
            database,
            seams,
            lambda many: lambda: receive(many, subscribers, seams.now(), seams.token_bytes),
            lambda one: len(one.delivery.body),
            published,
        )
        self._sales: _Gathering[Sales] = _Gathering(
            database,
            seams,
            lambda many: lambda: record_sales(many, subscribers, seams.now(), seams.token_bytes),
            lambda one: len(one.delivery.body),
            published,
        )

    @property
    def under_way_seconds(self) -> float:
        """How long the transaction has taken that is under way; 0 if there is none."""
        return max(self._inputs.under_way_seconds, self._sales.under_way_seconds)

    async def receive(self, one: Input) -> Received:
        """Take in a file of EDIFACT or a shop's notification."""
        return _told(one.delivery, await self._inputs.add(one))

    async def record_sales(self, one: Sales) -> Received:
        """Take in a till's receipts."""
        return _told(one.delivery, await self._sales.add(one))


def _told(delivery: Delivery, received: Received) -> Received:
    """Log what ended at the door; a document is the beginning of its own conversation.

    Of one delivery only so many, and how many more there are: lines cost time, and a sender decides on their number.
    """
    ended = [part for part in received.parts if part.outcome != "stored"]
    for part in ended[:MOST_LINES]:
        say = log.warning if part.outcome == "conflict" else log.info
        say(
            ENDS[part.outcome],
            service=DOOR,
            correlation_id=str(part.document_id),
            message_id=str(part.document_id),
            endpoint=delivery.endpoint,
            partner=delivery.partner,
            reference=part.reference,
            first=str(part.first_id),
        )
    if len(ended) > MOST_LINES:
        archive = str(received.archive_id)
        log.warning("more ended at the door", service=DOOR, archive=archive, number=len(ended) - MOST_LINES)
    return received


class _Flush(NamedTuple):
    """One transaction under way: how much it took in, and since when."""

    task: asyncio.Task[None]
    size: int
    began: float


class _Gathering(Generic[A]):
    """Gathers arguments while a flush is under way, and runs one job for all of them."""

    def __init__(
        self,
        database: Database,
        seams: Seams,
        job: Callable[[Sequence[A]], Callable[[], Job[list[Received]]]],
        size: Callable[[A], int],
        published: Callable[[], None],
    ) -> None:
        self._database = database
        self._seams = seams
        self._job = job
        self._size = size
        self._published = published
        self._waiting: list[tuple[A, asyncio.Future[Received]]] = []
        self._flushes: dict[str, _Flush] = {}

    @property
    def under_way_seconds(self) -> float:
        """How long the flush has taken that is under way the longest; 0 if there is none."""
        now = self._seams.monotonic()
        return max((now - flush.began for flush in self._flushes.values()), default=0.0)

    async def add(self, argument: A) -> Received:
        """Return the answer to this argument once it is committed."""
        answer: asyncio.Future[Received] = asyncio.get_running_loop().create_future()
        self._waiting.append((argument, answer))
        self._start()
        return await answer

    def _start(self) -> None:
        """Have what waits flushed, if a lane is free and it is worth it."""
        sizes = [flush.size for flush in self._flushes.values()]
        free = [lane for lane in self._database.door_lanes if lane not in self._flushes]
        if not free or not self._waiting or GATHERING in sizes:
            return
        if all(len(self._waiting) >= size for size in sizes):
            task = asyncio.create_task(self._flush(free[0]))
            self._flushes[free[0]] = _Flush(task, GATHERING, self._seams.monotonic())

    def _next(self) -> list[tuple[A, asyncio.Future[Received]]]:
        """Take the first that wait, up to the limits, but at least one."""
        size, count = 0, 0
        for argument, _ in self._waiting[:FLUSH_LIMIT]:
            size += self._size(argument)
            if count and size > FLUSH_BYTES:
                break
            count += 1
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    async def _flush(self, lane: str) -> None:
        taken = self._next()
        self._flushes[lane] = self._flushes[lane]._replace(size=len(taken))
        try:
            answers: list[Any] = list(await self._database.run(self._job([one for one, _ in taken]), lane=lane))
        except Exception as error:  # noqa: BLE001 - each waiting request gets its own answer or its own error
            answers = [error] if len(taken) == 1 else [await self._alone(one, lane) for one, _ in taken]
        finally:
            del self._flushes[lane]
        self._start()
        self._published()
        for (_, waiting), answer in zip(taken, answers, strict=True):
            if waiting.done():
                continue
            if isinstance(answer, Exception):
                waiting.set_exception(answer)
            else:
                waiting.set_result(answer)

    async def _alone(self, argument: A, lane: str) -> Received | Exception:
        try:
            return (await self._database.run(self._job([argument]), lane=lane))[0]
        except Exception as error:  # noqa: BLE001 - handed to the request that it belongs to
            return error
