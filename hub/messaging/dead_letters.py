"""What the broker gave up comes to rest in front of a person: parked in a transaction of its own, then acked."""

import asyncio
from collections import deque

import structlog

from hub.handlers.service import Service
from hub.messaging.batch import read
from hub.messaging.broker import Broker
from hub.messaging.channel import Delivery
from hub.messaging.events import first_of
from hub.messaging.outcomes import DeadLettered
from hub.messaging.settling import Settler
from hub.messaging.topology import BATCH_CAP, dead_letter_queue_name
from hub.seams import Seams

AFTER_FAILURE_SECONDS = 5.0
log = structlog.get_logger()


class DeadLetters:
    """Drains one service's queue of dead letters. What the service has settled before is only acked."""

    def __init__(self, service: Service, broker: Broker, settler: Settler, seams: Seams) -> None:
        self._service = service
        self._broker = broker
        self._settler = settler
        self._seams = seams

    async def run(self) -> None:
        """Drain until cancelled."""
        while True:
            try:
                await self._drain()
            except Exception:
                log.exception("dead letters could not be parked and are tried again", service=self._service.name)
                await self._seams.sleep(AFTER_FAILURE_SECONDS)

    async def _drain(self) -> None:
        """Read until the consumer is lost."""
        arrived: deque[Delivery] = deque()
        stirred = asyncio.Event()

        def deliver(delivery: Delivery) -> None:
            arrived.append(delivery)
            stirred.set()

        consumer = await self._broker.consume(dead_letter_queue_name(self._service.name), deliver, BATCH_CAP)
        try:
            while not consumer.lost.is_set():
                stirred.clear()
                while arrived:
                    delivery = arrived.popleft()
                    await self._park(delivery)
                    await consumer.ack_through(delivery.tag)
                await first_of(stirred, consumer.lost)
        finally:
            await consumer.close()

    async def _park(self, delivery: Delivery) -> None:
        taken = read(self._service, delivery.body, delivery.message_id)
        await self._settler.settle([taken], failures={taken.message_id: DeadLettered()})
