"""What a transaction promises, on both databases: all or nothing, one after the other, and nobody else's failure."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from hub import seams
from hub.errors import BusinessRefusal, DatabaseAway, KeyTaken, TemporaryError, Unusable
from hub.seams import Seams
from hub.store.database import Database, open_database
from hub.store.messages import InboxRow, NumberSeries
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query, Write
from tests import servers

SERIES = SPECS[NumberSeries]
INBOX = SPECS[InboxRow]
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def add(number: int) -> Callable[[], Job[int]]:
    def job() -> Job[int]:
        yield Insert(INBOX, [InboxRow("order", UUID(int=number), "applied", NOW)])
        return number

    return job


def stored() -> Job[list[int]]:
    rows = yield Query("select message_id from inbox order by message_id", {}, (UUID,))
    return [identifier.int for (identifier,) in rows]


def take_number() -> Job[int]:
    rows = yield Load(SERIES, [("invoice",)], lock=True)
    held = rows[0] if rows else NumberSeries("invoice", 0)
    yield Write(SERIES, [held._replace(last=held.last + 1)])
    return held.last + 1


def refusing() -> Job[None]:
    yield Insert(INBOX, [InboxRow("order", UUID(int=99), "applied", NOW)])
    raise BusinessRefusal("no")


@contextmanager
def failpoints(hook: Callable[[str], None]) -> Iterator[None]:
    seams.install_failpoint_hook(hook)
    try:
        yield
    finally:
        seams.install_failpoint_hook(None)


def beside(url: str, sql: str) -> str:
    """Run SQL on another connection, at once, while this thread waits."""
    if url.startswith("postgresql:"):
        return servers.postgres().execute(sql, url.rpartition("/")[2])
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    found = connection.execute(sql).fetchall()
    connection.close()
    return "\n".join(str(row[0]) for row in found)


async def test_what_a_job_wrote_is_there_once_it_returns(database: Database, database_url: str) -> None:
    assert await database.run(add(1)) == 1
    assert beside(database_url, "select count(*) from inbox").strip() == "1"


async def test_a_job_that_raises_leaves_nothing_and_its_error_reaches_its_caller(database: Database) -> None:
    with pytest.raises(BusinessRefusal, match="no"):
        await database.run(refusing)
    assert await database.read(stored) == []


async def test_a_job_sees_what_it_wrote_itself(database: Database) -> None:
    def job() -> Job[list[int]]:
        yield from add(1)()
        return (yield from stored())

    assert await database.run(job) == [1]


async def test_a_failing_job_costs_its_neighbours_nothing(database: Database) -> None:
    await database.run(add(3))
    jobs = [add(1), add(2), refusing, add(3), add(4)]
    results = await asyncio.gather(*(database.run(job) for job in jobs), return_exceptions=True)
    assert [type(result) for result in results] == [int, int, BusinessRefusal, KeyTaken, int]
    assert await database.read(stored) == [1, 2, 3, 4]


async def test_jobs_that_wait_together_share_a_commit(database: Database) -> None:
    commits: list[str] = []
    with failpoints(lambda point: commits.append(point) if point.endswith("commit:before") else None):
        await asyncio.gather(*(database.run(add(number)) for number in range(50)))
    assert await database.read(stored) == list(range(50))
    assert len(commits) < 10


async def test_jobs_of_a_lane_run_in_the_order_in_which_they_came(database: Database) -> None:
    ran: list[int] = []

    def numbered(number: int) -> Callable[[], Job[None]]:
        def job() -> Job[None]:
            ran.append(number)
            yield from add(number)()

        return job

    await asyncio.gather(*(database.run(numbered(number), lane="order") for number in range(20)))
    assert ran == list(range(20))


async def test_a_locked_row_is_changed_by_one_at_a_time(database: Database) -> None:
    taken = await asyncio.gather(*(database.run(take_number, lane=f"lane{n % 4}") for n in range(40)))
    assert sorted(taken) == list(range(1, 41))


async def test_two_that_insert_one_key_at_once_have_one_winner(database: Database) -> None:
    def claim() -> Job[int]:
        added = yield Insert(INBOX, [InboxRow("order", UUID(int=1), "applied", NOW)], skip_existing=True)
        return len(added)

    won = await asyncio.gather(*(database.run(claim, lane=f"lane{n}") for n in range(20)))
    assert sorted(won) == [0] * 19 + [1]


async def test_a_reader_sees_one_moment_whatever_is_committed_meanwhile(database: Database, database_url: str) -> None:
    await database.run(add(1))

    def job() -> Job[tuple[list[int], list[int]]]:
        before = yield from stored()
        beside(database_url, "delete from inbox")
        return before, (yield from stored())

    assert await database.read(job) == ([1], [1])
    assert await database.read(stored) == []


async def test_a_reader_that_raises_is_no_trouble_to_the_next(database: Database) -> None:
    for _ in range(10):
        with pytest.raises(BusinessRefusal):
            await database.read(refused_while_reading)
    assert await database.read(stored) == []


def refused_while_reading() -> Job[None]:
    yield from stored()
    raise BusinessRefusal("no")


async def test_a_caller_who_gives_up_leaves_no_transaction_open(database: Database) -> None:
    calls = [asyncio.create_task(database.run(add(number))) for number in range(5)]
    reads = [asyncio.create_task(database.read(stored)) for _ in range(5)]
    await asyncio.sleep(0)  # each has begun and waits for the database
    for task in (*calls, *reads):
        task.cancel()
    await asyncio.gather(*calls, *reads, return_exceptions=True)
    assert await database.run(add(100)) == 100
    assert await asyncio.wait_for(database.read(stored), 10)


async def test_whoever_waits_when_the_database_is_closed_gets_an_answer(database: Database) -> None:
    calls = [asyncio.create_task(database.run(add(number))) for number in range(10)]
    await asyncio.sleep(0)  # each has begun and waits for the database
    await database.close()
    assert await asyncio.gather(*calls) == list(range(10))
    with pytest.raises(DatabaseAway):
        await database.run(add(1))
    with pytest.raises(DatabaseAway):
        await database.read(stored)


async def test_a_commit_whose_answer_was_lost_is_not_taken_for_success_and_can_be_asked_again(
    database: Database,
) -> None:
    lost = iter([True])

    def lose(point: str) -> None:
        if point.endswith("commit:after") and next(lost, False):
            raise ConnectionResetError("lost")

    def once() -> Job[bool]:
        added = yield Insert(INBOX, [InboxRow("order", UUID(int=1), "applied", NOW)], skip_existing=True)
        return bool(added)

    with failpoints(lose):
        try:
            first = await database.run(once)
        except DatabaseAway:
            first = await database.run(once)
    assert first is False  # the row of the first run was found
    assert await database.read(stored) == [1]


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(Unusable, match="sqlite:///"):
        open_database("mysql://there", seams=Seams())


# SQLite alone


async def test_doors_go_before_batches_on_the_one_writer(sqlite_database_url: str) -> None:
    database = open_database(sqlite_database_url, seams=Seams())
    begun, go = threading.Event(), threading.Event()
    ran: list[str] = []

    def holding() -> Job[None]:
        begun.set()
        go.wait(10)
        yield from ()

    def named(name: str) -> Callable[[], Job[None]]:
        def job() -> Job[None]:
            ran.append(name)
            yield from ()

        return job

    first = asyncio.create_task(database.run(holding))
    await asyncio.to_thread(begun.wait, 10)
    lanes = ["order", "stock", "door", "batch", "door"]
    others = [asyncio.create_task(database.run(named(lane), lane=lane)) for lane in lanes]
    await asyncio.sleep(0)  # all have queued up
    go.set()
    await asyncio.gather(first, *others)
    await database.close()
    assert ran == ["door", "door", "order", "stock", "batch"]


async def test_a_folder_that_is_not_there_is_a_database_away_until_it_is(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/later/hub.db", seams=Seams())

    def one() -> Job[int]:
        rows = yield Query("select 1", {}, (int,))
        value: int = rows[0][0]
        return value

    with pytest.raises(DatabaseAway):
        await database.run(one)
    with pytest.raises(DatabaseAway):
        await database.read(one)
    (tmp_path / "later").mkdir()
    assert await database.run(one) == 1
    assert await database.read(one) == 1
    await database.close()


async def test_a_full_disk_undoes_the_round_and_is_a_database_away(sqlite_database_url: str) -> None:
    database = open_database(sqlite_database_url, seams=Seams())

    def limited() -> Job[None]:
        rows = yield Query("pragma page_count", {}, (int,))
        yield Query(f"pragma max_page_count = {rows[0][0] + 5}", {}, (int,))

    def large(number: int) -> Callable[[], Job[None]]:
        def job() -> Job[None]:
            row = InboxRow("order", UUID(int=number), "applied", NOW, "x" * 1_000_000)
            yield Insert(INBOX, [row])

        return job

    await database.run(limited)
    with pytest.raises(DatabaseAway):
        await database.run(large(1))
    assert await database.run(add(2)) == 2
    assert await database.read(stored) == [2]
    await database.close()


# PostgreSQL alone


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = open_database(url, seams=Seams())
    yield database
    await database.close()


async def test_a_job_whose_connection_is_cut_runs_again_on_another(postgres_database_url: str) -> None:
    runs: list[int] = []

    def job() -> Job[int]:
        yield from add(1)()
        runs.append(1)
        if len(runs) == 1:
            yield Query("select pg_terminate_backend(pg_backend_pid())", {}, (bool,))
        return len(runs)

    async with opened(postgres_database_url) as database:
        assert await database.run(job) == 2
        assert await database.read(stored) == [1]


async def test_connections_cut_while_idle_are_replaced(postgres_database_url: str) -> None:
    async with opened(postgres_database_url) as database:
        await database.run(add(1))
        await database.read(stored)
        beside(
            postgres_database_url,
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name like 'hub %'",
        )
        assert await database.run(add(2)) == 2
        assert await database.read(stored) == [1, 2]


async def test_a_deadlock_between_lanes_ends_with_both_done(postgres_database_url: str) -> None:
    def both(*names: str) -> Callable[[], Job[None]]:
        def job() -> Job[None]:
            for name in names:
                rows = yield Load(SERIES, [(name,)], lock=True)
                yield Write(SERIES, [row._replace(last=row.last + 1) for row in rows])

        return job

    async with opened(postgres_database_url) as database:
        await database.run(lambda: (yield Write(SERIES, [NumberSeries("a", 0), NumberSeries("b", 0)])))
        await asyncio.gather(
            *(database.run(both("a", "b"), lane="one") for _ in range(5)),
            *(database.run(both("b", "a"), lane="two") for _ in range(5)),
        )
        assert await database.read(lambda: (yield Query("select last from number_series", {}, (int,)))) == [
            (10,),
            (10,),
        ]


async def test_a_row_that_stays_locked_is_a_temporary_error(postgres_database_url: str) -> None:
    def impatient() -> Job[int]:
        yield Query("select set_config('lock_timeout', '10ms', true)", {}, (str,))
        return (yield from take_number())

    holder = await asyncpg.connect(postgres_database_url)
    async with opened(postgres_database_url) as database:
        await database.run(take_number)
        async with holder.transaction():
            await holder.execute("select last from number_series for update")
            with pytest.raises(TemporaryError) as caught:
                await database.run(impatient)
        assert not isinstance(caught.value, DatabaseAway)
        assert await database.run(impatient) == 2
    await holder.close()


async def test_a_server_that_is_down_is_a_database_away_and_used_again_when_up() -> None:
    server = servers.PostgreSQL().start()
    try:
        url = server.database()
        async with opened(url) as database:
            one = Query("select 1", {}, (int,))
            assert await database.run(lambda: (yield one)) == [(1,)]
            server.stop()
            answers = await asyncio.gather(
                *(database.run(lambda: (yield one)) for _ in range(20)), return_exceptions=True
            )
            assert {type(answer) for answer in answers} == {DatabaseAway}
            with pytest.raises(DatabaseAway):
                await database.read(lambda: (yield one))
            server.start()
            assert await database.run(lambda: (yield one)) == [(1,)]
            assert await database.read(lambda: (yield one)) == [(1,)]
    finally:
        server.close()


async def test_a_database_that_does_not_exist_is_an_unusable_address(postgres_url: str) -> None:
    async with opened(f"{postgres_url}_not") as database:
        with pytest.raises(Unusable, match="does not exist"):
            await database.run(stored)
