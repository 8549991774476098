"""The hub as its own process, started and stopped as a user would, and spoken to over its doors alone."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Any, Self

import httpx2

from demo.catalogue import AGREEMENTS, DATA, KINDS

READY_WITHIN = 60.0
STOP_WITHIN = 40.0
LOOK_EVERY = 0.05
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class HubGone(Exception):
    """The hub did not start, or does not answer as it should."""


class RunningHub:
    """A hub process on a data folder. `client` speaks with the local credential, as an operator beside it would."""

    def __init__(self, data: Path, port: int = 0, settings: Mapping[str, str] = NO_SETTINGS) -> None:
        self.data = data
        self._settings = {
            "HUB_DATA_DIR": str(data),
            "HUB_PORT": str(port),
            "HUB_AUTO_WAREHOUSE": "true",
            "HUB_ALLOW_PRIVATE_TARGETS": "true",
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None
        self.client = httpx2.AsyncClient()
        self.url = ""

    async def __aenter__(self) -> Self:
        self.data.mkdir(parents=True, exist_ok=True)
        (self.data / "local.json").unlink(missing_ok=True)
        with (self.data / "hub.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "hub", "up"), env=os.environ | self._settings, stdout=log, stderr=log
            )
        await self._connect()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.aclose()
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), STOP_WITHIN)

    async def _connect(self) -> None:
        async with asyncio.timeout(READY_WITHIN):
            while not (local := self._local()) or not await self._ready(local["url"]):
                if self._process is not None and self._process.returncode is not None:
                    raise HubGone(f"the hub did not start; the end of {self.data / 'hub.log'}:\n{self._last_words()}")
                await asyncio.sleep(LOOK_EVERY)
        self.url = local["url"]
        headers = {"Authorization": f"Bearer {local['token']}"}
        await self.client.aclose()
        self.client = httpx2.AsyncClient(base_url=self.url, headers=headers, timeout=60, trust_env=False)

    def _last_words(self) -> str:
        return "\n".join((self.data / "hub.log").read_text("utf-8").splitlines()[-3:])

    def _local(self) -> dict[str, str] | None:
        with contextlib.suppress(FileNotFoundError, ValueError):
            found: dict[str, str] = json.loads((self.data / "local.json").read_text("utf-8"))
            return found
        return None

    async def _ready(self, url: str) -> bool:
        with contextlib.suppress(httpx2.HTTPError):
            return (await self.client.get(f"{url}/readyz")).is_success
        return False

    async def set_up(self, listener: str) -> None:
        """Import master data, opening stock and the three agreements; what is there already stays as it is."""
        for kind in KINDS:
            await self.post(f"/imports/{kind}?wait=30", (DATA / f"{kind}.csv").read_bytes(), "text/csv")
        for file in sorted(AGREEMENTS.glob("*.toml")):
            agreement = Template(file.read_text("utf-8")).substitute(listener=listener)
            await self.post("/partners", agreement.encode(), "application/toml")

    async def credential(self, label: str, scope: str) -> str:
        """Make a credential as an administrator would, and return it."""
        answer = await self.client.post("/tokens", json={"label": label, "scopes": [scope]})
        answer.raise_for_status()
        return str(answer.json()["token"])

    async def post(self, path: str, content: bytes, content_type: str, **headers: str) -> httpx2.Response:
        """Post bytes; a refusal ends the demonstration."""
        answer = await self.client.post(path, content=content, headers={"content-type": content_type, **headers})
        answer.raise_for_status()
        return answer

    async def get(self, path: str) -> Any:
        """Return what the API answers."""
        answer = await self.client.get(path)
        answer.raise_for_status()
        return answer.json()
