"""What `/readyz` and `hub doctor` look at, each in one sentence if it is not well."""

from collections.abc import Mapping

from hub.connectors.back_pressure import BackPressure
from hub.messaging.broker import Broker
from hub.messaging.worker import Worker
from hub.store.database import Database
from hub.store.migrations import newest
from hub.store.statements import Job, Query
from hub.web.backend import Check


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


def _steps() -> Job[list[str]]:
    rows = yield Query("select version_num from alembic_version", types=(str,))
    return [step for (step,) in rows]


def _one() -> Job[None]:
    yield Query("select 1", types=(int,))
