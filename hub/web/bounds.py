"""Bodies with a bound, in bytes and in time; commands are read only of who may give one."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

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


class BoundedRoute(APIRoute):
    """The route of a command: its JSON body is read within bounds, of who may give it alone, before FastAPI looks."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the route's handler behind the bounds, where it has a body."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler

        async def bounded(request: Request) -> Response:
            await commander(request)
            body = await body_within(request, backend_of(request).limit_json_bytes)

            async def again() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handler(Request(request.scope, again))

        return bounded
