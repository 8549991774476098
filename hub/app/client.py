"""The API for commands on this machine: of the hub that runs here, or of parts started for as long as it takes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import httpx2

from hub.app.local import find
from hub.settings import Settings

TIMEOUT_SECONDS = 90.0
INSIDE = "http://localhost"


@asynccontextmanager
async def client(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """Return a client of the API with this machine's credential."""
    local = find(settings.data_dir)
    if local is not None and await _answers(local.url):
        async with _client(local.token, base_url=local.url) as http:
            yield http
        return
    from hub.app.inside import started

    async with started(settings) as (transport, token), _client(token, INSIDE, transport) as http:
        yield http


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
