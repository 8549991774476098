"""Deliveries are put together where their frames arrive; what else comes over the channel goes its own way."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from hub.messaging.amqp import _Frames
from hub.messaging.channel import Delivery

ONE_FRAME = 65


class Arriving:
    """A channel as far as frames are put into it, and what was heard of them."""

    def __init__(self) -> None:
        self.heard: list[Delivery] = []
        self.aside: asyncio.Queue[Any] = asyncio.Queue()
        self._frames = _Frames(SimpleNamespace(frames=self.aside), self.heard.append)  # type: ignore[arg-type]

    async def put(self, *frames: Any) -> None:
        for frame in frames:
            await self._frames.put((ONE_FRAME, frame))


def header(size: int, message_id: str | None = "m1/stock.3") -> ContentHeader:
    return ContentHeader(body_size=size, properties=Basic.Properties(message_id=message_id))


@pytest.mark.parametrize("parts", [[], [b"body"], [b"a", b"long", b"body"]])
async def test_a_delivery_is_whole_with_the_last_frame_of_its_body(parts: list[bytes]) -> None:
    channel = Arriving()
    await channel.put(Basic.Deliver(delivery_tag=7, redelivered=True))
    body = b"".join(parts)
    for frame in [header(len(body)), *map(ContentBody, parts)]:
        assert not channel.heard
        await channel.put(frame)
    assert channel.heard == [Delivery(body, "m1", redelivered=True, tag=7)]
    assert channel.aside.empty()


async def test_one_delivery_leaves_nothing_to_the_next() -> None:
    channel = Arriving()
    for tag, body in enumerate([b"first", b"", b"third"], 1):
        await channel.put(Basic.Deliver(delivery_tag=tag), header(len(body), f"m{tag}/q"))
        if body:
            await channel.put(ContentBody(body))
    told = [(one.tag, one.message_id, one.body) for one in channel.heard]
    assert told == [(1, "m1", b"first"), (2, "m2", b""), (3, "m3", b"third")]


async def test_a_message_without_an_id_has_an_empty_one() -> None:
    channel = Arriving()
    await channel.put(Basic.Deliver(delivery_tag=1), header(0, None))
    assert [one.message_id for one in channel.heard] == [""]


async def test_other_frames_and_the_contents_of_other_methods_go_their_own_way() -> None:
    channel = Arriving()
    others = [Basic.ConsumeOk("tag"), Basic.Return(312, "NO_ROUTE", "", "q"), header(4), ContentBody(b"body")]
    await channel.put(*others[:1])
    await channel.put(Basic.Deliver(delivery_tag=1), header(1), ContentBody(b"x"))
    await channel.put(*others[1:])
    assert [channel.aside.get_nowait() for _ in others] == [(ONE_FRAME, one) for one in others]
    assert len(channel.heard) == 1


async def test_others_take_their_turn_between_two_deliveries() -> None:
    channel, seen = Arriving(), []

    async def look() -> None:
        while len(channel.heard) < 3:
            seen.append(len(channel.heard))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look())
    for tag in range(3):
        await channel.put(Basic.Deliver(delivery_tag=tag), header(0))
    await looking
    assert {1, 2} <= set(seen)
