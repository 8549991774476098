"""Deliveries are taken from the bytes however they are split, and every other byte goes on to aiormq."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic, Channel
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from hub.messaging.channel import Delivery
from hub.messaging.tap import Deliveries, Stream, TappedConnection, message_id

OURS, ANOTHER = 3, 4
FRAME = 8
short = st.text(max_size=20)


class Tapped:
    """A stream with one consumer, what it was given and what aiormq would read."""

    def __init__(self) -> None:
        self.given: list[Delivery] = []
        self.stream = Stream()
        self.deliveries = Deliveries(self.given.append)
        self.stream.consume(OURS, self.deliveries)

    def feed(self, *parts: bytes) -> None:
        for part in parts:
            self.stream.feed_data(part)

    async def for_aiormq(self) -> bytes:
        """Return all that was passed on, once nothing else is to be done."""
        self.stream.feed_eof()
        rest = await self.stream.read()
        for _ in TRAFFIC:
            await asyncio.sleep(0)  # a turn for each delivery
        return rest


def frames(channel: int, *parts: Any) -> bytes:
    return b"".join(frame.marshal(part, channel) for part in parts)


def content(body: bytes, **properties: Any) -> list[Any]:
    parts = [ContentBody(body[at : at + FRAME]) for at in range(0, len(body), FRAME)]
    return [ContentHeader(body_size=len(body), properties=Basic.Properties(**properties)), *parts]


def delivered(tag: int, body: bytes, message_id: str = "m/q", *, again: bool = False, channel: int = OURS) -> bytes:
    arrived = Basic.Deliver("consumer", tag, again, "hub", "q")
    return frames(channel, arrived, *content(body, message_id=message_id))


def cut(whole: bytes, at: Sequence[int]) -> list[bytes]:
    places = sorted({0, len(whole), *(place % (len(whole) + 1) for place in at)})
    return [whole[start:end] for start, end in pairwise(places)]


CONFIRM = frames(ANOTHER, Basic.Ack(7))
RETURNED = frames(OURS, Basic.Return(312, "NO_ROUTE", "hub", "q"), *content(b"a returned body", message_id="r"))
ELSEWHERE = delivered(1, b"of another channel", channel=ANOTHER)
CLOSE = frames(OURS, Channel.CloseOk())
TRAFFIC = [
    (CONFIRM, None),
    (delivered(1, b"", "m1/q"), Delivery(b"", "m1", redelivered=False, tag=1)),
    (ELSEWHERE, None),
    (delivered(2, b"x" * FRAME, "m2/q", again=True), Delivery(b"x" * FRAME, "m2", redelivered=True, tag=2)),
    (RETURNED, None),
    (delivered(2**40, b"several frames of a body", "m3/q"), Delivery(b"several frames of a body", "m3", False, 2**40)),
    (delivered(4, b"no id", ""), Delivery(b"no id", "", redelivered=False, tag=4)),
    (frames(0, Heartbeat()), None),
    (CLOSE, None),
]


@given(st.lists(st.integers(0, 1_000), max_size=30))
def test_any_split_of_the_bytes_gives_the_same(places: list[int]) -> None:
    async def read() -> None:
        tapped = Tapped()
        tapped.feed(*cut(b"".join(part for part, _ in TRAFFIC), places))
        passed = await tapped.for_aiormq()
        assert passed.replace(frames(0, Heartbeat()), b"") == CONFIRM + ELSEWHERE + RETURNED + CLOSE
        assert tapped.given == [delivery for _, delivery in TRAFFIC if delivery is not None]

    asyncio.run(read())


async def test_a_heartbeat_stands_for_deliveries_so_that_the_broker_is_not_taken_for_silent() -> None:
    tapped = Tapped()
    tapped.feed(delivered(1, b"one") + delivered(2, b"two"))
    assert await tapped.for_aiormq() == frames(0, Heartbeat())


async def test_half_a_frame_at_the_end_is_aiormqs_to_complain_about() -> None:
    tapped = Tapped()
    tapped.feed(delivered(1, b"whole"), CONFIRM[:5])
    tapped.stream.feed_eof()  # of the protocol, and again with the loss of the connection
    assert await tapped.for_aiormq() == frames(0, Heartbeat()) + CONFIRM[:5]


@pytest.mark.parametrize("strange", [b"AMQP\x00\x00\x09\x01", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x00" * 40])
async def test_what_is_no_amqp_is_passed_on_as_it_is(strange: bytes) -> None:
    tapped = Tapped()
    tapped.feed(strange)
    assert await tapped.for_aiormq() == strange


async def test_a_channel_that_ended_is_left_but_not_for_the_next_of_its_number() -> None:
    tapped, later = Tapped(), []
    following = Deliveries(later.append)
    tapped.stream.consume(OURS, following)
    tapped.stream.leave(OURS, tapped.deliveries)
    tapped.feed(delivered(1, b"for the next"))
    await asyncio.sleep(0)  # its turn
    tapped.stream.leave(OURS, following)
    tapped.feed(delivered(2, b"for nobody"))
    assert await tapped.for_aiormq() == frames(0, Heartbeat()) + delivered(2, b"for nobody")
    assert [one.tag for one in later] == [1]


async def test_others_take_their_turn_between_two_deliveries_that_arrive_together() -> None:
    tapped, seen = Tapped(), []

    async def look() -> None:
        while len(tapped.given) < 3:
            seen.append(len(tapped.given))
            await asyncio.sleep(0)  # one look a turn

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)  # it has begun
    tapped.feed(b"".join(delivered(tag, b"body") for tag in range(3)))
    await looking
    assert {0, 1, 2} == set(seen)


async def test_a_delivery_that_cannot_be_handed_on_does_not_stop_the_next(caplog: pytest.LogCaptureFixture) -> None:
    given: list[int] = []

    def fail_once(one: Delivery) -> None:
        given.append(one.tag)
        if one.tag == 1:
            raise ValueError("not this one")

    stream = Stream()
    stream.consume(OURS, Deliveries(fail_once))
    stream.feed_data(delivered(1, b"") + delivered(2, b""))
    for _ in range(3):
        await asyncio.sleep(0)  # a turn for each delivery
    assert given == [1, 2]
    assert "not this one" in caplog.text


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "content_type": short,
            "content_encoding": short,
            "headers": st.dictionaries(st.text(min_size=1, max_size=10), st.integers(0, 99) | short, max_size=3),
            "delivery_mode": st.integers(1, 2),
            "priority": st.integers(0, 9),
            "correlation_id": short,
            "reply_to": short,
            "expiration": short,
            "message_id": short,
            "message_type": short,
            "app_id": short,
        },
    )
)
def test_the_message_id_is_found_behind_whatever_stands_before_it(properties: dict[str, Any]) -> None:
    written = frame.marshal(ContentHeader(body_size=5, properties=Basic.Properties(**properties)), OURS)
    payload = written[7:-1]
    assert message_id(payload, int.from_bytes(payload[12:14])) == (properties.get("message_id") or "")


async def test_an_id_that_is_no_text_ends_nothing() -> None:
    tapped = Tapped()
    tapped.feed(delivered(1, b"first", "m?/q").replace(b"m?", b"m\xff") + delivered(2, b"second"))
    await tapped.for_aiormq()
    assert [(one.tag, one.message_id) for one in tapped.given] == [(1, "m\ufffd"), (2, "m")]


async def test_a_channel_is_refused_while_its_connection_is_made_anew() -> None:
    connection = TappedConnection("amqp://localhost/")
    with pytest.raises(ConnectionResetError, match="being made anew"):
        await connection.open_channel()

    async def channel() -> object:
        connection.transport = None
        return object()

    connection.transport = SimpleNamespace(connection=SimpleNamespace(channel=channel))  # type: ignore[assignment] # all that is used
    with pytest.raises(ConnectionResetError, match="anew meanwhile"):
        await connection.open_channel()
