"""The lines of messages that wait, as both databases keep them."""

from datetime import UTC, datetime
from uuid import UUID

from hub.store.database import Database
from hub.store.messages import InboxRow, Outcome, WaitingRow
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load
from hub.store.waiting import NEVER, wake_heads

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FIRST, SECOND = UUID(int=1), UUID(int=2)


def line(first: Outcome) -> Job[None]:
    """Keep two messages of one key in line, the first with this outcome."""
    yield Insert(SPECS[InboxRow], [InboxRow("order", FIRST, first, NOW), InboxRow("order", SECOND, "waiting", NOW)])
    rows = [WaitingRow("order", one, "a", n, True, NEVER, None, None, 0, "") for n, one in enumerate((FIRST, SECOND))]
    yield Insert(SPECS[WaitingRow], rows)


async def due_after_waking(database: Database, first: Outcome) -> list[UUID]:
    await database.run(lambda: line(first))
    await database.run(lambda: wake_heads("order", ["a"], NOW))
    rows = await database.read(_rows)
    return [row.message_id for row in rows if row.until == NOW]


def _rows() -> Job[list[WaitingRow]]:
    rows: list[WaitingRow] = yield Load(SPECS[WaitingRow], [("order", FIRST), ("order", SECOND)])
    return rows


async def test_the_first_of_a_line_is_woken_and_no_other(database: Database) -> None:
    assert await due_after_waking(database, "waiting") == [FIRST]


async def test_a_parked_message_at_the_head_of_its_line_stays_until_a_person_decides(database: Database) -> None:
    assert await due_after_waking(database, "parked") == []
