"""A group of publications as one write to the socket, its confirms taken as they come.

aiormq writes every publish by itself and the broker wakes for each; one write for
the whole group halves the cost on both sides. It stands on undocumented channel
attributes of aiormq (`lock`, `delivery_tag`, `confirmations`, `message_id_delivery_tag`,
`write_queue`, `max_content_size`, `number`), and a contract test watches them;
`publish_one_by_one` needs none of them and is what to fall back to if an upgrade takes
them away. In `confirmations` stand answers of our own, not futures: a future that calls
back costs as much as the frame it is for.

aiormq finds a returned message by its message id alone, and one event often goes to
several queues in one group. So a copy's message id on the wire names its queue, too.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiormq.abc import ChannelFrame
from aiormq.channel import Channel
from aiormq.exceptions import AMQPError, ChannelInvalidStateError, DeliveryError, PublishError
from pamqp import commands

from hub.messaging.channel import Outcome, Publication
from hub.messaging.frames import CONTENT_TYPE, PERSISTENT, frames, wire_id
from hub.messaging.topology import EXCHANGE


class _Group:
    """The answers that a group waits for. `settled` ends with the last of them, or fails with the channel."""

    def __init__(self, channel: Channel, publications: Sequence[Publication]) -> None:
        self.settled = channel.create_future()
        self.answers = [_Answer(self) for _ in publications]
        self._open = len(publications)
        if not publications:
            self.settled.set_result(None)

    def answered(self) -> None:
        """Count one answer."""
        self._open -= 1
        if not self._open and not self.settled.done():
            self.settled.set_result(None)

    def give_up(self) -> None:
        """Call UNKNOWN what has no answer yet; one that comes later is ignored."""
        self.settled.cancel()
        for one in self.answers:
            one.outcome = one.outcome or Outcome.UNKNOWN


class _Answer:
    """What aiormq settles when the broker answers: as much of a future as it uses, one for each copy."""

    __slots__ = ("_group", "outcome")

    def __init__(self, group: _Group) -> None:
        self.outcome: Outcome | None = None
        self._group = group

    def done(self) -> bool:
        """Tell whether it is settled."""
        return self.outcome is not None

    def cancelled(self) -> bool:
        """Tell whether nobody waits for it any more."""
        return self.outcome is Outcome.UNKNOWN

    def set_result(self, _: object) -> None:
        """Take the broker's ack."""
        self._settle(Outcome.CONFIRMED)

    def set_exception(self, error: Exception) -> None:
        """Take a return, or a nack."""
        self._settle(_failure(error))

    def _settle(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self._group.answered()


def _failure(error: BaseException) -> Outcome:
    match error:
        case PublishError():
            return Outcome.RETURNED
        case DeliveryError():
            return Outcome.NACKED
        case _:
            return Outcome.UNKNOWN


async def publish_group(
    channel: Channel, publications: Sequence[Publication], within: float, exchange: str = EXCHANGE
) -> list[Outcome]:  # fmt: skip
    """Publish all in one write, in this order, and return what became of each.

    What has no answer `within` so many seconds, or when the channel ends, is UNKNOWN.
    """
    try:
        async with asyncio.timeout(within):
            first, group = await _write(channel, publications, exchange)
    except (AMQPError, ChannelInvalidStateError, OSError, TimeoutError):
        return [Outcome.UNKNOWN] * len(publications)
    try:
        await asyncio.wait([group.settled], timeout=within)
    finally:
        group.give_up()
        _forget(channel, publications, first)
    return [one.outcome or Outcome.UNKNOWN for one in group.answers]


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


async def _write(channel: Channel, publications: Sequence[Publication], exchange: str) -> tuple[int, _Group]:
    """Write all, and return the delivery tag of the first and the answers that are awaited."""
    async with channel.lock:
        number, limit = channel.number, channel.max_content_size
        payload = b"".join([part for one in publications for part in frames(one, number, exchange, limit)])
        first, group = channel.delivery_tag + 1, _Group(channel, publications)
        channel.delivery_tag += len(publications)
        confirmations: dict[int, Any] = channel.confirmations
        confirmations.update(enumerate(group.answers, first))
        channel.message_id_delivery_tag.update((wire_id(one), tag) for tag, one in enumerate(publications, first))
        try:
            await channel.write_queue.put(ChannelFrame(payload=payload, should_close=False))
        except BaseException:  # nothing was written: the broker does not know these tags
            channel.delivery_tag = first - 1
            for tag in range(first, first + len(publications)):
                del confirmations[tag]
            group.give_up()
            _forget(channel, publications, first)
            raise
    return first, group


def _forget(channel: Channel, publications: Sequence[Publication], first: int) -> None:
    """Forget under which tags these ids went out, but not where a later group has sent one of them again."""
    for tag, one in enumerate(publications, first):
        sent = wire_id(one)
        if channel.message_id_delivery_tag.get(sent) == tag:
            del channel.message_id_delivery_tag[sent]


def _properties(publication: Publication) -> commands.Basic.Properties:
    return commands.Basic.Properties(
        content_type=CONTENT_TYPE,
        delivery_mode=PERSISTENT,
        message_id=wire_id(publication),
        message_type=publication.type,
    )


def _outcome(confirmation: asyncio.Future[Any]) -> Outcome:
    if confirmation.cancelled():
        return Outcome.UNKNOWN
    error = confirmation.exception()
    return Outcome.CONFIRMED if error is None else _failure(error)
