"""The recount: what the books say, compared with the rows behind them and with the archived bytes.

Everything is read in one snapshot and nothing is believed: counters are held against
documents, documents against the archive, the archive against its own hashes, events
against inboxes, and every sum of trade against its parts.
"""

import hashlib
from collections import Counter
from datetime import datetime, timedelta
from uuid import UUID

from hub.store.archive import bodies
from hub.store.check import Check, equal, outcome
from hub.store.lost import lost
from hub.store.statements import Job, Query
from hub.store.told import FIRST
from hub.store.verify_bills import bills
from hub.store.verify_orders import orders
from hub.store.verify_trade import trade

PAGE = 100
OVERDUE = timedelta(minutes=15)
"""How long a message may lie in the broker alone before it counts as lost."""
_IN_FLIGHT = "in flight"


def verify(now: datetime | None = None) -> Job[list[Check]]:
    """Return every check; run it as one read. Without a `now` nothing may be under way in the broker alone."""
    checks = [
        (yield from _bytes()),
        (yield from documents_agree()),
        (yield from _inputs()),
        (yield from _events(None if now is None else now - OVERDUE)),
        (yield from _parked()),
        (yield from _waiting()),
        (yield from _sent()),
    ]
    return checks + (yield from orders()) + (yield from trade()) + (yield from bills())


def _bytes() -> Job[Check]:
    """All archived bytes have the hash and the size that was written down when they came."""
    wrong: list[str] = []
    last, count = FIRST, 0
    while True:
        found = yield Query(
            "select id from archive where id > :last order by id limit :page", {"last": last, "page": PAGE}, (UUID,)
        )
        if not found:
            return outcome("archived bytes have their hash", wrong, f"{count} archived")
        last, count = found[-1][0], count + len(found)
        held = yield from bodies(identifier for (identifier,) in found)
        wrong += [
            str(row.id)
            for row, body in held.values()
            if row.size != len(body) or row.sha256 != hashlib.sha256(body).hexdigest()
        ]


def documents_agree() -> Job[Check]:
    """The counters say of documents what the documents say: received, and each end, by channel."""
    counters = yield Query(
        "select channel, outcome, sum(n) from counter where outcome not in :apart group by channel, outcome",
        {"apart": ["unauthenticated", "quarantined"]},
        (str, str, int),
    )
    rows = yield Query(
        "select channel, coalesce(ended, :none), count(*) from document group by channel, coalesce(ended, :none)",
        {"none": _IN_FLIGHT},
        (str, str, int),
    )
    counted: Counter[tuple[str, str]] = Counter({(channel, end): n for channel, end, n in counters})
    for channel in {channel for channel, _ in counted}:
        ends = sum(n for (one, end), n in counted.items() if one == channel and end != "received")
        counted[channel, _IN_FLIGHT] = counted[channel, "received"] - ends
    found: Counter[tuple[str, str]] = Counter()
    for channel, end, n in rows:
        if end != "split":
            found[channel, end] = n
            found[channel, "received"] += n
    return equal("received = applied + duplicates + refused + parked + in flight", counted, found, "counters")


def _inputs() -> Job[Check]:
    """Everything archived at a door is a document, or was quarantined; no document is without its bytes."""
    lost = yield Query(
        "select a.id from archive a where a.direction = 'in'"
        " and not exists (select 1 from document d where d.archive_id = a.id)"
        " and not exists (select 1 from quarantine q where q.archive_id = a.id) order by a.id",
        types=(UUID,),
    )
    bare = yield Query(
        "select d.id from document d where not exists (select 1 from archive a where a.id = d.archive_id)",
        types=(UUID,),
    )
    wrong = [f"archived and no document: {one}" for (one,) in lost] + [f"without its bytes: {one}" for (one,) in bare]
    total = yield Query("select count(*) from document", types=(int,))
    return outcome("every input is a document, every document has its bytes", wrong, f"{total[0][0]} documents")


def _events(before: datetime | None) -> Job[Check]:
    """Events destined to a service = its inbox outcomes + those without one yet, which the outbox or the broker has."""
    destined: Counter[str] = Counter()
    sent = yield Query("select destinations, count(*) from event_log group by destinations", types=(str, int))
    for services, n in sent:
        destined.update(dict.fromkeys(services.split(), n))
    settled: dict[str, int] = dict(
        (
            yield Query(
                "select i.service, count(*) from inbox i join event_log e on e.id = i.message_id group by i.service",
                types=(str, int),
            )
        )
    )
    strays = yield Query(
        "select i.service, i.message_id from inbox i join event_log e on e.id = i.message_id"
        " where ' ' || e.destinations || ' ' not like '% ' || i.service || ' %'",
        types=(str, UUID),
    )
    unheard = yield Query(
        "select i.service, i.message_id from inbox i"
        " where not exists (select 1 from event_log e where e.id = i.message_id)"
        " and not exists (select 1 from parked p where p.service = i.service and p.message_id = i.message_id)",
        types=(str, UUID),
    )
    wrong = [f"{service} settled {identifier}, which it was not sent" for service, identifier in [*strays, *unheard]]
    behind = sorted(service for service, n in destined.items() if n > settled.get(service, 0))
    for service in behind:
        found = yield from lost(service, before, most=PAGE)
        wrong += [f"{service} never settled {event.type} {event.id}" for event in found]
    under_way = destined.total() - sum(settled.values())
    detail = f"{destined.total()} destined, {under_way} under way"
    return outcome("events destined to a service = its outcomes + those under way", wrong, detail)


def _parked() -> Job[Check]:
    """What the inbox calls parked can be seen in the parking lot, and the other way round."""
    unseen = yield Query(
        "select i.service, i.message_id from inbox i where i.outcome = 'parked' and not exists (select 1 from parked p"
        " where p.service = i.service and p.message_id = i.message_id and p.state = 'parked')",
        types=(str, UUID),
    )
    settled = yield Query(
        "select p.service, p.message_id from parked p where p.state = 'parked' and p.service <> 'door' and not exists"
        " (select 1 from inbox i where i.service = p.service and i.message_id = p.message_id and i.outcome = 'parked')",
        types=(str, UUID),
    )
    wrong = [f"{service}/{identifier}" for service, identifier in [*unseen, *settled]]
    total = yield Query("select count(*) from parked where state = 'parked'", types=(int,))
    return outcome("what is parked stands in the parking lot", wrong, f"{total[0][0]} parked")


def _waiting() -> Job[Check]:
    """What the inbox calls waiting stands in a line, or nobody would ever run it."""
    forgotten = yield Query(
        "select i.service, i.message_id from inbox i where i.outcome = 'waiting' and not exists"
        " (select 1 from waiting w where w.service = i.service and w.message_id = i.message_id)",
        types=(str, UUID),
    )
    total = yield Query("select count(*) from inbox where outcome = 'waiting'", types=(int,))
    return outcome("what waits stands in a line", [f"{one}/{two}" for one, two in forgotten], f"{total[0][0]} waiting")


def _sent() -> Job[Check]:
    """The bytes of everything that was sent, or is to be, are archived."""
    bare = yield Query(
        "select t.id from transmission t where not exists (select 1 from archive a where a.id = t.archive_id)",
        types=(UUID,),
    )
    total = yield Query("select count(*) from transmission", types=(int,))
    return outcome("what was sent has its bytes", [str(one) for (one,) in bare], f"{total[0][0]} transmissions")
