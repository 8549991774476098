"""The needs of a batch, turned into few statements in one order: table by table, sorted by key.

All runners lock in this order, so two of them do not wait for each other. A key that a
handler asks for without having declared it raises `MoreNeeded`: the transaction is
given up and begun again with that key among the first.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from hub.store.messages import Expected
from hub.store.records import SPECS, Rank
from hub.store.statements import Insert, Job, Key, Load, LoadGroups
from hub.store.work import Batch, Need

Record = type[tuple[Any, ...]]


class MoreNeeded(Exception):
    """Handlers asked for what none of them had declared."""

    def __init__(self, needs: Iterable[Need]) -> None:
        self.needs = frozenset(needs)
        super().__init__(", ".join(sorted(f"{need.record.__name__} {need.key}" for need in self.needs)))


class Loading:
    """What a transaction has loaded so far, and can be poured into a `Batch`."""

    def __init__(self) -> None:
        self._asked: set[Need] = set()
        self._loads: list[Callable[[Batch], None]] = []

    def batch(self) -> Batch:
        """Return a batch of everything loaded, as it stands in the database."""
        batch = Batch()
        for load in self._loads:
            load(batch)
        return batch

    def load(self, needs: Iterable[Need]) -> Job[None]:
        """Lock and load what is not loaded yet."""
        new = set(needs) - self._asked
        if not new:
            return
        self._asked |= new
        by_record: dict[Record, list[Need]] = defaultdict(list)
        for need in new:
            by_record[need.record].append(need)
        ordered = sorted(by_record, key=_place)
        for record in ordered:
            yield from self._rows(record, by_record[record])
        for record in ordered:
            yield from self._groups(record, sorted({need.key for need in by_record[record] if need.group}))

    def _rows(self, record: Record, needs: list[Need]) -> Job[None]:
        locked = {need.key for need in needs if need.locked and not need.group}
        read = {need.key for need in needs if not need.locked and not need.group} - locked
        if locked and record is Expected:  # a place must exist to be locked
            places = [Expected(key[0], version=1) for key in sorted(locked)]
            yield Insert(SPECS[Expected], places, skip_existing=True)
        for keys, lock in ((sorted(locked), True), (sorted(read), False)):
            if keys:
                self._keep(record, keys, (yield Load(SPECS[record], keys, lock=lock)))

    def _groups(self, record: Record, prefixes: list[Key]) -> Job[None]:
        if prefixes:
            rows = yield LoadGroups(SPECS[record], prefixes)
            self._loads.append(lambda batch: batch.loaded_groups(record, prefixes, rows))

    def _keep(self, record: Record, keys: list[Key], rows: list[Any]) -> None:
        self._loads.append(lambda batch: batch.loaded(record, keys, rows))


def is_number(need: Need) -> bool:
    """Tell whether a need is a series of numbers: those are locked after everything else."""
    return SPECS[need.record].rank == Rank.NUMBERS


def _place(record: Record) -> tuple[int, str]:
    spec = SPECS[record]
    return spec.rank, spec.name
