"""The tables, as SQLAlchemy sees them, made of the records: for migrations and for comparing, never for running SQL."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from hub.store import delivery, invoice, master, messages, order, payment, sql, status, stock
from hub.store.columns import Column, Kind, columns
from hub.store.migrations import types
from hub.store.records import SPECS, TableSpec

MODULES = (delivery, invoice, master, messages, order, payment, status, stock)
"""Every module with records: what is not named here has no table."""

TYPES: Mapping[Kind, types.Type] = MappingProxyType(
    {
        "text": types.text,
        "json": types.text,
        "integer": types.integer,
        "boolean": types.boolean,
        "bytes": types.bytes_,
        "decimal": types.decimal,
        "date": types.date,
        "instant": types.instant,
        "uuid": types.uuid,
    }
)
QUEUE = "fillfactor = 70, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0"
"""How PostgreSQL keeps a table whose rows come and go all day: it is nearly empty and nearly all dead."""
QUEUES = ("outbox", "waiting")

_LARGE: frozenset[Kind] = frozenset({"bytes", "json"})


def metadata() -> sa.MetaData:
    """Return every table of the hub, with its keys and indexes, for both databases."""
    ours = {module.__name__ for module in MODULES}
    return tables(spec for spec in SPECS.values() if spec.record.__module__ in ours)


def tables(specs: Iterable[TableSpec]) -> sa.MetaData:
    """Return the tables of these records."""
    described = sa.MetaData()
    for spec in sorted(specs, key=lambda one: one.name):
        _table(spec, described)
    return described


def _table(spec: TableSpec, described: sa.MetaData) -> sa.Table:
    parts = [_column(spec, name, held) for name, held in zip(spec.columns, columns(spec), strict=True)]
    key = sa.PrimaryKeyConstraint(*spec.key_columns, name=sql.primary_key(spec))
    unique = [sa.UniqueConstraint(*one, name=_named(spec, one, "key")) for one in spec.unique]
    indexes = [sa.Index(_named(spec, one, "idx"), *one) for one in spec.indexes]
    indexes += [_partial(spec, one, sa.text(condition)) for one, condition in spec.partial.items()]
    options: dict[str, Any] = _on_sqlite(spec)
    made: sa.Table = sa.Table(spec.name, described, *parts, key, *unique, *indexes, **options)
    if spec.name in QUEUES:
        storage = sa.DDL(f"alter table {spec.name} set ({QUEUE})")  # type: ignore[no-untyped-call] # SQLAlchemy left it so
        sa.event.listen(made, "after_create", storage.execute_if(dialect="postgresql"))
    return made


def _partial(spec: TableSpec, names: tuple[str, ...], condition: sa.TextClause) -> sa.Index:
    return sa.Index(_named(spec, names, "idx"), *names, sqlite_where=condition, postgresql_where=condition)


def _on_sqlite(spec: TableSpec) -> dict[str, bool]:
    """Return how SQLite keeps the table: ids never given twice, small rows within their key's tree."""
    if spec.identity:
        return {"sqlite_autoincrement": True}
    small = not any(held.kind in _LARGE for held in columns(spec))
    return {"sqlite_with_rowid": False} if small else {}


def _column(spec: TableSpec, name: str, held: Column) -> sa.Column[Any]:
    if name != spec.columns[0] or held.kind != "integer" or spec.key > 1:
        return sa.Column(name, TYPES[held.kind], nullable=held.nullable)
    if spec.identity:
        return sa.Column(name, TYPES["integer"], sa.Identity(), nullable=False)
    return sa.Column(name, TYPES["integer"], nullable=False, autoincrement=False)


def _named(spec: TableSpec, names: tuple[str, ...], kind: str) -> str:
    return f"{spec.name}_{'_'.join(names)}_{kind}"
