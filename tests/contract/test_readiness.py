"""What a process that does none of the work can tell of it from rows. On both databases."""

from datetime import datetime, timedelta

import pytest

from hub.app.checks import of_others
from hub.canonical.order import OrderCompleted
from hub.handlers.service import Service, subscriptions
from hub.seams import Seams
from hub.store import leases
from hub.store.database import Database
from hub.store.outbox import publish
from tests.web import NOW, wrapped

SERVICES = ("order", "stock")


async def told(database: Database, now: datetime = NOW) -> dict[str, str | None]:
    checks = of_others(database, SERVICES, Seams(now=lambda: now))
    return {name: await check() for name, check in checks.items()}


async def hold(database: Database, *services: str) -> None:
    names = [f"partition/{service}/0" for service in services]
    await database.run(lambda: leases.take(names, "worker", NOW, NOW + timedelta(seconds=5)))


async def test_a_service_without_a_worker_is_named(database: Database) -> None:
    assert (await told(database))["consumers"] == "no worker reads for order, stock"
    await hold(database, "stock", "status")
    assert (await told(database))["consumers"] == "no worker reads for order"
    await hold(database, "order")
    assert (await told(database))["consumers"] is None


async def test_a_worker_that_has_gone_is_missed_when_its_leases_end(database: Database) -> None:
    await hold(database, *SERVICES)
    assert (await told(database, NOW + timedelta(seconds=6)))["consumers"] == "no worker reads for order, stock"


@pytest.mark.parametrize(
    ("later", "problem"), [(59, None), (75, "an event has waited for 75 s")], ids=["not long", "long"]
)
async def test_a_broker_that_is_away_shows_in_events_that_wait(
    database: Database, later: int, problem: str | None
) -> None:
    assert (await told(database))["broker"] is None
    order = Service("order")
    order.on(OrderCompleted)(lambda _message, _work: None)
    reference = {"order_id": "1", "order_number": "A-1", "buyer_key": "b", "buyers_number": "1"}
    done = wrapped(OrderCompleted.model_validate(reference), 60, None, "mueller")
    await database.run(lambda: publish([done], subscriptions([order])))
    assert (await told(database, NOW + timedelta(seconds=later)))["broker"] == problem
