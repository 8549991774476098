"""The warehouse without people: each step is answered with the next command."""

from typing import Any

import pytest

from hub.canonical.delivery import (
    ConfirmPick,
    DeliveryPacked,
    DeliveryPicked,
    DeliveryPlanned,
    DeliveryReleased,
    DespatchShipment,
    PackDelivery,
    ReleaseDelivery,
)
from hub.canonical.envelope import Payload
from hub.handlers import delivery, warehouse
from hub.store.delivery import DeliveryOrder
from tests.desk import Desk, payloads
from tests.unit.handlers.answers import COMPANY, ORDER, answer, line


@pytest.mark.parametrize(
    ("event", "command"),
    [
        (DeliveryPlanned(**ORDER, delivery_number="D-00000001", lines=()), ReleaseDelivery),
        (DeliveryReleased(**ORDER, delivery_number="D-00000001"), ConfirmPick),
        (DeliveryPicked(**ORDER, delivery_number="D-00000001"), PackDelivery),
        (DeliveryPacked(**ORDER, delivery_number="D-00000001"), DespatchShipment),
    ],
    ids=lambda payload: payload.TYPE,
)
def test_each_step_is_answered_with_the_next_command(event: Payload, command: type[Any]) -> None:
    work = Desk(warehouse.service).handle(event)
    (published,) = payloads(work)
    assert isinstance(published, command)
    assert published.delivery_number == "D-00000001"


def test_an_accepted_order_leaves_the_house_without_a_person() -> None:
    desks = (Desk(delivery.service).put(COMPANY), Desk(warehouse.service))
    pending = list(desks[0].handle(answer([line("10", "SKU-A", "5", "50.00")])).published)
    while pending:
        message = pending.pop(0)
        for desk in desks:
            if message.type in desk.service.handlings:
                pending += desk.handle(message).published
    assert [row.state for row in desks[0].all(DeliveryOrder)] == ["shipped"]
