"""The raw floor of the hop: aiormq and asyncpg by hand, batches of 100, no validation, publishes in one write.

One consumer, one connection that writes, one that deletes; up to three groups of
publishes on their way. It shares no code with the hub but the names of its queues and what lays in its work.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import aiormq
import asyncpg
import orjson
from aiormq.abc import DeliveredMessage

from bench import floor_rows, proof
from bench.floor_publishing import publish
from bench.floor_rows import NUMBERS, Made
from bench.hop import ONWARD, QUEUE, fill, prepare, quieten
from bench.meter import Meter
from hub.app.services import ALL
from hub.messaging.broker import Broker
from hub.messaging.worker import service_queues
from hub.seams import Seams
from hub.store.database import open_database

CAP = 100
CONFIRM_SECONDS = 30.0
GROUPS_ON_THEIR_WAY = 3

INBOX = """insert into inbox select * from unnest($1::text[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[])
 on conflict (service, message_id) do nothing returning message_id"""
NUMBER = """update number_series set last = last + $2, version = version + 1 where series = $1 returning last"""
ORDER = """insert into sales_order select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
 $6::text[], $7::text[], $8::timestamptz[], $9::uuid[], $10::text[]::numeric[], $11::text[], $12::uuid[],
 $13::timestamptz[], $14::bigint[], $15::boolean[], $16::bigint[])"""
LINE = """insert into order_line select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[],
 $6::text[], $7::bigint[])"""
EVENT = """insert into event_log select * from unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::text[],
 $6::uuid[], $7::uuid[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bytea[])"""
OUTBOX = """insert into outbox (event_id, destination, okey) select * from unnest($1::uuid[], $2::text[], $3::text[])
 returning id"""
DOCUMENT = "update document set ended = 'applied', ended_at = $2 where id = any($1) and ended is null"
COUNTER = """insert into counter (writer, day, channel, outcome, n) values ('order', current_date, 'edi', 'applied', $1)
 on conflict (writer, day, channel, outcome) do update set n = counter.n + excluded.n"""
DELETE = "delete from outbox where id = any($1)"


class Floor:
    """Consumes until `number` outbox rows were deleted."""

    def __init__(self, number: int, writer: Any, deleter: Any, consuming: Any, publishing: Any) -> None:
        self.number = number
        self.batches = self.confirmed = 0
        self._writer, self._deleter = writer, deleter
        self._consuming, self._publishing = consuming, publishing
        self._waiting: list[DeliveredMessage] = []
        self._arrived = asyncio.Event()
        self._onward: set[asyncio.Task[None]] = set()
        self._deleting = asyncio.Lock()

    async def work(self) -> None:
        """Run until everything is done."""
        await self._consuming.basic_qos(prefetch_count=2 * CAP)
        await self._consuming.basic_consume(QUEUE, self._take)
        done = 0
        while done < self.number:
            if not self._waiting:
                self._arrived.clear()
                await self._arrived.wait()
            batch, self._waiting = self._waiting[:CAP], self._waiting[CAP:]
            await self._settle(batch)
            done += len(batch)
        await asyncio.gather(*self._onward)

    async def _take(self, message: DeliveredMessage) -> None:
        self._waiting.append(message)
        self._arrived.set()

    async def _settle(self, batch: Sequence[DeliveredMessage]) -> None:
        documents = [orjson.loads(one.body) for one in batch]
        now = floor_rows.instant()
        async with self._writer.transaction():
            last = await self._writer.fetchval(NUMBER, NUMBERS, len(batch))
            first = last - len(batch) + 1
            made = [floor_rows.made(one, number, now) for number, one in enumerate(documents, first)]
            await self._writer.fetch(INBOX, *zip(*(one.inbox for one in made), strict=True))
            await self._writer.execute(ORDER, *zip(*(one.order for one in made), strict=True))
            await self._writer.execute(LINE, *zip(*(line for one in made for line in one.lines), strict=True))
            await self._writer.execute(EVENT, *zip(*(one.event for one in made), strict=True))
            ids = await self._writer.fetch(OUTBOX, *zip(*(one.outbox for one in made), strict=True))
            await self._writer.execute(DOCUMENT, [UUID(one["id"]) for one in documents], now)
            await self._writer.execute(COUNTER, len(batch))
        await self._consuming.basic_ack(batch[-1].delivery_tag, multiple=True)
        self.batches += 1
        while len(self._onward) >= GROUPS_ON_THEIR_WAY:
            await asyncio.wait(self._onward, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._pass_on(made, [row[0] for row in ids]))
        self._onward.add(task)
        task.add_done_callback(self._onward.discard)

    async def _pass_on(self, made: Sequence[Made], ids: Sequence[int]) -> None:
        bodies = [(str(one.event[0]), one.event[-1]) for one in made]
        confirmed = await publish(self._publishing, ONWARD, bodies, CONFIRM_SECONDS)
        assert confirmed == len(bodies)
        self.confirmed += confirmed
        async with self._deleting:
            await self._deleter.execute(DELETE, ids)


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Do so many hops and return what they cost."""
    number = settings["number"]
    await lay_in(settings)
    writer, deleter = [await asyncpg.connect(settings["database"]) for _ in range(2)]
    connections = [await aiormq.connect(settings["broker"]) for _ in range(2)]
    consuming, publishing = [await one.channel() for one in connections]
    await writer.execute("insert into number_series (series, last, version) values ($1, 0, 1)", NUMBERS)
    floor = Floor(number, writer, deleter, consuming, publishing)
    meter = Meter(settings["servers"])
    await proof.checkpoint(settings["database"])
    quieten()
    meter.start()
    await floor.work()
    cost = meter.stop()
    for connection in (*connections, writer, deleter):
        await connection.close()
    return {"cost": cost, "batch": number / floor.batches, "confirmed": floor.confirmed}


async def lay_in(settings: Mapping[str, Any]) -> None:
    """Lay in what the hub's own run finds: tables, master data, documents, and a queue full of orders."""
    database = open_database(settings["database"], seams=Seams())
    broker = Broker(settings["broker"], service_queues(ALL))
    await broker.start()
    await prepare(database, Seams(), settings["number"])
    await asyncio.gather(*fill(broker, settings["number"]))
    await broker.stop()
    await database.close()
