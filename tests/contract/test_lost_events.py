"""What the broker confirmed and lost is sent again from the log, and has its effect once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.canonical.envelope import Message
from hub.store import lost
from hub.store.audit import By
from hub.store.lost import Resent, resend
from hub.store.messages import Audit, OutboxRow
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query
from hub.store.told import FIRST
from tests.desk import NOW, identifier, message
from tests.small_hub import SmallHub, received
from tests.small_service import SUBSCRIPTIONS, Deposit

ALL_AGES = NOW + timedelta(hours=1)


def deposits(number: int, first: int = 0) -> list[Message[Any]]:
    return [message(Deposit(account=f"account {n % 3}", order=n)) for n in range(first, first + number)]


async def confirmed_and_lost(hub: SmallHub, messages: list[Message[Any]]) -> None:
    """Leave what a broker leaves that confirmed messages and then lost its disk."""

    def job() -> Job[None]:
        yield from received(messages)
        yield Query("delete from outbox where event_id in :ids", {"ids": tuple(one.id for one in messages)})

    await hub.database.run(job, lane="door")


async def look_through(hub: SmallHub, after: UUID = FIRST, *, younger: bool = True) -> Resent:
    by, before = By("olga", "the broker's disk", NOW), ALL_AGES if younger else NOW - timedelta(minutes=15)
    return await hub.database.run(lambda: resend(after, before, SUBSCRIPTIONS, by, identifier(int(after.int % 997))))


async def whole(hub: SmallHub) -> Mapping[str, int]:
    page = await look_through(hub)
    assert page.next is not None
    assert await look_through(hub, page.next) == Resent(None, 0, {})
    return page.sent


async def test_what_was_lost_is_settled_and_what_was_not_has_its_effect_once(hub: SmallHub) -> None:
    await hub.send(*deposits(6))
    await hub.settled(12)
    await confirmed_and_lost(hub, deposits(5, first=6))
    assert await whole(hub) == {"teller": 5}
    hub.worker.relay.wake()
    await hub.settled(22)
    assert await hub.balances() == {"account 0": 4, "account 1": 4, "account 2": 3}
    (audit,) = await hub.all(Audit)
    assert (audit.actor, audit.action, audit.reason, audit.detail) == (
        "olga", "events.resent", "the broker's disk", "teller 5",
    )  # fmt: skip


async def test_a_message_that_was_only_slow_comes_twice_and_counts_once(idle_hub: SmallHub) -> None:
    await idle_hub.send(*deposits(4))
    on_their_way = [row._replace(id=None) for row in sorted(await idle_hub.all(OutboxRow))]

    def twice() -> Job[None]:
        yield Insert(SPECS[OutboxRow], on_their_way)

    await idle_hub.database.run(twice)
    await idle_hub.start()
    await idle_hub.settled(8)
    assert await idle_hub.balances() == {"account 0": 2, "account 1": 1, "account 2": 1}


async def test_what_waits_in_the_outbox_or_may_be_on_its_way_is_left_alone(idle_hub: SmallHub) -> None:
    await idle_hub.send(*deposits(3))
    assert await whole(idle_hub) == {}
    await confirmed_and_lost(idle_hub, deposits(2, first=3))
    assert (await look_through(idle_hub, younger=False)).sent == {}
    assert len(await idle_hub.all(OutboxRow)) == 3
    assert await idle_hub.all(Audit) == []


async def test_rows_go_out_in_the_order_of_the_log_under_their_services_own_key(idle_hub: SmallHub) -> None:
    given = deposits(7)
    await confirmed_and_lost(idle_hub, given)
    await whole(idle_hub)
    rows = sorted(await idle_hub.all(OutboxRow))
    assert [(row.event_id, row.okey) for row in rows] == [(one.id, one.data.account) for one in given]


async def test_a_long_log_is_looked_through_a_page_at_a_time(
    idle_hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lost, "PAGE", 4)
    await confirmed_and_lost(idle_hub, deposits(10))
    pages, after = [], FIRST
    while (page := await look_through(idle_hub, after)).next is not None:
        pages.append((page.looked_at, page.sent))
        after = page.next
    assert pages == [(4, {"teller": 4}), (4, {"teller": 4}), (2, {"teller": 2})]


async def test_what_its_service_cannot_read_any_more_is_sent_again_and_parked(idle_hub: SmallHub) -> None:
    (old,) = deposits(1)
    await confirmed_and_lost(idle_hub, [old])

    def of_another_release() -> Job[None]:
        yield Query("update event_log set body = :body", {"body": b'{"type": "test.deposit.v1"}'})

    await idle_hub.database.run(of_another_release)
    assert await whole(idle_hub) == {"teller": 1}
    await idle_hub.start()
    await idle_hub.settled(1)
    assert (await idle_hub.ends())["teller", old.id][0] == "parked"


async def test_a_service_that_is_switched_off_is_sent_nothing(idle_hub: SmallHub) -> None:
    await confirmed_and_lost(idle_hub, deposits(2))
    others = {type_: takers for type_, takers in SUBSCRIPTIONS.items() if type_ != Deposit.TYPE}
    page = await idle_hub.database.run(lambda: resend(FIRST, ALL_AGES, others, By("olga", None, NOW), identifier(1)))
    assert (page.looked_at, page.sent) == (2, {})
