"""The hop of the order service, by the hub itself: the real service, worker, runner and relay in this one process.

The clock runs from the worker's start until the last row of the outbox is deleted.
What the service publishes goes to the queue of `stock`. On RabbitMQ nobody reads it; the
embedded broker confirms what a consumer has settled, so there one takes it and acks.
"""

import asyncio
import gc
from collections.abc import Mapping, Sequence
from typing import Any

from bench import orders, proof
from bench.meter import Meter
from hub.app.services import ALL
from hub.handlers import order, stock
from hub.messaging.broker import Broker, Publication
from hub.messaging.channel import Delivery
from hub.messaging.topology import PREFETCH, queue_name
from hub.messaging.worker import Worker, service_queues
from hub.seams import Seams
from hub.store.database import Database, open_database
from hub.store.messages import Document
from hub.store.records import SPECS
from hub.store.statements import Insert

QUEUE = queue_name(order.service.name, 0)
ONWARD = queue_name(stock.service.name, 0)
GROUP = 200
LOOK_SECONDS = 0.002
PREFILL_SECONDS = 120.0


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Do so many hops and return what they cost and what they left."""
    seams, number = Seams(), settings["number"]
    database = open_database(settings["database"], seams=seams)
    broker = Broker(settings["broker"], service_queues(ALL))
    await broker.start()
    await prepare(database, seams, number)
    embedded = settings["broker"].startswith("memory")
    filling = asyncio.gather(*fill(broker, number))
    if embedded:
        await _swallow(broker)
    else:
        await filling
    worker = Worker(ALL, [order.service], database, broker, seams, owner="bench", alone=embedded)
    meter = Meter(settings["servers"])
    await proof.checkpoint(settings["database"])
    quieten()
    meter.start()
    await worker.start()
    await _done(worker, number)
    cost = meter.stop()
    runner = worker.runners[order.service.name].measured
    await worker.stop()
    await filling
    await broker.stop()
    await database.close()
    return {
        "cost": cost,
        "batch": sum(runner.outcomes.values()) / runner.batches,
        "outcomes": runner.outcomes,
        "confirmed": worker.relay.published,
    }


async def prepare(database: Database, seams: Seams, number: int) -> None:
    """Lay in master data and the open document of each order."""
    await orders.register(database, seams)
    documents = sorted(orders.document(one) for one in orders.received(number))
    for first in range(0, number, orders.SHARED):
        part = documents[first : first + orders.SHARED]
        await database.run(lambda part=part: _insert(part))


def fill(broker: Broker, number: int) -> list[Any]:
    """Return the publishing of all orders into the service's queue, a group each."""
    publications = [Publication(QUEUE, one.to_json(), str(one.id), one.type) for one in orders.received(number)]
    return [_publish(broker, publications[first : first + GROUP]) for first in range(0, number, GROUP)]


def quieten() -> None:
    """Tune the garbage collector as the hub's processes do, for every contestant alike."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


async def _publish(broker: Broker, publications: Sequence[Publication]) -> None:
    outcomes = await broker.publish_group(publications)
    assert set(outcomes) == {"confirmed"}


def _insert(documents: Sequence[Document]) -> Any:
    yield Insert(SPECS[Document], documents)


async def _swallow(broker: Broker) -> None:
    """Read and ack what the service passes on."""
    tags: asyncio.Queue[int] = asyncio.Queue()

    def take(delivery: Delivery) -> None:
        tags.put_nowait(delivery.tag)

    consumer = await broker.consume(ONWARD, take, PREFETCH)

    async def ack() -> None:
        while True:
            tag = await tags.get()
            while not tags.empty():
                tag = tags.get_nowait()
            await consumer.ack_through(tag)

    _KEPT.append(asyncio.create_task(ack()))


_KEPT: list[asyncio.Task[None]] = []


async def _done(worker: Worker, number: int) -> None:
    while worker.relay.published < number or worker.relay.backlog:  # noqa: ASYNC110 - the hub has no event for it
        await asyncio.sleep(LOOK_SECONDS)
