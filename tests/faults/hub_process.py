"""A process of the hub that a test may kill, or have kill itself at a failpoint."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2

PATIENCE = 60.0
LOOK_EVERY = 0.02


class HubProcess:
    """`hub up`, or another command, on a data folder. Its output goes to `hub.log` there."""

    def __init__(self, data: Path, settings: Mapping[str, str], command: str) -> None:
        self.data = data
        self.command = command
        self._settings = {"HUB_DATA_DIR": str(data), "HUB_PORT": "0", **settings}
        self._process: asyncio.subprocess.Process | None = None

    @property
    def process(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process

    @property
    def url(self) -> str:
        """Where its doors are, as the file beside its data says."""
        return str(json.loads((self.data / "local.json").read_text("utf-8"))["url"])

    async def start(self) -> None:
        if self.command != "worker":
            (self.data / "local.json").unlink(missing_ok=True)
        with (self.data / "hub.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "hub", self.command, env=os.environ | self._settings, stdout=log, stderr=log
            )

    async def ready(self) -> None:
        """Return once its doors are open and everything behind them works."""
        async with asyncio.timeout(PATIENCE), httpx2.AsyncClient(trust_env=False) as client:
            while not await self._answers(client):
                assert self.process.returncode is None, f"the hub did not start; see {self.data / 'hub.log'}"
                await asyncio.sleep(LOOK_EVERY)

    async def _answers(self, client: httpx2.AsyncClient) -> bool:
        with contextlib.suppress(FileNotFoundError, ValueError, httpx2.HTTPError):
            return (await client.get(f"{self.url}/readyz")).is_success
        return False

    def arm(self) -> None:
        """Have the failpoint that it was started with count from now on."""
        self.process.send_signal(signal.SIGUSR1)

    def kill(self) -> None:
        """Kill it as a crash would; its end is no fault then."""
        self.process.kill()

    async def ended(self) -> int:
        """Wait for its end and return its exit code, negative for the signal that killed it."""
        return await self.process.wait()

    def terminate(self) -> None:
        """Ask it to stop in order."""
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()

    async def stop(self) -> int:
        """Ask it to stop in order, and return its exit code."""
        self.terminate()
        async with asyncio.timeout(PATIENCE):
            return await self.ended()


@asynccontextmanager
async def running(
    data: Path, settings: Mapping[str, str], command: str = "up", *, ready: bool = True
) -> AsyncIterator[HubProcess]:
    """Run a process of the hub until the end of the context; what is left of it then is killed."""
    process = HubProcess(data, settings, command)
    await process.start()
    try:
        if ready:
            await process.ready()
        yield process
        await process.stop()
    finally:
        if process.process.returncode is None:
            process.kill()
            await process.ended()
