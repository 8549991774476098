"""One client's connection: what it may take of our time and memory before it has said what it wants.

uvicorn waits for ever for a head that does not end, keeps whatever of it arrives, and
waits for ever for a client that does not read. Here each of that has a bound, and so has
the number of connections: beyond it, a newcomer takes the place of the client that has
been silent for longest while we wait for its bytes. How long a body may take is its
reader's business; what nobody reads any more is waited for a moment, so that the client
finds its answer.
"""

import asyncio
from asyncio.events import TimerHandle
from dataclasses import dataclass
from http import HTTPStatus

from uvicorn._types import ASGIReceiveCallable, ASGISendCallable, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True)
class Bounds:
    """What clients may take. Times are seconds."""

    connections: int = 500
    head_seconds: float = 10.0
    head_bytes: int = 16_384
    unread_seconds: float = 5.0
    write_seconds: float = 30.0


def within(bounds: Bounds) -> type[asyncio.Protocol]:
    """Return the protocol of connections within these bounds, for uvicorn's `http`."""

    class Within(Connection):
        BOUNDS = bounds

    return Within


async def _head_too_large(_: Scope, __: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer a request whose head has come at once, and is larger than one that gathers may become."""
    await send(
        {
            "type": "http.response.start",
            "status": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers": [(b"content-length", b"0"), (b"connection", b"close")],
        }
    )
    await send({"type": "http.response.body", "body": b"", "more_body": False})


class Connection(HttpToolsProtocol):
    """A connection within bounds."""

    BOUNDS = Bounds()

    _deadline: TimerHandle | None = None
    _stall: TimerHandle | None = None
    _begun = False
    """Whether the head of a request has begun to come since the last look at the deadline."""
    _silent = 0
    """Bytes that have come since the last piece of a body: of a head, of trailers, or of nothing at all."""
    _unsent = 0
    heard = 0.0
    """When the last bytes came."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self.transport = _Joined(transport, self.loop)
        self.heard = self.loop.time()
        if len(self.connections) > self.BOUNDS.connections and not self._takes_a_place():
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._allow(self.BOUNDS.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._allow(None)
        self._writes()

    def data_received(self, data: bytes) -> None:
        self.heard = self.loop.time()
        self._silent += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._silent > self.BOUNDS.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._begun:
            self._begun = False
            self._allow(self.BOUNDS.head_seconds)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True

    def on_headers_complete(self) -> None:
        app = self.app
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > self.BOUNDS.head_bytes:
            self.app = _head_too_large
        super().on_headers_complete()
        self.app = app
        self._silent = 0
        self._begun = False
        self._allow(None)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._silent = 0

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._silent = 0
        if not self._answering:
            self._allow(self.BOUNDS.head_seconds)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._answering and not self.transport.is_closing():
            self._allow(self.BOUNDS.unread_seconds if self.cycle.more_body else self.BOUNDS.head_seconds)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._unsent = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.BOUNDS.write_seconds, self._look_whether_it_reads)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._writes()

    @property
    def owes(self) -> bool:
        """Whether it is the client's turn: it has not sent the whole of a request, and we take what it sends."""
        if self.transport.is_closing() or self.flow.read_paused:
            return False
        return not self._answering or self.cycle.more_body

    def give_up(self) -> None:
        """End the connection of a client that is too slow."""
        if self._silent or self._answering:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _takes_a_place(self) -> bool:
        """Give up the client that has been silent for longest of those that owe us bytes; tell whether one did."""
        owing = [one for one in self.connections if isinstance(one, Connection) and one is not self and one.owes]
        if owing:
            min(owing, key=lambda one: one.heard).give_up()
        return bool(owing)

    def _allow(self, seconds: float | None) -> None:
        """Give the client so long for what it owes now; None: it owes nothing."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self.loop.call_later(seconds, self._too_late) if seconds is not None else None

    def _too_late(self) -> None:
        if self._answering:
            self._allow(self.BOUNDS.head_seconds)
        else:
            self.give_up()

    def _refuse(self, status: HTTPStatus) -> None:
        """End the connection, with an answer where none is under way."""
        if self._answering:
            self.transport.abort()
            return
        again = "retry-after: 1\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else ""
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{again}content-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head.encode())
        self.transport.close()

    def _writes(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _look_whether_it_reads(self) -> None:
        """Give a client up that has read nothing since the last look."""
        before, self._unsent = self._unsent, self.transport.get_write_buffer_size()
        if self._unsent >= before:
            self.transport.abort()
        else:
            self._stall = self.loop.call_later(self.BOUNDS.write_seconds, self._look_whether_it_reads)


class _Joined(asyncio.Transport):
    """The transport of a connection, to which the parts of an answer go at once: its head and its body in one segment.

    What is written in one turn of the event loop leaves at its end, or before it is more than a little.
    """

    MOST_BYTES = 65_536

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._parts:
            self._loop.call_soon(self._leave)
        self._parts.append(bytes(data))
        self._size += len(data)
        if self._size > self.MOST_BYTES:
            self._leave()

    def close(self) -> None:
        self._leave()
        self._transport.close()

    def abort(self) -> None:
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_write_buffer_size(self) -> int:
        return self._size + self._transport.get_write_buffer_size()

    def _leave(self) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))
