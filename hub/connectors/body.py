"""Reading a request's body with a bound, in bytes and in time, before anything looks at it."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from hub.canonical.problem import rejected
from hub.connectors.door import headers_of

T = TypeVar("T")

AT_ONCE_BYTES = 100_000
BODY_SECONDS = 60.0
LEAST_BYTES_PER_SECOND = 500_000
"""A body that may be so large that a minute is short has a second for each of these."""


async def read_body(request: Request, limit: int, *, seconds: float | None = None) -> bytes:
    """Return the body. It is given up at the first byte beyond `limit` (413), or when it takes too long (408).

    A compressed body is refused (415): what is archived and signed is what was sent.
    """
    allowed = max(BODY_SECONDS, limit / LEAST_BYTES_PER_SECOND) if seconds is None else seconds
    headers = headers_of(request)
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise rejected(415, f"the body is {encoding}-encoded", "Send it as it is, without Content-Encoding.")
    announced = headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(allowed):
            return await _whole(request.receive, limit)
    except TimeoutError as error:
        raise rejected(408, f"the body did not arrive within {allowed:.0f} s", "Send it again.") from error


async def _whole(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        more = message.get("more_body", False)
    return b"".join(parts)


async def by_size(body: bytes, work: Callable[[], T]) -> T:
    """Return what this work comes to, which takes as long as the body is: for a large one, beside the event loop.

    A thread costs more than a body of usual size.
    """
    return work() if len(body) <= AT_ONCE_BYTES else await asyncio.to_thread(work)


def _too_large(limit: int) -> Exception:
    return rejected(
        413,
        f"the body has more than {limit} bytes",
        "Send smaller requests, or have the limit raised: HUB_LIMIT_EDI_BYTES, _JSON_BYTES, _XML_BYTES, the agreement.",
    )
