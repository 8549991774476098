"""A process from its start to its stop by a signal, listening on its web port if it has one."""

import asyncio
import gc
import itertools
import os
import signal
from contextlib import AsyncExitStack

import structlog

from hub.app.connection import Bounds
from hub.app.local import Local, announced, make_folder
from hub.app.own_credential import credential
from hub.app.process import AGAIN_SECONDS, in_background, running
from hub.app.web_server import served
from hub.errors import DatabaseAway, Unusable
from hub.seams import FAILPOINTS, Seams, install_failpoint_hook
from hub.settings import Settings
from hub.store.migrations import migrate, pending

GC_FIRST_THRESHOLD = 50_000
WORKER_CONNECTIONS = 50
"""Enough for who asks after a worker's health and figures."""
log = structlog.get_logger()


async def run(settings: Settings, *, web: bool, work: bool) -> None:
    """Run until SIGINT or SIGTERM; a second one ends the process at once, which loses nothing either."""
    stopped = _stopped_by_a_signal()
    seams = Seams()
    make_folder(settings.data_dir)
    await _prepared(settings, seams, all_in_one=web and work)
    async with AsyncExitStack() as stack:
        process = await stack.enter_async_context(running(settings, seams, work=work))
        arm_failpoint(settings.failpoint)
        if web:
            front = process.web()
            watch = {"back-pressure": lambda: front.pressure.watch(_told)}
            await stack.enter_async_context(in_background(seams, **watch))
            bounds = Bounds(connections=settings.limit_connections)
            url = await stack.enter_async_context(served(front.app, settings.host, settings.port, bounds=bounds))
            local = Local(url, await credential(process.database, seams))
            stack.enter_context(announced(settings.data_dir, local))
            log.info("the hub is up", url=url)
        elif settings.worker_address is not None:
            host, _, port = settings.worker_address.rpartition(":")
            bounds = Bounds(connections=WORKER_CONNECTIONS)
            listening = served(process.health(), host, int(port), bounds=bounds, setting="HUB_WORKER_ADDRESS")
            log.info("the worker is up", url=await stack.enter_async_context(listening))
        gc.freeze()
        gc.set_threshold(GC_FIRST_THRESHOLD)
        await stopped.wait()
        log.info("stopping")


def arm_failpoint(setting: str | None) -> None:
    """Have this process kill itself, as a crash would: at the nth pass of a failpoint (`name#n`) after SIGUSR1.

    It waits for the signal so that the crash falls into the work that somebody has begun
    to give it, and not into its start.
    """
    if setting is None:
        return
    name, _, nth = setting.partition("#")
    if name not in FAILPOINTS:
        raise Unusable(f"HUB_FAILPOINT: this process passes no {name}; hub.seams.FAILPOINTS names what it passes")
    passes, last = itertools.count(1), int(nth or 1)

    def passed(point: str) -> None:
        if point == name and next(passes) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, install_failpoint_hook, passed)


async def _prepared(settings: Settings, seams: Seams, *, all_in_one: bool) -> None:
    """Wait for a database that is away; return when it has the tables of this release."""
    while True:
        try:
            await asyncio.to_thread(_prepare, settings, all_in_one=all_in_one)
        except DatabaseAway as error:
            log.warning("the database is away, and waited for", reason=str(error))
            await seams.sleep(AGAIN_SECONDS)
        else:
            return


def _prepare(settings: Settings, *, all_in_one: bool) -> None:
    """Make or update the tables where one process is everything; else a job of its own must have done it."""
    if all_in_one:
        migrate(settings.database_url)
    elif pending(settings.database_url):
        raise Unusable("the database has not this release's tables; run `hub migrate` first")


def _stopped_by_a_signal() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(which: signal.Signals) -> None:
        stopped.set()
        loop.remove_signal_handler(which)
        signal.signal(which, signal.SIG_DFL)

    for which in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(which, stop, which)
    return stopped


def _told(error: Exception) -> None:
    log.warning("the doors do not know how much is under way", reason=str(error))
