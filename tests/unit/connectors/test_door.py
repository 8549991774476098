"""What a door answers when its handler fails, and when its sender goes away."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from structlog.testing import capture_logs

from hub.connectors.body import read_body
from hub.connectors.door import answer, route
from hub.errors import Unusable

Handler = Callable[[Request], Awaitable[Response]]


async def asked(handler: Handler, *messages: dict[str, Any]) -> tuple[int, list[Any]]:
    """Ask a door whose sender sends these messages; return the status and what was logged."""
    sent: list[Any] = []
    coming = iter(messages)

    async def receive() -> Any:
        return next(coming)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/door", "headers": [], "query_string": b""}
    with capture_logs() as logs:
        await route("/door", handler).handle(scope, receive, send)
    return sent[0]["status"], [(one["log_level"], one["event"]) for one in logs]


async def reads(request: Request) -> Response:
    return answer(200, {"size": len(await read_body(request, 100))})


PIECE = {"type": "http.request", "body": b"12345", "more_body": True}


async def test_a_sender_that_goes_before_its_body_has_come_is_no_failure_of_ours() -> None:
    told = await asked(reads, PIECE, {"type": "http.disconnect"})
    assert told == (400, [("info", "the sender went before its body had come")])


async def test_a_body_that_comes_in_pieces_is_read_whole() -> None:
    assert await asked(reads, PIECE, PIECE | {"more_body": False}) == (200, [])


@pytest.mark.parametrize(
    ("error", "status", "level"), [(Unusable("set up wrongly"), 500, []), (KeyError("ours"), 500, ["error"])]
)
async def test_what_a_handler_raises_is_answered_and_what_nobody_planned_for_is_logged(
    error: Exception, status: int, level: list[str]
) -> None:
    async def fails(_: Request) -> Response:
        raise error

    told = await asked(fails)
    assert (told[0], [one for one, _ in told[1]]) == (status, level)
