"""One POST to somebody else's server: to the judged address, without redirects, answers read only so far."""

import asyncio
import ssl
from collections.abc import Mapping

import httpx2

from hub.connectors.targets import Targets
from hub.errors import TemporaryError, Unusable
from hub.seams import async_failpoint

TIMEOUT_SECONDS = 15.0
ANSWER_LIMIT = 64 * 1024
LONGEST_PATIENCE_SECONDS = 24 * 3600
"""Whatever Retry-After asks for."""
_GONE = 410
_THROTTLING = frozenset({429, 502, 503, 504})


def client(*, trust: ssl.SSLContext | None = None) -> httpx2.AsyncClient:
    """Return a client that obeys no environment variable and follows no redirect; `trust` names other authorities."""
    verify = True if trust is None else trust
    return httpx2.AsyncClient(trust_env=False, follow_redirects=False, timeout=TIMEOUT_SECONDS, verify=verify)


class Poster:
    """Posts bytes. Any answer but 2xx is an error; a time-out leaves unknown whether it arrived."""

    def __init__(self, http: httpx2.AsyncClient, targets: Targets) -> None:
        self._http = http
        self._targets = targets

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> None:
        """Post and return once the other side has answered 2xx.

        Raises TemporaryError (`retry_after` in its context, in seconds, where the server
        asked for it), Unusable where it said never to try again and for a forbidden target.
        """
        target = await self._targets.of(url)
        request = self._http.build_request(
            "POST",
            target.url,
            content=body,
            headers={**headers, "Host": target.host},
            extensions={"sni_hostname": target.server_name},
        )
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status, answered = await _send(self._http, request)
        except (httpx2.HTTPError, TimeoutError) as error:
            raise TemporaryError(f"no answer: {type(error).__name__} {error}") from error
        _judge(status, answered)


@async_failpoint
async def _send(http: httpx2.AsyncClient, request: httpx2.Request) -> tuple[int, httpx2.Headers]:
    """Send, read at most so much of the answer, and return its status and headers."""
    response = await http.send(request, stream=True)
    try:
        size = 0
        async for block in response.aiter_raw():
            size += len(block)
            if size > ANSWER_LIMIT:
                break
        return response.status_code, response.headers
    finally:
        await response.aclose()


def _judge(status: int, headers: httpx2.Headers) -> None:
    if httpx2.codes.is_success(status):
        return
    if status == _GONE or headers.get("webhook-delivery") == "abort-message":
        raise Unusable(f"the server answered {status} and wants no further attempt")
    asked = headers.get("retry-after", "") if status in _THROTTLING else ""
    retry_after = min(int(asked[:9]), LONGEST_PATIENCE_SECONDS) if asked.isdecimal() else None
    raise TemporaryError(f"the server answered {status}", retry_after=retry_after)
