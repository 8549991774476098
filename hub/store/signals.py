"""Word between the processes of an installation that something was committed.

A signal is a hint that saves waiting, never the truth: whoever listens also looks by
itself now and then. Within a process it is a call; to other processes on PostgreSQL it
goes by NOTIFY on a connection of its own, after the commit, many as one: inside a
transaction NOTIFY would take a lock that all commits of the database share.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import asyncpg
import structlog

from hub.seams import Seams
from hub.store.database import POSTGRESQL

OUTBOX = "outbox"
TRANSMISSIONS = "transmissions"
CHANNEL = "hub"
TOGETHER_SECONDS = 0.02
AGAIN_SECONDS = 2.0
CALL_SECONDS = 10.0
log = structlog.get_logger(__name__)


class Signals(Protocol):
    """Tells and hears topics."""

    def hear(self, topic: str, callback: Callable[[], None]) -> None:
        """Call back whenever the topic is told, here or in another process."""
        ...

    def tell(self, topic: str) -> None:
        """Tell that something of this topic was committed. Never waits, never fails."""
        ...

    async def run(self) -> None:
        """Carry signals to and from other processes, until cancelled."""
        ...


class LocalSignals:
    """Signals within one process."""

    def __init__(self) -> None:
        self._callbacks: dict[str, list[Callable[[], None]]] = {}

    def hear(self, topic: str, callback: Callable[[], None]) -> None:
        self._callbacks.setdefault(topic, []).append(callback)

    def tell(self, topic: str) -> None:
        for callback in self._callbacks.get(topic, ()):
            callback()

    def tell_all(self) -> None:
        """Tell every topic: something may have been missed."""
        for topic in self._callbacks:
            self.tell(topic)

    async def run(self) -> None:
        await asyncio.Event().wait()


class PostgresSignals:
    """Signals between all processes on one database."""

    def __init__(self, url: str, seams: Seams) -> None:
        self._url = url
        self._seams = seams
        self._here = LocalSignals()
        self._told: set[str] = set()
        self._stirred = asyncio.Event()

    def hear(self, topic: str, callback: Callable[[], None]) -> None:
        self._here.hear(topic, callback)

    def tell(self, topic: str) -> None:
        self._here.tell(topic)
        self._told.add(topic)
        self._stirred.set()

    async def run(self) -> None:
        while True:
            try:
                await self._carry()
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("no signals to and from other processes now", reason=str(error))
                await self._seams.sleep(AGAIN_SECONDS)

    async def _carry(self) -> None:
        """Carry as long as one connection lasts."""
        connection = await asyncpg.connect(self._url, timeout=CALL_SECONDS, command_timeout=CALL_SECONDS)
        try:
            own = connection.get_server_pid()

            def heard(_connection: Any, sender: int, _channel: str, topic: object) -> None:
                if sender != own:
                    self._here.tell(str(topic))

            connection.add_termination_listener(lambda _: self._stirred.set())
            await connection.add_listener(CHANNEL, heard)
            self._here.tell_all()
            while not connection.is_closed():
                await self._stirred.wait()
                await self._seams.sleep(TOGETHER_SECONDS)
                self._stirred.clear()
                topics, self._told = sorted(self._told), set()
                for topic in topics:
                    await connection.execute("select pg_notify($1, $2)", CHANNEL, topic)
        finally:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=CALL_SECONDS)


def open_signals(url: str, seams: Seams) -> Signals:
    """Return the signals of the database at this address."""
    return PostgresSignals(url, seams) if url.startswith(POSTGRESQL) else LocalSignals()
