"""A whole worker of the small services on a database and a broker, and a way to wait for what it commits."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from hub.canonical.envelope import Message
from hub.errors import DatabaseAway
from hub.handlers.service import Service
from hub.messaging.broker import Broker, Publication
from hub.messaging.runner import Runner
from hub.messaging.worker import Worker, service_queues
from hub.seams import Seams
from hub.store import schema
from hub.store.books import count
from hub.store.database import Database, open_database
from hub.store.messages import Document, InboxRow, WaitingRow
from hub.store.outbox import publish
from hub.store.records import SPECS
from hub.store.sqlite import connect
from hub.store.statements import Insert, Job, Query
from tests import small_service
from tests.desk import NOW
from tests.small_service import SERVICES, SUBSCRIPTIONS

T = TypeVar("T")
PATIENCE = 20.0
TABLES = [small_service.Account, small_service.Movement, small_service.Proof, small_service.Entry, small_service.Page]


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Ticking(Clock):
    """The real clock, where leases must end."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


class Watched:
    """A database that tells when something was committed, and can be away.

    `committed` is called after every commit, with its lane, before anybody else hears of it.
    """

    def __init__(self, database: Database) -> None:
        self.inner = database
        self.away = False
        self.refused = 0
        self.committed: Callable[[str], Awaitable[None]] | None = None
        self._stirred = asyncio.Event()

    @property
    def door_lanes(self) -> Sequence[str]:
        return self.inner.door_lanes

    async def run(self, job: Callable[[], Job[T]], *, lane: str = "batch") -> T:
        if self.away:
            self.refused += 1
            self._stir()
            raise DatabaseAway("the database was told to be away")
        result = await self.inner.run(job, lane=lane)
        if self.committed is not None:
            await self.committed(lane)
        self._stir()
        return result

    def _stir(self) -> None:
        self._stirred.set()
        self._stirred = asyncio.Event()

    async def was_asked(self, times: int) -> None:
        """Wait until it was asked so often while it was away."""
        async with asyncio.timeout(PATIENCE):
            while self.refused < times:
                await self._stirred.wait()

    async def read(self, job: Callable[[], Job[T]]) -> T:
        return await self.inner.read(job)

    async def close(self) -> None:
        await self.inner.close()

    async def until(self, job: Callable[[], Job[Any]], wanted: Callable[[Any], bool]) -> Any:
        """Read again after every commit until the value is the wanted one."""
        value: Any = None
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    stirred = self._stirred
                    value = await self.inner.read(job)
                    if wanted(value):
                        return value
                    await stirred.wait()
        except TimeoutError:
            raise AssertionError(f"still {value}") from None


def metadata() -> sa.MetaData:
    """Return the tables of the hub and of the small services."""
    described = schema.metadata()
    for record in TABLES:
        schema._table(SPECS[record], described)
    return described


async def make_tables(url: str) -> None:
    """Make all tables in an empty database."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        engine = sa.create_engine("sqlite://", creator=lambda: connect(path))
        metadata().create_all(engine)
        engine.dispose()
        return
    server = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with server.begin() as connection:
        await connection.run_sync(metadata().create_all)
    await server.dispose()


class SmallHub:
    """Both services on one pair of database and broker."""

    def __init__(self, database_url: str, broker_url: str, folder: Path, clock: Clock) -> None:
        self.clock = clock
        self.seams = seams = Seams(now=clock, token_bytes=lambda number: b"\x80" + bytes(number - 1))
        self.folder = folder
        self.urls = database_url, broker_url
        self.database = Watched(open_database(database_url, seams=seams))
        self.broker = Broker(broker_url, service_queues(SERVICES), confirm_timeout=2.0)
        self.worker = self.new_worker("first")

    @property
    def alone(self) -> bool:
        return self.urls[1].startswith("memory")

    @property
    def teller(self) -> Runner:
        return self.worker.runners["teller"]

    def new_worker(self, owner: str, services: Sequence[Service] = SERVICES) -> Worker:
        return Worker(
            SERVICES,
            services,
            self.database,
            self.broker,
            self.seams,
            owner=owner,
            alone=self.alone,
            folder=self.folder,
        )

    async def start(self) -> None:
        await self.broker.start()
        await self.worker.start()

    async def stop(self) -> None:
        await self.worker.stop()
        await self.broker.stop()
        await self.database.close()

    async def send(self, *messages: Message[Any]) -> None:
        """Commit messages as a door would: published, each deposit a document received."""
        await self.database.run(lambda: received(messages), lane="door")
        self.worker.relay.wake()

    async def deliver(self, *publications: Publication) -> None:
        """Publish straight to the broker, past the outbox; returns once confirmed."""
        async with asyncio.timeout(PATIENCE):
            await self.broker.publish_group(publications)

    async def later(self, **time: float) -> None:
        """Move the clock and let the teller look at what waits."""
        self.clock.now += timedelta(**time)
        self.teller.look()

    async def all(self, record: type[Any]) -> list[Any]:
        """Return all rows of a table, sorted."""
        return sorted(await self.database.read(lambda: rows_of(record)))

    async def settled(self, number: int) -> None:
        """Wait until the outbox is empty and so many messages have an end in the inbox."""
        await self.database.until(_open_and_ended, lambda found: found[0] == 0 and found[1] >= number)

    async def quiet(self, waiting: int) -> list[WaitingRow]:
        """Wait until the outbox is empty and so many messages stand in `waiting`; return them in their turn."""

        def look() -> Job[tuple[int, list[WaitingRow]]]:
            open_, _ = yield from _open_and_ended()
            rows = yield from rows_of(WaitingRow)
            return open_, rows

        _, rows = await self.database.until(look, lambda found: found[0] == 0 and len(found[1]) == waiting)
        return sorted(rows, key=lambda row: (row.okey, row.seq))

    async def ends(self) -> dict[tuple[str, UUID], tuple[str, str | None]]:
        """Return outcome and reason of every message in every service."""
        return {(row.service, row.message_id): (row.outcome, row.reason) for row in await self.all(InboxRow)}

    async def balances(self) -> dict[str, int]:
        """Return what lies on every account."""
        return {row.name: row.balance for row in await self.all(small_service.Account)}


def received(messages: Sequence[Message[Any]]) -> Job[None]:
    documents = [_document(one) for one in messages if one.type == small_service.Deposit.TYPE]
    yield Insert(SPECS[Document], sorted(documents))
    yield from count("door", NOW, [(one.channel, "received") for one in documents])
    yield from publish(messages, SUBSCRIPTIONS)


def _document(message: Message[Any]) -> Document:
    return Document(
        id=message.id,
        received_at=message.time,
        archive_id=message.id,
        correlation_id=message.correlationid,
        channel=message.channel,
        partner=message.partner,
        kind="deposit",
        business_key=message.subject,
        source_key=message.subject,
        sha256="",
        test=message.testindicator,
    )


def rows_of(record: type[Any]) -> Job[list[Any]]:
    spec = SPECS[record]
    names = ", ".join(f'"{column}"' for column in spec.columns)
    found = yield Query(f'select {names} from "{spec.name}"', types=spec.types)
    return [record(*row) for row in found]


def _open_and_ended() -> Job[tuple[int, int]]:
    """Return how many events are still in the outbox, or not in the inbox that they go to; and how many ended."""
    outgoing = yield Query("select count(*) from outbox", types=(int,))
    events = yield Query("select id, destinations from event_log where destinations <> ''", types=(UUID, str))
    inbox = yield Query("select service, message_id, outcome from inbox", types=(str, UUID, str))
    known = {row[:2] for row in inbox}
    lost = sum((service, event) not in known for event, services in events for service in services.split())
    return outgoing[0][0] + lost, sum(row[2] != "waiting" for row in inbox)
