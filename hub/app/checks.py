"""What `/readyz` and `hub doctor` look at, each in one sentence if it is not well."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from hub.connectors.back_pressure import BackPressure
from hub.messaging.broker import Broker
from hub.messaging.worker import Worker
from hub.seams import Seams
from hub.store.database import Database
from hub.store.migrations import newest
from hub.store.queries.readiness import longest_wait, unread
from hub.store.statements import Job, Query
from hub.web.backend import Check

LONGEST_WAIT = timedelta(minutes=1)


def of_database(database: Database) -> Mapping[str, Check]:
    """Return the check that the database answers."""

    async def answers() -> str | None:
        await database.read(_one)
        return None

    return {"database": answers}


def of_tables(database: Database) -> Mapping[str, Check]:
    """Return the check that the database has this release's tables."""
    wanted = newest()

    async def tables_are_of_this_release() -> str | None:
        taken = await database.read(_steps)
        return None if taken == [wanted] else f"at {taken[0] if taken else 'nothing'}, not {wanted}: run `hub migrate`"

    return {"migrations": tables_are_of_this_release}


def of_doors(pressure: BackPressure) -> Mapping[str, Check]:
    """Return the check that the doors are open: no more is accepted than is settled in time."""

    async def doors_are_open() -> str | None:
        return pressure.problem

    return {"backlog": doors_are_open}


def of_worker(broker: Broker, worker: Worker) -> Mapping[str, Check]:
    """Return the checks that the broker is usable and that every partition of ours is read."""

    async def broker_is_usable() -> str | None:
        return broker.health().problem

    async def queues_are_read() -> str | None:
        unread = sorted(name for name, runner in worker.runners.items() if not runner.reads)
        return f"not read: {', '.join(unread)}" if unread else None

    return {"broker": broker_is_usable, "consumers": queues_are_read}


def of_others(database: Database, services: Iterable[str], seams: Seams) -> Mapping[str, Check]:
    """Return the checks that workers elsewhere do the work of these services, as far as rows tell it.

    A broker that is away shows in events that wait for its word.
    """

    async def events_are_confirmed() -> str | None:
        waits = await database.read(lambda: longest_wait(seams.now()))
        return f"an event has waited for {waits.total_seconds():.0f} s" if waits > LONGEST_WAIT else None

    async def queues_are_read() -> str | None:
        missing = await database.read(lambda: unread(services, seams.now()))
        return f"no worker reads for {', '.join(missing)}" if missing else None

    return {"broker": events_are_confirmed, "consumers": queues_are_read}


def _steps() -> Job[list[str]]:
    rows = yield Query("select version_num from alembic_version", types=(str,))
    return [step for (step,) in rows]


def _one() -> Job[None]:
    yield Query("select 1", types=(int,))
