"""PostgreSQL over asyncpg: a connection per lane that writes, a small pool that reads.

Strategy: a lane runs its jobs one after the other. What waits together is tried in one
transaction and one commit; if that fails, each is run alone, so that a failing job costs
its neighbours nothing but time. What the server gives up (deadlock, lock time-out,
serialisation) and what is lost with a connection is run again: keys make that safe.
The work belongs to the lane's task, never to the caller's, so a cancelled caller leaves
no transaction behind.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, TypeVar

import asyncpg

from hub.errors import DatabaseAway, KeyTaken, TemporaryError, Unusable
from hub.seams import Seams, async_failpoint
from hub.store.postgres_statements import Connection, execute
from hub.store.statements import Job

T = TypeVar("T")
READERS = 4
TOGETHER = 64
ATTEMPTS = 4
FIRST_PAUSE_SECONDS = 0.02
CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 25.0
CLOSE_SECONDS = 5.0
PREPARED = 1_024

SESSION: Mapping[str, str] = MappingProxyType(
    {
        "timezone": "UTC",
        "lock_timeout": "3s",
        "statement_timeout": "15s",
        "idle_in_transaction_session_timeout": "30s",
        "synchronous_commit": "on",
        "jit": "off",
    }
)
KEYS_ONLY: Mapping[str, str] = MappingProxyType(
    {
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "plan_cache_mode": "force_generic_plan",
    }
)
"""Writers look rows up by key. A plan made while a table is empty must not scan it once it is full."""

_CONTENDED = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.LockNotAvailableError)
_LOST = (OSError, asyncpg.PostgresConnectionError, asyncpg.AdminShutdownError, asyncpg.CrashShutdownError)
_AWAY = (
    *_LOST,
    asyncpg.CannotConnectNowError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
)
_SET_UP_WRONGLY = (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError)
_OF_THE_DRIVER = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError)


class PostgresDatabase:
    """The database on a PostgreSQL server, shared by any number of processes."""

    door_lanes = ("door", "door 2")

    def __init__(self, url: str, *, seams: Seams) -> None:
        self._url = url
        self._seams = seams
        self._lanes: dict[str, _Lane] = {}
        self._readers: list[_Session] = []
        self._free_readers = asyncio.Semaphore(READERS)
        self._reads: set[asyncio.Task[Any]] = set()
        self._closed = False

    async def run(self, job: Callable[[], Job[T]], *, lane: str = "batch") -> T:
        if self._closed:
            raise DatabaseAway("the database is closed")
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane, self._url, self._seams)
        return await self._lanes[lane].run(job)

    async def read(self, job: Callable[[], Job[T]]) -> T:
        if self._closed:
            raise DatabaseAway("the database is closed")
        task = asyncio.create_task(self._read(job))
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        self._closed = True
        await asyncio.gather(*(lane.close() for lane in self._lanes.values()))
        await asyncio.gather(*self._reads, return_exceptions=True)
        await asyncio.gather(*(reader.close() for reader in self._readers))

    async def _read(self, job: Callable[[], Job[T]]) -> T:
        async with self._free_readers:
            reader = self._readers.pop() if self._readers else _Session(self._url, "readers", {})
            try:
                (result,) = await _again(lambda: reader.snapshot([job]), self._seams)
            finally:
                self._readers.append(reader)
            value: T = result
            return value


class _Session:
    """One connection, made when it is needed and again when it was lost."""

    def __init__(self, url: str, name: str, settings: Mapping[str, str]) -> None:
        self._url = url
        self._settings = {**SESSION, **settings, "application_name": f"hub {name}"}
        self._connection: Connection | None = None

    async def write(self, jobs: Sequence[Callable[[], Job[Any]]]) -> list[Any]:
        """Run the jobs in one transaction and return their results once it is committed."""
        return await self._transaction("begin", jobs, commit)

    async def snapshot(self, jobs: Sequence[Callable[[], Job[Any]]]) -> list[Any]:
        """Run the jobs on what is committed now; they can not write."""
        return await self._transaction("begin isolation level repeatable read read only", jobs, _end)

    async def close(self) -> None:
        """Let go of the server."""
        if self._connection is not None:
            try:
                await self._connection.close(timeout=CLOSE_SECONDS)
            except _OF_THE_DRIVER:
                self._connection.terminate()

    async def _transaction(
        self, begin: str, jobs: Sequence[Callable[[], Job[Any]]], end: Callable[[Connection], Awaitable[None]]
    ) -> list[Any]:
        connection = await self._connected()
        try:
            await connection.execute(begin)
            results = [await drive(connection, job) for job in jobs]
            await end(connection)
        except Exception as error:
            await _roll_back(connection, error)
            if connection.is_closed() and isinstance(error, _OF_THE_DRIVER):
                raise ConnectionResetError(f"the connection was lost: {error}") from error
            raise
        return results

    async def _connected(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            try:
                self._connection = await asyncpg.connect(
                    self._url,
                    timeout=CONNECT_SECONDS,
                    command_timeout=ANSWER_SECONDS,
                    statement_cache_size=PREPARED,
                    max_cached_statement_lifetime=0,
                    max_cacheable_statement_size=0,
                    server_settings=self._settings,
                )
            except _OF_THE_DRIVER as error:
                raise ours(error) from error
        return self._connection


@dataclass(slots=True)
class _Waiting:
    job: Callable[[], Job[Any]]
    future: "asyncio.Future[Any]"

    def answer(self, result: Any) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class _Lane:
    """The jobs that wait for one connection."""

    def __init__(self, name: str, url: str, seams: Seams) -> None:
        self._session = _Session(url, name, KEYS_ONLY)
        self._seams = seams
        self._waiting: deque[_Waiting] = deque()
        self._task: asyncio.Task[None] | None = None

    async def run(self, job: Callable[[], Job[T]]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(job, future))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await future

    async def close(self) -> None:
        if self._task is not None:
            await self._task
        await self._session.close()

    async def _work(self) -> None:
        while self._waiting:
            together = [self._waiting.popleft() for _ in range(min(TOGETHER, len(self._waiting)))]
            wanted = [waiting for waiting in together if not waiting.future.done()]
            if len(wanted) == 1 or not await self._settled_together(wanted):
                await self._settle_one_by_one(wanted)

    async def _settled_together(self, jobs: Sequence[_Waiting]) -> bool:
        try:
            results = await self._session.write([waiting.job for waiting in jobs])
        except Exception:  # noqa: BLE001 - whose fault it is shows when each runs alone
            return False
        for waiting, result in zip(jobs, results, strict=True):
            waiting.answer(result)
        return True

    async def _settle_one_by_one(self, jobs: Sequence[_Waiting]) -> None:
        """Run each job in a transaction of its own; once the server is away nobody waits for it to be away again."""
        away: str | None = None
        for waiting in jobs:
            if away is not None:
                waiting.fail(DatabaseAway(away))
                continue
            try:
                (result,) = await _again(partial(self._session.write, [waiting.job]), self._seams)
            except Exception as error:  # noqa: BLE001 - every error belongs to the job's caller
                away = str(error) if isinstance(error, DatabaseAway) else None
                waiting.fail(error)
            else:
                waiting.answer(result)


@async_failpoint
async def commit(connection: Connection) -> None:
    """Make a transaction durable: every write of the hub to PostgreSQL passes here."""
    await connection.execute("commit")


async def drive(connection: Connection, job: Callable[[], Job[T]]) -> T:
    """Run a job in the connection's transaction; the first error ends it."""
    generator = job()
    try:
        statement = next(generator)
        while True:
            statement = generator.send(await execute(connection, statement))
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        generator.close()


async def _end(connection: Connection) -> None:
    await connection.execute("rollback")


async def _roll_back(connection: Connection, error: Exception) -> None:
    """Undo what was begun; a connection that can not, or that did not answer in time, is given up."""
    if isinstance(error, TimeoutError):
        connection.terminate()
    if connection.is_closed():
        return
    try:
        await connection.execute("rollback")
    except _OF_THE_DRIVER:
        connection.terminate()


async def _again(attempt: Callable[[], Awaitable[T]], seams: Seams) -> T:
    """Run a transaction, and again where the server gave it up or the connection was lost; errors become ours."""
    for number in range(ATTEMPTS):
        try:
            return await attempt()
        except _OF_THE_DRIVER as error:
            last = number == ATTEMPTS - 1
            if last or not isinstance(error, (*_CONTENDED, *_LOST)):
                told = ours(error)
                if told is error:
                    raise
                raise told from error
        await seams.sleep(FIRST_PAUSE_SECONDS * 2**number * (0.5 + seams.token_bytes(1)[0] / 256))
    raise AssertionError("the last attempt returns or raises")


def ours(error: Exception) -> Exception:
    """Return our error for the driver's, or the driver's own where it means a fault of the program."""
    if isinstance(error, (*_CONTENDED, asyncpg.QueryCanceledError)):
        return TemporaryError(str(error))
    if isinstance(error, asyncpg.UniqueViolationError):
        return KeyTaken(str(error))
    if isinstance(error, _SET_UP_WRONGLY):
        return Unusable(f"PostgreSQL does not let us in: {error}; see HUB_DATABASE_URL")
    if isinstance(error, _AWAY):
        return DatabaseAway(f"the database does not answer: {error}")
    return error
