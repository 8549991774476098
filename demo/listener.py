"""Where the shop's and the store's systems hear what became of their orders: a server that checks signatures."""

import asyncio
import socket
import tomllib
from collections import Counter
from contextlib import suppress
from typing import Self

import uvicorn
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.catalogue import AGREEMENTS

BAD_REQUEST, NO_CONTENT = 400, 204


class Listener:
    """Hears status events on a free port of this machine. `heard` counts them by partner and type."""

    def __init__(self) -> None:
        self.heard: Counter[tuple[str, str]] = Counter()
        self._secrets = {name: _secret(name) for name in ("teeladen", "store-12")}
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(self._app(), log_config=None, lifespan="off"))
        self._serving: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address that agreements name."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._serving is not None:
            with suppress(asyncio.CancelledError):
                await self._serving

    def _app(self) -> Starlette:
        return Starlette(routes=[Route("/{partner}", self._hear, methods=["POST"])])

    async def _hear(self, request: Request) -> Response:
        partner = request.path_params["partner"]
        try:
            event = Webhook(self._secrets[partner]).verify(await request.body(), dict(request.headers))
        except (KeyError, WebhookVerificationError):
            return Response(status_code=BAD_REQUEST)
        self.heard[partner, event["type"]] += 1
        return Response(status_code=NO_CONTENT)


def _secret(partner: str) -> str:
    agreement = tomllib.loads((AGREEMENTS / f"{partner}.toml").read_text("utf-8"))
    return str(agreement["webhook"]["secret"])
