"""SQLite: one writer thread that takes every job that waits into one commit, and readers beside it.

Strategy: a write transaction costs its fsync, so a round takes all that have arrived
since the last one, doors first, each of several in a savepoint of its own, and answers
after the one COMMIT. `begin immediate`, since a reader that turns writer may be refused at once.
Readers have connections of their own: WAL gives each transaction a snapshot.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, TypeVar

from hub.errors import DatabaseAway
from hub.seams import failpoint
from hub.store.sqlite_statements import execute
from hub.store.statements import Job

T = TypeVar("T")
READERS = 4
BUSY_MILLISECONDS = 5_000
CHECKPOINT_PAGES = 4_000
WRITER_CACHE_KIBIBYTES = 32 * 1024
READER_CACHE_KIBIBYTES = 4 * 1024
"""A reader's pages are good until the next commit only; what it once took it never gives back."""
PREPARED = 1_024
EXACT = Context(prec=80)


@dataclass(slots=True)
class _Waiting:
    job: Callable[[], Job[Any]]
    urgent: bool
    future: "asyncio.Future[Any]"
    result: Any = None
    error: Exception | None = None

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class SqliteDatabase:
    """The database in one file, for one process (`hub.store.lock` keeps a second one out)."""

    door_lanes = ("door",)

    def __init__(self, path: str) -> None:
        self._path = path
        self._arrived: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._executor = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._idle_readers: list[sqlite3.Connection] = []
        self._closed = False

    async def run(self, job: Callable[[], Job[T]], *, lane: str = "batch") -> T:
        if self._closed:
            raise DatabaseAway("the database is closed")
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="sqlite-writer", daemon=True)
            self._writer.start()
        waiting = _Waiting(job, lane in self.door_lanes, asyncio.get_running_loop().create_future())
        self._arrived.put(waiting)
        result: T = await waiting.future
        return result

    async def read(self, job: Callable[[], Job[T]]) -> T:
        if self._closed:
            raise DatabaseAway("the database is closed")
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._read, job)

    async def close(self) -> None:
        self._closed = True
        self._arrived.put(None)
        if self._writer is not None:
            await asyncio.to_thread(self._writer.join)
        await asyncio.to_thread(self._executor.shutdown)
        for connection in self._idle_readers:
            connection.close()

    def _read(self, job: Callable[[], Job[T]]) -> T:
        try:
            connection = self._idle_readers.pop() if self._idle_readers else connect(self._path, reader=True)
            connection.execute("begin")
        except sqlite3.Error as error:
            raise DatabaseAway(str(error)) from error
        try:
            return drive(connection, job)
        finally:
            connection.rollback()
            self._idle_readers.append(connection)

    def _write(self) -> None:
        writer = _Writer(self._path)
        going_on = True
        while going_on:
            jobs, going_on = self._next_round()
            if jobs:
                writer.settle(jobs)
                jobs[0].future.get_loop().call_soon_threadsafe(_settle, jobs)
        writer.close()

    def _next_round(self) -> tuple[list[_Waiting], bool]:
        """Wait for a job and return all that are there, doors first, and whether more may come."""
        jobs = []
        one = self._arrived.get()
        while one is not None:
            if not one.future.cancelled():
                jobs.append(one)
            try:
                one = self._arrived.get_nowait()
            except queue.Empty:
                break
        jobs.sort(key=lambda waiting: not waiting.urgent)
        return jobs, one is not None


def _settle(jobs: Sequence[_Waiting]) -> None:
    for waiting in jobs:
        waiting.settle()


class _Writer:
    """The one connection that writes; it lives on its thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def settle(self, jobs: Sequence[_Waiting]) -> None:
        """Run the jobs in one transaction; what stops the transaction is told to all of them."""
        try:
            connection = self._connected()
            connection.execute("begin immediate")
            run = _run_alone if len(jobs) == 1 else _run_apart
            for waiting in jobs:
                run(connection, waiting)
            if connection.in_transaction:
                commit(connection)
        except Exception as error:  # noqa: BLE001 - whatever ends the transaction ends every job of it, and is told
            self.close()
            for waiting in jobs:
                waiting.error = DatabaseAway(str(error))
                waiting.error.__cause__ = error

    def close(self) -> None:
        """Give up the connection, and with it a transaction that is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path)
        return self._connection


@failpoint
def commit(connection: sqlite3.Connection) -> None:
    """Make the round durable: every write of the hub to SQLite passes here."""
    connection.execute("commit")


def _run_alone(connection: sqlite3.Connection, waiting: _Waiting) -> None:
    try:
        waiting.result = drive(connection, waiting.job)
    except Exception as error:
        if not connection.in_transaction:  # the database has rolled back by itself
            raise
        connection.execute("rollback")
        waiting.error = error


def _run_apart(connection: sqlite3.Connection, waiting: _Waiting) -> None:
    connection.execute("savepoint job")
    try:
        waiting.result = drive(connection, waiting.job)
    except Exception as error:
        if not connection.in_transaction:  # the database has rolled everything back, the neighbours too
            raise
        connection.execute("rollback to job")
        waiting.error = error
    connection.execute("release job")


def drive(connection: sqlite3.Connection, job: Callable[[], Job[T]]) -> T:
    """Run a job in the connection's transaction; the first error ends it."""
    generator = job()
    try:
        statement = next(generator)
        while True:
            statement = generator.send(execute(connection, statement))
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        generator.close()


def connect(path: str, *, reader: bool = False) -> sqlite3.Connection:
    """Open the file as the hub wants it; a reader can not write."""
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=PREPARED,
        timeout=BUSY_MILLISECONDS / 1000,
    )
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute(f"pragma wal_autocheckpoint = {CHECKPOINT_PAGES}")
    connection.execute(f"pragma cache_size = -{READER_CACHE_KIBIBYTES if reader else WRITER_CACHE_KIBIBYTES}")
    connection.execute("pragma temp_store = memory")
    if reader:
        connection.execute("pragma query_only = on")
    connection.create_collation("decimal", _compare)
    connection.create_window_function("sum", 1, _Sum)
    return connection


def _compare(left: str, right: str) -> int:
    a, b = Decimal(left), Decimal(right)
    return (a > b) - (a < b)


class _Sum:
    """SQL's sum(), exact for amounts, which SQLite itself would count as floats."""

    def __init__(self) -> None:
        self._total: Decimal | int | None = None

    def step(self, value: str | int | None) -> None:
        """Add a value."""
        if value is not None:
            number = Decimal(value) if isinstance(value, str) else value
            self._total = number if self._total is None else _added(self._total, number)

    def inverse(self, value: str | int | None) -> None:
        """Take a value out of the window again."""
        if value is not None and self._total is not None:
            number = Decimal(value) if isinstance(value, str) else value
            self._total = _added(self._total, -number)

    def value(self) -> str | int | None:
        """Return the sum so far; none of nothing."""
        return str(self._total) if isinstance(self._total, Decimal) else self._total

    finalize = value


def _added(left: Decimal | int, right: Decimal | int) -> Decimal | int:
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return EXACT.add(Decimal(left), Decimal(right))
