"""One batch of one service as one transaction: the generator of statements that the runner gives to the database.

Strategy. The inbox row of every message is written first, as applied: what is there
already is a double. Then the rows that all messages need are locked and loaded, the
handlers run in memory in queue order, each on an overlay of its own, and what they
changed, what became of each message and what they published goes out in multi-row
statements. A handler that raises loses its own overlay; an error of the database ends
the transaction, and the caller tries smaller batches.

Nothing here waits or knows the broker, so a test can answer the statements by hand.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from hub.canonical.envelope import AS_NUMBER, Message, named_id
from hub.handlers.service import Service, Subscription
from hub.messaging import books
from hub.messaging.loading import Loading, MoreNeeded, is_number
from hub.messaging.outcomes import APPLIED, IN_LINE, Fate, Taken, Unreadable, fate_of, parked_row, waiting_row
from hub.store import outbox, waiting
from hub.store.messages import Document, InboxRow, Parked, Suspect, WaitingRow
from hub.store.records import SPECS
from hub.store.statements import Delete, Insert, Job, Load, Query, Write
from hub.store.waiting import NEVER
from hub.store.work import Batch, Need, Undeclared, Work

Subscriptions = Mapping[str, Sequence[Subscription]]


@dataclass(slots=True)
class Settled:
    """What a committed batch did: the fate of each message, what is on its way, and when waiting ones are due next."""

    fates: list[tuple[Taken, Fate]] = field(default_factory=list)
    doubles: int = 0
    outgoing: list[outbox.Outgoing] = field(default_factory=list)
    next_due: datetime | None = None


def read(service: Service, body: bytes, message_id: str) -> Taken:
    """Read one delivery in a single pass; what is no message of this service will be parked.

    Then its id is the AMQP message id if that is a UUID, else made of the body.
    """
    try:
        message = service.reader.validate_json(body)
        handling = service.handlings[message.type]
        taken = Taken(message.id, body, message, handling.key(message), handling.holds)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        failure: Exception = Unreadable(f"{place}: {first['msg']}" if place else first["msg"])
    except Exception as error:  # noqa: BLE001 - a key function of ours failed: the message is parked with that
        failure = error
    else:
        try:
            taken.needs = tuple(handling.needs(message))
        except Exception as error:  # noqa: BLE001 - it is the message's failure, told when its turn comes
            taken.failure = error
        return taken
    return Taken(_identifier(message_id, body), body, holds=False, failure=failure)


def settle(
    service: Service,
    arrivals: Sequence[Taken],
    subscriptions: Subscriptions,
    now: datetime,
    chance: Callable[[], float],
    *,
    late: Sequence[UUID] = (),
    suspects: Sequence[UUID] = (),
    extra: frozenset[Need] = frozenset(),
    failures: Mapping[UUID, Exception] = MappingProxyType({}),
) -> Job[Settled]:
    """Settle these messages, after those of `late`, which stand in `waiting`.

    `suspects` are cleared of suspicion, as `late` ones are. `extra` needs are loaded
    beside the declared ones. What has a failure is not run. Raises MoreNeeded if a
    handler asks for what nobody has declared.
    """
    fresh = yield from _new(service.name, arrivals, now)
    waited = (yield from _late(service, late)) if late else []
    lines = yield from waiting.lines(service.name, (one.okey for one in (*waited, *fresh)))
    run = _Run(service, now, chance, lines, failures)
    loading = Loading()
    yield from run.load(loading, (*waited, *fresh), extra)
    run.handle(loading.batch(), (*waited, *fresh))
    yield from _flush(run, subscriptions)
    if suspects or late:
        yield Delete(SPECS[Suspect], sorted({(service.name, one) for one in (*suspects, *late)}))
    settled = Settled(run.fates, len(arrivals) - len(fresh), run.outgoing)
    settled.next_due = yield from _next_due(run, looked=bool(late))
    return settled


class _Run:
    """The handlers of one batch, in memory."""

    def __init__(
        self,
        service: Service,
        now: datetime,
        chance: Callable[[], float],
        lines: waiting.Lines,
        failures: Mapping[UUID, Exception],
    ) -> None:
        self.service = service
        self.now = now
        self.lines = lines
        self.batch = Batch()
        self.fates: list[tuple[Taken, Fate]] = []
        self.rows: list[WaitingRow] = []
        self.arrived: list[str] = []
        self.outgoing: list[outbox.Outgoing] = []
        self.woken = False
        self._chance = chance
        self._stopped: set[str] = set()
        self._failures = dict(failures)
        self._missing: set[Need] = set()

    def load(self, loading: Loading, taken: Sequence[Taken], extra: frozenset[Need]) -> Job[None]:
        """Lock and load all needs: the declared ones, those known only then, number series last."""
        needs = extra.union(*(one.needs for one in taken if not self._has_failed(one)))
        numbers = {need for need in needs if is_number(need)}
        yield from loading.load(needs - numbers)
        then = self._known_only_then(loading.batch(), taken)
        late_numbers = {need for need in then if is_number(need)}
        yield from loading.load(then - late_numbers)
        yield from loading.load(numbers | late_numbers)

    def handle(self, batch: Batch, taken: Iterable[Taken]) -> None:
        """Run all handlers in their order."""
        self.batch = batch
        for one in taken:
            fate = self._fate(one)
            if fate is not None:
                self.fates.append((one, fate))
        if self._missing:
            raise MoreNeeded(self._missing)

    def is_stopped(self, okey: str) -> bool:
        """Tell whether somebody in the line of this key could not go on."""
        return okey in self._stopped

    def _fate(self, one: Taken) -> Fate | None:
        """Return what becomes of a message, None if it stays in line as it is."""
        earlier = one.earlier
        in_line = earlier is not None and earlier.blocks
        if in_line and one.okey in self._stopped:
            return None
        fate = IN_LINE if not in_line and self.lines.is_blocked(one.okey) else self._result(one)
        if in_line and not fate.blocks:
            self.lines.leave(one.okey)
        if fate.outcome == "waiting" or fate.blocks:
            self._stand(one, fate, in_line=in_line)
        return fate

    def _stand(self, one: Taken, fate: Fate, *, in_line: bool) -> None:
        """Keep a row in `waiting`: at its old turn if it was in the line already, else at the end of it."""
        if in_line and fate.blocks:
            self._stopped.add(one.okey)
        if one.earlier is not None and in_line == fate.blocks:
            seq = one.earlier.seq
        else:
            seq = self.lines.join(one.okey, blocks=fate.blocks)
        self.rows.append(waiting_row(self.service.name, one, fate, seq))

    def _result(self, one: Taken) -> Fate:
        failure = one.failure or (self._failures.get(one.message_id) if self._failures else None)
        if failure is not None:
            return fate_of(failure, one, self.now, self._chance)
        try:
            return self._handled(one)
        except Undeclared as error:
            self._missing.add(error.need)
            return APPLIED
        except Exception as error:  # noqa: BLE001 - every error becomes an outcome, sorted by its class
            return fate_of(error, one, self.now, self._chance)

    def _handled(self, one: Taken) -> Fate:
        message = one.message
        assert message is not None, "what cannot be read has a failure"  # noqa: S101 - narrows the type
        work = self._work(self.batch, one, message)
        self.service.handlings[message.type].handler(message, work)
        if message.testindicator and not self.service.keeps_tests:
            work.saved.clear()
        else:
            self.arrived += work.arrived
        self.batch.take(work)
        return APPLIED if work.ended is None else Fate("applied", work.reason, ended=work.ended)

    def _work(self, batch: Batch, one: Taken, message: Message[Any]) -> Work:
        return Work(batch, message, self.service.name, self.now, one.beforehand)

    def _has_failed(self, one: Taken) -> bool:
        return one.failure is not None or (bool(self._failures) and one.message_id in self._failures)

    def _known_only_then(self, seen: Batch, taken: Iterable[Taken]) -> set[Need]:
        """Return the needs that messages tell once the first ones are loaded."""
        needs: set[Need] = set()
        for one in taken:
            then = self.service.handlings[one.message.type].then if one.message is not None else None
            if one.message is None or then is None or self._has_failed(one):
                continue
            try:
                needs.update(then(one.message, self._work(seen, one, one.message)))
            except Undeclared as error:
                self._missing.add(error.need)
            except Exception as error:  # noqa: BLE001 - it is the message's failure, told when its turn comes
                self._failures[one.message_id] = error
        if self._missing:
            raise MoreNeeded(self._missing)
        return needs


def _identifier(message_id: str, body: bytes) -> UUID:
    try:
        return UUID(message_id)
    except ValueError:
        return named_id("unreadable", body.hex())


def _new(service: str, arrivals: Sequence[Taken], now: datetime) -> Job[list[Taken]]:
    """Write the inbox rows and return the messages that had none: first of their id and not settled before."""
    if not arrivals:
        return []
    first = {one.message_id: one for one in reversed(arrivals)}
    rows = [InboxRow(service, identifier, "applied", now) for identifier in sorted(first, key=AS_NUMBER)]
    added = yield Insert(SPECS[InboxRow], rows, skip_existing=True)
    if len(added) == len(arrivals):
        return list(arrivals)
    new = {key[1] for key in added}
    return [one for one in arrivals if one.message_id in new and first[one.message_id] is one]


def _late(service: Service, ids: Sequence[UUID]) -> Job[list[Taken]]:
    """Return waiting messages in this order, read from the event log; what has left `waiting` meanwhile is left out."""
    found = yield Load(SPECS[WaitingRow], sorted((service.name, one) for one in ids))
    rows = {row.message_id: row for row in found}
    events = yield Query("select id, body from event_log where id in :ids", {"ids": tuple(rows)}, (UUID, bytes))
    bodies = dict(events)
    missing = sorted(rows.keys() - bodies.keys())
    if missing:
        kept = yield Load(SPECS[Parked], [(service.name, one) for one in missing])
        bodies |= {row.message_id: row.body for row in kept}
    return [_waited(service, rows[one], bodies.get(one, b"")) for one in ids if one in rows]


def _waited(service: Service, row: WaitingRow, body: bytes) -> Taken:
    taken = read(service, body, str(row.message_id))
    return replace(taken, message_id=row.message_id, okey=row.okey, earlier=row)


def _flush(run: _Run, subscriptions: Subscriptions) -> Job[None]:
    service, now = run.service.name, run.now
    documents: list[Document] = []
    for record, rows in run.batch.changed():
        spec = SPECS[record]
        yield Write(spec, rows) if spec.versioned else Insert(spec, rows)
        if record is Document:
            documents = rows
    ran_before = any(one.earlier for one, _ in run.fates)
    run.outgoing = yield from outbox.publish(run.batch.published, subscriptions, may_be_known=ran_before)
    yield from waiting.replace(service, [one.message_id for one, _ in run.fates if one.earlier], run.rows)
    yield from _outcomes(run)
    yield from books.close(service, run.service.documents, run.fates, documents, now)
    run.woken = yield from waiting.wake(service, run.arrived, now)


def _outcomes(run: _Run) -> Job[None]:
    service = run.service.name
    changed = [(one, fate) for one, fate in run.fates if fate is not APPLIED or one.earlier]
    if changed:
        rows = [InboxRow(service, one.message_id, fate.outcome, run.now, fate.reason) for one, fate in changed]
        yield Delete(SPECS[InboxRow], sorted(row[:2] for row in rows))
        yield Insert(SPECS[InboxRow], sorted(rows, key=lambda row: row[:2]))
    parked = [(one, fate) for one, fate in changed if fate.outcome == "parked"]
    if parked:
        keys = sorted((service, one.message_id) for one, _ in parked)
        known = yield Load(SPECS[Parked], keys, lock=True)
        versions = {row.message_id: row.version for row in known}
        rows_ = [parked_row(service, one, fate, run.now, versions.get(one.message_id, 0)) for one, fate in parked]
        yield Write(SPECS[Parked], sorted(rows_))


def _next_due(run: _Run, *, looked: bool) -> Job[datetime | None]:
    """Return when a waiting row is due next, as far as this batch can tell."""
    freed = {one.okey for one, fate in run.fates if one.earlier and one.earlier.blocks and not fate.blocks}
    cut = [okey for okey in freed if run.lines.is_blocked(okey) and not run.is_stopped(okey)]
    if cut:
        yield from waiting.wake_heads(run.service.name, cut, run.now)
    if looked:
        when: datetime | None = yield from waiting.next_due(run.service.name)
        return when
    if run.woken:
        return run.now
    return min((row.until for row in run.rows if row.until < NEVER), default=None)
