"""The steps that bring a database to the tables of this release, under a lock, each once."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.store.database import POSTGRESQL, SQLITE
from hub.store.schema import metadata
from hub.store.sqlite import connect

T = TypeVar("T")


def migrate(url: str) -> None:
    """Bring the database at this address to the tables of this release; it may be empty."""
    within(url, metadata().create_all)


def within(url: str, work: Callable[[sa.Connection], T]) -> T:
    """Do something to the database in one transaction of SQLAlchemy's. Not to be called inside an event loop."""
    if url.startswith(SQLITE):
        return _within_sqlite(url.removeprefix(SQLITE), work)
    return asyncio.run(_within_postgres(url, work))


def _within_sqlite(path: str, work: Callable[[sa.Connection], T]) -> T:
    engine = sa.create_engine("sqlite://", creator=lambda: connect(path), poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql("begin immediate")
        try:
            return work(connection)
        finally:
            connection.exec_driver_sql("commit")


async def _within_postgres(url: str, work: Callable[[sa.Connection], T]) -> T:
    engine = create_async_engine(url.replace(POSTGRESQL, "postgresql+asyncpg://", 1), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()
