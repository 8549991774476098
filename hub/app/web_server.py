"""Serving an app on an address, until its context ends."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from hub.app.connection import Bounds, within
from hub.errors import Unusable

GRACEFUL_SECONDS = 10
BACKLOG = 1024
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up, not listened on


@asynccontextmanager
async def served(
    app: ASGIApp, host: str, port: int, *, bounds: Bounds, setting: str = "HUB_PORT"
) -> AsyncIterator[str]:
    """Serve; yield the address under which this machine reaches it.

    Raises Unusable, naming the setting, for an address that cannot be listened on.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Unusable(f"{host}:{port} cannot be listened on: {error.strerror}; see {setting}") from error
    server = _Server(
        uvicorn.Config(
            app,
            http=within(bounds),
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACEFUL_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listening]), name="web")
    try:
        here = EVERYWHERE.get(host, host)
        yield f"http://{f'[{here}]' if ':' in here else here}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


class _Server(uvicorn.Server):
    """A server that leaves signals to us."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing: the process decides when to stop."""
        yield
