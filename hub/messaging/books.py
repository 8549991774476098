"""What a batch tells the books: documents that came to an end or were found, and the counters beside them.

A counter moves by as many rows as were really changed, in the same transaction, so
documents and counters can never tell different stories.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.canonical.envelope import AS_NUMBER
from hub.messaging.outcomes import Fate, Taken
from hub.store.books import move
from hub.store.messages import Document
from hub.store.statements import Job, Query

SPLIT = "split"
"""The end of an input whose documents count from now on: it no longer does."""


class _Move(NamedTuple):
    """Documents of one channel that go from one end, None if still in flight, to another."""

    channel: str
    before: str | None
    end: str
    reason: str | None


def close(
    service: str, kinds: frozenset[str], fates: Iterable[tuple[Taken, Fate]], found: Iterable[Document], now: datetime
) -> Job[None]:
    """Close the documents of these kinds, count those that a handler found, and move the counters."""
    counted: Counter[tuple[str, str]] = Counter()
    for document in found:
        counted[document.channel, "received"] += 1
        if document.ended:
            _end(counted, document.channel, document.ended, 1)
    for move_, identifiers in _moves(kinds, fates).items():
        changed = yield from _move(move_, identifiers, now)
        if move_.before:
            counted[move_.channel, move_.before] -= changed
        _end(counted, move_.channel, move_.end, changed)
    yield from move(service, now, counted)


def _end(counted: Counter[tuple[str, str]], channel: str, end: str, number: int) -> None:
    if end == SPLIT:
        counted[channel, "received"] -= number
    else:
        counted[channel, end] += number


def _moves(kinds: frozenset[str], fates: Iterable[tuple[Taken, Fate]]) -> dict[_Move, list[UUID]]:
    moves: dict[_Move, list[UUID]] = defaultdict(list)
    for taken, fate in fates:
        if taken.message is None or taken.message.type not in kinds:
            continue
        before = "waiting" if taken.earlier else None
        end = fate.ended or fate.outcome
        if end != before:
            moves[_Move(taken.message.channel, before, end, fate.reason)].append(taken.message_id)
    return moves


def _move(one: _Move, identifiers: list[UUID], now: datetime) -> Job[int]:
    changed = yield Query(
        "update document set ended = :end, reason = :reason, ended_at = :at where id in :ids and "
        + ("ended is null" if one.before is None else "ended = :before"),
        {
            "end": one.end,
            "reason": one.reason,
            "at": None if one.end == "waiting" else now,
            "ids": sorted(identifiers, key=AS_NUMBER),
        }
        | ({} if one.before is None else {"before": one.before}),
    )
    number: int = changed[0][0]
    return number
