"""Documents that wait for others of their kind, and the interchanges that they leave in.

Each interchange is made in one transaction with what becomes of its documents, so that two
processes that look at once make one interchange, and none that dies leaves half of it.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from hub.canonical.agreement import Collecting, EdiAgreement
from hub.canonical.envelope import derive_id, named_id
from hub.domain.transmission import TRANSMISSION, UNSENT, ack_due, control_reference, control_series, outbound_series
from hub.store.archive import archived, bodies, keep_rows
from hub.store.master import AgreementRow
from hub.store.messages import Archive
from hub.store.numbers import next_number
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query, Write
from hub.store.status import INTERCHANGE, WAITS, Collected, Transmission
from hub.translators.edifact.collecting import collected, envelope

_SPEC = SPECS[Transmission]

# what a partner fetches holds nothing back: it is fetched in the order of positions, and an interchange gets the next
_READY = f"""
select t.id from transmission t
where {WAITS} and t.partner = :partner and t.kind = :kind and t.test = :test
  and not exists (
    select 1 from transmission e
    where e.partner = t.partner and e.subject = t.subject and e.transport not in ('webhook', 'pull')
      and e.position < t.position and e.state in :unsent
      and not (e.state = 'waiting' and e.held is null and e.kind = t.kind and e.test = t.test))
order by t.position limit :most
"""


class Pile(NamedTuple):
    """What waits together."""

    partner: str
    kind: str
    test: bool
    documents: int
    due_at: datetime


def piles() -> Job[list[Pile]]:
    """Return what waits, by partner, kind and whether it is a test."""
    sql = f"""
      select partner, kind, test, count(*), min(next_at) from transmission where {WAITS}
      group by partner, kind, test order by partner, kind, test
    """
    return [Pile(*row) for row in (yield Query(sql, {}, (str, str, bool, int, datetime)))]


def collect(pile: Pile, now: datetime) -> Job[int]:
    """Make one interchange of what is due of a pile, and return how many documents it holds; 0: nothing is due."""
    rows = yield Load(SPECS[AgreementRow], [(pile.partner,)])
    edi = rows[0].agreement.edi if rows else None
    if edi is None:
        return 0
    terms = edi.collecting(pile.kind) or Collecting(minutes=1)
    if pile.due_at > now and pile.documents < terms.documents:
        return 0
    parameters = {"partner": pile.partner, "kind": pile.kind, "test": pile.test, "unsent": UNSENT}
    ready = yield Query(_READY, parameters | {"most": terms.documents}, (UUID,))
    found: list[Transmission] = yield Load(_SPEC, sorted(ready), lock=True)
    mine = sorted((row for row in found if row.state == "waiting" and row.held is None), key=lambda row: row.position)
    if not mine or (min(row.next_at for row in mine) > now and len(mine) < terms.documents):
        return 0
    kept = yield from bodies(row.archive_id for row in mine)
    together = _first_together([(row, kept[row.archive_id][1]) for row in mine], terms.limit_bytes)
    yield from _interchange([row for row, _ in together], [body for _, body in together], edi, now)
    return len(together)


def carry_along(interchange: Transmission, move: str, now: datetime) -> Job[None]:
    """Let the documents of an interchange follow it: sent, delivered or dropped with it."""
    sql = "select document_id from collected where interchange_id = :id order by document_id"
    found = yield Query(sql, {"id": interchange.id}, (UUID,))
    rows: list[Transmission] = yield Load(_SPEC, found, lock=True)
    moved = [
        row._replace(
            state=TRANSMISSION.step(row.state, move).state,
            sent_at=row.sent_at or (now if move in {"send", "deliver"} else None),
            delivered_at=row.delivered_at or (now if move == "deliver" else None),
        )
        for row in rows
    ]
    yield Write(_SPEC, moved)


def _first_together(pairs: Sequence[tuple[Transmission, bytes]], most: int) -> list[tuple[Transmission, bytes]]:
    """Return the first documents whose envelopes are the same and which have `most` bytes together; at least one."""
    _, same = next(groupby(pairs, key=lambda pair: envelope(pair[1])))
    taken: list[tuple[Transmission, bytes]] = []
    size = 0
    for row, body in same:
        size += len(body)
        if taken and size > most:
            break
        taken.append((row, body))
    return taken


def _interchange(
    rows: Sequence[Transmission], documents: Sequence[bytes], edi: EdiAgreement, now: datetime
) -> Job[None]:
    first = rows[0]
    number = yield from next_number(control_series(first.partner, test=first.test))
    position = yield from next_number(outbound_series(first.partner))
    reference = control_reference(number, test=first.test)
    identifier = named_id("transmission", first.partner, reference)
    archive_id = derive_id(identifier, "status", "archive/interchange")
    like: list[Archive] = yield Load(SPECS[Archive], [(first.archive_id,)])
    kept = archived(
        collected(documents, reference=reference, now=now),
        id=archive_id,
        at=now,
        direction="out",
        channel=like[0].channel,
        endpoint=like[0].endpoint,
        partner=first.partner,
        content_type=like[0].content_type,
        headers={"reference": reference},
    )
    yield from keep_rows(kept)
    leaving = first._replace(
        id=identifier,
        position=position,
        kind=INTERCHANGE,
        order_id=None,
        subject=f"{INTERCHANGE}/{first.kind}",
        reference=reference,
        archive_id=archive_id,
        transport=edi.answer_by,
        state=TRANSMISSION.start,
        next_at=now,
        created_at=now,
        ack_due=ack_due(edi, now),
        version=0,
    )
    collected_rows = [
        row._replace(state=TRANSMISSION.step(row.state, "collect").state, reference=f"{reference}/{n}")
        for n, row in enumerate(rows, 1)
    ]
    yield Write(_SPEC, [leaving, *collected_rows])
    yield Insert(SPECS[Collected], [Collected(identifier, n, row.id) for n, row in enumerate(rows, 1)])
