"""Statements on SQLite: few texts, so that each stays prepared, and values converted a column at a time.

Each step of a statement lets go of the interpreter and must get it back from the event
loop, so few steps do much: reads by key take up to 256 keys at once, inserts up to 64
rows, and what is there already is asked for before an insert, not told row by row after it.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any

from hub.errors import DatabaseAway, HubError, KeyTaken, TemporaryError, VersionConflict
from hub.store import sql
from hub.store.columns import as_records, converted, decoders, encoders, sqlite_parameter, transposed
from hub.store.records import TableSpec
from hub.store.statements import Delete, Insert, Key, Load, LoadGroups, Query, Rows, Statement, Write

MOST_KEYS = 256
ROWS = (64, 32, *range(16, 0, -1))
_TAKEN = {"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_ROWID"}
_BUSY = {"SQLITE_BUSY", "SQLITE_BUSY_SNAPSHOT", "SQLITE_LOCKED"}
_AWAY = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY_DBMOVED")


def execute(connection: sqlite3.Connection, statement: Statement) -> Rows:
    """Run one statement and return its rows; what the driver raises becomes an error of ours where we know it."""
    try:
        return _HOW[type(statement)](connection, statement)
    except sqlite3.Error as error:
        raise translated(error) from error


def translated(error: sqlite3.Error) -> Exception:
    """Return our error for the driver's, or the driver's own where it means a fault of the program."""
    name = getattr(error, "sqlite_errorname", "")
    ours: type[HubError] | None = None
    if name in _TAKEN:
        ours = KeyTaken
    elif name in _BUSY:
        ours = TemporaryError
    elif name.startswith(_AWAY):
        ours = DatabaseAway
    return error if ours is None else ours(str(error))


def _load(connection: sqlite3.Connection, load: Load) -> Rows:
    return _by_prefix(connection, load.spec, load.keys, load.spec.key)


def _load_groups(connection: sqlite3.Connection, load: LoadGroups) -> Rows:
    return _by_prefix(connection, load.spec, load.prefixes, load.spec.group)


def _by_prefix(connection: sqlite3.Connection, spec: TableSpec, keys: Sequence[Key], width: int) -> Rows:
    wanted = list(converted(list(dict.fromkeys(keys)), encoders(spec.types[:width], "sqlite")))
    rows = _selected(connection, spec, wanted, width, spec.columns)
    rows.sort()
    return as_records(spec.record, converted(rows, decoders(spec.types, "sqlite")))


def _selected(
    connection: sqlite3.Connection, spec: TableSpec, keys: Sequence[Key], width: int, columns: tuple[str, ...]
) -> list[tuple[Any, ...]]:
    """Return columns of the rows with these keys, asked for in lots of a power of two, filled up with what none has."""
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(keys), MOST_KEYS):
        lot = [*keys[start : start + MOST_KEYS]]
        lot += [(None,) * width] * (_padded(len(lot)) - len(lot))
        rows += connection.execute(_select_text(spec, width, len(lot), columns), _flat(lot)).fetchall()
    return rows


def _insert(connection: sqlite3.Connection, insert: Insert) -> Rows:
    if not insert.rows:
        return []
    spec = insert.spec
    if insert.skip_existing:
        return _insert_missing(connection, spec, insert.rows)
    rows = [row[1:] for row in insert.rows] if spec.identity else insert.rows
    types = spec.types[1:] if spec.identity else spec.types
    last = _added(connection, spec, list(converted(rows, encoders(types, "sqlite"))))
    return list(range(last - len(rows) + 1, last + 1)) if spec.identity else []


def _insert_missing(connection: sqlite3.Connection, spec: TableSpec, rows: Sequence[Any]) -> Rows:
    """Add the rows whose keys are not there, the first of each; nobody else writes between the look and the insert."""
    values: dict[Key, Any] = {}
    keys: dict[Key, Key] = {}
    for row, value in zip(rows, converted(rows, encoders(spec.types, "sqlite")), strict=True):
        key = tuple(value[: spec.key])
        values.setdefault(key, value)
        keys.setdefault(key, row[: spec.key])
    for known in _selected(connection, spec, list(values), spec.key, spec.key_columns):
        del values[known]
    _added(connection, spec, list(values.values()))
    return [keys[key] for key in values]


def _added(connection: sqlite3.Connection, spec: TableSpec, values: Sequence[Any]) -> int:
    """Insert rows and return the id that the last one was given: nobody else writes, so they follow one another."""
    last = 0
    for group in _grouped(values, ROWS):
        last = connection.execute(_insert_text(spec, len(group)), _flat(group)).lastrowid or 0
    return last


def _write(connection: sqlite3.Connection, write: Write) -> Rows:
    spec = write.spec
    added = [row for row in write.rows if row[-1] == 0]
    changed = [row for row in write.rows if row[-1] != 0]
    done = 0
    if added:
        values = transposed(added, encoders(spec.types, "sqlite"))
        values[-1] = [1] * len(added)
        for group in _grouped(list(zip(*values, strict=True)), ROWS):
            done += connection.execute(_insert_missing_text(spec, len(group)), _flat(group)).rowcount
    if changed:
        values = transposed(changed, encoders(spec.types, "sqlite"))
        values = [*values[spec.key : -1], *values[: spec.key], values[-1]]
        done += connection.executemany(_update_text(spec), zip(*values, strict=True)).rowcount
    if done != len(write.rows):
        raise VersionConflict(f"{spec.name}: {len(write.rows) - done} of {len(write.rows)} rows have another version")
    return []


def _delete(connection: sqlite3.Connection, delete: Delete) -> Rows:
    spec = delete.spec
    connection.executemany(_delete_text(spec), converted(delete.keys, encoders(spec.types[: spec.key], "sqlite")))
    return []


def _query(connection: sqlite3.Connection, query: Query) -> Rows:
    given: dict[str, list[Any]] = {}
    shape: list[tuple[str, int | None]] = []
    for name, value in query.parameters.items():
        if isinstance(value, tuple | list):
            values = list(map(sqlite_parameter, value))
            values += values[-1:] * (_padded(len(values)) - len(values))
            given[name] = values
            shape.append((name, len(values)))
        else:
            given[name] = [sqlite_parameter(value)]
            shape.append((name, None))
    text, order = _query_text(query.sql, tuple(shape))
    cursor = connection.execute(text, list(chain.from_iterable(given[name] for name in order)))
    if not query.types:
        return [(cursor.rowcount,)]
    return list(map(tuple, converted(cursor.fetchall(), decoders(query.types, "sqlite"))))


_HOW: dict[type[Statement], Callable[[sqlite3.Connection, Any], Rows]] = {
    Load: _load,
    LoadGroups: _load_groups,
    Insert: _insert,
    Write: _write,
    Delete: _delete,
    Query: _query,
}


def _grouped(many: Sequence[Key], sizes: Sequence[int]) -> Iterator[Sequence[Key]]:
    start = 0
    for size in sizes:
        while len(many) - start >= size:
            yield many[start : start + size]
            start += size


def _flat(rows: Sequence[Key]) -> list[Any]:
    return list(chain.from_iterable(rows))


def _padded(count: int) -> int:
    """Return the next power of two, so that lists of any length need few texts."""
    return 1 << (count - 1).bit_length() if count else 0


@cache
def _select_text(spec: TableSpec, width: int, count: int, wanted: tuple[str, ...]) -> str:
    columns, table = spec.columns[:width], sql.quoted(spec.name)
    if width == 1:
        marks = ", ".join("?" * count)
        return f"select {sql.names(wanted)} from {table} where {sql.names(columns)} in ({marks})"
    key = f"({', '.join('?' * width)})"
    values = ", ".join([key] * count)
    # "cross join" pins the order: each wanted key is looked up, where (a, b) in (values …) would scan the table
    return (
        f"with k ({sql.names(columns)}) as (values {values}) "
        f"select {sql.names(wanted, 't.')} from k cross join {table} t on {sql.equal(columns, 't', 'k')}"
    )


@cache
def _insert_text(spec: TableSpec, count: int) -> str:
    row = f"({', '.join('?' * len(sql.inserted(spec)))})"
    return f"{sql.insert_into(spec)} values {', '.join([row] * count)}"


@cache
def _insert_missing_text(spec: TableSpec, count: int) -> str:
    return f"{_insert_text(spec, count)} on conflict ({sql.names(spec.key_columns)}) do nothing"


@cache
def _update_text(spec: TableSpec) -> str:
    changes = "".join(f"{sql.quoted(name)} = ?, " for name in spec.columns[spec.key : -1])
    key = "".join(f"{sql.quoted(name)} = ? and " for name in spec.key_columns)
    return f"update {sql.quoted(spec.name)} set {changes}version = version + 1 where {key}version = ?"


@cache
def _delete_text(spec: TableSpec) -> str:
    return f"delete from {sql.quoted(spec.name)} where " + " and ".join(
        f"{sql.quoted(name)} = ?" for name in spec.key_columns
    )


@cache
def _query_text(text: str, shape: tuple[tuple[str, int | None], ...]) -> tuple[str, tuple[str, ...]]:
    """Return the query with a mark for each value, and the parameters in the order of their marks.

    To bind a value by its name, SQLite reads all the names before it.
    """
    lengths = dict(shape)
    order: list[str] = []

    def one(name: str) -> str:
        order.append(name)
        return "?"

    def many(name: str, operator: str) -> str:
        order.append(name)
        return f"{operator} ({', '.join('?' * (lengths[name] or 0))})"

    return sql.with_parameters(sql.without_locking(text), one=one, many=many), tuple(order)
