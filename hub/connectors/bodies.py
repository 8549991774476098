"""How much all bodies under way may hold together: what many senders send at once must fit into our memory."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.canonical.problem import rejected

AGAIN_SECONDS = 2


class Bodies:
    """Counts what requests have sent until they are answered; what goes beyond the limit is answered 503.

    Only bytes that have come are counted, so nobody takes room by announcing much. A
    body that is alone is never refused: how large one may be is its door's to say.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        """Stand before an app; `limit` is in bytes."""
        self._app = app
        self._limit = limit
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, its body counted."""
        own = 0

        async def counted() -> Message:
            nonlocal own
            message = await receive()
            size = len(message.get("body", b""))
            if self._held > own and self._held + size > self._limit:
                raise rejected(
                    503,
                    "all requests together hold as much as this hub can keep in memory",
                    f"Send the same again in {AGAIN_SECONDS} s.",
                    headers={"Retry-After": str(AGAIN_SECONDS)},
                )
            own += size
            self._held += size
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self._held -= own
