"""What shows that all did the same durable work: rows counted afterwards, and the settings that make it last."""

import asyncio
import sqlite3
from typing import Any

import asyncpg

from hub.store.sqlite import connect

COUNTED = ("inbox", "sales_order", "order_line", "event_log", "outbox")
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")


async def checkpoint(url: str) -> None:
    """Have the database write out what came before, so that no run pays for another."""
    if url.startswith("sqlite"):
        connection = connect(url.removeprefix("sqlite:///"))
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.close()
        return
    server = await asyncpg.connect(url)
    await server.execute("checkpoint")
    await server.close()


def of(url: str) -> dict[str, Any]:
    """Return the rows in each counted table, the orders whose document is closed, and the durability settings."""
    counts = {name: f"select count(*) from {name}" for name in COUNTED}
    counts |= {
        "inbox": "select count(*) from inbox where service = 'order'",
        "documents closed": "select count(*) from document where ended = 'applied'",
        "order numbers": "select last from number_series where series = 'order'",
    }
    if url.startswith("sqlite"):
        return _sqlite(url.removeprefix("sqlite:///"), counts)
    return asyncio.run(_postgres(url, counts))


def of_door(url: str) -> dict[str, int]:
    """Return how many notifications each table of the door holds; the agreement's own rows are not among them."""
    counts = {
        "archive": "select count(*) from archive",
        "source_key": "select count(*) from source_key",
        "document": "select count(*) from document where kind = 'orders/create'",
        "event_log": "select count(*) from event_log where type = 'input.received.v1'",
        "outbox": "select count(*) from outbox where destination = 'intake'",
    }
    if url.startswith("sqlite"):
        found = _sqlite(url.removeprefix("sqlite:///"), counts)
    else:
        found = asyncio.run(_postgres(url, counts))
    return {name: found[name] for name in counts}


async def _postgres(url: str, counts: dict[str, str]) -> dict[str, Any]:
    server = await asyncpg.connect(url)
    try:
        found = {name: await server.fetchval(query) for name, query in counts.items()}
        return found | {name: await server.fetchval(f"show {name}") for name in SETTINGS}
    finally:
        await server.close()


def _sqlite(path: str, counts: dict[str, str]) -> dict[str, Any]:
    connection = sqlite3.connect(path)
    try:
        found = {name: connection.execute(query).fetchone()[0] for name, query in counts.items()}
        (mode,) = connection.execute("pragma journal_mode").fetchone()
    finally:
        connection.close()
    (synchronous,) = connect(path).execute("pragma synchronous").fetchone()
    return found | {"journal_mode": mode, "synchronous": {1: "normal", 2: "full"}[synchronous]}
