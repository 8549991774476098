"""A house: a data folder with its partners set up, its credentials, and the ear of the shop and the store.

`prepared` makes one that a test copies, so that a test costs one start of the hub less.
"""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from demo.running_hub import RunningHub
from demo.world import World
from tests.faults import load
from tests.faults.checker import problems
from tests.faults.client import Client
from tests.faults.history import History
from tests.faults.hub_process import HubProcess, running
from tests.faults.rows import unsettled
from tests.listener import Listener, Request

QUIET_WITHIN = 60.0
LOOK_EVERY = 0.05
SETTINGS = {"HUB_AUTO_WAREHOUSE": "true", "HUB_ALLOW_PRIVATE_TARGETS": "true"}


class Ear:
    """Where the shop and the store hear events: a port that stays theirs while hubs come and go."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def close(self) -> None:
        self._socket.close()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[list[Request]]:
        """Hear until the end of the context; return what was heard."""
        listener = Listener()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(asyncio.IncompleteReadError, ConnectionError):  # who was sending has died
                await listener.serve(reader, writer)
            writer.close()

        server = await asyncio.start_server(serve, sock=self._socket.dup())
        try:
            yield listener.requests
        finally:
            server.close()


@dataclass
class House:
    """Everything of one installation that a test needs. `settings` are the variables of its processes."""

    data: Path
    settings: Mapping[str, str]
    credentials: dict[str, str]
    heard: list[Request] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        return self.settings.get("HUB_DATABASE_URL", f"sqlite:///{self.data}/hub.db")

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """Return the partners, who remember what they sent before."""
        client = Client(History(self.data / "history.jsonl"), self.data, self.credentials)
        try:
            yield client
        finally:
            await client.close()

    def copied(self, data: Path, settings: Mapping[str, str]) -> "House":
        """Return a copy in another folder."""
        shutil.copytree(self.data, data)
        return House(data, settings, self.credentials, self.heard)

    async def rest(self) -> None:
        """Wait until nothing more happens by itself."""
        async with asyncio.timeout(QUIET_WITHIN):
            while self._unclaimed() or await unsettled(self.database_url):  # noqa: ASYNC110 - another process has no event
                await asyncio.sleep(LOOK_EVERY)

    def _unclaimed(self) -> list[Path]:
        """Return the files that the watched folders have not given a place yet."""
        return [*self.data.glob("partners/*/in/*"), *self.data.glob("partners/*/in/.*")]

    async def settle(self, client: Client) -> None:
        """Have everything taken, and every invoice paid, and wait until nothing more happens."""
        await client.insist()
        await self.rest()
        await client.send_all(load.payments(self.data))
        await client.insist()
        await self.rest()

    async def problems(self, client: Client, heard: list[Request]) -> list[str]:
        """Return what is not as it must be."""
        token = self.credentials[load.OPERATOR]
        return await problems(client.history, self.database_url, client.url, token, self.data, [*self.heard, *heard])


async def prepared(data: Path, ear: Ear, settings: Mapping[str, str]) -> House:
    """Set up a house in which one order is delivered and billed, and not paid yet."""
    settings = {**SETTINGS, **settings}
    async with ear.listening() as heard:
        async with RunningHub(data, settings=settings) as hub:
            credentials = await _set_up(hub, ear)
        house = House(data, settings, credentials)
        async with house.client() as client, running(data, settings) as process:
            client.url = process.url
            await client.send(load.orders_by_edi("P1", folder=False))
            await client.insist()
            await house.rest()
        house.heard += heard
    return house


async def _set_up(hub: RunningHub, ear: Ear) -> dict[str, str]:
    world = await World.connect(hub, ear.url)
    tills = {load.till(number): key for number, key in world.till_keys.items()}
    return tills | {load.RETAILER: world.retailer_key, load.OPERATOR: await hub.credential("tests", "operator")}


__all__ = ["Ear", "House", "HubProcess", "prepared", "running"]
