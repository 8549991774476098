"""What a job asks of the database: few kinds of statement, the same for SQLite and PostgreSQL.

A job is a generator without I/O: it yields statements and is sent their rows, so the
same code runs on SQLite's writer thread and on an asyncpg connection, and a test can
answer it by hand. `Database.run` drives it in one transaction.

    def rename(item: UUID, name: str) -> Job[None]:
        rows = yield Load(SPECS[Item], [(item,)], lock=True)
        yield Write(SPECS[Item], [row._replace(name=name) for row in rows])

Rows that come back are records of the table where the statement names one, else tuples.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from hub.store.records import TableSpec

T = TypeVar("T")
Rows: TypeAlias = "list[Any]"
Key: TypeAlias = "tuple[Any, ...]"


@dataclass(frozen=True, slots=True)
class Load:
    """Read the rows with these keys, sorted by key; `lock` keeps them for this transaction."""

    spec: TableSpec
    keys: Sequence[Key]
    lock: bool = False


@dataclass(frozen=True, slots=True)
class LoadGroups:
    """Read all rows whose key begins with one of these prefixes of `spec.group` values; lock their owner first."""

    spec: TableSpec
    prefixes: Sequence[Key]


@dataclass(frozen=True, slots=True)
class Insert:
    """Add rows. A table with an identity takes rows whose first value is None and gives the ids back, in order.

    `skip_existing` leaves alone what has its key already; then the answer is the list of keys that were added.
    """

    spec: TableSpec
    rows: Sequence[tuple[Any, ...]]
    skip_existing: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """Add or replace versioned rows. `version` of each row is that of the row replaced, 0 for a new one.

    What is stored has the version + 1. If a row in the database has another version,
    `VersionConflict` is raised and the transaction is over.
    """

    spec: TableSpec
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove the rows with these keys; what is not there is no error."""

    spec: TableSpec
    keys: Sequence[Key]


@dataclass(frozen=True, slots=True)
class Query:
    """Anything else: SQL that both databases understand, with `:name` parameters.

    A tuple or list as parameter stands for a list of values: `where id in :ids`. The
    rows are tuples in the order of `types`, the Python types of the selected columns
    (as in a record); no types: the statement returns nothing but the number of rows
    that it changed, as `[(n,)]`.
    """

    sql: str
    parameters: dict[str, Any] = field(default_factory=dict)
    types: tuple[Any, ...] = ()


Statement: TypeAlias = Load | LoadGroups | Insert | Write | Delete | Query
Job: TypeAlias = Generator[Statement, Rows, T]
