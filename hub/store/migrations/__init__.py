"""The steps that bring a database to the tables of this release, under a lock, each once.

A new step is written by `python -m hub.store.migrations "what it does"`, which compares
the records with what all steps so far make; it is then read, and put right by hand.
Steps only go forward: the way back is a backup.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.errors import Unusable
from hub.store.database import POSTGRESQL, SQLITE
from hub.store.sqlite import connect

T = TypeVar("T")
LOCK = 0x6875_6200
"""The advisory lock under which one process at a time migrates a PostgreSQL database."""


def migrate(url: str) -> list[str]:
    """Bring the database to the tables of this release and return the steps taken; it may be empty.

    All steps are one transaction. Not to be called inside an event loop, nor are the others here.
    Raises DatabaseAway while the server does not answer, Unusable for a wrong address.
    """
    return within(url, _upgrade)


def pending(url: str) -> list[str]:
    """Return the steps that the database has not taken yet, in their order."""
    return within(url, _not_taken)


def newest() -> str | None:
    """Return the last step of this release; what a database has taken stands in its table `alembic_version`."""
    return ScriptDirectory.from_config(config()).get_current_head()


def within(url: str, work: Callable[[sa.Connection], T]) -> T:
    """Do something to the database in one transaction of SQLAlchemy's, alone."""
    if url.startswith(SQLITE):
        return _within_sqlite(url.removeprefix(SQLITE), work)
    return asyncio.run(_within_postgres(url, work))


def config(connection: sa.Connection | None = None) -> Config:
    """Return alembic's settings; there is no file of them."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: sa.Connection) -> list[str]:
    steps = _not_taken(connection)
    command.upgrade(config(connection), "head")
    return steps


def _not_taken(connection: sa.Connection) -> list[str]:
    taken = MigrationContext.configure(connection).get_current_heads()
    steps = ScriptDirectory.from_config(config()).iterate_revisions("heads", taken or "base")
    return [step.revision for step in steps][::-1]


def _within_sqlite(path: str, work: Callable[[sa.Connection], T]) -> T:
    engine = sa.create_engine("sqlite://", creator=lambda: _opened(path), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("begin immediate")
        return work(connection)


def _opened(path: str) -> sqlite3.Connection:
    try:
        return connect(path)
    except sqlite3.OperationalError as error:
        raise Unusable(f"{path}: {error}; see HUB_DATABASE_URL") from error


async def _within_postgres(url: str, work: Callable[[sa.Connection], T]) -> T:
    from hub.store.postgres import ours

    engine = create_async_engine(url.replace(POSTGRESQL, "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text(f"select pg_advisory_xact_lock({LOCK})"))
            return await connection.run_sync(work)
    except (OSError, sa.exc.DBAPIError) as error:
        drivers = error.orig.__cause__ if isinstance(error, sa.exc.DBAPIError) and error.orig else error
        told = ours(drivers) if isinstance(drivers, Exception) else error
        if told is drivers:
            raise
        raise told from error
    finally:
        await engine.dispose()
