"""`hub doctor`: whether this installation can work, looked at from outside."""

import asyncio
from collections.abc import Awaitable

from hub.app import checks, services
from hub.errors import HubError, Unusable
from hub.messaging.broker import Broker
from hub.messaging.worker import service_queues
from hub.seams import Seams
from hub.settings import Settings
from hub.store.database import open_database
from hub.store.migrations import pending


async def diagnose(settings: Settings) -> dict[str, str | None]:
    """Return what was checked, each with what is wrong or None."""
    found: dict[str, str | None] = {"settings": _settings(settings)}
    seams = Seams()
    database = open_database(settings.database_url, seams=seams)
    try:
        for name, check in checks.of_database(database).items():
            found[name] = await _told(check())
    finally:
        await database.close()
    if found["database"] is None:
        found["tables"] = await _told(_tables(settings))
    found["broker and queues"] = await _told(_broker(settings))
    return found


def _settings(settings: Settings) -> str | None:
    try:
        services.run_here(settings)
    except Unusable as error:
        return str(error)
    return None


async def _tables(settings: Settings) -> str | None:
    behind = await asyncio.to_thread(pending, settings.database_url)
    return "the database has not this release's tables; run `hub migrate`" if behind else None


async def _broker(settings: Settings) -> str | None:
    """Connect and declare the topology, as every worker does at its start."""
    broker = Broker(settings.broker_url, service_queues(services.installed(settings)))
    try:
        await broker.start()
        return broker.health().problem
    finally:
        await broker.stop()


async def _told(checked: Awaitable[str | None]) -> str | None:
    try:
        return await checked
    except (HubError, OSError) as error:
        return str(error) or type(error).__name__
