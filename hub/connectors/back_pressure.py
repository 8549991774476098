"""When the doors must ask senders to come later: too much is accepted, the database is slow, or the disk is full.

An observation each second tells how much is accepted and not settled, and how much
was ever settled. The best rate of the last five minutes says how long that much work
takes. What piled up while the broker was away is forgiven: it is no sign of overload.
"""

import math
import shutil
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from hub.canonical.problem import rejected
from hub.seams import Seams

WINDOW_SECONDS = 300.0
RATE_SECONDS = 5.0
LEAST_RATE = 50.0
LEAST_FREE_BYTES = 500_000_000
LONGEST_SECONDS = 60.0
LONGEST_COMMIT_SECONDS = 5.0
"""No sender waits much longer for its answer; whoever would wait behind this one comes again."""


class Observation(NamedTuple):
    """What was counted at a moment: documents accepted and not settled (waiting ones left out), and ever settled."""

    at: float
    unsettled: int
    settled: int


class Load:
    """Weighs what is accepted and not settled against the best rate seen; `seconds` of work are allowed.

    `rate` is documents settled per second at the best of times, `excess_seconds` how many
    seconds of work are too many; 0 or less: none.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[Observation] = deque()
        self._rates: deque[tuple[float, float]] = deque()
        self._forgiven = 0
        self.rate = LEAST_RATE
        self.excess_seconds = -seconds

    def observe(self, now: Observation, *, broker_up: bool) -> None:
        """Take in an observation; those of more than five minutes ago are forgotten."""
        before = self._seen[-1] if self._seen else now
        if broker_up:
            self._forgiven = min(self._forgiven, now.unsettled)
        else:
            self._forgiven = max(0, self._forgiven + now.unsettled - before.unsettled)
        self._seen.append(now)
        while now.at - self._seen[0].at > RATE_SECONDS:
            first = self._seen.popleft()
            self._rates.append((now.at, (now.settled - first.settled) / (now.at - first.at)))
        while self._rates and now.at - self._rates[0][0] > WINDOW_SECONDS:
            self._rates.popleft()
        self.rate = max([LEAST_RATE, *(rate for _, rate in self._rates)])
        self.excess_seconds = (now.unsettled - self._forgiven) / self.rate - self._seconds


class BackPressure:
    """Lets the doors ask, without waiting, whether they may take more; `watch` keeps it informed."""

    def __init__(
        self,
        count: Callable[[], Awaitable[tuple[int, int]]],
        seams: Seams,
        *,
        seconds: float,
        folder: Path,
        broker_up: Callable[[], bool],
        commit_seconds: Callable[[], float],
    ) -> None:
        self._count = count
        self._seams = seams
        self._load = Load(seconds)
        self._folder = folder
        self._broker_up = broker_up
        self._commit_seconds = commit_seconds
        self._free = LEAST_FREE_BYTES

    async def observe(self) -> None:
        """Look once."""
        unsettled, settled = await self._count()
        now = Observation(self._seams.monotonic(), unsettled, settled)
        self._load.observe(now, broker_up=self._broker_up())
        self._free = shutil.disk_usage(self._folder).free

    async def watch(self, on_error: Callable[[Exception], None]) -> None:
        """Look each second, until cancelled. A database that is away is told and asked again."""
        while True:
            try:
                await self.observe()
            except Exception as error:  # noqa: BLE001 - the doors go on with what was seen last; their own commit tells the rest
                on_error(error)
            await self._seams.sleep(1.0)

    @property
    def problem(self) -> str | None:
        """Why the doors take nothing now, for readiness; None if they do."""
        if self._load.excess_seconds > 0:
            return "more is accepted than is settled in time"
        if self._commit_seconds() > LONGEST_COMMIT_SECONDS:
            return "the database takes long to keep what has come"
        return "the disk is nearly full" if self._free < LEAST_FREE_BYTES else None

    def check(self) -> None:
        """Raise the 503 with which a sender is asked to come later, if it must."""
        problem = self.problem
        if problem is not None:
            seconds = math.ceil(min(LONGEST_SECONDS, max(1.0, self._load.excess_seconds)))
            raise rejected(503, problem, f"Send the same again in {seconds} s.", headers={"Retry-After": str(seconds)})
