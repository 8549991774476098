"""What a person may do about documents that do not leave by themselves."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from hub.store.database import Database
from hub.store.messages import Audit
from hub.store.records import SPECS
from hub.store.statements import Write
from hub.store.status import Transmission
from tests import web
from tests.web import NOW, House, with_order


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    opened = await web.house(database)
    async with opened.client:
        yield opened


async def in_state(house: House, **changes: Any) -> Transmission:
    """Return a transmission that stands like this."""
    await with_order(house)
    row: Transmission = (await house.rows(Transmission))[0]
    await house.put(Write(SPECS[Transmission], [row._replace(**changes)]))
    return row


async def test_an_operator_sees_what_is_parked_and_why(house: House) -> None:
    row = await in_state(house, state="parked", last_error="the server answered 410")
    key = await house.token("operator")
    shown = (await house.client.get("/transmissions", params={"state": "parked"}, headers=key)).json()
    assert [(one["id"], one["last_error"]) for one in shown["transmissions"]] == [
        (str(row.id), "the server answered 410")
    ]
    none = (await house.client.get("/transmissions", params={"partner": "nobody"}, headers=key)).json()
    assert none == {"transmissions": []}


async def test_one_is_shown_with_what_it_carries(house: House) -> None:
    row = await in_state(house, state="sent", attempts=2)
    key = await house.token("operator")
    shown = (await house.client.get(f"/transmissions/{row.id}", headers=key)).json()
    assert (shown["reference"], shown["attempts"], shown["content"], shown["order_id"]) == (
        row.reference, 2, "", row.order_id,
    )  # fmt: skip
    missing = await house.client.get("/transmissions/00000000-0000-0000-0000-000000000009", headers=key)
    assert missing.status_code == 404


async def test_a_parked_one_is_queued_again_and_the_audit_log_says_by_whom(house: House) -> None:
    row = await in_state(house, state="parked", attempts=10)
    key = await house.token("operator")
    answer = await house.client.post(f"/transmissions/{row.id}/requeue", json={"reason": "they are back"}, headers=key)
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (200, "queued", 0)
    (audit,) = [one for one in await house.rows(Audit) if one.action == "transmission.requeued"]
    assert (audit.reason, audit.at) == ("they are back", NOW)


@pytest.mark.parametrize(("state", "move"), [("delivered", "requeue"), ("sent", "drop"), ("queued", "release")])
async def test_what_cannot_be_done_is_refused(house: House, state: str, move: str) -> None:
    row = await in_state(house, state=state)
    answer = await house.client.post(
        f"/transmissions/{row.id}/{move}", json={"reason": "why not"}, headers=await house.token("operator")
    )
    assert answer.status_code == 409


async def test_dropping_needs_a_reason(house: House) -> None:
    row = await in_state(house, state="parked")
    key = await house.token("operator")
    assert (await house.client.post(f"/transmissions/{row.id}/drop", json={}, headers=key)).status_code == 422
    dropped = await house.client.post(f"/transmissions/{row.id}/drop", json={"reason": "closed"}, headers=key)
    assert dropped.json()["state"] == "dropped"


async def test_a_held_document_is_released(house: House) -> None:
    row = await in_state(house, state="queued", held="read otherwise")
    answer = await house.client.post(f"/transmissions/{row.id}/release", headers=await house.token("operator"))
    assert (answer.status_code, answer.json()["held"]) == (200, None)


async def test_a_partner_decides_nothing_here(house: House) -> None:
    row = await in_state(house, state="parked")
    key = await house.token("partner:mueller")
    assert (await house.client.get("/transmissions", headers=key)).status_code == 403
    assert (await house.client.post(f"/transmissions/{row.id}/requeue", headers=key)).status_code == 403
