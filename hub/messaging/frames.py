"""A publication as the frames that go over the wire.

Copies to one queue differ in their id, type and body alone, so the rest is kept at
hand: pamqp, which can encode every frame there is, takes five times as long for
these three. A contract test holds them against its bytes.

Source: AMQP 0-9-1, 2.3.5 (frames), 4.2.6 (content); Basic.Publish is method 60, 40.
"""

from collections.abc import Iterator
from functools import lru_cache
from struct import Struct

from hub.messaging.channel import Publication

CONTENT_TYPE = "application/cloudevents+json"
PERSISTENT = 2

METHOD, HEADER, BODY = 1, 2, 3
"""What a frame holds; a delivery or a publication is a method, a header, and as many bodies as it takes."""
_END = b"\xce"
_BASIC, _PUBLISH = 60, 40
_MANDATORY = b"\x01"
_HAS_CONTENT_TYPE, _HAS_DELIVERY_MODE, _HAS_MESSAGE_ID, _HAS_TYPE = 1 << 15, 1 << 12, 1 << 7, 1 << 5
_PROPERTIES = _HAS_CONTENT_TYPE | _HAS_DELIVERY_MODE | _HAS_MESSAGE_ID | _HAS_TYPE

_frame = Struct(">BHI").pack
_method = Struct(">HHxx").pack
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
    yield _header(HEADER, channel, size, _BASIC, len(body), _PROPERTIES) + properties + _END
    for start in range(0, len(body), limit):
        part = body[start : start + limit]
        yield _frame(BODY, channel, len(part)) + part + _END


@lru_cache(_DESTINATIONS)
def _publish(channel: int, exchange: str, queue: str) -> bytes:
    arguments = _method(_BASIC, _PUBLISH) + _short(exchange) + _short(queue) + _MANDATORY
    return _frame(METHOD, channel, len(arguments)) + arguments + _END


def _short(text: str) -> bytes:
    """Return a short string: its length in one byte, then UTF-8."""
    encoded = text.encode()
    return bytes((len(encoded),)) + encoded


_SHARED = _short(CONTENT_TYPE) + bytes((PERSISTENT,))
