"""Broker, database and workers die under load and come back; while only the broker is away, nothing is refused."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from hub.seams import Seams
from hub.store.database import open_database
from hub.store.leases import live
from hub.store.migrations import migrate
from hub.store.statements import Job
from tests.faults import load
from tests.faults.client import Client
from tests.faults.history import Sending
from tests.faults.house import Ear, House, prepared
from tests.faults.hub_process import PATIENCE, HubProcess, running
from tests.listener import Request
from tests.servers import PostgreSQL, RabbitMQ


@dataclass
class Servers:
    """A broker and a database of a test's own, to kill."""

    rabbitmq: RabbitMQ
    postgres: PostgreSQL

    @property
    def settings(self) -> Mapping[str, str]:
        return {"HUB_DATABASE_URL": self.postgres.url, "HUB_BROKER_URL": self.rabbitmq.url}


@pytest.fixture(scope="module")
def own_servers() -> Iterator[Servers]:
    """Return servers that nobody else uses."""
    servers = Servers(RabbitMQ().start(), PostgreSQL().start())
    yield servers
    servers.rabbitmq.close()
    servers.postgres.close()


@pytest.fixture(scope="module")
def house_to_shake(own_servers: Servers, ear: Ear, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return the one house on these servers."""
    migrate(own_servers.postgres.url)
    return asyncio.run(prepared(tmp_path_factory.mktemp("shaken") / "data", ear, own_servers.settings))


@dataclass
class Installation:
    """A web process and workers of one house."""

    house: House
    client: Client
    workers: list[HubProcess]
    stack: AsyncExitStack

    async def worker(self) -> None:
        """Start one more worker."""
        started = running(self.house.data, self.house.settings, "worker", ready=False)
        self.workers.append(await self.stack.enter_async_context(started))

    async def working(self, count: int) -> None:
        """Wait until so many workers take part."""
        database = open_database(self.house.database_url, seams=Seams())
        async with asyncio.timeout(PATIENCE):
            while await database.read(_workers) != count:  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(0.05)
        await database.close()


def _workers() -> Job[int]:
    names = yield from live("worker/order/", datetime.now(UTC))
    return len(names)


@asynccontextmanager
async def installation(house: House) -> AsyncIterator[Installation]:
    """Run a web process and two workers."""
    async with house.client() as client, AsyncExitStack() as stack:
        made = Installation(house, client, [], stack)
        await made.worker()
        await made.worker()
        await made.working(2)
        web = await stack.enter_async_context(running(house.data, house.settings, "web"))
        client.url = web.url
        yield made


def wave(first: int, rounds: int) -> list[Sending]:
    """Some of everything, from this number on."""
    return [one for n in range(first, first + 2 * rounds, 2) for one in load.of_every_kind(n)]


async def test_broker_database_and_workers_die_under_load(
    house_to_shake: House, own_servers: Servers, heard: list[Request]
) -> None:
    house = house_to_shake
    async with installation(house) as hub:
        client = hub.client
        await client.send_all([*wave(1, 5), *load.payments(house.data)])

        own_servers.rabbitmq.kill()
        await client.send_all(wave(101, 5))
        taken = [client.history.heard(one) for one in wave(101, 5) if one.door == "http"]
        assert taken == ["ok"] * len(taken), "an input was refused while only the broker was away"
        assert client.refused_to_come == []
        sending = asyncio.create_task(client.send_all(wave(201, 5)))
        await asyncio.to_thread(own_servers.rabbitmq.start)
        await sending

        sending = asyncio.create_task(client.send_all(wave(301, 5)))
        await asyncio.to_thread(own_servers.postgres.kill)
        await hub.worker()
        await asyncio.to_thread(own_servers.postgres.start)
        await sending
        await hub.working(3)

        sending = asyncio.create_task(client.send_all(wave(401, 5)))
        hub.workers[0].kill()
        await hub.worker()
        await sending
        assert await client.repeat("a worker was killed")
        await hub.working(3)

        await house.settle(client)
        assert await house.problems(client, heard) == []
