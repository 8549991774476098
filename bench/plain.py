"""The hop as one would write it first: FastStream with pydantic, and asyncpg with one transaction for each message.

The subscriber's argument is typed, so FastStream validates it. Each message has its own
transaction and its own confirmed publish; eight are under way at once, on eight connections.
"""

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from faststream import AckPolicy
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitMessage, RabbitQueue

from bench import floor_rows, proof
from bench.floor import lay_in
from bench.floor_rows import DESTINATION
from bench.hop import ONWARD, QUEUE, quieten
from bench.meter import Meter
from hub.canonical.envelope import message_model
from hub.canonical.order import OrderReceived
from hub.messaging import topology

CONNECTIONS = 8
PATIENCE_SECONDS = 120.0
OrderReceivedMessage: Any = message_model(OrderReceived)


def _values(columns: int, first: int = 1) -> str:
    return f"({', '.join(f'${n}' for n in range(first, first + columns))})"


INBOX = f"insert into inbox values {_values(5)} on conflict do nothing returning message_id"
NUMBER = "select nextval('plain_order')"
"""A sequence, as one would take: a counter row would have the transactions wait for one another."""
ORDER = f"insert into sales_order values {_values(16)}"
LINE = f"insert into order_line values {_values(7)}"
EVENT = f"insert into event_log values {_values(12)}"
OUTBOX = "insert into outbox (event_id, destination, okey) values ($1, $2, $3) returning id"
DOCUMENT = "update document set ended = 'applied', ended_at = $2 where id = $1 and ended is null"
DELETE = "delete from outbox where id = $1"


class Plain:
    """Handles until `number` outbox rows were deleted."""

    def __init__(self, number: int, pool: Any, broker: RabbitBroker) -> None:
        self.left = number
        self.confirmed = 0
        self.done = asyncio.Event()
        self._pool = pool
        self._broker = broker
        self._exchange = RabbitExchange(topology.EXCHANGE, type=ExchangeType.DIRECT, durable=True, declare=False)

    async def handle(self, message: OrderReceivedMessage) -> None:
        """Store one order and pass it on."""
        async with self._pool.acquire() as connection:
            made, outbox_id = await self._store(message, connection)
        event = made.event
        await self._broker.publish(
            event[-1], ONWARD, self._exchange, mandatory=True, persist=True, message_id=str(event[0]),
            content_type="application/cloudevents+json",
        )  # fmt: skip
        self.confirmed += 1
        async with self._pool.acquire() as connection:
            await connection.execute(DELETE, outbox_id)
        self.left -= 1
        if not self.left:
            self.done.set()

    async def _store(self, message: Any, connection: Any) -> tuple[floor_rows.Made, int]:
        document = message.model_dump(mode="json", exclude_none=True)
        now = floor_rows.instant()
        async with connection.transaction():
            number = await connection.fetchval(NUMBER)
            made = floor_rows.made(document, number, now)
            assert await connection.fetchval(INBOX, *made.inbox) is not None
            await connection.execute(ORDER, *_order(made))
            await connection.executemany(LINE, made.lines)
            await connection.execute(EVENT, *made.event)
            outbox_id = await connection.fetchval(OUTBOX, made.event[0], DESTINATION, made.outbox[2])
            await connection.execute(DOCUMENT, UUID(document["id"]), now)
        return made, outbox_id


def _order(made: floor_rows.Made) -> tuple[Any, ...]:
    return (*made.order[:9], Decimal(made.order[9]), *made.order[10:])


async def _json(message: RabbitMessage) -> Any:
    return orjson.loads(message.body)


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Do so many hops and return what they cost."""
    await lay_in(settings)
    pool = await asyncpg.create_pool(settings["database"], min_size=CONNECTIONS, max_size=CONNECTIONS)
    await pool.execute("create sequence plain_order")
    broker = RabbitBroker(
        settings["broker"], default_channel=Channel(prefetch_count=CONNECTIONS, on_return_raises=True), logger=None
    )
    plain = Plain(settings["number"], pool, broker)
    arguments: Any = topology.Queue(QUEUE, topology.EXCHANGE, topology.dead_letter_queue_name("order")).arguments
    queue = RabbitQueue(QUEUE, queue_type=QueueType.QUORUM, durable=True, arguments=arguments, declare=False)
    broker.subscriber(queue, decoder=_json, ack_policy=AckPolicy.NACK_ON_ERROR)(plain.handle)
    meter = Meter(settings["servers"])
    await proof.checkpoint(settings["database"])
    quieten()
    meter.start()
    await broker.start()
    async with asyncio.timeout(PATIENCE_SECONDS):  # FastStream keeps a handler's errors to itself
        await plain.done.wait()
    cost = meter.stop()
    await broker.stop()
    await pool.close()
    return {"cost": cost, "batch": 1.0, "confirmed": plain.confirmed}
