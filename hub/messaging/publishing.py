"""A group of publications as one write to the socket, its confirms taken as they come.

aiormq writes every publish by itself and the broker wakes for each; one write for
the whole group halves the cost on both sides. This module is the only one that uses
aiormq's undocumented channel attributes (`lock`, `delivery_tag`, `confirmations`,
`message_id_delivery_tag`, `write_queue`, `max_content_size`, `number`), and a
contract test watches them; `publish_one_by_one` needs none of them and is what to
fall back to if an upgrade takes them away.

aiormq finds a returned message by its message id alone, and one event often goes to
several queues in one group. So a copy's message id on the wire is
`<event id>/<queue>`, and `event_id` reads it back.
"""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from aiormq.exceptions import AMQPError, ChannelInvalidStateError, DeliveryError, PublishError
from pamqp import commands
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from hub.messaging.channel import Outcome, Publication
from hub.messaging.topology import EXCHANGE

PERSISTENT = 2


def event_id(wire_id: str) -> str:
    """Return the event's id of a copy's message id."""
    return wire_id.partition("/")[0]


async def publish_group(
    channel: Channel, publications: Sequence[Publication], within: float, exchange: str = EXCHANGE
) -> list[Outcome]:  # fmt: skip
    """Publish all in one write, in this order, and return what became of each.

    What has no answer `within` so many seconds, or when the channel ends, is UNKNOWN.
    """
    try:
        async with asyncio.timeout(within):
            confirmations = await _write(channel, publications, exchange)
    except (AMQPError, ChannelInvalidStateError, OSError, TimeoutError):
        return [Outcome.UNKNOWN] * len(publications)
    await _await_all(confirmations, within)
    return [_outcome(one) for one in confirmations]


async def publish_one_by_one(
    channel: Channel, publications: Sequence[Publication], within: float, exchange: str = EXCHANGE
) -> list[Outcome]:  # fmt: skip
    """Do the same with one write each and documented calls only."""
    running = asyncio.get_running_loop()
    confirmations = [
        running.create_task(
            channel.basic_publish(
                one.body,
                exchange=exchange,
                routing_key=one.queue,
                properties=_properties(one),
                mandatory=True,
                timeout=within,
                wait=False,
            )
        )
        for one in publications
    ]
    await asyncio.gather(*confirmations, return_exceptions=True)
    return [_outcome(one) for one in confirmations]


async def _write(
    channel: Channel, publications: Sequence[Publication], exchange: str
) -> list[asyncio.Future[Any]]:  # fmt: skip
    async with channel.lock:
        before = channel.delivery_tag
        confirmations = [_expect_confirm(channel, one) for one in publications]
        frames = (frame for one in publications for frame in _frames(one, exchange, channel.max_content_size))
        try:
            await channel.write_queue.put(ChannelFrame.marshall(channel_number=channel.number, frames=frames))
        except BaseException:  # nothing was written: the broker does not know these tags
            _forget(channel, publications, before)
            raise
    return confirmations


def _expect_confirm(channel: Channel, publication: Publication) -> asyncio.Future[Any]:
    channel.delivery_tag += 1
    confirmation = channel.create_future()
    channel.confirmations[channel.delivery_tag] = confirmation
    wire_id, tag = _wire_id(publication), channel.delivery_tag
    channel.message_id_delivery_tag[wire_id] = tag

    def forget(_: asyncio.Future[Any]) -> None:
        if channel.message_id_delivery_tag.get(wire_id) == tag:
            del channel.message_id_delivery_tag[wire_id]

    confirmation.add_done_callback(forget)
    return confirmation


def _forget(channel: Channel, publications: Sequence[Publication], before: int) -> None:
    channel.delivery_tag = before
    for tag in range(before + 1, before + 1 + len(publications)):
        channel.confirmations.pop(tag).cancel()


def _frames(publication: Publication, exchange: str, frame_size: int) -> Iterator[Any]:
    body = publication.body
    yield commands.Basic.Publish(exchange=exchange, routing_key=publication.queue, mandatory=True)
    yield ContentHeader(body_size=len(body), properties=_properties(publication))
    for start in range(0, len(body), frame_size):
        yield ContentBody(body[start : start + frame_size])


def _properties(publication: Publication) -> commands.Basic.Properties:
    return commands.Basic.Properties(
        content_type="application/cloudevents+json",
        delivery_mode=PERSISTENT,
        headers=dict(publication.headers),
        message_id=_wire_id(publication),
        message_type=publication.type,
    )


def _wire_id(publication: Publication) -> str:
    return f"{publication.message_id}/{publication.queue}"


async def _await_all(confirmations: Sequence[asyncio.Future[Any]], within: float) -> None:
    """Wait for all, in order, until the deadline; what is late is cancelled and its confirm then ignored."""
    try:
        async with asyncio.timeout(within):
            for one in confirmations:
                if not one.done():
                    await asyncio.wait([one])
    except TimeoutError:
        pass
    finally:
        for one in confirmations:
            one.cancel()


def _outcome(confirmation: asyncio.Future[Any]) -> Outcome:
    if confirmation.cancelled():
        return Outcome.UNKNOWN
    match confirmation.exception():
        case None:
            return Outcome.CONFIRMED
        case PublishError():
            return Outcome.RETURNED
        case DeliveryError():
            return Outcome.NACKED
        case _:
            return Outcome.UNKNOWN
