"""The exchanges and queues of the hub, as data, and the settings without which messages are lost.

Every service has one queue per partition, bound to the direct exchange `hub` by its
own name, and one queue of dead letters. Every worker declares all of it at start and
after each reconnect: a declaration that is there already changes nothing, and one
that differs stops the worker with the name of the queue.

Right on RabbitMQ 3.10 and 4.x: the delivery limit is stated (4.x would take 20), dead
letters are handed over at least once (which needs `reject-publish`), and the queue of
dead letters has a limit that is never reached, as nothing stands behind it.

Source: RabbitMQ documentation, "Quorum Queues" and "Dead Letter Exchanges".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from aiormq.abc import AbstractChannel
from aiormq.exceptions import ChannelPreconditionFailed
from faststream import AckPolicy
from faststream.rabbit import Channel, ExchangeType, QueueType, RabbitExchange, RabbitMessage, RabbitQueue, RabbitRouter

from hub.errors import Unusable

EXCHANGE = "hub"
DEAD_LETTER_EXCHANGE = "hub.dead"
DELIVERY_LIMIT = 200
NO_DELIVERY_LIMIT = 2**31 - 1
BATCH_CAP = 100
PREFETCH = 2 * BATCH_CAP
CALL_TIMEOUT = 10.0
RECONNECT_INTERVAL = 1.0
GRACEFUL_TIMEOUT = 25.0


@dataclass(frozen=True, slots=True)
class ServiceQueues:
    """What a service reads: its name, its number of partitions and the union of its messages for AsyncAPI."""

    service: str
    partitions: int = 1
    messages: Any = bytes


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue to declare. `dead_letters` names the queue that takes what this one gives up."""

    name: str
    exchange: str
    dead_letters: str | None

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of its declaration."""
        if self.dead_letters is None:
            return {
                "x-queue-type": "quorum",
                "x-overflow": "reject-publish",
                "x-delivery-limit": NO_DELIVERY_LIMIT,
                "x-single-active-consumer": True,
            }
        return {
            "x-queue-type": "quorum",
            "x-overflow": "reject-publish",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-single-active-consumer": True,
            "x-dead-letter-exchange": DEAD_LETTER_EXCHANGE,
            "x-dead-letter-routing-key": self.dead_letters,
            "x-dead-letter-strategy": "at-least-once",
        }


def queue_name(service: str, partition: int) -> str:
    """Return the queue, and routing key, of one partition of a service."""
    return f"hub.{service}.{partition}"


def partition_of(okey: str, partitions: int) -> int:
    """Return the partition that takes a key: the same in every process and for ever."""
    return crc32(okey.encode()) % partitions


def dead_letter_queue_name(service: str) -> str:
    """Return the queue of what the service's own queues gave up."""
    return f"hub.{service}.dead"


def queues(services: Iterable[ServiceQueues]) -> list[Queue]:
    """Return every queue of these services, dead letters first."""
    found = []
    for one in services:
        dead_letters = dead_letter_queue_name(one.service)
        found.append(Queue(dead_letters, DEAD_LETTER_EXCHANGE, None))
        found += [
            Queue(queue_name(one.service, partition), EXCHANGE, dead_letters) for partition in range(one.partitions)
        ]
    return found


async def declare(channel: AbstractChannel, services: Iterable[ServiceQueues]) -> None:
    """Declare all exchanges, queues and bindings. What exists with other arguments raises `Unusable`."""
    for exchange in (DEAD_LETTER_EXCHANGE, EXCHANGE):
        await _declaring(
            f"exchange {exchange}",
            channel.exchange_declare(exchange, exchange_type="direct", durable=True, timeout=CALL_TIMEOUT),
        )
    for queue in queues(services):
        await _declaring(
            f"queue {queue.name}",
            channel.queue_declare(queue.name, durable=True, arguments=queue.arguments, timeout=CALL_TIMEOUT),
        )
        await channel.queue_bind(queue.name, queue.exchange, queue.name, timeout=CALL_TIMEOUT)


async def _declaring(what: str, declaration: Any) -> None:
    try:
        await declaration
    except ChannelPreconditionFailed as error:
        raise Unusable(
            f"{what} exists with other properties: {error}. Empty and delete it, or give the hub its own virtual host.",
            name=what,
        ) from error


async def _raw_body(message: RabbitMessage) -> bytes:
    return message.body


FASTSTREAM_SETTINGS: dict[str, Any] = {
    "ack_policy": AckPolicy.MANUAL,
    "apply_types": False,
    "decoder": _raw_body,
    "default_channel": Channel(prefetch_count=PREFETCH, on_return_raises=True),
    "graceful_timeout": GRACEFUL_TIMEOUT,
    "reconnect_interval": RECONNECT_INTERVAL,
    "timeout": CALL_TIMEOUT,
    "logger": None,
}
"""FastStream's own choices would drop what no queue takes, reject what a handler failed on, and read without bound."""


def router(services: Iterable[ServiceQueues]) -> RabbitRouter:
    """Return FastStream's registration of every partition queue: what AsyncAPI says is what `declare` declares."""
    registered = RabbitRouter()
    exchange = RabbitExchange(EXCHANGE, type=ExchangeType.DIRECT, durable=True)
    for one in services:
        for partition in range(one.partitions):
            name = queue_name(one.service, partition)
            arguments: Any = Queue(name, EXCHANGE, dead_letter_queue_name(one.service)).arguments
            queue = RabbitQueue(name, queue_type=QueueType.QUORUM, durable=True, routing_key=name, arguments=arguments)
            subscriber = registered.subscriber(queue, exchange, title=name, description=f"What {one.service} reads.")
            subscriber(_reading(one.messages))
    return registered


def _reading(messages: Any) -> Any:
    async def read(body: messages) -> None:  # noqa: ARG001 - its annotation is what AsyncAPI shows
        raise Unusable("the queues are read by Broker.consume, under a lease")

    return read
