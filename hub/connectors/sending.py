"""The sender: collects what leaves together, claims what is due, hands it to its transport, records what came of it.

Strategy: one loop looks, claims in a short transaction and starts one task per parcel, never
more than `slots` at once and never more than `share` for one endpoint, so that a slow
partner delays itself alone. An endpoint that failed five times in a row gets nothing for
a minute, then a parcel or two to try. A claim is a lease, renewed while its attempt lasts:
who dies leaves it to the next.
"""

import asyncio
import traceback
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from hub.connectors.transports import Move, Transport
from hub.domain.transmission import retry_delay
from hub.errors import HubError, TemporaryError
from hub.seams import Seams
from hub.store.collecting import Pile, collect, piles
from hub.store.database import Database
from hub.store.transmissions import Parcel, claim, due, hold, inherit, overdue, record_failure, record_success

LEASE = timedelta(seconds=4)
"""How long a claim lasts that is not renewed: what a dead process claimed waits for it."""
HOLD_SECONDS = 1.0
"""When, and how often, the claim of an attempt that lasts is renewed."""
POLL_SECONDS = 0.5
OVERDUE_SECONDS = 60.0
COLLECT_SECONDS = 1.0
"""How often is looked for documents that are to leave together."""
_FAILURES_TO_OPEN = 5
_OPEN_SECONDS = 60.0

log = structlog.get_logger(__name__)


@dataclass
class Breaker:
    """Which endpoints fail: after `failures` in a row `seconds` of rest, then a first few parcels until one arrives."""

    failures: int = _FAILURES_TO_OPEN
    seconds: float = _OPEN_SECONDS
    _counts: Counter[str] = field(default_factory=Counter)
    _until: dict[str, float] = field(default_factory=dict)

    def closed_to(self, now: float, under_way: Mapping[str, int]) -> set[str]:
        """Return the endpoints that get nothing now."""
        return {name for name, until in self._until.items() if now < until or under_way.get(name)}

    def worked(self, endpoint: str) -> None:
        """Forget all failures of an endpoint."""
        self._counts.pop(endpoint, None)
        self._until.pop(endpoint, None)

    def failed(self, endpoint: str, now: float) -> None:
        """Count a failure in a row."""
        self._counts[endpoint] += 1
        if self._counts[endpoint] >= self.failures:
            self._until[endpoint] = now + self.seconds


class Sender:
    """Sends what status has queued. `run` goes on until it is cancelled; `drain` sends what is due and returns.

    `alone`: no other process can be alive (the embedded default), so nobody has a claim when it begins.
    """

    def __init__(
        self,
        database: Database,
        transports: Mapping[str, Transport],
        seams: Seams,
        *,
        alone: bool = False,
        slots: int = 16,
        share: int = 2,
    ) -> None:
        self._alone = alone
        self._database = database
        self._transports = transports
        self._seams = seams
        self._slots = slots
        self._share = share
        self._breaker = Breaker()
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look at once: something was queued."""
        self._woken.set()

    async def run(self) -> None:
        """Send whatever becomes due, and raise the alarm for acknowledgements that do not come."""
        alarm_at = collect_at = self._seams.monotonic()
        if self._alone:
            await self._database.run(lambda: inherit(self._seams.now()))
        try:
            while True:
                self._woken.clear()
                if self._seams.monotonic() >= alarm_at:
                    await self._database.run(lambda: overdue(self._seams.now()))
                    alarm_at = self._seams.monotonic() + OVERDUE_SECONDS
                if self._seams.monotonic() >= collect_at:
                    await self._collect()
                    collect_at = self._seams.monotonic() + COLLECT_SECONDS
                if not await self._start_due():
                    await self._rest()
        finally:
            await self._stop()

    async def drain(self) -> int:
        """Send everything that is due now, with what that makes due, and return how many attempts it took."""
        await self._collect()
        attempts = 0
        while started := await self._start_due():
            attempts += started
            await asyncio.gather(*self._tasks)
        return attempts

    async def _collect(self) -> None:
        """Put the documents that are to leave together into interchanges."""
        now = self._seams.now()
        for pile in await self._database.read(piles):
            names = {"partner": pile.partner, "kind": pile.kind}
            try:
                while collected := await self._collected(pile, now):
                    log.info("collected", documents=collected, **names)
            except ValueError as error:
                log.error("not collected; its documents wait", reason=str(error), **names)  # noqa: TRY400 - of bytes

    async def _collected(self, pile: Pile, now: datetime) -> int:
        return await self._database.run(lambda: collect(pile, now))

    async def _start_due(self) -> int:
        room = self._slots - len(self._tasks)
        closed = self._breaker.closed_to(self._seams.monotonic(), self._under_way)
        now, taken = self._seams.now(), dict(self._under_way)
        found = await self._database.read(
            lambda: due(now, tuple(self._transports), limit=room, share=self._share, taken=taken, closed=closed)
        )
        parcels = await self._database.run(lambda: claim(found, now, LEASE)) if found else []
        for parcel in parcels:
            self._start(parcel)
        return len(parcels)

    def _start(self, parcel: Parcel) -> None:
        self._under_way[parcel.endpoint] += 1
        task = asyncio.create_task(self._carry(parcel), name=f"send {parcel.transmission.id}")
        self._tasks.add(task)
        task.add_done_callback(lambda _: self._ended(task, parcel.endpoint))

    def _ended(self, task: asyncio.Task[None], endpoint: str) -> None:
        self._tasks.discard(task)
        self._under_way[endpoint] -= 1
        self._woken.set()
        if not task.cancelled() and task.exception() is not None:
            log.warning("not recorded; it will be sent again", task=task.get_name(), error=str(task.exception()))

    async def _carry(self, parcel: Parcel) -> None:
        holding = asyncio.create_task(self._hold(parcel.transmission.id))
        try:
            move = await self._transports[parcel.transmission.transport](parcel)
        except Exception as error:  # noqa: BLE001 - whatever a transport raises is recorded with the transmission
            await self._record_failure(parcel, error)
        else:
            await self._record_success(parcel, move)
        finally:
            holding.cancel()

    async def _hold(self, identifier: UUID) -> None:
        """Keep a claim for as long as its attempt lasts. Where that fails, others may make the attempt again."""
        while True:
            await self._seams.sleep(HOLD_SECONDS)
            try:
                await self._database.run(lambda: hold(identifier, self._seams.now(), LEASE))
            except TemporaryError as error:
                log.warning("a claim cannot be renewed now", transmission=str(identifier), reason=str(error))

    async def _record_success(self, parcel: Parcel, move: Move) -> None:
        self._breaker.worked(parcel.endpoint)
        await self._database.run(lambda: record_success(parcel.transmission.id, move, self._seams.now()))
        log.info("sent", **_names(parcel))

    async def _record_failure(self, parcel: Parcel, error: Exception) -> None:
        row, now = parcel.transmission, self._seams.now()
        self._breaker.failed(parcel.endpoint, self._seams.monotonic())
        delay = self._delay(parcel, error)
        told = str(error) if isinstance(error, HubError) else "".join(traceback.format_exception(error))
        log.warning("not sent", **_names(parcel), error=str(error))
        retry_at = None if delay is None else now + delay
        await self._database.run(lambda: record_failure(row.id, told, now, retry_at))

    def _delay(self, parcel: Parcel, error: Exception) -> timedelta | None:
        """Return how long to wait; None where the error says that waiting does not help, or enough was tried."""
        if isinstance(error, HubError) and not isinstance(error, TemporaryError):
            return None
        jitter = self._seams.token_bytes(1)[0] / 255
        delay = retry_delay(parcel.transmission.transport, parcel.transmission.attempts, jitter)
        asked = error.context.get("retry_after") if isinstance(error, HubError) else None
        return delay if delay is None or asked is None else max(delay, timedelta(seconds=asked))

    async def _rest(self) -> None:
        """Wait until something was queued or ended, or for the next look."""
        waiting = asyncio.ensure_future(self._woken.wait())
        pause = asyncio.ensure_future(self._seams.sleep(POLL_SECONDS))
        try:
            await asyncio.wait({waiting, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            pause.cancel()

    async def _stop(self) -> None:
        """Let what is under way be cut off; its lease brings it back."""
        for task in self._tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._tasks, return_exceptions=True)


def _names(parcel: Parcel) -> dict[str, str | None]:
    """Return what a line of the log calls a parcel."""
    row = parcel.transmission
    correlation = parcel.archive.headers.get("correlation")
    return {"correlation_id": correlation, "partner": row.partner, "kind": row.kind, "reference": row.reference}
