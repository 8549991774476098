"""The same door as one would write it first: bare Starlette, a signature check, and one transaction per request.

It stores what the hub's door stores: the bytes, the source key, the open document, the
event and the row of the outbox. On PostgreSQL a pool of eight connections, on SQLite
one connection in the event loop.
"""

import asyncio
import base64
import hashlib
import hmac
import socket
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.door import measured
from demo import shop
from hub.store.sqlite import connect

CONNECTIONS = 8
LOOK_SECONDS = 0.02
EPOCH = 1_000_000
ARCHIVE, KEY, DOCUMENT, EVENT, OUTBOX = 11, 6, 14, 12, 3
Store = Callable[[list[tuple[Any, ...]]], Awaitable[None]]


def rows(body: bytes, webhook_id: str, now: datetime) -> list[tuple[Any, ...]]:
    """Return the rows of one notification, in the order archive, source key, document, event, outbox."""
    archive, document, digest = uuid4(), uuid4(), hashlib.sha256(body).hexdigest()
    payload = {
        "archive_id": archive, "format": "shopify", "endpoint": shop.PATH, "source_key": webhook_id,
        "sha256": digest, "offset": 0, "length": len(body), "topic": "orders/create",
    }  # fmt: skip
    message = {
        "specversion": "1.0", "id": document, "type": "input.received.v1", "source": "shop:shopify:teeladen",
        "subject": webhook_id, "time": now, "correlationid": document, "partner": shop.PARTNER,
        "channel": "webshop", "testindicator": False, "datacontenttype": "application/json", "data": payload,
    }  # fmt: skip
    return [
        (archive, now, "in", "webshop", shop.PATH, shop.PARTNER, "application/json", digest, len(body), "{}", body),
        ("shopify", shop.PARTNER, webhook_id, digest, archive, document),
        (document, now, archive, document, "webshop", shop.PARTNER, "orders/create", None, webhook_id, digest, False,
         None, None, None),
        (document, now, message["type"], webhook_id, message["source"], document, None, shop.PARTNER, "webshop", None,
         "intake", orjson.dumps(message)),
        (document, "intake", webhook_id),
    ]  # fmt: skip


def application(store: Store) -> Starlette:
    """Return the app with its one route."""

    async def notification(request: Request) -> Response:
        body = await request.body()
        digest = base64.b64encode(hmac.new(shop.SECRET, body, hashlib.sha256).digest()).decode()
        if not hmac.compare_digest(digest, request.headers["x-shopify-hmac-sha256"]):
            return Response(status_code=401)
        made = rows(body, request.headers["x-shopify-webhook-id"], datetime.now(UTC))
        await store(made)
        return Response(orjson.dumps({"id": made[2][0]}), media_type="application/json")

    return Starlette(routes=[Route(shop.PATH, notification, methods=["POST"])])


async def on_postgres(url: str) -> Store:
    """Return the way to store rows in one transaction of PostgreSQL."""
    pool: Any = await asyncpg.create_pool(url, min_size=CONNECTIONS, max_size=CONNECTIONS)
    texts = _texts("$", numbered=True)

    async def store(made: list[tuple[Any, ...]]) -> None:
        async with pool.acquire() as connection, connection.transaction():
            for text, row in zip(texts, made, strict=True):
                await connection.execute(text, *row)

    return store


async def on_sqlite(path: str) -> Store:
    """Return the way to store rows in one transaction of SQLite."""
    connection = connect(path)
    texts = _texts("?", numbered=False)

    async def store(made: list[tuple[Any, ...]]) -> None:
        connection.execute("begin immediate")
        for text, row in zip(texts, made, strict=True):
            connection.execute(text, [_in_sqlite(value) for value in row])
        connection.execute("commit")

    return store


def _texts(sign: str, *, numbered: bool) -> list[str]:
    tables = {"archive": ARCHIVE, "source_key": KEY, "document": DOCUMENT, "event_log": EVENT}
    tables["outbox (event_id, destination, okey)"] = OUTBOX
    return [
        f"insert into {table} values ({', '.join(f'{sign}{n}' if numbered else sign for n in range(1, columns + 1))})"
        for table, columns in tables.items()
    ]


def _in_sqlite(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.bytes
    return int(value.timestamp() * EPOCH) if isinstance(value, datetime) else value


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Take so many notifications in and return what that cost."""
    url = settings["database"]
    store = await (on_sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else on_postgres(url))
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = uvicorn.Server(uvicorn.Config(application(store), log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(LOOK_SECONDS)
    result = await measured(listening.getsockname()[1], settings)
    server.should_exit = True
    await serving
    return result
