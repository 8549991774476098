"""What is odd about what was applied: seen by kind and order, closed once with a note, counted while it is open."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from hub.store.database import Database
from hub.store.messages import Audit, Task
from hub.store.records import SPECS
from hub.store.statements import Insert
from tests import web
from tests.web import NOW, House

SHORT = Task(UUID(int=1), NOW, "delivery", "short_pick", "D-1", "order-1", "line 1: 7 of 10 found")
OWED = Task(UUID(int=2), NOW + timedelta(hours=1), "payment", "payment_unallocated", "BANK-1", None, "EUR 5 of 20")


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    opened = await web.house(database)
    await opened.put(Insert(SPECS[Task], [SHORT, OWED]))
    async with opened.client:
        yield opened


async def listed(house: House, **wanted: str) -> list[str]:
    answer = await house.client.get("/tasks", params=wanted, headers=await house.token("operator"))
    assert answer.status_code == 200, answer.text
    return [one["subject"] for one in answer.json()]


async def test_tasks_are_listed_oldest_first_and_found_by_kind_and_order(house: House) -> None:
    assert await listed(house) == ["D-1", "BANK-1"]
    assert await listed(house, kind="payment_unallocated") == ["BANK-1"]
    assert await listed(house, order_id="order-1") == ["D-1"]
    assert await listed(house, limit="1") == ["D-1"]
    assert await listed(house, state="closed") == []


async def test_a_task_is_closed_once_with_a_note_that_stays_with_it(house: House) -> None:
    key = await house.token("operator")
    first, again = [
        await house.client.post(f"/tasks/{SHORT.id}/close", json={"reason": reason}, headers=key)
        for reason in ("counted: three were broken", "something else")
    ]
    assert (first.status_code, again.status_code) == (200, 200)
    closed = first.json()
    assert (closed["state"], closed["note"]) == ("closed", "counted: three were broken")
    assert again.json() == closed == (await house.client.get(f"/tasks/{SHORT.id}", headers=key)).json()
    assert await listed(house) == ["BANK-1"]
    assert await listed(house, state="closed") == ["D-1"]
    assert await listed(house, state="any") == ["D-1", "BANK-1"]
    (audit,) = [one for one in await house.rows(Audit) if one.action == "task.closed"]
    assert (audit.at, audit.object, audit.reason) == (NOW, "short_pick D-1", "counted: three were broken")


async def test_what_cannot_be_closed_is_told(house: House) -> None:
    key = await house.token("operator")
    missing = UUID(int=9)
    assert (await house.client.get(f"/tasks/{missing}", headers=key)).status_code == 404
    nobody = await house.client.post(f"/tasks/{missing}/close", json={"reason": "done"}, headers=key)
    assert (nobody.status_code, nobody.json()["detail"]) == (404, f"there is no task {missing}")
    for body in ({}, {"reason": " "}, {"reason": "x" * 2_001}):
        assert (await house.client.post(f"/tasks/{SHORT.id}/close", json=body, headers=key)).status_code == 422
    assert (await house.client.get("/tasks", params={"state": "done"}, headers=key)).status_code == 422


async def test_open_tasks_are_counted_by_kind(house: House) -> None:
    key = await house.token("operator")
    await house.client.post(f"/tasks/{SHORT.id}/close", json={"reason": "done"}, headers=key)
    text = (await house.client.get("/metrics", headers=key)).text
    assert [line for line in text.splitlines() if line.startswith("hub_open_tasks{")] == [
        'hub_open_tasks{kind="payment_unallocated"} 1.0'
    ]
