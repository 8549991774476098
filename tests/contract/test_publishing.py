"""The group in one write keeps the contract of aiormq's own publishing, and aiormq still has what it stands on."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import aiormq
import pytest
from aiormq.channel import Channel
from pamqp import commands

from hub.messaging.channel import Outcome, Publication
from hub.messaging.frames import event_id
from hub.messaging.publishing import publish_group, publish_one_by_one

Publish = Callable[[Channel, Sequence[Publication], float, str], Awaitable[list[Outcome]]]
DEFAULT_EXCHANGE = ""
PATIENCE = 30.0


@pytest.fixture
async def connection(rabbitmq_url: str) -> AsyncIterator[Any]:
    connection = await aiormq.connect(rabbitmq_url)
    yield connection
    await connection.close()


@pytest.fixture
async def channel(connection: Any) -> Channel:
    return await connection.channel()


@pytest.fixture(params=[publish_group, publish_one_by_one])
def publish(request: pytest.FixtureRequest) -> Publish:
    return request.param


def copies(count: int, queue: str = "q", body: bytes = b"body") -> list[Publication]:
    return [Publication(queue, body, f"m{n}", "order.received.v1") for n in range(count)]


async def counted(channel: Channel, queue: str) -> int | None:
    return (await channel.queue_declare(queue, passive=True)).message_count


async def test_a_large_group_is_confirmed_and_in_its_queue(channel: Channel, publish: Publish) -> None:
    await channel.queue_declare("q", durable=True, arguments={"x-queue-type": "quorum"})
    group = copies(1_000)
    assert await publish(channel, group, PATIENCE, DEFAULT_EXCHANGE) == [Outcome.CONFIRMED] * 1_000
    got = await channel.basic_get("q", no_ack=True)
    properties = got.header.properties
    assert event_id(properties.message_id) == "m0"
    assert (properties.message_type, properties.delivery_mode) == ("order.received.v1", 2)
    assert not channel.confirmations
    assert not channel.message_id_delivery_tag


async def test_a_group_of_nothing_waits_for_nothing(channel: Channel, publish: Publish) -> None:
    async with asyncio.timeout(PATIENCE / 10):
        assert await publish(channel, [], PATIENCE, DEFAULT_EXCHANGE) == []


async def test_bodies_beyond_a_frame_arrive_whole(channel: Channel, publish: Publish) -> None:
    await channel.queue_declare("q")
    limit = channel.max_content_size
    bodies = [b"x" * size for size in (0, limit - 1, limit, limit + 1, 2 * limit, 5 * limit + 7)]
    group = [Publication("q", body, str(n), "t") for n, body in enumerate(bodies)]
    assert await publish(channel, group, PATIENCE, DEFAULT_EXCHANGE) == [Outcome.CONFIRMED] * len(bodies)
    for body in bodies:
        assert (await channel.basic_get("q", no_ack=True)).body == body


async def test_returned_and_confirmed_copies_of_one_event_are_told_apart(channel: Channel, publish: Publish) -> None:
    await channel.queue_declare("q")
    group = [*copies(3, "nowhere"), *copies(3, "q"), *copies(3, "nowhere too")]
    returned, confirmed = [Outcome.RETURNED] * 3, [Outcome.CONFIRMED] * 3
    assert await publish(channel, group, PATIENCE, DEFAULT_EXCHANGE) == returned + confirmed + returned
    assert await counted(channel, "q") == 3


async def test_what_a_full_queue_refuses_is_nacked(channel: Channel, publish: Publish) -> None:
    await channel.queue_declare("full", arguments={"x-max-length": 2, "x-overflow": "reject-publish"})
    await channel.queue_declare("q")
    group = [*copies(5, "full"), *copies(2, "q")]
    outcomes = await publish(channel, group, PATIENCE, DEFAULT_EXCHANGE)
    assert outcomes[:5].count(Outcome.NACKED) == 5 - (await counted(channel, "full") or 0) > 0
    assert outcomes[5:] == [Outcome.CONFIRMED] * 2


async def test_a_channel_that_ends_leaves_the_group_unknown(channel: Channel, publish: Publish) -> None:
    group = copies(50)
    publishing = asyncio.ensure_future(publish(channel, group, PATIENCE, "no such exchange"))
    assert await publishing == [Outcome.UNKNOWN] * 50
    assert channel.is_closed
    assert await publish(channel, group, PATIENCE, DEFAULT_EXCHANGE) == [Outcome.UNKNOWN] * 50


async def test_a_confirm_that_does_not_come_in_time_is_unknown_and_its_late_arrival_harms_nobody(
    channel: Channel,
) -> None:
    await channel.queue_declare("q")
    assert await publish_group(channel, copies(20), 0, DEFAULT_EXCHANGE) == [Outcome.UNKNOWN] * 20
    assert await publish_group(channel, copies(200), 0.000_001, DEFAULT_EXCHANGE) == [Outcome.UNKNOWN] * 200
    assert await publish_group(channel, copies(20), PATIENCE, DEFAULT_EXCHANGE) == [Outcome.CONFIRMED] * 20


async def test_a_return_that_comes_too_late_harms_nobody_and_is_told_the_next_time(channel: Channel) -> None:
    await channel.queue_declare("q")
    nowhere = copies(20, "nowhere")
    assert await publish_group(channel, nowhere, 0.000_001, DEFAULT_EXCHANGE) == [Outcome.UNKNOWN] * 20
    assert await publish_group(channel, nowhere, PATIENCE, DEFAULT_EXCHANGE) == [Outcome.RETURNED] * 20
    assert await publish_group(channel, copies(20), PATIENCE, DEFAULT_EXCHANGE) == [Outcome.CONFIRMED] * 20


async def test_groups_on_one_channel_keep_the_order_of_the_calls(channel: Channel) -> None:
    await channel.queue_declare("q")
    groups = [[Publication("q", b"", f"{group}-{n}", "t") for n in range(200)] for group in range(3)]
    await asyncio.gather(*(publish_group(channel, group, PATIENCE, DEFAULT_EXCHANGE) for group in groups))
    ids = [event_id((await channel.basic_get("q", no_ack=True)).header.properties.message_id) for _ in range(600)]
    assert ids == [one.message_id for group in groups for one in group]


async def test_a_confirm_for_many_settles_them_all(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker decides when to confirm many at once: it gets nothing here, and its frame is put in by hand."""
    written: asyncio.Queue[Any] = asyncio.Queue()
    monkeypatch.setattr(channel.write_queue, "put", written.put)
    publishing = asyncio.ensure_future(publish_group(channel, copies(10), PATIENCE, DEFAULT_EXCHANGE))
    await written.get()
    await channel._on_confirm_frame(commands.Basic.Ack(delivery_tag=10, multiple=True))
    assert await publishing == [Outcome.CONFIRMED] * 10
    monkeypatch.undo()


async def test_a_group_is_one_write(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    await channel.queue_declare("q")
    written = []
    put = channel.write_queue.put

    async def counting(frame: Any) -> None:
        written.append(frame)
        await put(frame)

    monkeypatch.setattr(channel.write_queue, "put", counting)
    await publish_group(channel, copies(200), PATIENCE, DEFAULT_EXCHANGE)
    assert len(written) == 1


async def test_aiormq_still_has_the_attributes_that_the_one_write_stands_on(channel: Channel) -> None:
    assert (channel.delivery_tag, dict(channel.confirmations), channel.message_id_delivery_tag) == (0, {}, {})
    assert hasattr(channel.lock, "__aenter__")
    assert isinstance(channel.write_queue, asyncio.Queue)
    assert isinstance(channel.max_content_size, int)
    assert isinstance(channel.number, int)
    assert "message_id_delivery_tag" in inspect.getsource(Channel._on_return_frame)
    assert "confirmations" in inspect.getsource(Channel._confirm_delivery)
