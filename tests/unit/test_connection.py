"""A connection of a client, given bytes and a transport that keeps what is written to it."""

import asyncio
from collections.abc import AsyncIterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from uvicorn.server import ServerState

from hub.app.connection import Bounds, within

PIECE = b"x" * 40_000
PIECES = 5


class Wire(asyncio.Transport):
    """Keeps each write apart, as each would be a segment of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.segments: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.segments.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0


async def _small(_: Request) -> Response:
    return PlainTextResponse("well")


async def _large(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(PIECES):
            yield PIECE

    return StreamingResponse(pieces(), headers={"content-length": str(PIECES * len(PIECE))})


APP = Starlette(routes=[Route("/small", _small), Route("/large", _large)])


async def answered(request: bytes) -> Wire:
    config = uvicorn.Config(APP, lifespan="off", ws="none", log_config=None, access_log=False)
    config.load()
    wire = Wire()
    connection = within(Bounds())(config=config, server_state=ServerState(), app_state={})  # type: ignore[call-arg] # uvicorn's own
    connection.connection_made(wire)
    connection.data_received(request)  # type: ignore[attr-defined] # a protocol of a stream
    for _ in range(10):
        await asyncio.sleep(0)  # lets the request's task and what it writes take their turns
    return wire


async def test_head_and_body_of_an_answer_go_at_once() -> None:
    wire = await answered(b"GET /small HTTP/1.1\r\nhost: hub\r\n\r\n")
    (segment,) = wire.segments
    assert segment.startswith(b"HTTP/1.1 200 OK\r\n")
    assert segment.endswith(b"\r\n\r\nwell")


async def test_a_large_answer_does_not_gather_in_memory() -> None:
    wire = await answered(b"GET /large HTTP/1.1\r\nhost: hub\r\n\r\n")
    assert max(map(len, wire.segments)) < 3 * len(PIECE)
    assert b"".join(wire.segments).endswith(PIECE * PIECES)


async def test_what_was_written_before_the_end_of_a_connection_leaves_before_it() -> None:
    wire = await answered(b"not HTTP at all\r\n\r\n")
    assert wire.segments[0].startswith(b"HTTP/1.1 400 ")
    assert wire.closed
