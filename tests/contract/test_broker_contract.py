"""What both brokers promise: RabbitMQ and the embedded stand-in pass the very same cases."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

import pytest
from aiormq.channel import Channel

from hub.messaging.broker import Broker, Consumer, Delivery, Outcome, Publication, ServiceQueues
from hub.messaging.topology import DELIVERY_LIMIT, dead_letter_queue_name, queue_name

SERVICES = [ServiceQueues("order"), ServiceQueues("stock", partitions=2)]
ORDER = queue_name("order", 0)
STOCK = queue_name("stock", 1)
ORDER_DEAD = dead_letter_queue_name("order")
PATIENCE = 30.0


@pytest.fixture(params=["embedded", "rabbitmq"])
def url(request: pytest.FixtureRequest) -> str:
    return "memory://" if request.param == "embedded" else request.getfixturevalue("rabbitmq_url")


@pytest.fixture
async def broker(url: str) -> AsyncIterator[Broker]:
    broker = Broker(url, SERVICES)
    await broker.start()
    yield broker
    await broker.stop()


class Reader:
    """A consumer with what it received, in order."""

    def __init__(self, consumer: Consumer, deliveries: asyncio.Queue[Delivery]) -> None:
        self.consumer = consumer
        self._deliveries = deliveries

    @classmethod
    async def of(cls, broker: Broker, queue: str = ORDER, prefetch: int = 200) -> "Reader":
        deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
        return cls(await broker.consume(queue, deliveries.put_nowait, prefetch), deliveries)

    async def next(self) -> Delivery:
        async with asyncio.timeout(PATIENCE):
            return await self._deliveries.get()

    async def take(self, count: int) -> list[Delivery]:
        return [await self.next() for _ in range(count)]

    async def take_and_ack(self, count: int) -> list[Delivery]:
        taken = []
        for _ in range(count):
            taken.append(await self.next())
            await self.consumer.ack_through(taken[-1].tag)
        return taken

    def has_more(self) -> bool:
        return not self._deliveries.empty()


def copies(count: int, queue: str = ORDER, prefix: str = "m") -> list[Publication]:
    return [Publication(queue, f"body {n}".encode(), f"{prefix}{n}", "order.received.v1") for n in range(count)]


def publishing(broker: Broker, publications: Sequence[Publication]) -> asyncio.Task[list[Outcome]]:
    return asyncio.create_task(broker.publish_group(publications))


def ids(deliveries: Sequence[Delivery]) -> list[str]:
    return [one.message_id for one in deliveries]


async def test_an_empty_group_has_no_outcomes(broker: Broker) -> None:
    assert await broker.publish_group([]) == []


async def test_what_is_consumed_and_acked_is_confirmed(broker: Broker) -> None:
    confirming = publishing(broker, copies(1))
    reader = await Reader.of(broker)
    (delivery,) = await reader.take_and_ack(1)
    assert delivery == Delivery(b"body 0", "m0", redelivered=False, tag=delivery.tag)
    assert await confirming == [Outcome.CONFIRMED]


@pytest.mark.parametrize("size", [0, 1, 131_064, 131_065, 131_072, 1_000_000])
async def test_a_body_arrives_as_it_was_sent_whatever_its_size(broker: Broker, size: int) -> None:
    body = bytes(n % 251 for n in range(size))
    confirming = publishing(broker, [Publication(ORDER, body, "large", "t"), *copies(1)])
    reader = await Reader.of(broker)
    large, small = await reader.take_and_ack(2)
    assert large.body == body
    assert small.body == b"body 0"
    assert await confirming == [Outcome.CONFIRMED] * 2


async def test_groups_arrive_in_the_order_of_the_calls(broker: Broker) -> None:
    groups = [copies(250, prefix="a"), copies(250, prefix="b"), copies(250, prefix="c")]
    confirming = [publishing(broker, group) for group in groups]
    reader = await Reader.of(broker, prefetch=300)
    assert ids(await reader.take_and_ack(750)) == [one.message_id for group in groups for one in group]
    assert await asyncio.gather(*confirming) == [[Outcome.CONFIRMED] * 250] * 3


async def test_a_copy_for_a_queue_that_does_not_exist_is_returned(broker: Broker) -> None:
    assert await broker.publish_group(copies(2, queue="hub.nobody.0")) == [Outcome.RETURNED] * 2


async def test_the_returned_copy_of_an_event_is_told_from_the_one_that_arrived(broker: Broker) -> None:
    event = [Publication(queue, b"body", "same id", "t") for queue in (ORDER, "hub.nobody.0", STOCK, "hub.nobody.1")]
    confirming = publishing(broker, event)
    for queue in (ORDER, STOCK):
        await (await Reader.of(broker, queue)).take_and_ack(1)
    assert await confirming == [Outcome.CONFIRMED, Outcome.RETURNED, Outcome.CONFIRMED, Outcome.RETURNED]


async def test_one_ack_settles_everything_before_it(broker: Broker) -> None:
    confirming = publishing(broker, copies(100))
    reader = await Reader.of(broker)
    last = (await reader.take(100))[-1]
    await reader.consumer.ack_through(last.tag)
    assert await confirming == [Outcome.CONFIRMED] * 100
    await reader.consumer.close()
    publishing(broker, copies(1, prefix="next"))
    assert ids(await (await Reader.of(broker)).take_and_ack(1)) == ["next0"]


async def test_what_was_not_acked_returns_in_order_and_is_marked(broker: Broker) -> None:
    publishing(broker, copies(20))
    reader = await Reader.of(broker, prefetch=10)
    first = await reader.take(10)
    await reader.consumer.ack_through(first[3].tag)
    await reader.take(4)
    await reader.consumer.close()

    again = await (await Reader.of(broker)).take_and_ack(16)
    assert ids(again) == [f"m{n}" for n in range(4, 20)]
    assert [one.redelivered for one in again] == [True] * 10 + [False] * 6


async def test_no_more_is_delivered_than_the_prefetch_allows(broker: Broker) -> None:
    publishing(broker, copies(60))
    reader = await Reader.of(broker, prefetch=7)
    for settled in range(0, 60, 7):
        taken = await reader.take(min(7, 60 - settled))
        assert not reader.has_more()
        await reader.consumer.ack_through(taken[-1].tag)


async def test_the_second_consumer_of_a_queue_waits_until_the_first_is_gone(broker: Broker) -> None:
    first = await Reader.of(broker)
    second = await Reader.of(broker)
    publishing(broker, copies(5))
    taken = await first.take(5)
    await first.consumer.ack_through(taken[1].tag)
    assert not second.has_more()
    await first.consumer.close()
    assert ids(await second.take_and_ack(3)) == ["m2", "m3", "m4"]


async def test_partitions_and_services_are_read_apart(broker: Broker) -> None:
    publishing(broker, [*copies(3, ORDER, "o"), *copies(3, STOCK, "s")])
    order, stock = await Reader.of(broker, ORDER), await Reader.of(broker, STOCK)
    assert ids(await order.take_and_ack(3)) == ["o0", "o1", "o2"]
    assert ids(await stock.take_and_ack(3)) == ["s0", "s1", "s2"]


async def test_a_closed_consumer_delivers_and_acks_nothing_more(broker: Broker) -> None:
    publishing(broker, copies(2))
    reader = await Reader.of(broker)
    taken = await reader.take(2)
    await reader.consumer.close()
    await reader.consumer.ack_through(taken[1].tag)
    assert not reader.consumer.lost.is_set()
    assert ids(await (await Reader.of(broker)).take_and_ack(2)) == ["m0", "m1"]
    assert not reader.has_more()


async def test_a_consumer_that_acks_what_it_never_had_is_lost_and_its_messages_return(url: str) -> None:
    lost: list[Consumer] = []
    broker = Broker(url, SERVICES, on_consumer_lost=lost.append)
    await broker.start()
    try:
        publishing(broker, copies(3))
        reader = await Reader.of(broker)
        taken = await reader.take(3)
        await reader.consumer.ack_through(taken[2].tag + 1)
        async with asyncio.timeout(PATIENCE):
            await reader.consumer.lost.wait()
        assert lost == [reader.consumer]
        await reader.consumer.ack_through(taken[0].tag)
        assert ids(await (await Reader.of(broker)).take_and_ack(3)) == ["m0", "m1", "m2"]
    finally:
        await broker.stop()


async def test_stop_ends_a_look_at_the_queues_that_drops_its_cancellation(
    rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looking = asyncio.Event()
    declared = Channel.queue_declare

    async def dropping(channel: Channel, *arguments: Any, **options: Any) -> Any:
        if not options.get("passive"):
            return await declared(channel, *arguments, **options)
        answer = await declared(channel, *arguments, **options)
        looking.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(PATIENCE)  # what 3.11's wait_for does: the answer is there, the cancellation is lost
        return answer

    broker = Broker(rabbitmq_url, SERVICES)
    await broker.start()
    monkeypatch.setattr(Channel, "queue_declare", dropping)
    consumer = await broker.consume(ORDER, lambda _: None)
    await consumer.ack_through(99)  # never had: the consumer is lost, and the broker looks
    async with asyncio.timeout(PATIENCE):
        await looking.wait()
        await broker.stop()


async def test_a_consumer_whose_opening_is_cancelled_reads_nothing(
    rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()
    consume = Channel.basic_consume

    async def dropping(channel: Channel, *arguments: Any, **options: Any) -> Any:
        answer = await consume(channel, *arguments, **options)
        reading.set()
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(PATIENCE)  # the answer is there, the cancellation is lost
        return answer

    broker = Broker(rabbitmq_url, SERVICES)
    await broker.start()
    try:
        with monkeypatch.context() as patched:
            patched.setattr(Channel, "basic_consume", dropping)
            opening = asyncio.create_task(broker.consume(ORDER, lambda _: None))
            await reading.wait()
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
        publishing(broker, copies(3))
        assert ids(await (await Reader.of(broker)).take_and_ack(3)) == ["m0", "m1", "m2"]
    finally:
        await broker.stop()


async def test_what_is_rejected_goes_to_the_dead_letters_of_the_service(broker: Broker) -> None:
    confirming = publishing(broker, copies(3))
    reader = await Reader.of(broker)
    taken = await reader.take(3)
    await reader.consumer.reject(taken[1].tag)
    dead = await Reader.of(broker, ORDER_DEAD)
    assert ids(await dead.take_and_ack(1)) == ["m1"]
    await reader.consumer.ack_through(taken[2].tag)
    assert await confirming == [Outcome.CONFIRMED] * 3


async def test_what_returns_too_often_goes_to_the_dead_letters(broker: Broker) -> None:
    publishing(broker, copies(1))
    for _ in range(DELIVERY_LIMIT + 1):
        reader = await Reader.of(broker)
        await reader.next()
        await reader.consumer.close()
    assert ids(await (await Reader.of(broker, ORDER_DEAD)).take_and_ack(1)) == ["m0"]


async def test_the_delivery_limit_is_never_reached_in_the_dead_letters(broker: Broker) -> None:
    publishing(broker, copies(1, ORDER_DEAD.replace(".dead", ".0")))
    reader = await Reader.of(broker)
    await reader.consumer.reject((await reader.next()).tag)
    for _ in range(DELIVERY_LIMIT + 1):
        dead = await Reader.of(broker, ORDER_DEAD)
        assert (await dead.next()).message_id == "m0"
        await dead.consumer.close()


async def test_publishing_an_unsettled_id_again_confirms_both(broker: Broker) -> None:
    first, second = publishing(broker, copies(2)), publishing(broker, copies(2))
    reader = await Reader.of(broker)
    acking = asyncio.create_task(reader.take_and_ack(4))  # RabbitMQ delivers all four, the embedded broker two
    async with asyncio.timeout(PATIENCE):
        assert await first == await second == [Outcome.CONFIRMED] * 2
    acking.cancel()


async def test_health_names_what_is_read(broker: Broker) -> None:
    reader = await Reader.of(broker)
    health = broker.health()
    assert (health.connected, health.blocked, health.consumers, health.problem) == (True, False, (ORDER,), None)
    await reader.consumer.close()
    await asyncio.sleep(0)
    assert broker.health().consumers == ()


async def counted(broker: Broker, ready: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while broker.health().ready != {"order": ready, "stock": 0}:
            await asyncio.sleep(0.01)  # the embedded broker is looked at without a turn of the loop for its publisher
            await broker.look()


async def test_what_nobody_has_taken_is_counted_by_service(broker: Broker) -> None:
    publishing(broker, copies(3))
    await counted(broker, 3)
    reader = await Reader.of(broker)
    await reader.take_and_ack(3)
    await counted(broker, 0)


async def test_a_stopped_broker_tells_that_nothing_is_known(url: str) -> None:
    broker = Broker(url, SERVICES, confirm_timeout=0.05)
    await broker.start()
    await broker.stop()
    assert await broker.publish_group(copies(1)) == [Outcome.UNKNOWN]
    assert not broker.health().connected


async def test_tags_rise_within_a_consumer(broker: Broker) -> None:
    publishing(broker, copies(10))
    tags = [one.tag for one in await (await Reader.of(broker)).take_and_ack(10)]
    assert all(later > earlier for earlier, later in pairwise(tags))
