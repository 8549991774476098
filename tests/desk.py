"""A service's handlers as functions: rows in memory in, rows and messages out, exactly the declared needs loaded."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from hub.canonical.envelope import Message, Payload, message_model, new_id
from hub.handlers.service import Service
from hub.store.messages import Event
from hub.store.outbox import event_of
from hub.store.records import SPECS
from hub.store.statements import Job, Load, LoadGroups
from hub.store.work import Batch, Need, Work

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
_ids = count(1)


def message(payload: Payload, **envelope: Any) -> Message[Any]:
    """Return the payload in an envelope with a fresh id of its own."""
    identifier = new_id(NOW, next(_ids).to_bytes(10, "big"))
    filled = {
        "id": identifier,
        "type": payload.TYPE,
        "source": "test",
        "subject": payload.business_key,
        "time": NOW,
        "correlationid": identifier,
        "data": payload,
    }
    return message_model(type(payload)).model_validate(filled | envelope)


@dataclass
class Desk:
    """One service with its tables in memory. `handle` runs one message as the runner would, without a database.

    `log` is the event log: what came.
    """

    service: Service
    rows: dict[type[Any], dict[tuple[Any, ...], Any]] = field(default_factory=dict)
    now: datetime = NOW
    log: dict[tuple[Any, ...], Event] = field(default_factory=dict)

    def put(self, *records: tuple[Any, ...]) -> "Desk":
        """Lay rows into the tables."""
        for row in records:
            self.rows.setdefault(type(row), {})[row[: SPECS[type(row)].key]] = row
        return self

    def all(self, record: type[Any]) -> list[Any]:
        """Return all rows of a table, sorted by key."""
        return [row for _, row in sorted(self.rows.get(record, {}).items())]

    def handle(self, incoming: Message[Any] | Payload, **envelope: Any) -> Work:
        """Handle one message; what it saved is in the tables afterwards, unless it raised.

        Raises what the handler raises, and Undeclared where it asks for what it did not declare.
        """
        one = message(incoming, **envelope) if isinstance(incoming, Payload) else incoming
        self.log[(one.id,)] = event_of(one, [self.service.name])
        handling = self.service.handlings[one.type]
        batch = Batch()
        work = Work(batch, one, self.service.name, self.now)
        wanted = handling.beforehand(one) if handling.beforehand else None
        work.beforehand = wanted.work(self._driven(wanted.load())) if wanted else None
        self._load(batch, handling.needs(one))
        if handling.then is not None:
            self._load(batch, handling.then(one, work))
        handling.handler(one, work)
        for rows in work.saved.values():
            self.put(*(_next_version(row) for row in rows.values()))
        return work

    def _driven(self, job: Job[Any]) -> Any:
        """Answer the reads of a job from the tables in memory, and return what it returns."""
        found: Any = None
        try:
            while True:
                asked = job.send(found)
                assert isinstance(asked, Load | LoadGroups), "beforehand nothing is changed"
                keys = asked.keys if isinstance(asked, Load) else asked.prefixes
                rows = self.all(asked.spec.record)
                found = [row for row in rows if any(row[: len(key)] == tuple(key) for key in keys)]
        except StopIteration as done:
            return done.value

    def _load(self, batch: Batch, needs: Any) -> None:
        for need in needs:
            self._load_one(batch, need)

    def _load_one(self, batch: Batch, need: Need) -> None:
        rows: dict[tuple[Any, ...], Any] = self.log if need.record is Event else self.rows.get(need.record, {})
        if need.group:
            inside = [row for key, row in rows.items() if key[: len(need.key)] == need.key]
            batch.loaded_groups(need.record, [need.key], inside)
        else:
            batch.loaded(need.record, [need.key], [rows[need.key]] if need.key in rows else [])


def payloads(work: Work) -> list[Any]:
    """Return what the handler published, without envelopes."""
    return [one.data for one in work.published]


def identifier(number: int) -> UUID:
    """Return a readable id for a test."""
    return UUID(int=number)


def _next_version(row: Any) -> Any:
    return row._replace(version=row.version + 1) if SPECS[type(row)].versioned else row
