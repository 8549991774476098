"""A signal is heard where it is told and, on PostgreSQL, in every other process; a lost connection costs no signal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg

from hub.seams import Seams
from hub.store.signals import OUTBOX, TRANSMISSIONS, Signals, open_signals

PATIENCE = 10.0


@asynccontextmanager
async def carrying(*signals: Signals) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(one.run()) for one in signals]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


class Ear:
    """Hears one topic; `times` counts, `heard` waits for the next time."""

    def __init__(self, signals: Signals, topic: str = OUTBOX) -> None:
        self.times = 0
        self._event = asyncio.Event()
        signals.hear(topic, self._hear)

    def _hear(self) -> None:
        self.times += 1
        self._event.set()

    async def heard(self) -> None:
        async with asyncio.timeout(PATIENCE):
            await self._event.wait()
        self._event.clear()


async def test_a_signal_is_heard_at_once_where_it_is_told() -> None:
    signals = open_signals("sqlite:///anywhere", Seams())
    ear, other = Ear(signals), Ear(signals, TRANSMISSIONS)
    signals.tell(OUTBOX)
    assert (ear.times, other.times) == (1, 0)


async def test_a_signal_is_heard_in_the_other_process(postgres_url: str) -> None:
    here, there = open_signals(postgres_url, Seams()), open_signals(postgres_url, Seams())
    ear, own = Ear(there), Ear(here)
    async with carrying(here, there):
        await ear.heard()  # at the start everybody looks once
        await own.heard()
        own.times = 0
        here.tell(OUTBOX)
        await ear.heard()
    assert own.times == 1, "a process does not hear itself twice"


async def test_many_signals_go_as_one(postgres_url: str) -> None:
    here, there = open_signals(postgres_url, Seams()), open_signals(postgres_url, Seams())
    ear, own = Ear(there), Ear(here)
    async with carrying(here, there):
        await ear.heard()
        await own.heard()
        ear.times = 0
        for _ in range(1_000):
            here.tell(OUTBOX)
        await ear.heard()
    assert ear.times < 10


async def test_after_a_lost_connection_everybody_looks(postgres_url: str) -> None:
    signals = open_signals(postgres_url, Seams(sleep=lambda _: asyncio.sleep(0)))
    ear = Ear(signals)
    async with carrying(signals):
        await ear.heard()
        await cut_the_listener(postgres_url)
        await ear.heard()


async def cut_the_listener(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
    finally:
        await connection.close()
