"""The whole chain: ORDERS in, CONTRL, ORDRSP, DESADV and INVOIC out, by a worker as it is run, in this process.

Every order is an interchange of its own, taken in as the door takes it. It is done when
its INVOIC stands among the transmissions; the partner fetches them, so nothing is sent.
`mode` is "all at once", or "paced" with a `rate`, which tells how long an order takes, or
"stream", which keeps a bounded number under way and tells cost and memory on the way.
"""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench import orders, proof, slow
from bench.hop import quieten
from bench.meter import Meter, resident_bytes
from demo.retailer import PARTNER, WE, interchange
from hub.app import services
from hub.app.process import running
from hub.connectors.interchanges import parts_of
from hub.connectors.receiver import Receiver
from hub.handlers.service import subscriptions
from hub.seams import Seams
from hub.settings import Settings
from hub.store import agreements
from hub.store.arrivals import Delivery, Input
from hub.store.database import Database, open_database
from hub.store.statements import Job, Query
from hub.translators.edifact.slices import split

LOOK_SECONDS = 0.05
CLOSE_LOOK_SECONDS = 0.01
PATIENCE_SECONDS = 600.0
UNDER_WAY = 500
STEP = 1_000
"""Orders of a long run between two looks at cost and memory."""
DOCUMENTS = 4
FIRST_SHARE, SECOND_SHARE = ("intake", "order", "stock"), ("delivery", "warehouse", "invoice", "payment", "status")
MILLISECONDS = 1_000


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Take so many orders through the chain and return what that cost."""
    seams = Seams()
    if settings.get("slow"):
        slow.one_by_one()
    await _lay_in(settings["database"], seams)
    async with contextlib.AsyncExitStack() as stack:
        second = await stack.enter_async_context(_second(settings)) if settings.get("workers") == 2 else None
        chosen = _settings(settings, FIRST_SHARE if second else ())
        process = await stack.enter_async_context(running(chosen, seams, work=True))
        takers = subscriptions(services.installed(chosen))
        receiver = Receiver(process.database, takers, seams, process.published)
        measured = Measured(process.database, receiver, settings, second)
        await measured.warm_up()
        await proof.checkpoint(settings["database"])
        quieten()
        return await measured.measure()


def _settings(settings: Mapping[str, Any], share: Sequence[str]) -> Settings:
    return Settings(
        data_dir=Path(settings["folder"]),
        database_url=settings["database"],
        broker_url=settings["broker"],
        auto_warehouse=True,
        services=tuple(share),
    )


async def _lay_in(url: str, seams: Seams) -> None:
    database = open_database(url, seams=seams)
    await orders.register(database, seams)
    await database.close()


@contextlib.asynccontextmanager
async def _second(settings: Mapping[str, Any]) -> AsyncIterator[int]:
    """Run the other half of the services in a second worker, and give its process id."""
    chosen = _settings(settings, SECOND_SHARE)
    environment = os.environ | {
        "HUB_DATA_DIR": str(chosen.data_dir / "second"),
        "HUB_DATABASE_URL": chosen.database_url,
        "HUB_BROKER_URL": chosen.broker_url,
        "HUB_AUTO_WAREHOUSE": "true",
        "HUB_SERVICES": ",".join(SECOND_SHARE),
        "HUB_LOG_LEVEL": "error",
    }
    command = (sys.executable, "-m", "hub", "worker")
    worker = await asyncio.create_subprocess_exec(*command, env=environment)
    try:
        yield worker.pid
    finally:
        worker.terminate()
        await worker.wait()


def inputs(first: int, number: int) -> Iterator[Input]:
    """Yield so many orders, each an interchange as the door has it."""
    edi = agreements.read(orders.agreement()).edi
    for one in orders.wanted(first, number):
        body = interchange(f"R{one.number}", [one], orders.DISCOVERED_AT)
        parts = parts_of(body, split(body), edi)
        delivery = Delivery("edi", "/edi", f"edi:{WE}", PARTNER, body, parts[0].sha256, "application/edifact")
        yield Input(delivery, "edifact", parts)


class Measured:
    """One chain under measurement."""

    def __init__(self, database: Database, receiver: Receiver, settings: Mapping[str, Any], second: int | None) -> None:
        self._database = database
        self._receiver = receiver
        self._settings = settings
        self._number: int = settings["number"]
        self._second = second
        self._sent = 0

    async def warm_up(self) -> None:
        """Take a few orders through first."""
        await self._all(list(inputs(1, 50)))
        self._sent = 50
        await self._until(50)

    async def measure(self) -> dict[str, Any]:
        """Do what the mode asks for."""
        mode: Callable[[], Any] = {"all at once": self._at_once, "paced": self._paced, "stream": self._stream}[
            self._settings["mode"]
        ]
        result: dict[str, Any] = await mode()
        wrong = await self._database.read(_out_of_order)
        assert wrong == 0, f"{wrong} documents overtook another of their order"
        kinds = await self._database.read(_kinds)
        assert kinds == dict.fromkeys(("CONTRL", "DESADV", "INVOIC", "ORDRSP"), self._sent), kinds
        return result

    async def _at_once(self) -> dict[str, Any]:
        waiting = list(inputs(self._sent + 1, self._number))
        meter = self._meter()
        meter.start()
        await self._all(waiting)
        self._sent += self._number
        await self._until(self._sent)
        return {"cost": meter.stop()}

    async def _paced(self) -> dict[str, Any]:
        """Send at a steady rate and watch the invoices come; the first tenth is left out."""
        waiting = list(inputs(self._sent + 1, self._number))
        began: dict[str, float] = {}
        watching = asyncio.create_task(self._watch(began))
        sending: list[asyncio.Task[Any]] = []
        start, gap = time.perf_counter(), 1 / self._settings["rate"]
        for n, one in enumerate(waiting):
            await asyncio.sleep(max(0.0, start + n * gap - time.perf_counter()))
            began[f"B-{self._sent + n + 1:08d}"] = time.perf_counter()
            sending.append(asyncio.create_task(self._receiver.receive(one)))
        await asyncio.gather(*sending)
        self._sent += self._number
        waits = await watching
        cuts = quantiles(waits[self._number // 10 :], n=100)
        return {"p50": cuts[49] * MILLISECONDS, "p99": cuts[98] * MILLISECONDS}

    async def _watch(self, began: Mapping[str, float]) -> list[float]:
        waits: list[float] = []
        position = (await self._database.read(_newest))[0]
        while len(waits) < self._number:
            found = await self._database.read(lambda at=position: _invoiced(at))  # type: ignore[misc] # mypy wants no default
            seen = time.perf_counter()
            waits += [seen - began[number] for _, number in found]
            position = max([position, *(at for at, _ in found)])
            await asyncio.sleep(CLOSE_LOOK_SECONDS)
        return waits

    async def _stream(self) -> dict[str, Any]:
        """Keep a bounded number under way; tell cost and memory over each step."""
        costs, memory = [], []
        for _ in range(0, self._number, STEP):
            meter = self._meter()
            meter.start()
            for _ in range(0, STEP, UNDER_WAY // 2):
                await self._all(list(inputs(self._sent + 1, UNDER_WAY // 2)))
                self._sent += UNDER_WAY // 2
                await self._until(self._sent - UNDER_WAY // 2)
            costs.append(meter.stop())
            memory.append(resident_bytes(os.getpid()))
        await self._until(self._sent)
        return {"costs": costs, "memory": memory}

    async def _all(self, waiting: Sequence[Input]) -> None:
        await asyncio.gather(*(self._receiver.receive(one) for one in waiting))

    def _meter(self) -> Meter:
        more = {"second": self._second} if self._second else {}
        return Meter(self._settings["servers"] | more)

    async def _until(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self._database.read(_done) < number:  # noqa: ASYNC110 - a commit elsewhere sets no event here
                await asyncio.sleep(LOOK_SECONDS)


def _done() -> Job[int]:
    """Return how many orders have all their documents: each has four, and places are given without gaps."""
    found = yield Query(
        "select coalesce(max(position), 0) from transmission where partner = :partner", {"partner": PARTNER}, (int,)
    )
    newest: int = found[0][0]
    return newest // DOCUMENTS


def _kinds() -> Job[dict[str, int]]:
    return dict((yield Query("select kind, count(*) from transmission group by kind", types=(str, int))))


def _newest() -> Job[tuple[int]]:
    found = yield Query("select coalesce(max(position), 0) from transmission", types=(int,))
    newest: tuple[int] = found[0]
    return newest


def _invoiced(position: int) -> Job[list[tuple[int, str]]]:
    """Return position and order number of the invoices behind a position."""
    return (
        yield Query(
            "select t.position, o.buyers_number from transmission t join sales_order o on o.order_id = t.order_id"
            " where t.position > :position and t.kind = 'INVOIC'",
            {"position": position},
            (int, str),
        )
    )


def _out_of_order() -> Job[int]:
    """Return how many documents stand before one of their order that belongs before them."""
    found = yield Query(
        "select count(*) from transmission a join transmission b on a.order_id = b.order_id and a.position > b.position"
        " where (a.kind = 'ORDRSP' and b.kind in ('DESADV', 'INVOIC'))",
        types=(int,),
    )
    count: int = found[0][0]
    return count
