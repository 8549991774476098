"""The API for commands on this machine: of the hub that runs here, or of parts started for as long as it takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx2

from hub.app.local import credential, find
from hub.app.process import Process, running
from hub.seams import Seams
from hub.settings import Settings
from hub.store.lock import is_held
from hub.store.migrations import migrate
from hub.store.queries.figures import figures

TIMEOUT_SECONDS = 90.0
SETTLED_WITHIN_SECONDS = 20.0
LOOK_SECONDS = 0.05
QUIET_LOOKS = 2
INSIDE = "http://localhost"


@asynccontextmanager
async def client(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of the API with this machine's credential.

    If no hub runs on the SQLite database, its services run here until the context ends;
    on PostgreSQL the workers that run elsewhere do the work.
    """
    local = find(settings.data_dir)
    if local is not None and await _answers(local.url):
        async with _client(local.token, base_url=local.url) as http:
            yield http
        return
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.on_sqlite and not is_held(settings.database_url):
        await asyncio.to_thread(migrate, settings.database_url)
    seams = Seams()
    async with running(settings, seams, work=settings.on_sqlite) as process:
        app, _ = process.web()
        transport = httpx2.ASGITransport(app)
        async with _client(await credential(process.database, seams), base_url=INSIDE, transport=transport) as http:
            yield http
            if settings.on_sqlite:
                await _settled(process)


async def _settled(process: Process) -> None:
    """Let what the command began come to its end, as it would in a running hub; what takes longer goes on next time."""
    looks = 0
    until = process.seams.monotonic() + SETTLED_WITHIN_SECONDS
    while looks < QUIET_LOOKS and process.seams.monotonic() < until:
        counted = await process.database.read(figures)
        looks = 0 if counted.unsent or any(row.outbox for row in counted.backlog) else looks + 1
        await process.seams.sleep(LOOK_SECONDS)


def _client(token: str, base_url: str, transport: httpx2.AsyncBaseTransport | None = None) -> httpx2.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.AsyncClient(
        base_url=base_url, headers=headers, transport=transport, timeout=TIMEOUT_SECONDS, trust_env=False
    )


async def _answers(url: str) -> bool:
    with suppress(httpx2.HTTPError):
        async with httpx2.AsyncClient(trust_env=False, timeout=5) as http:
            return (await http.get(f"{url}/healthz")).is_success
    return False
