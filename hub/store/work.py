"""The unit of work: what a batch has loaded, and each message's own overlay on it.

Strategy: the runner loads the needs of all messages of a batch into one `Batch`. Each
message works on a `Work` of its own, which reads through to the batch and keeps its
changes to itself; `Batch.take` makes them the batch's when the handler returned, and
what raised is simply forgotten. Nothing here does I/O, so handlers are tested as
functions.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeVar, TypeVarTuple
from uuid import UUID

from hub.canonical.envelope import Message, Payload, derive_id, message_model
from hub.store.messages import Expected, NumberSeries, Task
from hub.store.records import SPECS

R = TypeVar("R", bound=tuple[Any, ...])
T = TypeVar("T")
Ts = TypeVarTuple("Ts")
Key = tuple[Any, ...]


class Need(NamedTuple):
    """A row (or, with `group`, all rows of an owner) that a handler wants; `locked` keeps it for the transaction."""

    record: type[tuple[Any, ...]]
    key: Key
    locked: bool = True
    group: bool = False


def lock(record: type[tuple[Any, ...]], *key: Any) -> Need:
    """Want one row of the service's own tables, locked; it need not exist yet."""
    return Need(record, key)


def peek(record: type[tuple[Any, ...]], *key: Any) -> Need:
    """Want one row of master data, read without a lock."""
    return Need(record, key, locked=False)


def group(record: type[tuple[Any, ...]], *prefix: Any) -> Need:
    """Want all rows of an owner; the owner's own row must be locked by another need."""
    return Need(record, prefix, locked=False, group=True)


def series(name: str) -> Need:
    """Want the right to take numbers of a series."""
    return Need(NumberSeries, (name,))


def meeting(key: str) -> Need:
    """Want the meeting place of two messages that look for each other; `key` begins with the service's name."""
    return Need(Expected, (key,))


class Undeclared(Exception):
    """A handler asked for what was not loaded; the runner loads it and runs the batch again."""

    def __init__(self, need: Need) -> None:
        super().__init__(f"{need.record.__name__} {need.key} was not declared as a need")
        self.need = need


class Batch:
    """What is loaded and changed in one transaction."""

    def __init__(self) -> None:
        self._rows: dict[type[Any], dict[Key, Any]] = {}
        self._groups: dict[type[Any], dict[Key, dict[Key, Any]]] = {}
        self._changed: dict[type[Any], dict[Key, Any]] = {}
        self._added: dict[type[Any], list[Any]] = {}
        self.published: list[Message[Any]] = []
        self.shared: dict[tuple[Any, ...], Any] = {}

    def loaded(self, record: type[R], keys: Iterable[Key], rows: Iterable[R]) -> None:
        """Take in rows that were read by key; a key without a row is known to have none."""
        held = self._rows.setdefault(record, {})
        held.update(dict.fromkeys(keys))
        length = SPECS[record].key
        held.update((row[:length], row) for row in rows)

    def loaded_groups(self, record: type[R], prefixes: Iterable[Key], rows: Iterable[R]) -> None:
        """Take in all rows of these owners."""
        spec = SPECS[record]
        held = self._groups.setdefault(record, {})
        for prefix in prefixes:
            held[prefix] = {}
        for row in rows:
            held[row[: spec.group]][row[: spec.key]] = row

    def row(self, record: type[R], key: Key) -> R | None:
        """Return a row as the batch sees it now. Raises Undeclared if it was not loaded."""
        held = self._rows.get(record)
        if held is not None and key in held:
            found: R | None = held[key]
            return found
        spec = SPECS[record]
        owner = self._groups.get(record, {}).get(key[: spec.group]) if spec.group else None
        if owner is None:
            raise Undeclared(Need(record, key, locked=spec.versioned))
        return owner.get(key)

    def rows(self, record: type[R], prefix: Key) -> dict[Key, R]:
        """Return an owner's rows as the batch sees them now. Raises Undeclared if they were not loaded."""
        held = self._groups.get(record, {}).get(prefix)
        if held is None:
            raise Undeclared(Need(record, prefix, locked=False, group=True))
        return held

    def take(self, work: "Work") -> None:
        """Make the changes of one message the batch's."""
        for record, rows in work.saved.items():
            if SPECS[record].versioned:
                self._changed.setdefault(record, {}).update(rows)
            else:
                self._added.setdefault(record, []).extend(rows.values())
            self._see(record, rows)
        self.published += work.published

    def _see(self, record: type[Any], rows: dict[Key, Any]) -> None:
        """Let the messages that follow in this batch read these rows."""
        self._rows.setdefault(record, {}).update(rows)
        groups, length = self._groups.get(record), SPECS[record].group
        if not groups:
            return
        for key, row in rows.items():
            if key[:length] in groups:
                groups[key[:length]][key] = row

    def changed(self) -> Iterator[tuple[type[Any], list[Any]]]:
        """Yield, in the order of locking, each record with the rows to write (versioned) or to add, sorted by key."""
        for record in sorted({*self._changed, *self._added}, key=lambda one: (SPECS[one].rank, SPECS[one].name)):
            length = SPECS[record].key
            rows = self._changed[record].values() if record in self._changed else self._added[record]
            yield record, sorted(rows, key=lambda row: row[:length])


@dataclass(slots=True)
class Work:
    """What a handler may do for one message: read what it declared, save new values, publish messages.

    `now` is the batch's time. `ended` and `reason` override what the books say of the
    document (by default it is applied when the handler returns). `arrived` are the
    meeting places at which somebody may be waiting for this message. `beforehand` is what
    was worked out before the transaction, where the service has asked for that.
    """

    batch: Batch
    message: Message[Any]
    service: str
    now: datetime
    beforehand: Any = None
    saved: dict[type[Any], dict[Key, Any]] = field(default_factory=dict)
    published: list[Message[Any]] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    ended: str | None = None
    reason: str | None = None

    def get(self, record: type[R], *key: Any) -> R | None:
        """Return the row with this key as this message sees it, None if there is none."""
        mine = self.saved.get(record)
        if mine is not None and key in mine:
            found: R = mine[key]
            return found
        return self.batch.row(record, key)

    def group(self, record: type[R], *prefix: Any) -> tuple[R, ...]:
        """Return an owner's rows as this message sees them, sorted by key."""
        rows = self.batch.rows(record, prefix)
        mine = self.saved.get(record)
        if mine:
            rows = rows | {key: row for key, row in mine.items() if key[: len(prefix)] == prefix}
        return tuple(map(rows.__getitem__, sorted(rows)))

    def shared(self, make: "Callable[[Work, *Ts], T]", *of: *Ts) -> T:
        """Return `make(self, *of)`, worked out once for all messages of the batch.

        It may depend on nothing but rows that no message of the service changes.
        """
        known, key = self.batch.shared, (make, *of)
        if key not in known:
            known[key] = make(self, *of)
        made: T = known[key]
        return made

    def save(self, *records: tuple[Any, ...]) -> None:
        """Keep new values: they replace the row with their key, or add it."""
        for row in records:
            record = type(row)
            self.saved.setdefault(record, {})[row[: SPECS[record].key]] = row

    def publish(
        self, payload: Payload, *, test: bool | None = None, correlation: UUID | None = None, partner: str | None = None
    ) -> Message[Any]:
        """Publish a message caused by this one and return it. Its id is derived: the same at every run.

        Source, channel, correlation, partner and test flag are this message's unless named.
        """
        kind = type(payload)
        ordinal = sum(1 for one in self.published if type(one.data) is kind)
        cause = self.message
        message = message_model(kind).trusted(
            id=derive_id(cause.id, self.service, kind.TYPE, ordinal),
            type=kind.TYPE,
            source=cause.source,
            subject=payload.business_key,
            time=self.now,
            correlationid=cause.correlationid if correlation is None else correlation,
            causationid=cause.id,
            partner=cause.partner if partner is None else partner,
            channel=cause.channel,
            testindicator=cause.testindicator if test is None else test,
            data=payload,
        )
        self.published.append(message)
        return message

    def number(self, name: str) -> int:
        """Take the next number of a series. It is given back if this message fails."""
        held = self.get(NumberSeries, name) or NumberSeries(name, 0)
        taken = NumberSeries(name, held.last + 1, held.version)
        self.save(taken)
        return taken.last

    def task(self, kind: str, subject: str, reason: str, order_id: str | None = None) -> None:
        """Ask a person to look at something odd, without stopping anything."""
        ordinal = len(self.saved.get(Task, ()))
        identifier = derive_id(self.message.id, self.service, f"task/{kind}/{subject}", ordinal)
        self.save(Task(identifier, self.now, self.service, kind, subject, order_id, reason))

    def end(self, outcome: str, reason: str) -> None:
        """Say what the books are to call the end of this document: `duplicate` or `refused`, with its reason."""
        self.ended, self.reason = outcome, reason

    def here(self, key: str) -> None:
        """Wake whoever waits at this meeting place (declared with `meeting`)."""
        self.arrived.append(key)
