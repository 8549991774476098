"""A record: a row of one table as a frozen value, and what the store must know of its table.

A record is a NamedTuple, since then the value *is* the row: loading is `Record._make`,
saving needs no mapping, and nobody can change it in place. Its key fields come first;
a record that is ever changed ends with `version`, which the unit of work counts up.

    @table("stock_item", key=2, rank=Rank.STOCK)
    class StockItem(NamedTuple):
        sku: str
        location: str
        on_hand: Decimal
        version: int = 0

Field types: str, int, bool, bytes, Decimal, date, datetime (aware, UTC), UUID, each of
them `| None`, and anything pydantic can write as JSON (a `Value`, a tuple of them, a dict).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

R = TypeVar("R", bound=tuple[Any, ...])


class Rank(IntEnum):
    """The order in which tables are locked, for every batch of every service; within one table by key."""

    EXPECTED = 10
    AGGREGATE = 20
    STOCK = 30
    NUMBERS = 90


@dataclass(frozen=True, slots=True, eq=False)
class TableSpec:
    """What the store knows of a table.

    `key` is the number of leading fields that make the primary key; `group` how many of
    those name the owner whose rows are read together (0: never). A table without
    `version` is append-only. `identity` tells that the database gives the first field,
    ever rising. `indexes` are tuples of column names; `partial` ones hold only the rows
    of a condition, so that the few that matter are found among all that ever were.
    """

    name: str
    record: type[tuple[Any, ...]]
    columns: tuple[str, ...]
    types: tuple[Any, ...]
    key: int
    group: int
    rank: Rank
    versioned: bool
    identity: bool
    indexes: tuple[tuple[str, ...], ...]
    partial: Mapping[tuple[str, ...], str]
    unique: tuple[tuple[str, ...], ...]

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns of the primary key."""
        return self.columns[: self.key]


SPECS: dict[type[tuple[Any, ...]], TableSpec] = {}
"""Every table of the hub, by its record."""


def table(
    name: str,
    *,
    key: int = 1,
    group: int = 0,
    rank: Rank = Rank.AGGREGATE,
    identity: bool = False,
    indexes: Sequence[tuple[str, ...]] = (),
    partial: Mapping[tuple[str, ...], str] = MappingProxyType({}),
    unique: Sequence[tuple[str, ...]] = (),
) -> Callable[[type[R]], type[R]]:
    """Register a NamedTuple as the record of the table `name`."""

    def register(record: type[R]) -> type[R]:
        hints = get_type_hints(record)
        columns: tuple[str, ...] = tuple(hints)
        SPECS[record] = TableSpec(
            name=name,
            record=record,
            columns=columns,
            types=tuple(hints.values()),
            key=key,
            group=group,
            rank=rank,
            versioned=columns[-1] == "version",
            identity=identity,
            indexes=tuple(indexes),
            partial=partial,
            unique=tuple(unique),
        )
        return record

    return register
