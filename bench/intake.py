"""One interchange with a thousand orders: from the door's commit until intake has committed what is in it."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import orders, proof
from bench.hop import quieten
from bench.meter import Meter
from demo.retailer import PARTNER, WE, interchange
from hub.app import services
from hub.app.process import running
from hub.connectors.interchanges import parts_of
from hub.connectors.receiver import Receiver
from hub.handlers import intake
from hub.handlers.service import subscriptions
from hub.seams import Seams
from hub.settings import Settings
from hub.store import agreements
from hub.store.arrivals import Delivery, Input
from hub.store.database import open_database
from hub.store.statements import Job, Query
from hub.translators.edifact.slices import split

LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 120.0
WARM_UP = 20


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Take the interchange in and return what that cost."""
    seams, number = Seams(), settings["number"]
    database = open_database(settings["database"], seams=seams)
    await orders.register(database, seams)
    await database.close()
    chosen = Settings(
        data_dir=Path(settings["folder"]),
        database_url=settings["database"],
        broker_url=settings["broker"],
        services=(intake.service.name,),
    )
    async with running(chosen, seams, work=True) as process:
        takers = subscriptions(services.installed(chosen))
        receiver = Receiver(process.database, takers, seams, process.published)
        await receiver.receive(_input("small", 1, WARM_UP))
        await _until(process.database, WARM_UP)
        large = _input("large", WARM_UP + 1, number)
        await proof.checkpoint(settings["database"])
        quieten()
        meter = Meter(settings["servers"])
        meter.start()
        await receiver.receive(large)
        await _until(process.database, WARM_UP + number)
        return {"cost": meter.stop(), "bytes": len(large.delivery.body)}


def _input(reference: str, first: int, number: int) -> Input:
    body = interchange(reference, orders.wanted(first, number), orders.DISCOVERED_AT)
    parts = parts_of(body, split(body), agreements.read(orders.agreement()).edi)
    delivery = Delivery("edi", "/edi", f"edi:{WE}", PARTNER, body, parts[0].sha256, "application/edifact")
    return Input(delivery, "edifact", parts)


async def _until(database: Any, number: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await database.read(_orders) < number:  # noqa: ASYNC110 - a commit elsewhere sets no event here
            await asyncio.sleep(LOOK_SECONDS)


def _orders() -> Job[int]:
    found = yield Query("select count(*) from event_log where type = 'order.received.v1'", types=(int,))
    count: int = found[0][0]
    return count
