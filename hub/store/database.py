"""The database as everybody else sees it: run a job in one transaction, or read in one snapshot."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from hub.errors import Unusable
from hub.seams import Seams
from hub.store.statements import Job

T = TypeVar("T")
SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"


class Database(Protocol):
    """One database, SQLite or PostgreSQL.

    A job is given as a callable that makes it, since it may have to be repeated: after a
    deadlock, a lock time-out, or a connection lost at commit. It must therefore change
    nothing but the database. An error of a statement, or one that the job raises, undoes
    this job alone and reaches its caller. Raises `DatabaseAway` while the database does
    not answer, `TemporaryError` for what stays locked, `KeyTaken` for a second row with a key.
    Whoever is cancelled while waiting no longer learns the result; the job is done or not done as a whole.
    """

    @property
    def door_lanes(self) -> Sequence[str]:
        """The lanes of doors: so many of their transactions can be under way at once."""
        ...

    async def run(self, job: Callable[[], Job[T]], *, lane: str = "batch") -> T:
        """Run a job in a write transaction and return its value after the commit.

        Jobs of one lane run one after the other, in order, and may share a commit.
        `door_lanes` are for those whose sender waits: they go first. On PostgreSQL a lane is a
        connection, so each service names its own.
        """
        ...

    async def read(self, job: Callable[[], Job[T]]) -> T:
        """Run a job that only reads, beside the writers; all its statements see the same snapshot."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""
        ...


def open_database(url: str, *, seams: Seams) -> Database:
    """Return the database at `sqlite:///<path>` or `postgresql://…`; it is first spoken to when first used."""
    if url.startswith(SQLITE):
        from hub.store.sqlite import SqliteDatabase

        return SqliteDatabase(url.removeprefix(SQLITE))
    if url.startswith(POSTGRESQL):
        from hub.store.postgres import PostgresDatabase

        return PostgresDatabase(url, seams=seams)
    raise Unusable(f"a database is at {SQLITE}<path> or at {POSTGRESQL}<user>@<host>/<name>")
