"""Deliveries are taken from the socket's bytes, before aiormq makes objects of each of their frames.

Strategy. A delivery is three frames. By way of aiormq each is read, decoded whole and
passed on through two queues and a task, which costs more than all that the hub then
does to read the message. Here its tag, its id and its body are cut out where the bytes
arrive; every other frame goes on to aiormq unchanged. It stands on what aiormq and
asyncio offer for this: a transport factory, and a stream reader of our own.

aiormq counts how long the broker has been silent by the frames that it sees, so a
heartbeat stands for what was taken from it.

Source: AMQP 0-9-1, 2.3.5 (frames), 4.2.6 (content).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from struct import Struct
from typing import Any

from aio_pika import RobustConnection
from aiormq.connection import TransportFactory
from aiormq.exceptions import AMQPConnectionError
from faststream.rabbit import RabbitBroker
from pamqp import frame
from pamqp.commands import Basic
from pamqp.constants import FRAME_BODY, FRAME_HEADER, FRAME_METHOD
from pamqp.heartbeat import Heartbeat

from hub.messaging.channel import Delivery
from hub.messaging.frames import event_id

OnDelivery = Callable[[Delivery], None]
READ_AHEAD = 65_536

_DELIVER = Basic.Deliver.index.to_bytes(4)
_HEARTBEAT = frame.marshal(Heartbeat(), 0)
_frame = Struct(">BHI")
_tag_and_redelivered = Struct(">QB")
_size_and_flags = Struct(">QH")
_long = Struct(">I")
_HAS_MESSAGE_ID = Basic.Properties.flags["message_id"]


class Deliveries:
    """Puts the deliveries of one channel together and hands them on one at a time.

    Between two of them others have their turn: a database that has answered goes on
    then, not behind all that has arrived together.
    """

    def __init__(self, on_delivery: OnDelivery) -> None:
        self._on_delivery = on_delivery
        self._loop = asyncio.get_running_loop()
        self._whole: deque[Delivery] = deque()
        self._under_way = False
        self._tag = self._redelivered = 0
        self._id = ""
        self._parts: list[bytes] = []
        self._missing: int | None = None

    def take(self, kind: int, payload: bytes) -> bool:
        """Take a frame of the channel, or leave it (False) to aiormq."""
        if kind == FRAME_METHOD:
            if not payload.startswith(_DELIVER):
                return False
            self._under_way = True
            self._tag, self._redelivered = _tag_and_redelivered.unpack_from(payload, 5 + payload[4])
            return True
        if not self._under_way:
            return False
        if kind == FRAME_HEADER:
            self._missing, flags = _size_and_flags.unpack_from(payload, 4)
            self._id = event_id(message_id(payload, flags))
        elif kind == FRAME_BODY and self._missing is not None:
            self._parts.append(payload)
            self._missing -= len(payload)
        if self._missing == 0:
            self._hand_on()
        return True

    def _hand_on(self) -> None:
        self._whole.append(Delivery(b"".join(self._parts), self._id, bool(self._redelivered & 1), self._tag))
        self._under_way, self._parts, self._missing = False, [], None
        if len(self._whole) == 1:
            self._loop.call_soon(self._next)

    def _next(self) -> None:
        one = self._whole.popleft()
        if self._whole:
            self._loop.call_soon(self._next)
        self._on_delivery(one)


def message_id(header: bytes, flags: int) -> str:
    """Return the message id that stands in a content header, or an empty text. One that is no UTF-8 is nobody's."""
    if not flags & _HAS_MESSAGE_ID:
        return ""
    at = 14
    for has, width in _BEFORE_THE_ID:
        if flags & has:
            at += width(header, at)
    return header[at + 1 : at + 1 + header[at]].decode(errors="replace")


def _of_short(header: bytes, at: int) -> int:
    return 1 + header[at]


def _of_table(header: bytes, at: int) -> int:
    size: int = _long.unpack_from(header, at)[0]
    return 4 + size


def _of_octet(_header: bytes, _at: int) -> int:
    return 1


_BEFORE_THE_ID: tuple[tuple[int, Callable[[bytes, int], int]], ...] = tuple(
    (Basic.Properties.flags[name], width)
    for name, width in (
        ("content_type", _of_short),
        ("content_encoding", _of_short),
        ("headers", _of_table),
        ("delivery_mode", _of_octet),
        ("priority", _of_octet),
        ("correlation_id", _of_short),
        ("reply_to", _of_short),
        ("expiration", _of_short),
    )
)
"""What stands before the message id, in the order of its flags, and how many bytes of the header each takes."""


class Stream(asyncio.StreamReader):
    """What a connection receives: the deliveries of its consumers are taken out, the rest is aiormq's."""

    def __init__(self) -> None:
        super().__init__(READ_AHEAD)
        self._rest = b""
        self._consumers: dict[int, Deliveries] = {}

    def consume(self, channel: int, deliveries: Deliveries) -> None:
        """Take the deliveries of a channel from now on."""
        self._consumers[channel] = deliveries

    def leave(self, channel: int, deliveries: Deliveries) -> None:
        """Stop that; the number may be another channel's by now."""
        if self._consumers.get(channel) is deliveries:
            del self._consumers[channel]

    def feed_data(self, data: Any) -> None:
        """Take what the transport has read."""
        received = self._rest + data
        at = passed = 0
        for_aiormq: list[bytes] = []
        while len(received) - at >= _frame.size:
            kind, channel, size = _frame.unpack_from(received, at)
            end = at + _frame.size + size + 1
            if end > len(received):
                break
            consumer = self._consumers.get(channel)
            if consumer is not None and consumer.take(kind, received[at + _frame.size : end - 1]):
                if passed < at:
                    for_aiormq.append(received[passed:at])
                passed = end
            at = end
        if passed < at:
            for_aiormq.append(received[passed:at])
        self._rest = received[at:]
        if at:
            super().feed_data(b"".join(for_aiormq) or _HEARTBEAT)

    def feed_eof(self) -> None:
        """Take the end, which may be told twice; half a frame is for aiormq to complain about."""
        rest, self._rest = self._rest, b""
        if rest:
            super().feed_data(rest)
        super().feed_eof()


class _Tap(TransportFactory):
    """Opens connections as aiormq does, over a stream of ours; `stream` is the last one."""

    def __init__(self) -> None:
        self.stream: Stream | None = None

    async def create(self, url: Any, **kwargs: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open the connection, with TLS for `amqps`. Raises AMQPConnectionError."""
        provider = kwargs.pop("ssl_context_provider", None)
        context = await provider.get_context() if url.scheme == "amqps" else None
        loop, stream = asyncio.get_running_loop(), Stream()
        try:
            transport, protocol = await loop.create_connection(
                lambda: asyncio.StreamReaderProtocol(stream, loop=loop),
                host=url.host,
                port=url.port,
                ssl=context,
                **kwargs,
            )
        except OSError as error:
            raise AMQPConnectionError(*error.args) from error
        self.stream = stream
        return stream, asyncio.StreamWriter(transport, protocol, stream, loop)


class TappedConnection(RobustConnection):
    """aio-pika's connection that is kept open, over a stream of ours."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tap = _Tap()
        self.kwargs["transport_factory"] = self._tap

    async def open_channel(self) -> tuple[Any, Stream]:
        """Return a channel and the stream that it is read from. Raises ConnectionResetError."""
        underlay = self.transport
        if underlay is None:
            raise ConnectionResetError("the connection is being made anew")
        channel = await underlay.connection.channel()
        stream = self._tap.stream
        if self.transport is not underlay or stream is None:
            raise ConnectionResetError("the connection was made anew meanwhile")
        return channel, stream


class TappedBroker(RabbitBroker):
    """FastStream's broker over a connection whose deliveries we take ourselves."""

    async def _connect(self) -> RobustConnection:
        self._connection_kwargs["connection_class"] = TappedConnection
        return await super()._connect()
