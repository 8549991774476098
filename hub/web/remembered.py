"""An answer that is asked for often and takes long: one asker looks it up, and it is good for ten times as long.

So whoever looks, however many and however much there is to count, the database spends a
tenth of its time on it at most.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
TIMES = 10


class Remembered(Generic[T]):
    """One answer; it is good for `most` seconds at the longest."""

    def __init__(
        self, look: Callable[[], Awaitable[T]], monotonic: Callable[[], float], *, most: float = math.inf
    ) -> None:
        self._look = look
        self._most = most
        self._monotonic = monotonic
        self._looking = asyncio.Lock()
        self._held: tuple[float, T] | None = None

    async def get(self) -> T:
        """Return the answer, looked up again if it is too old."""
        async with self._looking:
            began = self._monotonic()
            if self._held is not None and began < self._held[0]:
                return self._held[1]
            answer = await self._look()
            ended = self._monotonic()
            self._held = (ended + min(TIMES * (ended - began), self._most), answer)
            return answer
