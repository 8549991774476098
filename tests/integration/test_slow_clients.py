"""Clients that are slow, endless or many, over real sockets: each is given up in time, and others are answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from hub.app.connection import Bounds
from hub.app.web_server import served
from hub.errors import Unusable

HEAD = b"GET /at-once HTTP/1.1\r\nhost: hub\r\n"
POST = b"POST /at-once HTTP/1.1\r\nhost: hub\r\ncontent-length: 1000000\r\n\r\n"
SOON = 0.2
NEVER = 600.0
"""Seconds: what a test would notice, so that only the bound under test can end a connection."""
GIVEN_UP_WITHIN = 30.0
PATIENT = Bounds(head_seconds=NEVER, unread_seconds=NEVER, write_seconds=NEVER)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _at_once(_: Request) -> Response:
    return PlainTextResponse("well")


async def _read(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _waits(request: Request) -> Response:
    await request.app.state.left.wait()
    return PlainTextResponse(str(len(await request.body())))


async def _endless(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 65_536
                await asyncio.sleep(0)
        finally:
            request.app.state.left.set()

    return StreamingResponse(pieces())


APP = Starlette(
    routes=[
        Route("/at-once", _at_once, methods=["GET", "POST"]),
        Route("/read", _read, methods=["POST"]),
        Route("/endless", _endless),
        Route("/waits", _waits, methods=["POST"]),
    ]
)


@asynccontextmanager
async def hub(bounds: Bounds) -> AsyncIterator[int]:
    async with served(APP, "127.0.0.1", 0, bounds=bounds) as url, asyncio.timeout(GIVEN_UP_WITHIN):
        yield int(url.rpartition(":")[2])


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def everything(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the other side ends the connection."""
    found = bytearray()
    try:
        while piece := await reader.read(65_536):
            found += piece
    except ConnectionError:
        pass
    return bytes(found)


async def pour(streams: Streams, piece: bytes) -> bytes:
    """Send the same without end, until the other side has had enough; return what it said."""
    reader, writer = streams
    said = asyncio.create_task(everything(reader))
    try:
        while not said.done():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    return await said


async def answered(port: int) -> bool:
    async with connected(port) as (reader, writer):
        writer.write(HEAD + b"connection: close\r\n\r\n")
        return b"200 OK" in await everything(reader)


@pytest.mark.parametrize("begun", [b"", b"GET /at-", HEAD, HEAD + b"x: " + b"y" * 1000], ids=len)
async def test_a_head_that_does_not_come_in_time_is_given_up(begun: bytes) -> None:
    async with hub(Bounds(head_seconds=SOON)) as port, connected(port) as (reader, writer):
        writer.write(begun)
        said = await everything(reader)
        assert said.startswith(b"HTTP/1.1 408 " if begun else b"")
        assert await answered(port)


async def test_a_head_that_comes_drop_by_drop_has_no_longer_than_one_that_does_not_come() -> None:
    async with hub(Bounds(head_seconds=SOON, head_bytes=10**9)) as port, connected(port) as streams:
        streams[1].write(HEAD)
        assert b" 408 " in await pour(streams, b"x")


async def test_the_next_head_of_a_connection_has_the_same_bound() -> None:
    async with hub(Bounds(head_seconds=SOON)) as port, connected(port) as (reader, writer):
        writer.write(HEAD + b"\r\n")
        assert await reader.readuntil(b"well")
        writer.write(HEAD)
        assert (await everything(reader)).startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize("more", [b"x: " + b"y" * 1_000 + b"\r\n", b"y" * 1_000], ids=["many", "one"])
async def test_a_head_without_end_is_given_up_when_it_is_too_large(more: bytes) -> None:
    async with hub(PATIENT) as port, connected(port) as (reader, writer):
        writer.write(HEAD + b"x: " + more * 17)
        assert (await everything(reader)).startswith(b"HTTP/1.1 431 ")
        assert await answered(port)


async def test_a_head_that_is_too_large_is_refused_when_it_comes_whole_too() -> None:
    bounds = Bounds(head_bytes=1_000)
    async with hub(bounds) as port:
        for size, status in ((900, b"200"), (1_001, b"431")):
            async with connected(port) as (reader, writer):
                writer.write(HEAD + b"connection: close\r\nx: " + b"y" * size + b"\r\n\r\n")
                assert (await everything(reader)).startswith(b"HTTP/1.1 " + status)


async def test_blank_lines_are_no_way_to_stay() -> None:
    async with hub(PATIENT) as port, connected(port) as (reader, writer):
        writer.write(b"\r\n" * 10_000)
        assert (await everything(reader)).startswith(b"HTTP/1.1 431 ")


async def test_trailers_without_end_are_given_up() -> None:
    async with hub(PATIENT) as port, connected(port) as streams:
        streams[1].write(b"POST /read HTTP/1.1\r\nhost: hub\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nx: ")
        assert await pour(streams, b"y" * 5_000) == b""


async def test_a_large_body_in_small_chunks_is_no_endless_head() -> None:
    async with hub(PATIENT) as port, connected(port) as (reader, writer):
        writer.write(b"POST /read HTTP/1.1\r\nhost: hub\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(20):
            writer.write(b"1\r\nx\r\n" * 1_000)
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        assert b"20000" in await everything(reader)


async def test_a_body_that_nobody_reads_any_more_keeps_no_connection() -> None:
    async with hub(Bounds(head_seconds=NEVER, unread_seconds=SOON)) as port, connected(port) as streams:
        streams[1].write(POST)
        assert b"200 OK" in await pour(streams, b"x")


async def test_a_client_that_does_not_read_its_answer_is_given_up() -> None:
    APP.state.left = asyncio.Event()
    async with hub(Bounds(write_seconds=SOON)) as port, connected(port) as (_, writer):
        writer.write(b"GET /endless HTTP/1.1\r\nhost: hub\r\n\r\n")
        await APP.state.left.wait()
        assert not writer.is_closing()


async def test_a_client_that_reads_slowly_and_steadily_is_not_given_up() -> None:
    APP.state.left = asyncio.Event()
    async with hub(Bounds(write_seconds=SOON)) as port, connected(port) as (reader, writer):
        writer.write(b"GET /endless HTTP/1.1\r\nhost: hub\r\n\r\n")
        until = asyncio.get_running_loop().time() + 3 * SOON
        while asyncio.get_running_loop().time() < until:
            await reader.readexactly(1_000)
        assert not APP.state.left.is_set()


async def test_one_connection_too_many_is_told_to_come_again_and_room_is_made_by_leaving() -> None:
    APP.state.left = asyncio.Event()
    bounds = Bounds(connections=2, head_seconds=NEVER, write_seconds=NEVER)
    async with hub(bounds) as port, connected(port) as first, connected(port) as second:
        for reader, writer in (first, second):
            writer.write(b"GET /endless HTTP/1.1\r\nhost: hub\r\n\r\n")
            await reader.readline()
        async with connected(port) as (reader, _):
            said = await everything(reader)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1\r\n" in said
        second[1].transport.abort()
        while not await answered(port):
            pass


@pytest.mark.parametrize(
    ("sent", "told"),
    [(b"", b""), (HEAD, b"HTTP/1.1 408 "), (POST.replace(b"/at-once", b"/read"), b"")],
    ids=["nothing", "half a head", "a head without its body"],
)
async def test_a_newcomer_takes_the_place_of_who_has_been_silent_for_longest(sent: bytes, told: bytes) -> None:
    bounds = Bounds(connections=2, head_seconds=NEVER)
    async with hub(bounds) as port, connected(port) as (silent, writer), connected(port) as (later, later_writer):
        writer.write(sent)
        later_writer.write(HEAD)
        later_writer.write(b"\r\n" + HEAD)
        assert await later.readline() == b"HTTP/1.1 200 OK\r\n"
        assert await answered(port)
        said = await everything(silent)
        assert said.startswith(told)
        assert bool(said) == bool(told)
        later_writer.write(b"\r\n")
        assert b"HTTP/1.1 200 OK" in await later.readuntil(b"HTTP/1.1 200 OK")


async def test_who_is_silent_because_we_take_no_more_keeps_its_place() -> None:
    APP.state.left = asyncio.Event()
    async with hub(Bounds(connections=1, head_seconds=NEVER)) as port, connected(port) as (reader, writer):
        writer.write(POST.replace(b"/at-once", b"/waits") + b"x" * 900_000)
        await asyncio.sleep(SOON)  # for as much of it to come as is taken: more is only left lying
        assert not await answered(port)
        APP.state.left.set()
        writer.write(b"x" * 100_000)
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"


async def test_the_address_of_every_interface_is_reached_from_here_by_both_protocols() -> None:
    for host, here in (("0.0.0.0", "http://127.0.0.1:"), ("::", "http://[::1]:"), ("::1", "http://[::1]:")):  # noqa: S104 - that is what it is about
        async with served(APP, host, 0, bounds=Bounds()) as url:
            assert url.startswith(here)


async def test_an_address_that_is_taken_is_named_with_its_setting() -> None:
    async with hub(Bounds()) as port:
        with pytest.raises(Unusable, match=r"cannot be listened on: .*; see HUB_WORKER_PORT"):
            async with served(APP, "127.0.0.1", port, bounds=Bounds(), setting="HUB_WORKER_PORT"):
                pass
