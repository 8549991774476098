"""The counters of the books: they move in the transaction of what they count, and only their sums are read."""

from collections import Counter as Tally
from collections.abc import Iterable, Mapping
from datetime import datetime

from hub.store.statements import Job, Query


def count(writer: str, now: datetime, outcomes: Iterable[tuple[str, str]]) -> Job[None]:
    """Count one document for each pair of channel and outcome (an `End`, "received" or "unauthenticated")."""
    yield from move(writer, now, Tally(outcomes))


def move(writer: str, now: datetime, numbers: Mapping[tuple[str, str], int]) -> Job[None]:
    """Add these numbers, which may be negative, to the writer's counters of the day."""
    for (channel, outcome), number in sorted(numbers.items()):
        if number:
            yield Query(
                "insert into counter (writer, day, channel, outcome, n)"
                " values (:writer, :day, :channel, :outcome, :n)"
                " on conflict (writer, day, channel, outcome) do update set n = counter.n + excluded.n",
                {"writer": writer, "day": now.date(), "channel": channel, "outcome": outcome, "n": number},
            )
