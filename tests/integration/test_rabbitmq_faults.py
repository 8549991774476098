"""What the hub's broker does when RabbitMQ restarts, cuts, blocks, or was set up by somebody else."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiormq
import pytest

from hub.errors import Unusable
from hub.messaging import broker as broker_module
from hub.messaging.broker import Broker, Consumer, Delivery, Outcome, Publication, ServiceQueues
from hub.messaging.topology import queue_name
from tests.servers import RabbitMQ

SERVICES = [ServiceQueues("order")]
ORDER = queue_name("order", 0)
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def quick_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "WATCH_INTERVAL", 0.1)


@pytest.fixture
def own_server() -> AsyncIterator[RabbitMQ]:
    server = RabbitMQ().start()
    yield server
    server.close()


@pytest.fixture
async def broker(rabbitmq_url: str) -> AsyncIterator[Broker]:
    broker = Broker(rabbitmq_url, SERVICES)
    await broker.start()
    yield broker
    await broker.stop()


def copies(count: int, prefix: str = "m") -> list[Publication]:
    return [Publication(ORDER, b"body", f"{prefix}{n}", "t") for n in range(count)]


async def settled(server: RabbitMQ) -> None:
    """Let the queues get old enough for a crash: RabbitMQ 3.10 writes its registry of them half a second late."""
    await asyncio.to_thread(server.evaluate, "timer:sleep(1500).")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that only the broker's watch task brings about."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - the watch task has no event to wait for
            await asyncio.sleep(0.02)


async def read(broker: Broker) -> tuple[Consumer, asyncio.Queue[Delivery]]:
    deliveries: asyncio.Queue[Delivery] = asyncio.Queue()
    async with asyncio.timeout(PATIENCE):
        return await broker.consume(ORDER, deliveries.put_nowait), deliveries


async def take(deliveries: asyncio.Queue[Delivery], count: int) -> list[str]:
    async with asyncio.timeout(PATIENCE):
        return [(await deliveries.get()).message_id for _ in range(count)]


async def published(broker: Broker, publications: list[Publication]) -> None:
    """Publish as the relay does: what is unknown goes out again."""
    async with asyncio.timeout(PATIENCE):
        while set(await broker.publish_group(publications)) != {Outcome.CONFIRMED}:  # noqa: ASYNC110 - as the relay polls
            await asyncio.sleep(0.1)


async def test_after_a_crash_of_the_server_nothing_confirmed_is_missing_and_reading_goes_on(
    own_server: RabbitMQ,
) -> None:
    lost: list[Consumer] = []
    broker = Broker(own_server.url, SERVICES, on_consumer_lost=lost.append, confirm_timeout=1)
    await broker.start()
    await settled(own_server)
    try:
        assert await broker.publish_group(copies(50)) == [Outcome.CONFIRMED] * 50
        consumer, deliveries = await read(broker)
        assert await take(deliveries, 50) == [f"m{n}" for n in range(50)]

        own_server.kill()
        async with asyncio.timeout(PATIENCE):
            await consumer.lost.wait()
        assert lost == [consumer]
        assert await broker.publish_group(copies(1, "away")) == [Outcome.UNKNOWN]
        assert not broker.health().connected
        assert broker.health().problem

        own_server.start()
        _, again = await read(broker)
        assert await take(again, 50) == [f"m{n}" for n in range(50)]
        await published(broker, copies(1, "after"))
        assert (await take(again, 1))[0] == "after0"
        await until(lambda: broker.health().problem is None)
    finally:
        await broker.stop()


async def test_a_connection_that_is_cut_is_replaced_and_the_unacked_return(
    broker: Broker, rabbitmq_server: RabbitMQ
) -> None:
    await published(broker, copies(10))
    consumer, deliveries = await read(broker)
    await take(deliveries, 10)
    await asyncio.to_thread(rabbitmq_server.close_connections)
    async with asyncio.timeout(PATIENCE):
        await consumer.lost.wait()
    await consumer.ack_through(10)
    _, again = await read(broker)
    assert await take(again, 10) == [f"m{n}" for n in range(10)]
    await published(broker, copies(1, "after"))


async def test_a_queue_that_was_deleted_is_declared_again(broker: Broker, rabbitmq_url: str) -> None:
    consumer, _ = await read(broker)
    connection = await aiormq.connect(rabbitmq_url)
    channel = await connection.channel()
    await channel.queue_delete(ORDER)
    async with asyncio.timeout(PATIENCE):
        await consumer.lost.wait()
    _, deliveries = await read(broker)
    await published(broker, copies(1))
    assert await take(deliveries, 1) == ["m0"]
    await connection.close()


async def test_a_consumer_that_the_server_does_not_know_is_ended(broker: Broker) -> None:
    consumer, _ = await read(broker)
    (tag,) = consumer._channel._channel.consumers
    await consumer._channel._channel.basic_cancel(tag)
    async with asyncio.timeout(PATIENCE):
        await consumer.lost.wait()


async def test_a_server_that_is_away_at_the_start_is_waited_for(own_server: RabbitMQ) -> None:
    own_server.stop()
    broker = Broker(own_server.url, SERVICES, confirm_timeout=0.1)
    await broker.start()
    try:
        assert "away" in (broker.health().problem or "")
        assert await broker.publish_group(copies(1)) == [Outcome.UNKNOWN]
        reading = asyncio.create_task(read(broker))
        own_server.start()
        await published(broker, copies(1))
        _, deliveries = await reading
        assert await take(deliveries, 1) == ["m0"]
    finally:
        await broker.stop()


async def test_a_queue_with_other_properties_stops_the_worker_and_is_named(rabbitmq_url: str) -> None:
    connection = await aiormq.connect(rabbitmq_url)
    channel = await connection.channel()
    await channel.queue_declare(ORDER, durable=True)
    await connection.close()
    broker = Broker(rabbitmq_url, SERVICES)
    try:
        with pytest.raises(Unusable, match=r"queue hub\.order\.0 exists with other properties"):
            await broker.start()
        assert "hub.order.0" in (broker.health().problem or "")
    finally:
        await broker.stop()


async def test_a_blocked_server_is_told_and_nothing_is_lost(own_server: RabbitMQ) -> None:
    broker = Broker(own_server.url, SERVICES, confirm_timeout=0.3)
    await broker.start()
    try:
        _, deliveries = await read(broker)
        own_server.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.00001).")
        assert await broker.publish_group(copies(1)) == [Outcome.UNKNOWN]
        await until(lambda: broker.health().blocked)
        own_server.evaluate("vm_memory_monitor:set_vm_memory_high_watermark(0.9).")
        await published(broker, copies(1))
        assert (await take(deliveries, 1)) == ["m0"]
        await until(lambda: not broker.health().blocked)
    finally:
        await broker.stop()


@pytest.mark.parametrize(
    ("part", "wrong", "told"),
    [("password", "wrong", "does not let us in: ACCESS_REFUSED"), ("path", "/nowhere", "is the virtual host")],
)
async def test_who_is_not_let_in_is_told_where_to_look(rabbitmq_url: str, part: str, wrong: str, told: str) -> None:
    right = getattr(urlsplit(rabbitmq_url), part)
    broker = Broker(rabbitmq_url.replace(right, wrong), SERVICES)
    await broker.start()
    try:
        problem = broker.health().problem or ""
        assert told in problem
        assert "HUB_BROKER_URL" in problem
    finally:
        await broker.stop()


async def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(Unusable, match="memory://, amqp:// or amqps://"):
        Broker("kafka://somewhere", SERVICES)


@asynccontextmanager
async def behind_tls(url: str, folder: Path) -> AsyncIterator[str]:
    """Yield the address of a TLS door of our own to the server at `url`."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject]
    await asyncio.to_thread(
        subprocess.run, [*made, "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = urlsplit(url)

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
        sink.close()

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to, back = await asyncio.open_connection(server.hostname, server.port)
        await asyncio.gather(pass_on(reader, back), pass_on(to, writer), return_exceptions=True)

    door = await asyncio.start_server(forward, "localhost", 0, ssl=context)
    async with door:
        port = door.sockets[0].getsockname()[1]
        yield f"amqps://{server.username}:{server.password}@localhost:{port}{server.path}?cafile={certificate}"


async def test_messages_pass_through_tls_and_the_servers_certificate_is_checked(
    rabbitmq_url: str, tmp_path: Path
) -> None:
    async with behind_tls(rabbitmq_url, tmp_path) as url:
        broker = Broker(url, SERVICES)
        await broker.start()
        try:
            _, deliveries = await read(broker)
            await published(broker, copies(50))
            assert await take(deliveries, 50) == [f"m{n}" for n in range(50)]
        finally:
            await broker.stop()
        stranger = Broker(url.partition("?")[0], SERVICES)
        try:
            await stranger.start()
            assert "certificate" in (stranger.health().problem or "").lower()
        finally:
            await stranger.stop()
