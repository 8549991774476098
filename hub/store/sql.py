"""SQL text: names of our tables, and the parameters of queries that both databases understand.

Portable SQL is what SQLite 3.40 and PostgreSQL 15 both read: joins, `with`, `case`,
`coalesce`, `count`, `sum`, `min`, `max`, window functions, `limit`, `on conflict …
do update set x = excluded.x`, `returning`. Names that one of them reserves stand in
double quotes (`"offset"`, `"key"`). Texts compare by code point, amounts as numbers;
instants are compared with parameters only, and never counted with. `for update [skip
locked]` may end a query: on SQLite the writer is alone and it is left out.
"""

import re
from collections.abc import Callable, Iterable

from hub.store.records import TableSpec

_PARAMETER = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|(?P<list>\b(?P<not>not\s+)?in\s+:(?P<names>[a-z_][a-z0-9_]*))|(?<!:):(?P<name>[a-z_][a-z0-9_]*)",
    re.IGNORECASE,
)
_LOCKING = re.compile(r"\s+for\s+update(?:\s+of\s+\w+)?(?:\s+skip\s+locked)?\s*$", re.IGNORECASE)


def quoted(name: str) -> str:
    """Return a name that no keyword can be mistaken for."""
    return f'"{name}"'


def names(columns: Iterable[str], prefix: str = "") -> str:
    """Return column names for a list, each behind `prefix`."""
    return ", ".join(prefix + quoted(name) for name in columns)


def equal(columns: Iterable[str], left: str, right: str) -> str:
    """Return the condition that these columns of two tables are equal."""
    return " and ".join(f"{left}.{quoted(name)} = {right}.{quoted(name)}" for name in columns)


def primary_key(spec: TableSpec) -> str:
    """Return the name of a table's primary key."""
    return f"{spec.name}_pkey"


def insert_into(spec: TableSpec) -> str:
    """Return the head of an insert into all columns but an identity."""
    return f"insert into {quoted(spec.name)} ({names(inserted(spec))})"


def inserted(spec: TableSpec) -> tuple[str, ...]:
    """Return the columns that an insert states."""
    return spec.columns[1:] if spec.identity else spec.columns


def with_parameters(sql: str, one: Callable[[str], str], many: Callable[[str, str], str]) -> str:
    """Return the query with `:name` replaced by `one(name)` and `[not] in :name` by `many(name, operator)`."""

    def replace(found: re.Match[str]) -> str:
        if found["list"]:
            return many(found["names"], "not in" if found["not"] else "in")
        return one(found["name"]) if found["name"] else found[0]

    return _PARAMETER.sub(replace, sql)


def without_locking(sql: str) -> str:
    """Return the query without a `for update` at its end."""
    return _LOCKING.sub("", sql)
