"""Bodies with a bound, in bytes and in time; commands are read only of who may give one, and strictly."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message, Scope

from hub.canonical import strict_json
from hub.canonical.problem import rejected
from hub.web.asking import backend_of, commander

BODY_SECONDS = 60.0


async def body_within(request: Request, limit: int, *, seconds: float = BODY_SECONDS) -> bytes:
    """Return the body. It is given up at the first byte beyond `limit` (413), or when it takes too long (408)."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise rejected(413, f"the body has more than {limit} bytes", "Send it in parts.")
                parts.append(part)
    except TimeoutError as error:
        raise rejected(408, f"the body did not arrive within {seconds:.0f} s", "Send it again.") from error
    return b"".join(parts)


class _Read(Request):
    """A request whose body was read already, and what it spells where it is JSON."""

    def __init__(self, scope: Scope, body: bytes, spelled: Any) -> None:
        async def again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        super().__init__(scope, again)
        self._spelled = spelled

    async def json(self) -> Any:
        """Return what the body spells."""
        return self._spelled


class BoundedRoute(APIRoute):
    """The route of a command: its JSON body is read within bounds, of who may give it alone, before FastAPI looks.

    It is read as strictly as a partner's: what two readers could understand differently is refused.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind the bounds, where it has a body."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler

        async def bounded(request: Request) -> Response:
            await commander(request)
            limit = backend_of(request).limit_json_bytes
            body = await body_within(request, limit)
            spelled = None
            if body and "json" in request.headers.get("content-type", "").lower():
                spelled = await asyncio.to_thread(strict_json.parse, body, max_bytes=limit)
            return await handler(_Read(request.scope, body, spelled))

        return bounded
