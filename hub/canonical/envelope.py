"""The envelope of every canonical message: CloudEvents 1.0 in JSON, with derived ids.

A payload is a frozen model with a wire type (`order.received.v1`); `Message[Payload]`
is the payload in its envelope. One pydantic-core pass over the bytes validates both.

Source: CloudEvents 1.0 JSON format; RFC 9562 for the layout of UUIDv7.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from operator import attrgetter
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar, cast
from uuid import UUID, SafeUUID

import orjson
from pydantic import AwareDatetime, Field, TypeAdapter, create_model

from hub.canonical.values import Value

Channel = Literal["edi", "pos", "webshop", "portal", "api"]


AS_NUMBER = attrgetter("int")
"""The key by which ids are sorted: as UUIDs are, without their slow comparison."""
_new, _set = object.__new__, object.__setattr__


class Payload(Value):
    """What a message says. A subclass names its wire type and finds its own business key."""

    TYPE: ClassVar[str]
    PARTNER_FACING: ClassVar[bool] = False

    @property
    def business_key(self) -> str:
        """The subject of the message: the key that people know the thing by."""
        raise NotImplementedError


def _text_of_id(identifier: UUID) -> str:
    """Return an id of a kind that orjson does not know: the PostgreSQL driver has UUIDs of its own."""
    return str(identifier)


D_co = TypeVar("D_co", bound=Payload, covariant=True)


class Message(Value, Generic[D_co]):
    """A payload in its envelope.

    `id` is derived from its cause (`derive_id`), so that handling a message twice
    yields the same ids; `correlationid` names the business conversation and
    `causationid` the parent, from the archived bytes to the last acknowledgement.
    """

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    type: str
    source: str
    subject: str
    time: AwareDatetime
    correlationid: UUID
    causationid: UUID | None = None
    partner: str | None = None
    channel: Channel = "api"
    testindicator: bool = False
    datacontenttype: Literal["application/json"] = "application/json"
    data: D_co

    def to_json(self) -> bytes:
        """Return the wire form: CloudEvents JSON without empty fields, and of the payload what is not its default."""
        envelope = {name: value for name, value in vars(self).items() if value is not None and name != "data"}
        payload = _writer(type(self.data))(self.data, exclude_defaults=True)
        written = orjson.dumps(envelope, _text_of_id, option=orjson.OPT_UTC_Z)
        return b'%b,"data":%b}' % (written[:-1], payload)


@cache
def _writer(model: type[Value]) -> Callable[..., bytes]:
    return TypeAdapter(model).serializer.to_json


@cache
def message_model(payload: type[Payload]) -> type[Message[Any]]:
    """Return the concrete model of `Message[payload]`, whose `type` is the payload's wire type alone."""
    base: Any = Message[payload]  # type: ignore[valid-type] # the class is a value here
    only_its_type: Any = Literal[payload.TYPE]
    model: Any = create_model(f"{payload.__name__}Message", __base__=base, type=(only_its_type, payload.TYPE))
    return cast("type[Message[Any]]", model)


def any_of(payloads: Iterable[type[Payload]]) -> Any:
    """Return the type of any of these messages, told apart by `type`."""
    models = tuple(message_model(payload) for payload in payloads)
    if len(models) == 1:
        return models[0]
    union: Any = models[0]
    for model in models[1:]:
        union = union | model
    return Annotated[union, Field(discriminator="type")]


def reader(payloads: Iterable[type[Payload]]) -> TypeAdapter[Message[Any]]:
    """Return one adapter that reads the bytes of any of these messages in a single pass."""
    return TypeAdapter(any_of(payloads))


def new_id(at: datetime, entropy: bytes) -> UUID:
    """Return a UUIDv7 for a root (an input that nothing in the hub caused) from 10 random bytes."""
    return _uuid7(at, entropy)


def derive_id(cause: UUID, service: str, type_: str, ordinal: int = 0, revision: int = 0) -> UUID:
    """Return the id of the `ordinal`-th message of `type_` that `service` makes of `cause`: always the same."""
    digest = hashlib.blake2b(f"{cause.hex}/{service}/{type_}/{ordinal}/{revision}".encode(), digest_size=10).digest()
    return _uuid(_layout(cause.int >> 80, digest))


def named_id(*parts: str) -> UUID:
    """Return the id of a thing known by a business key: equal parts, equal id (RFC 9562 version 8 layout)."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    number = int.from_bytes(digest) & ~(0xF << 76) & ~(0x3 << 62)
    return _uuid(number | (8 << 76) | (2 << 62))


def id_time(identifier: UUID) -> datetime:
    """Return the instant, to the millisecond, in the first 48 bits of an id made by `new_id` or `derive_id`."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, UTC)


def _uuid7(at: datetime, entropy: bytes) -> UUID:
    return _uuid(_layout(int(at.timestamp() * 1000), entropy))


def _uuid(number: int) -> UUID:
    """Return what `UUID(int=number)` does, in a third of its time, for a number that is in range."""
    made = _new(UUID)
    _set(made, "int", number)
    _set(made, "is_safe", SafeUUID.unknown)
    return made


def _layout(milliseconds: int, random: bytes) -> int:
    bits = int.from_bytes(random[:10])
    return (milliseconds << 80) | (7 << 76) | ((bits >> 64 & 0xFFF) << 64) | (2 << 62) | (bits & ((1 << 62) - 1))
