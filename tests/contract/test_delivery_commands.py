"""What a person may tell the delivery service, and how it becomes a message of it."""

from typing import Any

import pytest

from hub.store.database import Database
from hub.store.messages import Event, OutboxRow
from tests import web


@pytest.mark.parametrize(
    ("move", "body", "type_"),
    [
        ("release", None, "delivery.release.v1"),
        ("pick", {"lines": [{"line_id": "1", "quantity": "4"}]}, "delivery.pick.v1"),
        ("pack", None, "delivery.pack.v1"),
        ("ship", {"carrier": "Swift Haul"}, "delivery.ship.v1"),
        ("cancel", {"reason": "the truck broke down"}, "delivery.cancel.v1"),
        ("replan", None, "delivery.replan.v1"),
    ],
)
async def test_each_move_of_a_delivery_order_is_a_command_to_its_service(
    database: Database, move: str, body: Any, type_: str
) -> None:
    house = await web.house(database)
    async with house.client:
        key = await house.token("operator")
        answer = await house.client.post(f"/deliveries/D-00000001/{move}", json=body, headers=key)
        assert answer.status_code == 202
        (event,) = await house.rows(Event)
        assert (event.type, event.subject) == (type_, "D-00000001")
        assert [row.destination for row in await house.rows(OutboxRow)] == ["delivery"]


async def test_a_cancellation_without_a_reason_is_refused(database: Database) -> None:
    house = await web.house(database)
    async with house.client:
        answer = await house.client.post("/deliveries/D-1/cancel", json={}, headers=await house.token("operator"))
        assert answer.status_code == 422
        assert await house.rows(Event) == []
