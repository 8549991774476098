"""The tables, as SQLAlchemy sees them, made of the records: for migrations and for comparing, never for running SQL."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

import hub.store
from hub.store.columns import Column, Kind, columns
from hub.store.records import SPECS, TableSpec

_TEXT: TypeEngine[Any] = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Compared by code point in both databases, so that both sort alike."""

TYPES: dict[Kind, TypeEngine[Any]] = {
    "text": _TEXT,
    "json": _TEXT,
    "integer": sa.BigInteger().with_variant(sqlite.INTEGER(), "sqlite"),
    "boolean": sa.Boolean(create_constraint=False).with_variant(sqlite.INTEGER(), "sqlite"),
    "bytes": sa.LargeBinary(),
    "decimal": sa.Numeric().with_variant(sa.Text(collation="decimal"), "sqlite"),
    "date": sa.Date().with_variant(sa.Text(), "sqlite"),
    "instant": postgresql.TIMESTAMP(timezone=True).with_variant(sqlite.INTEGER(), "sqlite"),
    "uuid": sa.Uuid().with_variant(sa.LargeBinary(), "sqlite"),
}
_LARGE: frozenset[Kind] = frozenset({"bytes", "json"})


def metadata() -> sa.MetaData:
    """Return every table of the hub, with its keys and indexes, for both databases."""
    for module in pkgutil.iter_modules(hub.store.__path__, "hub.store."):
        if not module.ispkg:
            importlib.import_module(module.name)
    return tables(spec for spec in SPECS.values() if spec.record.__module__.startswith("hub.store."))


def tables(specs: Iterable[TableSpec]) -> sa.MetaData:
    """Return the tables of these records."""
    described = sa.MetaData()
    for spec in sorted(specs, key=lambda one: one.name):
        _table(spec, described)
    return described


def _table(spec: TableSpec, described: sa.MetaData) -> sa.Table:
    parts = [_column(spec, name, held) for name, held in zip(spec.columns, columns(spec), strict=True)]
    key = sa.PrimaryKeyConstraint(*spec.key_columns, name=f"{spec.name}_pkey")
    unique = [sa.UniqueConstraint(*one, name=_named(spec, one, "key")) for one in spec.unique]
    indexes = [sa.Index(_named(spec, one, "idx"), *one) for one in spec.indexes]
    small = not any(held.kind in _LARGE for held in columns(spec))
    return sa.Table(
        spec.name,
        described,
        *parts,
        key,
        *unique,
        *indexes,
        sqlite_autoincrement=spec.identity,
        sqlite_with_rowid=spec.identity or not small,
    )


def _column(spec: TableSpec, name: str, held: Column) -> sa.Column[Any]:
    if spec.identity and name == spec.columns[0]:
        return sa.Column(name, TYPES["integer"], sa.Identity(), nullable=False, autoincrement=True)
    return sa.Column(name, TYPES[held.kind], nullable=held.nullable, autoincrement=False)


def _named(spec: TableSpec, names: tuple[str, ...], kind: str) -> str:
    return f"{spec.name}_{'_'.join(names)}_{kind}"
