"""What a person decides about a parked message: run it again, or leave it. Both are in the books and the audit log.

A service's message goes from parked to waiting and is due now; one that a door parked
(other content under a taken source key) was published nowhere yet, and is. What is
dropped stays counted as parked and frees the key that it held.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.canonical.envelope import derive_id, reader
from hub.canonical.intake import InputReceived
from hub.canonical.sale import SaleRecorded
from hub.errors import BusinessRefusal
from hub.store.arrivals import DOOR
from hub.store.books import move
from hub.store.messages import Audit, Document, Parked, WaitingRow
from hub.store.outbox import Subscribers, publish
from hub.store.records import SPECS
from hub.store.statements import Delete, Insert, Job, Load, Query, Write
from hub.store.waiting import wake_heads

_DOOR_MESSAGES = reader([InputReceived, SaleRecorded])


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides about which message, when and why. `owners` tells which service closes the books of a type."""

    service: str
    message_id: UUID
    now: datetime
    actor: str
    reason: str | None
    owners: Mapping[str, str]


def replay(decision: Decision, subscribers: Subscribers) -> Job[Parked]:
    """Run a parked message again, now. Raises BusinessRefusal where it is not parked (any more)."""
    row = yield from _decided(decision, "replayed")
    if row.service == DOOR:
        yield from publish([_DOOR_MESSAGES.validate_json(row.body)], subscribers)
        yield from _close(decision, row, None)
        return row
    yield from _inbox(decision, "waiting")
    yield from _make_due(decision, row)
    yield from _close(decision, row, "waiting")
    return row


def drop(decision: Decision) -> Job[Parked]:
    """Leave a parked message as it is and let the next of its key go on. Raises BusinessRefusal as `replay` does."""
    row = yield from _decided(decision, "dropped")
    if row.service != DOOR:
        yield from _inbox(decision, "dropped")
        yield Delete(SPECS[WaitingRow], [(row.service, row.message_id)])
        yield from wake_heads(row.service, [row.okey], decision.now)
    yield from _close(decision, row, "dropped")
    return row


def _decided(decision: Decision, state: str) -> Job[Parked]:
    """Mark the parked row, write the audit row, and return what was parked."""
    rows = yield Load(SPECS[Parked], [(decision.service, decision.message_id)], lock=True)
    row: Parked | None = rows[0] if rows else None
    if row is None or row.state != "parked":
        raise BusinessRefusal(f"message {decision.message_id} is not parked in {decision.service}")
    yield Write(SPECS[Parked], [row._replace(state=state, note=decision.reason)])
    audit_id = derive_id(row.message_id, "audit", f"{state}/{row.service}", row.version)
    what = f"{row.service}/{row.message_id}"
    audit = Audit(audit_id, decision.now, decision.actor, f"parked.{state}", what, decision.reason, row.error)
    yield Insert(SPECS[Audit], [audit])
    return row


def _inbox(decision: Decision, outcome: str) -> Job[None]:
    yield Query(
        "update inbox set outcome = :outcome, at = :now, reason = :reason"
        " where service = :service and message_id = :message_id and outcome = 'parked'",
        {
            "outcome": outcome,
            "now": decision.now,
            "reason": decision.reason,
            "service": decision.service,
            "message_id": decision.message_id,
        },
    )


def _make_due(decision: Decision, row: Parked) -> Job[None]:
    """Let the message stand in `waiting` with its time come: at its old turn where it held its key."""
    changed = yield Query(
        "update waiting set until = :now, attempts = 0 where service = :service and message_id = :message_id",
        {"now": decision.now, "service": row.service, "message_id": row.message_id},
    )
    if not changed[0][0]:
        waiting = WaitingRow(
            service=row.service,
            message_id=row.message_id,
            okey=row.okey,
            seq=0,
            blocks=False,
            until=decision.now,
            deadline=None,
            awaits=None,
            attempts=0,
            reason="replayed",
        )
        yield Insert(SPECS[WaitingRow], [waiting])


def _close(decision: Decision, row: Parked, end: str | None) -> Job[None]:
    """Move the message's document from parked to this end, and the counters with it."""
    if row.service != DOOR and decision.owners.get(row.type) != row.service:
        return
    found = yield Load(SPECS[Document], [(row.message_id,)], lock=True)
    if not found or found[0].ended != "parked":
        return
    yield Query(
        "update document set ended = :ended, reason = :reason, ended_at = :at where id = :id",
        {
            "ended": end,
            "reason": decision.reason,
            "at": decision.now if end == "dropped" else None,
            "id": row.message_id,
        },
    )
    numbers = {(found[0].channel, "parked"): -1} | ({(found[0].channel, end): 1} if end else {})
    yield from move(row.service, decision.now, numbers)
