"""The settings without which messages are lost: what happens without each, and that ours has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Literal

import aiormq
import pytest
from faststream.rabbit import RabbitBroker

from hub.messaging import topology
from hub.messaging.broker import Broker, Outcome, Publication, ServiceQueues, asyncapi
from hub.messaging.embedded import EmbeddedBroker, EmbeddedConnection, Server
from tests.servers import RabbitMQ

SERVICES = [ServiceQueues("order", partitions=2)]
ORDER = topology.queue_name("order", 0)
PATIENCE = 30.0


@pytest.fixture
async def channel(rabbitmq_url: str) -> AsyncIterator[Any]:
    connection = await aiormq.connect(rabbitmq_url)
    yield await connection.channel()
    await connection.close()


async def waiting(channel: Any, queue: str) -> int:
    return (await channel.queue_declare(queue, passive=True)).message_count


async def delivered(channel: Any, queue: str) -> Any:
    """Return the next delivery of a queue, which stays unacked."""
    arrived: asyncio.Queue[Any] = asyncio.Queue()
    await channel.basic_consume(queue, arrived.put)
    async with asyncio.timeout(PATIENCE):
        return await arrived.get()


async def test_declaring_twice_changes_nothing(channel: Any) -> None:
    await topology.declare(channel, SERVICES)
    await topology.declare(channel, SERVICES)
    for name in ("hub.order.0", "hub.order.1", "hub.order.dead"):
        assert await waiting(channel, name) == 0


async def test_what_no_queue_takes_is_silently_gone_by_default_and_returned_by_ours(rabbitmq_url: str) -> None:
    default = RabbitBroker(rabbitmq_url, logger=None)
    await default.connect()
    assert await default.publish(b"body", "hub.nobody.0") is not None  # no error, and no message anywhere
    await default.stop()

    ours = RabbitBroker(rabbitmq_url, **topology.FASTSTREAM_SETTINGS)
    await ours.connect()
    with pytest.raises(aiormq.exceptions.PublishError):
        await ours.publish(b"body", "hub.nobody.0")
    await ours.stop()


async def test_a_handler_that_fails_drops_the_message_by_default_and_keeps_it_with_ours(
    rabbitmq_url: str, channel: Any
) -> None:
    async def left_after_a_failure(queue: str, **settings: Any) -> int:
        await channel.queue_declare(queue, durable=True)
        await channel.basic_publish(b"body", routing_key=queue)
        broker = RabbitBroker(rabbitmq_url, **{"logger": None, **settings})
        failed = asyncio.Event()

        @broker.subscriber(queue)
        async def fail(body: bytes) -> None:
            failed.set()
            raise RuntimeError("a bug in the handler")

        await broker.start()
        async with asyncio.timeout(PATIENCE):
            await failed.wait()
        await broker.stop()
        return await waiting(channel, queue)

    assert await left_after_a_failure("default") == 0
    assert await left_after_a_failure("ours", **topology.FASTSTREAM_SETTINGS) == 1


async def test_reading_is_unbounded_by_default_and_bounded_by_ours(rabbitmq_url: str, channel: Any) -> None:
    total = topology.PREFETCH + 50

    async def held_at_once(queue: str, expected: int, **settings: Any) -> int:
        await channel.queue_declare(queue, durable=True)
        for _ in range(total):
            await channel.basic_publish(b"body", routing_key=queue)
        broker = RabbitBroker(rabbitmq_url, **{"logger": None, **settings})
        held = 0
        enough, release = asyncio.Event(), asyncio.Event()

        @broker.subscriber(queue)
        async def hold(body: bytes) -> None:
            nonlocal held
            held += 1
            if held == expected:
                enough.set()
            await release.wait()

        await broker.start()
        async with asyncio.timeout(PATIENCE):
            await enough.wait()
        left = await waiting(channel, queue)
        release.set()
        await broker.stop()
        return total - left

    assert await held_at_once("default", total) == total
    assert await held_at_once("ours", topology.PREFETCH, **topology.FASTSTREAM_SETTINGS) == topology.PREFETCH


async def test_a_rejected_message_is_gone_without_a_dead_letter_exchange_and_kept_with_ours(channel: Any) -> None:
    await channel.queue_declare("bare", durable=True, arguments={"x-queue-type": "quorum"})
    await topology.declare(channel, SERVICES)
    for exchange, queue in (("", "bare"), (topology.EXCHANGE, ORDER)):
        await channel.basic_publish(b"body", exchange=exchange, routing_key=queue)
        message = await delivered(channel, queue)
        await channel.basic_reject(message.delivery.delivery_tag, requeue=False)
        assert await waiting(channel, queue) == 0
    assert (await delivered(channel, topology.dead_letter_queue_name("order"))).body == b"body"


async def test_transient_messages_die_with_the_server_and_ours_do_not() -> None:
    server = RabbitMQ().start()
    try:
        connection = await aiormq.connect(server.url)
        channel = await connection.channel()
        await channel.queue_declare("classic", durable=True)
        default = RabbitBroker(server.url, logger=None)
        await default.connect()
        await default.publish(b"FastStream's default", "classic")
        await default.stop()
        broker = Broker(server.url, SERVICES)
        await broker.start()
        await channel.queue_bind("classic", topology.EXCHANGE, "classic")
        assert await broker.publish_group([Publication("classic", b"ours", "m", "t")]) == [Outcome.CONFIRMED]
        assert await waiting(channel, "classic") == 2
        await broker.stop()
        await connection.close()
        server.restart()
        connection = await aiormq.connect(server.url)
        channel = await connection.channel()
        assert await waiting(channel, "classic") == 1
        assert (await delivered(channel, "classic")).body == b"ours"
        await connection.close()
    finally:
        server.close()


def test_every_queue_states_its_limit_and_where_its_dead_letters_go() -> None:
    for queue in topology.queues(SERVICES):
        arguments = queue.arguments
        assert arguments["x-queue-type"] == "quorum"
        if queue.dead_letters is None:
            assert arguments["x-delivery-limit"] == topology.NO_DELIVERY_LIMIT
        else:
            assert arguments["x-delivery-limit"] == 200
            assert arguments["x-dead-letter-exchange"] == "hub.dead"
            assert arguments["x-dead-letter-strategy"] == "at-least-once"
            assert arguments["x-overflow"] == "reject-publish"


def test_asyncapi_shows_each_partition_with_the_messages_of_its_service() -> None:
    document = json.loads(asyncapi([ServiceQueues("order", 2, dict[Literal["number"], str])], "1.2.3"))
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert addresses == {"hub.order.0", "hub.order.1"}
    assert '"number"' in json.dumps(document["components"]["schemas"])
    assert document["info"]["version"] == "1.2.3"


async def test_faststream_still_asks_the_one_private_method_for_its_connection() -> None:
    broker = EmbeddedBroker(Server(), **topology.FASTSTREAM_SETTINGS)
    assert isinstance(await broker.connect(), EmbeddedConnection)
    await broker.stop()
    assert RabbitBroker._connect is not EmbeddedBroker._connect
