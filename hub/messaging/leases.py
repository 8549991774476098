"""What this worker may do: the leases that it holds, renewed every second, and its fair share of all partitions.

A worker makes itself known by one lease per service that it runs. From those names every
worker computes the same sharing, takes what falls to it, and gives back what does not,
once its runner has finished its batch. A worker that was cut off from the database stops
by its own clock before its leases end.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import timedelta

import structlog

from hub.errors import TemporaryError
from hub.seams import Seams, async_failpoint
from hub.store import leases
from hub.store.database import Database
from hub.store.leases import Holding
from hub.store.statements import Job

RELAY = "relay"
LASTING_SECONDS = 5.0
RENEW_SECONDS = 1.0
MARGIN_SECONDS = 0.5
ALONE = 12
"""How much longer everything may take where nobody waits for us to die."""
LANE = "lease"
log = structlog.get_logger()


def partition_name(service: str, partition: int) -> str:
    """Return the name of a partition's lease."""
    return f"partition/{service}/{partition}"


def worker_name(service: str, owner: str) -> str:
    """Return the name of the lease by which a worker says that it runs a service."""
    return f"worker/{service}/{owner}"


def share(partitions: Iterable[tuple[str, int]], workers: Mapping[str, frozenset[str]]) -> dict[tuple[str, int], str]:
    """Return who is to hold which partition: each goes to the least loaded worker that runs its service."""
    load = dict.fromkeys(sorted(workers), 0)
    shared: dict[tuple[str, int], str] = {}
    for partition in sorted(partitions):
        able = [one for one in load if partition[0] in workers[one]]
        if able:
            chosen = min(able, key=lambda one: load[one])
            load[chosen] += 1
            shared[partition] = chosen
    return shared


class Leases:
    """The leases of one worker, which runs some of the services of the installation.

    `partitions` is the number of queues of every service. `alone`: no other process can
    be alive (the embedded default), so what others hold has no holder any more.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        partitions: Mapping[str, int],
        services: Iterable[str],
        seams: Seams,
        *,
        alone: bool = False,
    ) -> None:
        """Prepare to hold; `owner` is this process's own name."""
        self.owner = owner
        self._database = database
        self._partitions = [(service, n) for service, number in partitions.items() for n in range(number)]
        self._services = tuple(services)
        self._seams = seams
        self._inherits = alone
        self._renew = RENEW_SECONDS * (ALONE if alone else 1)
        self._lasting = LASTING_SECONDS * (ALONE if alone else 1)
        self._held: dict[str, Holding] = {}
        self._wanted: frozenset[str] = frozenset()
        self._valid_until = 0.0
        self._turn = asyncio.Event()

    def holding(self, name: str) -> Holding | None:
        """Return a lease that we hold for certain, else None."""
        return self._held.get(name) if self._seams.monotonic() < self._valid_until else None

    def wants(self, name: str) -> bool:
        """Tell whether a lease falls to us; what we hold and do not want is to be given back."""
        return name in self._wanted

    @property
    def turn(self) -> asyncio.Event:
        """Set when the leases are looked at again; then there is another one."""
        return self._turn

    async def run(self) -> None:
        """Renew, share and take, until cancelled."""
        while True:
            await self._seams.sleep(self._renew)
            await self.look()

    async def look(self) -> None:
        """Take a turn: renew what is ours and take what falls to us. A database that is away is not waited for."""
        began = self._seams.monotonic()
        try:
            held, wanted = await self._database.run(self._take_turn, lane=LANE)
            self._inherits = False
        except TemporaryError as error:
            log.warning("leases cannot be renewed now", reason=str(error))
        else:
            self._held = {one.name: one for one in held}
            self._wanted = wanted
            self._valid_until = began + self._lasting - MARGIN_SECONDS
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    async def release(self, name: str) -> None:
        """Give a lease back, so that another worker need not wait for its end."""
        holding = self._held.pop(name, None)
        if holding is not None:
            await self._give_back(holding)

    async def release_all(self) -> None:
        """Give everything back, and make nobody count on us any more."""
        for name in sorted(self._held):
            await self.release(name)

    @async_failpoint
    async def _give_back(self, holding: Holding) -> None:
        try:
            await self._database.run(lambda: leases.release(holding, self._seams.now()), lane=LANE)
        except TemporaryError as error:
            log.warning("a lease could not be given back and will run out", name=holding.name, reason=str(error))

    def _take_turn(self) -> Job[tuple[list[Holding], frozenset[str]]]:
        now = self._seams.now()
        until = now + timedelta(seconds=self._lasting)
        if self._inherits:
            yield from leases.inherit(self.owner, now)
        yield from leases.renew(self.owner, now, until)
        ours = [worker_name(service, self.owner) for service in self._services]
        yield from leases.take(ours, self.owner, now, until)
        workers = _workers((yield from leases.live("worker/", now)))
        shared = share(self._partitions, workers)
        wanted = frozenset({RELAY, *ours, *(partition_name(*one) for one, who in shared.items() if who == self.owner)})
        yield from leases.take(sorted(wanted), self.owner, now, until)
        return (yield from leases.renew(self.owner, now, until)), wanted


def _workers(names: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        _, service, owner = name.split("/", 2)
        found.setdefault(owner, set()).add(service)
    return {owner: frozenset(services) for owner, services in found.items()}
