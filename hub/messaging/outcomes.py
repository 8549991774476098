"""What becomes of a message whose handler raised: the error's class decides, once, here.

A message that cannot run now stands in `waiting`; one that a person must decide upon
stands in `parked`. A parked message that holds its key keeps a row in `waiting` too,
which is never due: so one look at `waiting` tells which keys are held, for whatever reason.
"""

import traceback
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hub.canonical.envelope import Message, Payload
from hub.errors import BusinessRefusal, MustWait, NeedsDecision, PartnerError, TemporaryError
from hub.store.messages import Outcome, Parked, WaitingRow
from hub.store.waiting import NEVER
from hub.store.work import Need

TEMPORARY_RUNS = 8
OTHER_RUNS = 3
LONGEST_REASON = 2_000
LONGEST_TRACEBACK = 20_000
LONGEST_BACKOFF = timedelta(minutes=15)


class Unreadable(NeedsDecision):
    """The body is no message that this service knows."""


class Poisonous(NeedsDecision):
    """The process died whenever this message was begun."""


class DeadLettered(NeedsDecision):
    """The broker gave the message up: it came back too often, or was rejected."""


class NotStored(Exception):
    """What the message decided was refused by the database, in a transaction of its own."""


@dataclass(slots=True)
class Taken:
    """One message that a batch is to settle.

    `earlier` is its row if it is run from `waiting`; `failure` is set where its fate is
    known without running it. `okey` is empty for what cannot be read. `needs` are those
    that the message itself tells. `beforehand` is what was worked out for it before the
    transaction.
    """

    message_id: UUID
    body: bytes
    message: Message[Payload] | None = None
    okey: str = ""
    holds: bool = True
    earlier: WaitingRow | None = None
    failure: Exception | None = None
    needs: Collection[Need] = ()
    beforehand: Any = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one message: its outcome and, if it waits, how.

    `blocks` tells whether later messages of its key must stand behind it, and `ended`
    what the books are to say if that is not the outcome.
    """

    outcome: Outcome
    reason: str | None = None
    until: datetime = NEVER
    deadline: datetime | None = None
    awaits: str | None = None
    attempts: int = 0
    blocks: bool = False
    error: Exception | None = None
    ended: str | None = None


APPLIED = Fate("applied")
IN_LINE = Fate("waiting", "an earlier message of its key is not settled", blocks=True)


def fate_of(error: Exception, taken: Taken, now: datetime, chance: Callable[[], float]) -> Fate:
    """Return what becomes of a message that raised; `chance` gives numbers between 0 and 1."""
    match error:
        case PartnerError() | BusinessRefusal():
            return Fate("refused", _told(error), error=error)
        case NeedsDecision():
            return _parked(error, blocks=taken.holds)
        case MustWait():
            return _awaiting(error, taken, now, chance)
        case _:
            return _again(error, taken, now, chance)


def backoff(runs: int, chance: float) -> timedelta:
    """Return how long to wait after so many runs: doubled each time, spread by half of it either way."""
    return min(timedelta(seconds=2 * 2**runs), LONGEST_BACKOFF) * (0.5 + chance)


def waiting_row(service: str, taken: Taken, fate: Fate, seq: int) -> WaitingRow:
    """Return the row under which a message waits, or holds its key."""
    return WaitingRow(
        service=service,
        message_id=taken.message_id,
        okey=taken.okey,
        seq=seq,
        blocks=fate.blocks,
        until=fate.until,
        deadline=fate.deadline,
        awaits=fate.awaits,
        attempts=fate.attempts,
        reason=fate.reason or "",
    )


def parked_row(service: str, taken: Taken, fate: Fate, now: datetime, version: int) -> Parked:
    """Return what a person is shown. The body is kept where nothing else may have it."""
    error = fate.error
    planned = isinstance(error, NeedsDecision | MustWait)
    return Parked(
        service=service,
        message_id=taken.message_id,
        at=now,
        okey=taken.okey,
        type=taken.message.type if taken.message else "",
        error_class=type(error).__name__,
        error=fate.reason or "",
        traceback=None if error is None or planned else _traceback(error),
        state="parked",
        note=None,
        body=taken.body if isinstance(error, Unreadable | DeadLettered) else b"",
        version=version,
    )


def _parked(error: Exception, *, blocks: bool) -> Fate:
    return Fate("parked", _told(error), blocks=blocks, error=error)


def _awaiting(error: MustWait, taken: Taken, now: datetime, chance: Callable[[], float]) -> Fate:
    earlier = taken.earlier
    deadline = (earlier.deadline if earlier else None) or now + error.within
    if now >= deadline:
        return _parked(error, blocks=error.blocks)
    attempts = earlier.attempts if earlier else 0
    until = deadline
    if error.awaits is None:
        attempts += 1
        until = min(deadline, now + backoff(attempts, chance()))
    return Fate("waiting", _told(error), until, deadline, error.awaits, attempts, error.blocks)


def _again(error: Exception, taken: Taken, now: datetime, chance: Callable[[], float]) -> Fate:
    runs = (taken.earlier.attempts if taken.earlier else 0) + 1
    if runs >= (TEMPORARY_RUNS if isinstance(error, TemporaryError) else OTHER_RUNS):
        return _parked(error, blocks=taken.holds)
    reason = f"{type(error).__name__}: {_told(error)}"
    return Fate("waiting", reason, now + backoff(runs, chance()), attempts=runs, blocks=True, error=error)


def _told(error: Exception) -> str:
    """Return the error's text as any database takes it."""
    return str(error).replace("\0", "")[:LONGEST_REASON]


def _traceback(error: Exception) -> str:
    return "".join(traceback.format_exception(error)).replace("\0", "")[-LONGEST_TRACEBACK:]
