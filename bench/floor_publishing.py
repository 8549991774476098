"""A group of publishes in one write with plain aiormq and pamqp: pamqp's frames, and a future for each confirm."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from bench.floor_rows import TYPE
from hub.messaging.topology import EXCHANGE

PERSISTENT = 2


async def publish(channel: Channel, queue: str, bodies: Sequence[tuple[str, bytes]], within: float) -> int:
    """Publish these (id, body) to a queue in one write, and return how many the broker confirmed."""
    async with channel.lock:
        confirms = []
        for message_id, _ in bodies:
            channel.delivery_tag += 1
            confirm = channel.create_future()
            channel.confirmations[channel.delivery_tag] = confirm
            channel.message_id_delivery_tag[message_id] = channel.delivery_tag
            confirms.append(confirm)
        whole = (part for message_id, body in bodies for part in _parts(channel, queue, message_id, body))
        await channel.write_queue.put(ChannelFrame.marshall(channel.number, whole))
    async with asyncio.timeout(within):
        answers = await asyncio.gather(*confirms)
    for message_id, _ in bodies:
        del channel.message_id_delivery_tag[message_id]
    return sum(isinstance(one, Basic.Ack) for one in answers)


def _parts(channel: Channel, queue: str, message_id: str, body: bytes) -> Iterator[Any]:
    yield Basic.Publish(exchange=EXCHANGE, routing_key=queue, mandatory=True)
    properties = Basic.Properties(
        content_type="application/cloudevents+json",
        delivery_mode=PERSISTENT,
        message_id=message_id,
        message_type=TYPE,
    )
    yield ContentHeader(body_size=len(body), properties=properties)
    for start in range(0, len(body), channel.max_content_size):
        yield ContentBody(body[start : start + channel.max_content_size])
