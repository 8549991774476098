"""Transmissions on their way: claimed by lease, recorded when done, listed for those who fetch.

A claim moves `next_at` ahead by the lease, and again while the attempt lasts: whoever dies
with it loses it by time, and the same bytes go out again. A transmission is due when
nothing earlier of its partner, subject and transport is still unsent, nor waits to be collected. Every change locks
the row first and goes through the table of moves, so that an acknowledgement which came
meanwhile stays.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from hub.canonical.agreement import EdiAgreement
from hub.canonical.envelope import derive_id
from hub.domain.transmission import TRANSMISSION, UNSENT
from hub.errors import BusinessRefusal
from hub.store.archive import bodies
from hub.store.collecting import carry_along
from hub.store.master import AgreementRow
from hub.store.messages import Archive, Task
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query, Write
from hub.store.status import INTERCHANGE, LEAVES, FeedEntry, Transmission

_SPEC = SPECS[Transmission]
_COLUMNS = ", ".join(f"t.{column}" for column in _SPEC.columns)
_FEED = SPECS[FeedEntry]

_ENDPOINTS = f"""
with recursive endpoint (partner) as (
  select (
    select t.partner from transmission t where {LEAVES} and transport = :transport order by t.partner limit 1
  )
  union all
  select (
    select t.partner from transmission t
    where {LEAVES} and transport = :transport and t.partner > endpoint.partner order by t.partner limit 1
  ) from endpoint where endpoint.partner is not null)
select endpoint.partner, (
  select t.next_at from transmission t
  where {LEAVES} and transport = :transport and t.partner = endpoint.partner order by t.next_at limit 1
) from endpoint where endpoint.partner is not null
"""
"""From each partner to the next: what waits for one of them is not read, however much it is."""

_DUE = f"""
select t.id from transmission t
where {LEAVES} and t.transport = :transport and t.partner = :partner and t.next_at <= :now
  and not exists (
    select 1 from transmission e
    where e.partner = t.partner and e.subject = t.subject
      and (e.transport = t.transport or (e.transport = 'interchange' and t.transport <> 'webhook'))
      and e.position < t.position and e.state in :unsent)
order by t.next_at, t.position limit :most
"""

_CLAIMED = "state = 'queued' and attempts > 0 and last_error is null and next_at > :now"
"""A claim shows by its attempt, of which nothing is known yet."""


class Parcel(NamedTuple):
    """A claimed transmission with what its transport needs."""

    transmission: Transmission
    agreement: AgreementRow | None
    archive: Archive
    body: bytes

    @property
    def endpoint(self) -> str:
        """What fails together: the partner's one transport."""
        return f"{self.transmission.partner}/{self.transmission.transport}"


def due(
    now: datetime,
    transports: Sequence[str],
    *,
    limit: int,
    share: int,
    taken: Mapping[str, int],
    closed: Collection[str] = (),
) -> Job[list[UUID]]:
    """Return what may leave now, at most `limit`, and at most `share` of an endpoint, of which `taken` are under way.

    `closed` endpoints get nothing. An endpoint is `partner/transport`; who has waited longest
    comes first.
    """
    if limit <= 0:
        return []
    waiting: list[tuple[datetime, str, str, int]] = []
    for transport in transports:
        for partner, first in (yield Query(_ENDPOINTS, {"transport": transport}, (str, datetime))):
            endpoint = f"{partner}/{transport}"
            room = share - taken.get(endpoint, 0)
            if first <= now and room > 0 and endpoint not in closed:
                waiting.append((first, partner, transport, room))
    found: list[UUID] = []
    for _, partner, transport, room in sorted(waiting):
        most = min(room, limit - len(found))
        if most <= 0:
            break
        parameters = {"transport": transport, "partner": partner, "now": now, "unsent": UNSENT, "most": most}
        found += [identifier for (identifier,) in (yield Query(_DUE, parameters, (UUID,)))]
    return found


def claim(identifiers: Sequence[UUID], now: datetime, lease: timedelta) -> Job[list[Parcel]]:
    """Claim those of these transmissions that are still due, and return them with their bytes, the oldest first."""
    loaded: list[Transmission] = yield Load(_SPEC, sorted((one,) for one in identifiers), lock=True)
    mine = [row for row in loaded if row.state == "queued" and row.held is None and row.next_at <= now]
    order = [row.id for row in sorted(mine, key=lambda row: (row.next_at, row.position))]
    claimed = [row._replace(attempts=row.attempts + 1, next_at=now + lease, last_error=None) for row in mine]
    yield Write(_SPEC, claimed)
    parcels = yield from _parcels([row._replace(version=row.version + 1) for row in claimed])
    return sorted(parcels, key=lambda parcel: order.index(parcel.transmission.id))


def hold(identifier: UUID, now: datetime, lease: timedelta) -> Job[None]:
    """Make a claim last longer; one that has ended, or of which something is known by now, stays as it is."""
    yield Query(
        f"update transmission set next_at = :until, version = version + 1 where id = :id and {_CLAIMED}",
        {"id": identifier, "now": now, "until": now + lease},
    )


def inherit(now: datetime) -> Job[None]:
    """Make due again what is claimed: for an installation of one process, whose last process is gone."""
    yield Query(f"update transmission set next_at = :now, version = version + 1 where {_CLAIMED}", {"now": now})


def _parcels(rows: Sequence[Transmission]) -> Job[list[Parcel]]:
    partners = sorted({(row.partner,) for row in rows})
    agreements = {one.partner: one for one in (yield Load(SPECS[AgreementRow], partners))}
    held = yield from bodies(sorted({row.archive_id for row in rows}))
    return [Parcel(row, agreements.get(row.partner), *held[row.archive_id]) for row in rows]


def record_success(identifier: UUID, move: str, now: datetime) -> Job[None]:
    """Record that it was handed over (`send`) or taken (`deliver`); what came meanwhile stays as it is."""
    row = yield from locked(identifier)
    ack_due = row.ack_due if row.ack_due is None or row.sent_at else now + (row.ack_due - row.created_at)
    changed = row._replace(
        state=TRANSMISSION.step(row.state, move).state,
        sent_at=row.sent_at or now,
        delivered_at=row.delivered_at or (now if move == "deliver" else None),
        ack_due=ack_due,
        last_error=row.last_error if row.state == "refused" else None,
    )
    yield Write(_SPEC, [changed])
    if row.kind == INTERCHANGE:
        yield from carry_along(row, move, now)


def record_failure(identifier: UUID, error: str, now: datetime, retry_at: datetime | None) -> Job[None]:
    """Record a failed attempt: again at `retry_at`, or parked for a person where that is None."""
    row = yield from locked(identifier)
    if row.state != "queued":
        return
    if retry_at is not None:
        yield Write(_SPEC, [row._replace(next_at=retry_at, last_error=error)])
        return
    yield Write(_SPEC, [row._replace(state=TRANSMISSION.step(row.state, "park").state, last_error=error)])
    yield Insert(SPECS[Task], [_task(row, "transmission_parked", error, now)])


def overdue(now: datetime, limit: int = 100) -> Job[int]:
    """Send again, or raise one task for, each document whose acknowledgement did not come in time; count the tasks.

    What goes again by agreement keeps its bytes and its reference; what a partner fetches lies there anyway.
    """
    sql = f"""
      select t.id from transmission t
      where t.ack_due < :now and t.state in ('sent', 'delivered') and t.acknowledged is null
      order by t.id limit {limit:d}
    """
    found = yield Query(sql, {"now": now}, (UUID,))
    rows: list[Transmission] = yield Load(_SPEC, found, lock=True)
    late = [row for row in rows if row.acknowledged is None and row.state in {"sent", "delivered"}]
    partners = sorted({(row.partner,) for row in late})
    terms = {one.partner: one.agreement.edi for one in (yield Load(SPECS[AgreementRow], partners))}
    again = {row.id: edi for row in late if (edi := terms.get(row.partner)) and _goes_again(row, edi)}
    yield Write(_SPEC, [_again(row, again[row.id], now) for row in late if row.id in again])
    alarming = [row for row in late if row.id not in again]
    yield Write(_SPEC, [row._replace(acknowledged="overdue") for row in alarming])
    reason = "no CONTRL came in time"
    yield Insert(SPECS[Task], [_task(row, "acknowledgement_overdue", reason, now) for row in alarming])
    return len(alarming)


def _goes_again(row: Transmission, edi: EdiAgreement) -> bool:
    return row.resent < edi.resends and row.transport != "pull"


def _again(row: Transmission, edi: EdiAgreement, now: datetime) -> Transmission:
    return row._replace(
        state=TRANSMISSION.step(row.state, "resend").state,
        next_at=now,
        ack_due=now + timedelta(minutes=edi.ack_deadline_minutes),
        resent=row.resent + 1,
    )


def outbound_after(partner: str, position: int, limit: int = 100) -> Job[list[Parcel]]:
    """Return the documents that a partner may fetch after a position of its own, in order, up to one that is held."""
    sql = f"""
      select {_COLUMNS} from transmission t
      where t.partner = :partner and t.position > :position and t.transport = 'pull' and t.state <> 'dropped'
        and t.position < coalesce((
          select min(h.position) from transmission h
          where h.partner = :partner and h.transport = 'pull' and h.held is not null and h.state = 'queued'
        ), t.position + 1)
      order by t.position limit {limit:d}
    """
    rows = yield Query(sql, {"partner": partner, "position": position}, _SPEC.types)
    return (yield from _parcels([Transmission._make(row) for row in rows])) if rows else []


def confirm_through(partner: str, position: int, now: datetime) -> Job[int]:
    """Mark as delivered what a partner has fetched, up to and with this position; return how many there were."""
    sql = """
      select t.id from transmission t
      where t.partner = :partner and t.position <= :position and t.transport = 'pull' and t.state = 'queued'
        and t.held is null
    """
    rows = yield Query(sql, {"partner": partner, "position": position}, (UUID,))
    for (identifier,) in sorted(rows):
        yield from record_success(identifier, "deliver", now)
    return len(rows)


def feed_after(partner: str | None, position: int, limit: int = 100) -> Job[list[tuple[FeedEntry, bytes]]]:
    """Return the events after a position of the feed with their CloudEvents JSON; `partner` None: of all partners."""
    columns = ", ".join(f"f.{column}" for column in _FEED.columns)
    sql = f"""
      select {columns}, e.body from feed f join event_log e on e.id = f.event_id
      where f.position > :position {"and f.partner = :partner" if partner is not None else ""}
      order by f.position limit {limit:d}
    """
    parameters = {"position": position} | ({"partner": partner} if partner is not None else {})
    rows = yield Query(sql, parameters, (*_FEED.types, bytes))
    return [(FeedEntry._make(row[:-1]), row[-1]) for row in rows]


def locked(identifier: UUID) -> Job[Transmission]:
    """Lock a transmission and return it. Raises BusinessRefusal where there is none."""
    rows = yield Load(_SPEC, [(identifier,)], lock=True)
    if not rows:
        raise BusinessRefusal(f"there is no transmission {identifier}")
    row: Transmission = rows[0]
    return row


def _task(row: Transmission, kind: str, reason: str, now: datetime) -> Task:
    subject = f"{row.partner} {row.kind} {row.reference}"
    identifier = derive_id(row.id, "status", f"task/{kind}", row.version)
    return Task(identifier, now, "status", kind, subject, row.order_id, reason)
