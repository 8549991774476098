"""Somebody else's HTTP server, as a test wants it: it keeps what it is sent and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """What was posted. Header names are in small letters."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Listener:
    """`answers` are used one after the other, then `200 OK`; None closes the connection without an answer."""

    answers: list[str | None] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    gate: asyncio.Event | None = None
    port: int = 0
    received: Callable[[Request], None] = lambda _request: None

    def url(self, path: str = "/in") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(head[0].split(" ")[1], headers, body)
        self.requests.append(request)
        self.received(request)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else "200 OK"
        if answer is not None:
            writer.write(f"HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def listening(*answers: str | None) -> AsyncIterator[Listener]:
    """Listen on a free port."""
    listener = Listener(list(answers))
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        await server.wait_closed()
