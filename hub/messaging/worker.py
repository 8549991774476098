"""A worker: leases, relay, and for each service a runner and a drainer of dead letters, started and stopped as one."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from hub.handlers.service import Service, subscriptions
from hub.messaging.broker import Broker
from hub.messaging.dead_letters import DeadLetters
from hub.messaging.leases import RELAY, Leases
from hub.messaging.relay import Relay, nothing
from hub.messaging.runner import Runner
from hub.messaging.settling import Settler
from hub.messaging.topology import ServiceQueues
from hub.seams import Seams
from hub.store.database import Database

NOTHING_AFTER: Mapping[str, Callable[[], None]] = MappingProxyType({})


def service_queues(services: Iterable[Service]) -> list[ServiceQueues]:
    """Return the queues of these services, for `Broker`: every process declares those of the whole installation."""
    return [ServiceQueues(one.name, messages=one.messages) for one in services]


class Worker:
    """Runs `services` in this process. `installation` are all services there are, wherever they run.

    `alone` is the embedded default: one process, whose broker forgets with it; `folder`
    is where such a worker notes what it is about to do. `elsewhere` tells other workers to
    look at the outbox; `after` holds what to call when a service has committed.
    """

    def __init__(
        self,
        installation: Sequence[Service],
        services: Sequence[Service],
        database: Database,
        broker: Broker,
        seams: Seams,
        *,
        owner: str,
        alone: bool = False,
        folder: Path | None = None,
        elsewhere: Callable[[], None] = nothing,
        after: Mapping[str, Callable[[], None]] = NOTHING_AFTER,
    ) -> None:
        partitions = dict.fromkeys((one.name for one in installation), 1)
        taken_by = subscriptions(installation)
        self.leases = Leases(database, owner, partitions, [one.name for one in services], seams, alone=alone)
        self.relay = Relay(database, broker, partitions, lambda: self.leases.holding(RELAY), seams, elsewhere)
        self.runners = {
            one.name: Runner(
                one,
                database,
                broker,
                self.leases,
                taken_by,
                seams,
                published=self.relay.offer,
                settled=after.get(one.name),
                underway=folder / "underway" / one.name if alone and folder else None,
            )
            for one in services
        }
        self._dead_letters = [
            DeadLetters(one, broker, Settler(one, database, taken_by, seams, self.relay.offer), seams)
            for one in services
        ]
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to work; returns once the first leases are held. The broker must have been started."""
        await self.leases.look()
        self._tasks = [
            asyncio.create_task(self.leases.run(), name="leases"),
            asyncio.create_task(self.relay.run(), name="relay"),
            *(asyncio.create_task(one.run(), name="dead letters") for one in self._dead_letters),
        ]
        for runner in self.runners.values():
            runner.start()

    async def stop(self) -> None:
        """Finish the batches under way, then stop relaying and give the leases back. Stop the broker afterwards."""
        await asyncio.gather(*(runner.stop() for runner in self.runners.values()))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.leases.release_all()
