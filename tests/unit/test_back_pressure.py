"""When the doors close: too much is accepted and not settled, measured by the best rate seen."""

import asyncio
import threading
from pathlib import Path

import pytest

from hub.canonical.problem import Rejected
from hub.connectors.back_pressure import LEAST_RATE, WINDOW_SECONDS, BackPressure, Load, Observation
from hub.connectors.receiver import Receiver
from hub.seams import Seams
from hub.store.arrivals import Delivery, Input, Part
from hub.store.database import open_database
from hub.store.statements import Job, Query


def load(*observations: tuple[float, int, int], down: frozenset[float] = frozenset()) -> Load:
    """Return a load of 20 s that has seen these (time, unsettled, settled)."""
    seen = Load(20)
    for at, unsettled, settled in observations:
        seen.observe(Observation(at, unsettled, settled), broker_up=at not in down)
    return seen


def test_nothing_seen_means_open() -> None:
    assert load().excess_seconds < 0


def test_a_hub_that_has_settled_nothing_yet_may_take_twenty_seconds_at_the_least_rate() -> None:
    assert load((0, int(20 * LEAST_RATE), 0)).excess_seconds == 0
    assert load((0, int(20 * LEAST_RATE) + 50, 0)).excess_seconds == pytest.approx(1)


def test_the_best_rate_of_the_last_five_minutes_counts() -> None:
    busy = [(float(second), 5_000, 500 * second) for second in range(12)]
    assert load(*busy).rate == pytest.approx(500)
    slow = [(12.0 + second, 5_000, 5_500) for second in range(10)]
    assert load(*busy, *slow).rate == pytest.approx(500)
    late = WINDOW_SECONDS + 40
    assert load(*busy, *slow, (late, 5_000, 5_500), (late + 6, 5_000, 5_500)).rate == LEAST_RATE


def test_what_piled_up_while_the_broker_was_away_does_not_count() -> None:
    away = frozenset(float(second) for second in range(1, 60))
    piled = [(float(second), 100 * second, 0) for second in range(60)]
    assert load(*piled).excess_seconds > 0
    assert load(*piled, (60, 6_000, 0), down=away).excess_seconds < 0
    assert load(*piled, (60, 8_000, 0), down=away).excess_seconds > 0


def test_what_was_forgiven_is_forgotten_as_it_settles() -> None:
    away = frozenset({1.0})
    seen = [(0.0, 0, 0), (1.0, 10_000, 0), (2.0, 0, 10_000), (3.0, 6_000, 10_000)]
    assert load(*seen, down=away).excess_seconds > 0


async def test_a_database_that_keeps_nothing_for_five_seconds_closes_the_doors_until_it_does(
    sqlite_database_url: str, tmp_path: Path
) -> None:
    clock, free = [0.0], threading.Event()
    seams = Seams(monotonic=lambda: clock[0])
    database = open_database(sqlite_database_url, seams=seams)

    async def counted() -> tuple[int, int]:
        return 0, 0

    def in_the_way() -> Job[None]:
        yield Query("select 1", types=(int,))
        free.wait()

    receiver = Receiver(database, {}, seams)
    pressure = BackPressure(
        counted,
        seams,
        seconds=20,
        folder=tmp_path,
        broker_up=lambda: True,
        commit_seconds=lambda: receiver.under_way_seconds,
    )
    slow = asyncio.create_task(database.run(in_the_way))
    delivery = Delivery(channel="edi", endpoint="/edi", source="edi:1", partner=None, body=b"x", sha256="0" * 64)
    part = Part(source_key="key", sha256="0" * 64, length=1)
    kept = asyncio.create_task(receiver.receive(Input(delivery, "edifact", (part,))))
    await asyncio.sleep(0)
    for clock[0] in (0.0, 5.0):
        pressure.check()
    clock[0] = 5.1
    with pytest.raises(Rejected) as caught:
        pressure.check()
    assert (caught.value.problem.status, caught.value.headers["Retry-After"]) == (503, "1")
    free.set()
    await asyncio.gather(slow, kept)
    pressure.check()
    await database.close()
