"""How often one sender may ask: a bucket for each, which fills steadily and holds half a minute's worth."""

import math

from hub.canonical.problem import rejected
from hub.seams import Seams

BURST_SECONDS = 30.0
MOST_NAMES = 10_000


class Rates:
    """A bucket of requests for each name."""

    def __init__(self, seams: Seams, *, per_second: float, burst_seconds: float = BURST_SECONDS) -> None:
        """Let each name ask so often, and so many seconds' worth at once."""
        self._seams = seams
        self._pause = 1 / per_second
        self._burst = burst_seconds
        self._paid_until: dict[str, float] = {}

    def take(self, name: str) -> None:
        """Take one from a bucket. Raises Rejected (429), with the time to wait, if it is empty."""
        now = self._seams.monotonic()
        paid = max(now, self._paid_until.get(name, now)) + self._pause
        wait = paid - now - self._burst
        if wait > 0:
            seconds = str(math.ceil(wait))
            told, action = "more requests than one sender may make", f"Come again in {seconds} s."
            raise rejected(429, told, action, headers={"Retry-After": seconds})
        if name not in self._paid_until and len(self._paid_until) >= MOST_NAMES:
            self._paid_until = {one: until for one, until in self._paid_until.items() if until > now}
        self._paid_until[name] = paid
