"""A publication as the frames that go over the wire.

Copies to one queue differ in their id, type and body alone, so the rest is kept at
hand: pamqp, which can encode every frame there is, takes five times as long for
these three. A contract test holds them against its bytes.

Source: AMQP 0-9-1, 2.3.5 (frames), 4.2.6 (content).
"""

from collections.abc import Iterator
from functools import lru_cache
from struct import Struct

from pamqp.commands import Basic
from pamqp.constants import FRAME_BODY, FRAME_END, FRAME_HEADER, FRAME_METHOD

from hub.messaging.channel import Publication

CONTENT_TYPE = "application/cloudevents+json"
PERSISTENT = 2

_END = bytes((FRAME_END,))
_MANDATORY = b"\x01"
_PROPERTIES = sum(
    Basic.Properties.flags[name] for name in ("content_type", "delivery_mode", "message_id", "message_type")
)

_frame = Struct(">BHI").pack
_method = Struct(">Ixx").pack
_header = Struct(">BHIHxxQH").pack
_HEADER_FIELDS = 12 + 2
_DESTINATIONS = 1_000


def event_id(wire_id: str) -> str:
    """Return the event's id of a copy's message id."""
    return wire_id.partition("/")[0]


def wire_id(publication: Publication) -> str:
    """Return the message id of a copy: `<event id>/<queue>`."""
    return f"{publication.message_id}/{publication.queue}"


def frames(publication: Publication, channel: int, exchange: str, limit: int) -> Iterator[bytes]:
    """Yield the frames of one publication; `limit` is the number of body bytes that a frame takes.

    Raises ValueError for an exchange, a queue, an id or a type of more than 255 bytes.
    """
    body = publication.body
    yield _publish(channel, exchange, publication.queue)
    properties = _SHARED + _short(wire_id(publication)) + _short(publication.type)
    size = _HEADER_FIELDS + len(properties)
    yield _header(FRAME_HEADER, channel, size, Basic.frame_id, len(body), _PROPERTIES) + properties + _END
    for start in range(0, len(body), limit):
        part = body[start : start + limit]
        yield _frame(FRAME_BODY, channel, len(part)) + part + _END


@lru_cache(_DESTINATIONS)
def _publish(channel: int, exchange: str, queue: str) -> bytes:
    arguments = _method(Basic.Publish.index) + _short(exchange) + _short(queue) + _MANDATORY
    return _frame(FRAME_METHOD, channel, len(arguments)) + arguments + _END


def _short(text: str) -> bytes:
    """Return a short string: its length in one byte, then UTF-8."""
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded


_SHARED = _short(CONTENT_TYPE) + bytes((PERSISTENT,))
