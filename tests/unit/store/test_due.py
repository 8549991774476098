"""Looking for what may leave costs the same however much waits for one endpoint."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from hub.store.migrations import migrate
from hub.store.records import SPECS
from hub.store.sqlite import connect, drive
from hub.store.statements import Insert, Job
from hub.store.status import Transmission
from hub.store.transmissions import due

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
WAYS = ("folder", "http", "webhook")
OF_A_SUBJECT = 4


def waiting(partner: str, transport: str, number: int, since: timedelta, first: int = 1) -> list[Transmission]:
    """Return events of a partner, four of each subject, all due."""
    return [
        Transmission(
            id=UUID(bytes=f"{partner:4.4}{transport:4.4}{n:8d}".encode()),
            partner=partner,
            position=n,
            kind="event",
            event_id=UUID(int=n),
            event_type="order.accepted.v1",
            order_id=None,
            subject=f"{transport}-{n // OF_A_SUBJECT}",
            reference=str(n),
            archive_id=UUID(int=n),
            transport=transport,
            test=False,
            state="queued",
            held=None,
            attempts=0,
            next_at=NOW - since,
            created_at=NOW,
            version=1,
        )
        for n in range(first, first + number)
    ]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    migrate(f"sqlite:///{tmp_path}/hub.db")
    opened = connect(f"{tmp_path}/hub.db")
    yield opened
    opened.close()


def keep(connection: sqlite3.Connection, rows: list[Transmission]) -> None:
    def job() -> Job[None]:
        yield Insert(SPECS[Transmission], rows)

    drive(connection, job)


def looked(connection: sqlite3.Connection, *closed: str, limit: int = 16) -> tuple[list[UUID], int]:
    """Return what may leave, and how many steps of SQLite's machine that took, in tens."""
    tens = 0

    def ten() -> int:
        nonlocal tens
        tens += 1
        return 0

    connection.set_progress_handler(ten, 10)
    found = drive(connection, lambda: due(NOW, WAYS, limit=limit, share=2, taken={}, closed=closed))
    connection.set_progress_handler(None, 0)
    return found, tens


@pytest.mark.parametrize("closed", [(), ("dead/webhook",)], ids=["open", "closed"])
def test_what_waits_for_an_endpoint_is_not_read_to_find_what_else_may_leave(
    connection: sqlite3.Connection, closed: tuple[str, ...]
) -> None:
    day = timedelta(days=1)
    keep(connection, waiting("shop", "webhook", 8, timedelta(0)) + waiting("dead", "webhook", 100, day))
    before, few = looked(connection, *closed)
    keep(connection, waiting("dead", "webhook", 5_000, day, first=101))
    after, many = looked(connection, *closed)
    assert before == after
    assert many < 2 * few


def test_what_partners_fetch_by_themselves_costs_the_sender_nothing(connection: sqlite3.Connection) -> None:
    keep(connection, waiting("shop", "webhook", 8, timedelta(0)))
    before, few = looked(connection)
    keep(connection, waiting("fetches", "pull", 5_000, timedelta(days=1)))
    after, many = looked(connection)
    assert before == after
    assert many < 2 * few


def test_each_endpoint_gets_its_share_and_who_waited_longest_comes_first(connection: sqlite3.Connection) -> None:
    keep(connection, waiting("late", "webhook", 9, timedelta(minutes=1)))
    keep(connection, waiting("long", "webhook", 9, timedelta(hours=1)) + waiting("long", "folder", 9, timedelta(0), 10))
    found, _ = looked(connection)
    names = [(one.bytes[:4].decode(), one.bytes[4:8].decode()) for one in found]
    assert names == [("long", "webh")] * 2 + [("late", "webh")] * 2 + [("long", "fold")] * 2
    first, _ = looked(connection, limit=3)
    assert first == found[:3]


def test_a_sender_that_is_full_looks_for_nothing(connection: sqlite3.Connection) -> None:
    keep(connection, waiting("shop", "webhook", 8, timedelta(0)))
    assert looked(connection, limit=0) == ([], 0)


def test_of_one_subject_only_the_first_may_leave(connection: sqlite3.Connection) -> None:
    keep(connection, waiting("shop", "webhook", 3, timedelta(0)))
    found, _ = looked(connection)
    assert len(found) == 1
