"""What the relay promises on both pairs: nothing lost, overtaken or starved, and no lock held while it waits."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from hub.canonical.envelope import Message
from hub.messaging.broker import Broker
from hub.messaging.worker import service_queues
from hub.store.leases import Holding
from hub.store.messages import Lease, OutboxRow
from hub.store.outbox import Outgoing, delete, publish
from hub.store.postgres import drive
from hub.store.records import SPECS
from hub.store.statements import Insert, Job
from tests.desk import identifier, message
from tests.small_hub import PATIENCE, SmallHub, received, rows_of
from tests.small_service import SERVICES, SUBSCRIPTIONS, Account, Deposit, Entry, runs, teller

HOLDING = Holding("relay", "me", 3)


def deposits(number: int, account: str = "a", first: int = 0) -> list[Message[Any]]:
    return [message(Deposit(account=account, order=n)) for n in range(first, first + number)]


async def outbox_with(hub: SmallHub, event_id: UUID) -> int:
    def job() -> Job[int]:
        yield Insert(SPECS[Lease], [Lease("relay", "me", hub.clock(), 3)])
        ids = yield Insert(SPECS[OutboxRow], [OutboxRow(None, event_id, "teller", "a")])
        return int(ids[0])

    return await hub.database.run(job)


def confirmed(row_id: int, event_id: UUID) -> Outgoing:
    return Outgoing(row_id, event_id, "teller", "a", "t", b"")


async def test_a_late_confirm_does_not_delete_another_event_under_the_same_id(idle_hub: SmallHub) -> None:
    row_id = await outbox_with(idle_hub, identifier(1))
    await idle_hub.database.run(lambda: delete([confirmed(row_id, identifier(2))], HOLDING))
    assert [row.event_id for row in await idle_hub.all(OutboxRow)] == [identifier(1)]
    await idle_hub.database.run(lambda: delete([confirmed(row_id, identifier(1))], HOLDING))
    assert await idle_hub.all(OutboxRow) == []


async def test_an_id_is_never_given_twice(idle_hub: SmallHub) -> None:
    first = await outbox_with(idle_hub, identifier(1))
    await idle_hub.database.run(lambda: delete([confirmed(first, identifier(1))], HOLDING))

    def again() -> Job[int]:
        ids = yield Insert(SPECS[OutboxRow], [OutboxRow(None, identifier(2), "teller", "a")])
        return int(ids[0])

    assert await idle_hub.database.run(again) > first


async def test_a_relay_that_lost_its_lease_deletes_nothing(idle_hub: SmallHub) -> None:
    row_id = await outbox_with(idle_hub, identifier(1))
    for lost in (HOLDING._replace(epoch=2), HOLDING._replace(owner="other")):
        await idle_hub.database.run(lambda lost=lost: delete([confirmed(row_id, identifier(1))], lost))
    assert len(await idle_hub.all(OutboxRow)) == 1


async def test_the_database_is_free_while_confirms_are_awaited(idle_hub: SmallHub) -> None:
    await idle_hub.broker.start()
    idle_hub.worker = idle_hub.new_worker("relay alone", [])
    await idle_hub.send(*deposits(250))
    await idle_hub.worker.start()

    def sent() -> Job[int]:
        rows = yield from rows_of(OutboxRow)
        return len(rows)

    async with asyncio.timeout(PATIENCE):
        while idle_hub.worker.relay.backlog + idle_hub.worker.relay.published < 250:
            await idle_hub.database.run(sent)
        await idle_hub.send(*deposits(1, "b"))
        await idle_hub.worker.stop()
    idle_hub.worker = idle_hub.new_worker("all")
    await idle_hub.worker.start()
    await idle_hub.settled(502)
    assert await idle_hub.balances() == {"a": 250, "b": 1}


async def test_a_service_that_takes_nothing_holds_up_no_other(idle_hub: SmallHub) -> None:
    await idle_hub.broker.start()
    idle_hub.worker = idle_hub.new_worker("half", [teller])
    await idle_hub.worker.start()
    for start in range(0, 3_000, 500):
        await idle_hub.send(*deposits(500, f"account {start}"))
    wanted = {f"account {start}": 500 for start in range(0, 3_000, 500)}
    await idle_hub.database.until(
        lambda: rows_of(Account), lambda rows: {row.name: row.balance for row in rows} == wanted
    )
    assert await idle_hub.all(Entry) == []
    await idle_hub.worker.stop()
    idle_hub.worker = idle_hub.new_worker("whole")
    await idle_hub.worker.start()
    await idle_hub.settled(6_000)
    assert len(await idle_hub.all(Entry)) == 3_000


async def test_rows_of_a_key_arrive_in_the_order_in_which_they_were_committed(hub: SmallHub) -> None:
    for start in range(0, 1_000, 50):
        await hub.send(*deposits(50, "a", start))
    await hub.settled(2_000)
    (account,) = await hub.all(Account)
    assert account[:3] == ("a", 1_000, 999)


async def test_rows_that_nobody_offered_or_told_of_are_found(hub: SmallHub) -> None:
    await hub.database.inner.run(lambda: received(deposits(5)), lane="door")  # as another process would
    await hub.settled(10)


async def test_rows_for_a_queue_that_is_not_there_stay_and_go_out_once_it_is(idle_hub: SmallHub) -> None:
    declared, idle_hub.broker = idle_hub.broker, Broker(idle_hub.urls[1], service_queues(SERVICES[:1]))
    await idle_hub.broker.start()
    idle_hub.worker = idle_hub.new_worker("first", [teller])
    await idle_hub.worker.start()
    await idle_hub.send(*deposits(3))
    await idle_hub.database.until(lambda: rows_of(Account), lambda rows: rows and rows[0].balance == 3)
    async with asyncio.timeout(PATIENCE):
        while idle_hub.worker.relay.refused < 3:
            await idle_hub.database.run(lambda: rows_of(OutboxRow))
    await idle_hub.database.until(
        lambda: rows_of(OutboxRow), lambda rows: [row.destination for row in rows] == ["auditor"] * 3
    )
    await idle_hub.worker.stop()
    await idle_hub.broker.stop()
    idle_hub.broker = declared
    idle_hub.worker = idle_hub.new_worker("second")
    await idle_hub.broker.start()
    await idle_hub.worker.start()
    await idle_hub.settled(6)


@pytest.mark.parametrize("batches", [1, 3])
async def test_a_consumer_lost_between_commit_and_ack_brings_nothing_twice(hub: SmallHub, batches: int) -> None:
    lost = 0

    async def lose(lane: str) -> None:
        nonlocal lost
        if lane == "teller" and lost < batches and hub.teller._readings:
            lost += 1
            consumer = hub.teller._readings[0].consumer
            assert consumer is not None
            await consumer.abandon()

    runs.clear()
    hub.database.committed = lose
    sent = deposits(300)
    await hub.send(*sent)
    await hub.settled(600)
    assert lost == batches
    assert await hub.balances() == {"a": 300}
    assert {runs[one.id] for one in sent} == {1}


async def test_a_worker_that_stops_leaves_everything_to_the_next(idle_hub: SmallHub) -> None:
    await idle_hub.start()
    await idle_hub.send(*deposits(500))
    await idle_hub.worker.stop()
    idle_hub.worker = idle_hub.new_worker("second")
    await idle_hub.worker.start()
    await idle_hub.settled(1_000)
    assert (await idle_hub.all(Account))[0][:3] == ("a", 500, 499)


async def test_two_workers_share_the_partitions_and_the_one_that_is_left_takes_all(idle_hub: SmallHub) -> None:
    if idle_hub.alone:
        return  # the embedded default is one process
    await idle_hub.start()
    other = idle_hub.new_worker("other")
    await other.start()
    held = lambda worker: sum(bool(one._readings) for one in worker.runners.values())  # noqa: E731 - asked often, once
    async with asyncio.timeout(PATIENCE):
        while (held(idle_hub.worker), held(other)) != (1, 1):
            await idle_hub.worker.leases.turn.wait()
    await idle_hub.send(*deposits(100))
    await idle_hub.settled(200)
    await other.stop()
    async with asyncio.timeout(PATIENCE):
        while held(idle_hub.worker) != 2:
            await idle_hub.worker.leases.turn.wait()
    await idle_hub.send(*deposits(100, "b"))
    await idle_hub.settled(400)


async def test_a_slow_commit_is_not_passed_over(idle_hub: SmallHub) -> None:
    """A row whose id was given first and becomes visible last is published all the same (PostgreSQL)."""
    if idle_hub.alone:
        return  # SQLite has one writer: ids become visible in their order
    await idle_hub.start()
    (slow,) = deposits(1, "slow")
    writer = await asyncpg.connect(idle_hub.urls[0])
    await writer.execute("begin")
    await drive(writer, lambda: publish([slow], SUBSCRIPTIONS))
    await idle_hub.send(*deposits(50, "fast"))
    await idle_hub.settled(100)
    await writer.execute("commit")
    await writer.close()
    idle_hub.worker.relay.wake()
    await idle_hub.settled(102)
    assert await idle_hub.balances() == {"fast": 50, "slow": 1}


async def test_what_stood_still_while_the_lease_was_uncertain_goes_on_with_it(
    hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay, holding, read = hub.worker.relay, hub.worker.relay._holding, hub.database.read
    uncertain = False

    async def read_just_in_time(job: Any) -> Any:
        nonlocal uncertain
        rows, whole = await read(job)
        uncertain = uncertain or bool(rows)
        return rows, whole

    with monkeypatch.context() as patched:
        patched.setattr(relay, "_holding", lambda: None if uncertain else holding())
        patched.setattr(hub.database, "read", read_just_in_time)
        await hub.database.inner.run(lambda: received(deposits(1)), lane="door")
        relay.wake()
        async with asyncio.timeout(PATIENCE):
            while not relay.backlog:  # noqa: ASYNC110 - a window has no event
                await asyncio.sleep(0.001)  # the look goes on
    assert relay.published == 0
    await hub.settled(2)
