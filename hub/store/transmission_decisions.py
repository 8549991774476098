"""What a person decides about a transmission that does not leave by itself; the audit log keeps who and why."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from hub.domain.transmission import TRANSMISSION
from hub.errors import BusinessRefusal
from hub.store.archive import bodies
from hub.store.audit import By, audited
from hub.store.collecting import carry_along
from hub.store.messages import Archive
from hub.store.records import SPECS
from hub.store.statements import Job, Load, Query, Write
from hub.store.status import INTERCHANGE, STUCK, STUCK_STATES, Transmission
from hub.store.transmissions import locked

_SPEC = SPECS[Transmission]


def requeue(identifier: UUID, by: By) -> Job[Transmission]:
    """Send a parked transmission again, the same bytes, now. Raises IllegalTransition where it is not parked."""
    row = yield from locked(identifier)
    queued = TRANSMISSION.step(row.state, "queue").state
    return (yield from _decided(row, row._replace(state=queued, next_at=by.now, attempts=0), "requeued", by))


def drop(identifier: UUID, by: By) -> Job[Transmission]:
    """Give a transmission up, so that later ones of its subject may leave; an interchange with its documents.

    Raises IllegalTransition if it has left.
    """
    row = yield from locked(identifier)
    dropped = TRANSMISSION.step(row.state, "drop").state
    if row.kind == INTERCHANGE:
        yield from carry_along(row, "drop", by.now)
    return (yield from _decided(row, row._replace(state=dropped, last_error=by.reason), "dropped", by))


def release(identifier: UUID, by: By) -> Job[Transmission]:
    """Let a document leave that the second reader held back. Raises BusinessRefusal where it is not held."""
    row = yield from locked(identifier)
    if row.held is None:
        raise BusinessRefusal(f"transmission {identifier} is not held")
    return (yield from _decided(row, row._replace(held=None), "released", by))


def listed(partner: str | None, states: Collection[str], limit: int) -> Job[list[Transmission]]:
    """Return transmissions in these states, of a partner or (None) of all, the newest first."""
    columns = ", ".join(_SPEC.columns)
    sql = f"""
      select {columns} from transmission where state in :states {"and partner = :partner" if partner else ""}
        {f"and {STUCK}" if STUCK_STATES.issuperset(states) else ""}
      order by created_at desc, partner, position desc limit :limit
    """
    parameters: dict[str, Any] = {"states": tuple(states), "limit": limit} | ({"partner": partner} if partner else {})
    rows = yield Query(sql, parameters, _SPEC.types)
    return [Transmission._make(row) for row in rows]


def with_body(identifier: UUID) -> Job[tuple[Transmission, Archive, bytes] | None]:
    """Return a transmission with what it carries, None if there is none."""
    rows: list[Transmission] = yield Load(_SPEC, [(identifier,)])
    if not rows:
        return None
    kept = yield from bodies([rows[0].archive_id])
    return rows[0], *kept[rows[0].archive_id]


def _decided(before: Transmission, after: Transmission, what: str, by: By) -> Job[Transmission]:
    yield Write(_SPEC, [after])
    told = f"{before.partner} {before.kind} {before.reference}"
    how = before.last_error or ""
    yield from audited(by, f"transmission.{what}", told, how, cause=before.id, nth=before.version)
    return after._replace(version=after.version + 1)
