"""The steps that bring a database to the tables of this release, under a lock, each once."""

import asyncio

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from hub.store.schema import metadata
from hub.store.sqlite import connect

SQLITE = "sqlite:///"


def migrate(url: str) -> None:
    """Bring the database at this address to the tables of this release; it may be empty."""
    if url.startswith(SQLITE):
        engine = sa.create_engine("sqlite://", creator=lambda: connect(url.removeprefix(SQLITE)), poolclass=NullPool)
        with engine.begin() as connection:
            metadata().create_all(connection)
        engine.dispose()
    else:
        asyncio.run(_migrate_postgres(url))


async def _migrate_postgres(url: str) -> None:
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://", 1), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata().create_all)
    await engine.dispose()
