"""Batches through the database: begun again with undeclared needs, halved around a culprit, kept while it is away."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeVar
from uuid import UUID

import structlog

from hub.errors import TemporaryError
from hub.handlers.service import Beforehand, Service
from hub.messaging.batch import Settled, Subscriptions, settle
from hub.messaging.loading import MoreNeeded
from hub.messaging.outcomes import Fate, NotStored, Taken
from hub.seams import Seams
from hub.store.database import Database
from hub.store.outbox import Outgoing
from hub.store.statements import Job
from hub.store.work import Need

T = TypeVar("T")
FIRST_PROBE_SECONDS = 0.1
LONGEST_PROBE_SECONDS = 5.0
NOTHING: Mapping[UUID, Exception] = MappingProxyType({})
log = structlog.get_logger()


@dataclass(slots=True)
class Measured:
    """What a service did in this process, for the metrics."""

    batches: int = 0
    doubles: int = 0
    seconds: float = 0.0
    restarts: int = 0
    divided: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)


class Settler:
    """Settles messages of one service.

    `published` is given what each commit left in the outbox; `settled` is called after each commit.
    """

    def __init__(
        self,
        service: Service,
        database: Database,
        subscriptions: Subscriptions,
        seams: Seams,
        published: Callable[[Sequence[Outgoing]], None],
        settled: Callable[[], None] | None = None,
    ) -> None:
        self.measured = Measured()
        self._service = service
        self._database = database
        self._subscriptions = subscriptions
        self._seams = seams
        self._published = published
        self._settled = settled

    async def settle(
        self,
        arrivals: Sequence[Taken],
        *,
        late: Sequence[UUID] = (),
        suspects: Sequence[UUID] = (),
        failures: Mapping[UUID, Exception] = NOTHING,
    ) -> Settled:
        """Settle all of these, in one transaction or, if the database refuses what one of them decided, in several."""
        try:
            return await self._commit(arrivals, late, suspects, failures)
        except Exception as error:
            ids = [*late, *(one.message_id for one in arrivals)]
            if set(ids) <= failures.keys():
                raise
            self.measured.divided += 1
            if len(set(ids)) == 1:
                failed = NotStored(f"{type(error).__name__}: {error}")
                failed.__cause__ = error
                return await self.settle(arrivals, late=late, suspects=suspects, failures={ids[0]: failed})
            return await self._apart(arrivals, late, suspects, failures)

    async def run(self, job: Callable[[], Job[T]]) -> T:
        """Run a job of this service. While the database is away it is probed, and nothing is anybody's failure."""
        return await self._persistently(lambda: self._database.run(job, lane=self._service.name))

    async def beforehand(self, taken: Taken, wanted: Beforehand) -> None:
        """Do the long work for a message before its transaction, on a thread."""
        loaded = await self._persistently(lambda: self._database.read(wanted.load))
        try:
            taken.beforehand = await asyncio.to_thread(wanted.work, loaded)
        except Exception as error:  # noqa: BLE001 - the handler does without, and fails by itself at its turn
            log.info("not done beforehand", service=self._service.name, id=str(taken.message_id), reason=str(error))

    async def _persistently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        pause = FIRST_PROBE_SECONDS
        while True:
            try:
                return await attempt()
            except TemporaryError as error:
                log.warning("the database is away", service=self._service.name, reason=str(error), pause=pause)
                await self._seams.sleep(pause)
                pause = min(2 * pause, LONGEST_PROBE_SECONDS)

    async def _apart(
        self,
        arrivals: Sequence[Taken],
        late: Sequence[UUID],
        suspects: Sequence[UUID],
        failures: Mapping[UUID, Exception],
    ) -> Settled:
        both = Settled()
        half, late_half = (len(arrivals) + 1) // 2, (len(late) + 1) // 2
        pieces: list[tuple[Sequence[Taken], Sequence[UUID]]]
        if arrivals and late:
            pieces = [((), late), (arrivals, ())]
        else:
            pieces = [(arrivals[:half], late[:late_half]), (arrivals[half:], late[late_half:])]
        for some, some_late in pieces:
            settled = await self.settle(some, late=some_late, suspects=suspects, failures=failures)
            both.fates += settled.fates
            both.doubles += settled.doubles
            both.next_due = min((one for one in (both.next_due, settled.next_due) if one), default=None)
        return both

    async def _commit(
        self,
        arrivals: Sequence[Taken],
        late: Sequence[UUID],
        suspects: Sequence[UUID],
        failures: Mapping[UUID, Exception],
    ) -> Settled:
        extra: frozenset[Need] = frozenset()
        began = self._seams.monotonic()
        while True:
            try:
                settled = await self.run(self._job(arrivals, late, suspects, failures, extra))
                break
            except MoreNeeded as more:
                if more.needs <= extra:
                    raise
                extra |= more.needs
                self.measured.restarts += 1
                log.warning("undeclared needs", service=self._service.name, needs=str(more))
        self._measure(settled, self._seams.monotonic() - began)
        if settled.outgoing:
            self._published(settled.outgoing)
        if self._settled is not None:
            self._settled()
        return settled

    def _job(
        self,
        arrivals: Sequence[Taken],
        late: Sequence[UUID],
        suspects: Sequence[UUID],
        failures: Mapping[UUID, Exception],
        extra: frozenset[Need],
    ) -> Callable[[], Job[Settled]]:
        return lambda: settle(
            self._service,
            arrivals,
            self._subscriptions,
            self._seams.now(),
            self._chance,
            late=late,
            suspects=suspects,
            extra=extra,
            failures=failures,
        )

    def _chance(self) -> float:
        return int.from_bytes(self._seams.token_bytes(4)) / 2**32

    def _measure(self, settled: Settled, seconds: float) -> None:
        measured = self.measured
        measured.batches += 1
        measured.doubles += settled.doubles
        measured.seconds += seconds
        for taken, fate in settled.fates:
            measured.outcomes[fate.outcome] = measured.outcomes.get(fate.outcome, 0) + 1
            if fate.outcome != "applied":
                self._tell(taken, fate)

    def _tell(self, taken: Taken, fate: Fate) -> None:
        """Log what did not just go through; a person is needed only for what is parked."""
        say = log.warning if fate.outcome == "parked" else log.info
        say(
            fate.outcome,
            service=self._service.name,
            message_id=str(taken.message_id),
            correlation_id=str(taken.message.correlationid) if taken.message else None,
            type=taken.message.type if taken.message else None,
            key=taken.okey,
            reason=fate.reason,
        )
