"""The hub inside a command's own process: its API without a port, its services for as long as the command takes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from hub.app.local import make_folder
from hub.app.own_credential import credential
from hub.app.process import Process, running
from hub.seams import Seams
from hub.settings import Settings
from hub.store.lock import is_held
from hub.store.migrations import migrate
from hub.store.queries.figures import figures

SETTLED_WITHIN_SECONDS = 20.0
LOOK_SECONDS = 0.05
QUIET_LOOKS = 2


@asynccontextmanager
async def started(settings: Settings) -> AsyncIterator[tuple[httpx2.AsyncBaseTransport, str]]:
    """Return the way to the API of parts started here, and a credential for it.

    On SQLite the services run here until the context ends; on PostgreSQL the workers that
    run elsewhere do the work.
    """
    make_folder(settings.data_dir)
    if settings.on_sqlite and not is_held(settings.database_url):
        await asyncio.to_thread(migrate, settings.database_url)
    seams = Seams()
    async with running(settings, seams, work=settings.on_sqlite) as process:
        yield httpx2.ASGITransport(process.web().app), await credential(process.database, seams)
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
