"""Statements on PostgreSQL: rows go as one array per column, so a text never changes and stays prepared.

Many new rows are copied instead: that costs this side half, and PostgreSQL two thirds, of an
insert's time, but one round trip more, and it cannot leave out what is there already.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from hub.errors import VersionConflict
from hub.store import sql
from hub.store.columns import (
    Kind,
    as_records,
    aware,
    columns,
    converted,
    decoders,
    encoders,
    transposed,
)
from hub.store.records import TableSpec
from hub.store.statements import Delete, Insert, Key, Load, LoadGroups, Query, Rows, Statement, Write

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
COPIED = 20
"""From so many rows on a copy is the faster way to add them."""

TYPES: dict[Kind, str] = {
    "text": "text",
    "integer": "bigint",
    "boolean": "boolean",
    "bytes": "bytea",
    "decimal": "numeric",
    "date": "date",
    "instant": "timestamptz",
    "uuid": "uuid",
    "json": "text",
}
_PARAMETERS = (
    (str, "text"),
    (bool, "boolean"),
    (int, "bigint"),
    (bytes, "bytea"),
    (Decimal, "numeric"),
    (datetime, "timestamptz"),
    (date, "date"),
    (UUID, "uuid"),
)
"""Types of a query's parameters, the special before the general: a bool is an int, a datetime a date."""


async def execute(connection: Connection, statement: Statement) -> Rows:
    """Run one statement in the connection's transaction and return its rows. Raises the driver's errors."""
    return await _HOW[type(statement)](connection, statement)


async def _load(connection: Connection, load: Load) -> Rows:
    return await _by_prefix(connection, load.spec, load.keys, load.spec.key, lock=load.lock)


async def _load_groups(connection: Connection, load: LoadGroups) -> Rows:
    return await _by_prefix(connection, load.spec, load.prefixes, load.spec.group, lock=False)


async def _by_prefix(connection: Connection, spec: TableSpec, keys: Sequence[Key], width: int, *, lock: bool) -> Rows:
    if not keys:
        return []
    wanted = transposed(dict.fromkeys(keys), encoders(spec.types[:width], "postgresql"))
    rows = await connection.fetch(_select_text(spec, width, lock=lock), *wanted)
    return as_records(spec.record, converted(rows, decoders(spec.types, "postgresql")))


async def _insert(connection: Connection, insert: Insert) -> Rows:
    if not insert.rows:
        return []
    spec = insert.spec
    if len(insert.rows) >= COPIED and not (insert.skip_existing or spec.identity):
        await _copy(connection, spec, insert.rows)
        return []
    values = transposed(insert.rows, encoders(spec.types, "postgresql"))
    if insert.skip_existing:
        added = await connection.fetch(_insert_missing_text(spec), *values)
        whole = len(added) == len(insert.rows)
        return [row[: spec.key] for row in insert.rows] if whole else [tuple(key) for key in added]
    if spec.identity:
        return [row[0] for row in await connection.fetch(_insert_text(spec), *values[1:])]
    await connection.execute(_insert_text(spec), *values)
    return []


async def _copy(connection: Connection, spec: TableSpec, rows: Sequence[Any]) -> None:
    records = converted(rows, encoders(spec.types, "postgresql copy"))
    await connection.copy_records_to_table(spec.name, columns=spec.columns, records=records)


async def _write(connection: Connection, write: Write) -> Rows:
    spec = write.spec
    new = [row for row in write.rows if row[-1] == 0]
    known = [row for row in write.rows if row[-1] != 0]
    done = 0
    if len(new) >= COPIED:
        await _copy_first_versions(connection, spec, new)
        done += len(new)
    elif new:
        done += await _changing(connection, spec, _add_text(spec), new)
    if known:
        done += await _changing(connection, spec, _update_text(spec), known)
    if done != len(write.rows):
        raise VersionConflict(f"{spec.name}: {len(write.rows) - done} of {len(write.rows)} rows have another version")
    return []


async def _copy_first_versions(connection: Connection, spec: TableSpec, rows: Sequence[Any]) -> None:
    try:
        await _copy(connection, spec, [(*row[:-1], 1) for row in rows])
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name != sql.primary_key(spec):
            raise
        raise VersionConflict(f"{spec.name}: {error.detail}") from error


async def _changing(connection: Connection, spec: TableSpec, text: str, rows: Sequence[Any]) -> int:
    return changed(await connection.execute(text, *transposed(rows, encoders(spec.types, "postgresql"))))


async def _delete(connection: Connection, delete: Delete) -> Rows:
    if delete.keys:
        spec = delete.spec
        keys = transposed(delete.keys, encoders(spec.types[: spec.key], "postgresql"))
        await connection.execute(_delete_text(spec), *keys)
    return []


async def _query(connection: Connection, query: Query) -> Rows:
    types = tuple((name, _parameter_type(value)) for name, value in query.parameters.items())
    text, used = _query_text(query.sql, types)
    values = [_parameter(query.parameters[name]) for name in used]
    if not query.types:
        return [(changed(await connection.execute(text, *values)),)]
    rows = await connection.fetch(text, *values)
    return list(map(tuple, converted(rows, decoders(query.types, "postgresql"))))


_HOW: dict[type[Statement], Callable[[Connection, Any], Awaitable[Rows]]] = {
    Load: _load,
    LoadGroups: _load_groups,
    Insert: _insert,
    Write: _write,
    Delete: _delete,
    Query: _query,
}


def changed(status: str) -> int:
    """Return the number of rows from a command's tag (`UPDATE 3`)."""
    return int(status.rpartition(" ")[2])


def _arrays(spec: TableSpec, indexes: range) -> str:
    """Return `$1::text[], $2::uuid[]` for these columns; an amount goes as text and becomes a number there."""
    kinds = [columns(spec)[index].kind for index in indexes]
    return ", ".join(
        f"${n}::text[]::numeric[]" if kind == "decimal" else f"${n}::{TYPES[kind]}[]" for n, kind in enumerate(kinds, 1)
    )


def _selected(spec: TableSpec) -> str:
    """Return the columns of `t`, an amount as text."""
    return ", ".join(
        f"t.{sql.quoted(name)}::text" if held.kind == "decimal" else f"t.{sql.quoted(name)}"
        for name, held in zip(spec.columns, columns(spec), strict=True)
    )


@cache
def _select_text(spec: TableSpec, width: int, *, lock: bool) -> str:
    keys, table = spec.columns[:width], sql.quoted(spec.name)
    wanted = f"unnest({_arrays(spec, range(width))}) as k ({sql.names(keys)})"
    return (
        f"select {_selected(spec)} from {table} t join {wanted} on {sql.equal(keys, 't', 'k')} "
        f"order by {sql.names(spec.key_columns, 't.')}{' for update of t' if lock else ''}"
    )


@cache
def _insert_text(spec: TableSpec) -> str:
    first = 1 if spec.identity else 0
    text = f"{sql.insert_into(spec)} select * from unnest({_arrays(spec, range(first, len(spec.columns)))})"
    return f"{text} returning {sql.quoted(spec.columns[0])}" if spec.identity else text


@cache
def _insert_missing_text(spec: TableSpec) -> str:
    key = sql.names(spec.key_columns)
    return f"{_insert_text(spec)} on conflict ({key}) do nothing returning {key}"


@cache
def _add_text(spec: TableSpec) -> str:
    stated = f"{sql.names(spec.columns[:-1])}, version + 1"
    rows = f"unnest({_arrays(spec, range(len(spec.columns)))}) as r ({sql.names(spec.columns)})"
    return f"{sql.insert_into(spec)} select {stated} from {rows} on conflict ({sql.names(spec.key_columns)}) do nothing"


@cache
def _update_text(spec: TableSpec) -> str:
    changes = "".join(f"{sql.quoted(name)} = r.{sql.quoted(name)}, " for name in spec.columns[spec.key : -1])
    rows = f"unnest({_arrays(spec, range(len(spec.columns)))}) as r ({sql.names(spec.columns)})"
    return (
        f"update {sql.quoted(spec.name)} t set {changes}version = t.version + 1 from {rows} "
        f"where {sql.equal(spec.key_columns, 't', 'r')} and t.version = r.version"
    )


@cache
def _delete_text(spec: TableSpec) -> str:
    keys = f"unnest({_arrays(spec, range(spec.key))}) as k ({sql.names(spec.key_columns)})"
    return f"delete from {sql.quoted(spec.name)} t using {keys} where {sql.equal(spec.key_columns, 't', 'k')}"


def _parameter(value: Any) -> Any:
    return aware(value) if isinstance(value, datetime) else value


def _parameter_type(value: Any) -> str | None:
    """Return the database's type of a parameter, `null` for None; None for a list: its type is the column's."""
    if value is None:
        return "null"
    return next((name for python, name in _PARAMETERS if isinstance(value, python)), None)


@cache
def _query_text(text: str, types: tuple[tuple[str, str | None], ...]) -> tuple[str, tuple[str, ...]]:
    """Return the text with numbered parameters, and the names in the order of these numbers."""
    known, used = dict(types), list[str]()

    def number(name: str) -> int:
        if name not in used:
            used.append(name)
        return used.index(name) + 1

    def one(name: str) -> str:
        kind = known[name]
        if kind == "null":
            return "null"
        return f"${number(name)}" if kind is None else f"${number(name)}::{kind}"

    def many(name: str, operator: str) -> str:
        return f"= any(${number(name)})" if operator == "in" else f"<> all(${number(name)})"

    return sql.with_parameters(text, one, many), tuple(used)
