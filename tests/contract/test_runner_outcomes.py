"""What becomes of every message: applied, refused, waiting or parked, with the books in step."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.canonical.envelope import Message
from hub.messaging.channel import Delivery, Publication
from hub.messaging.topology import queue_name
from hub.store.messages import Document, Event, InboxRow, Parked, WaitingRow
from hub.store.parking import Decision, drop, replay
from hub.store.queries.figures import Books, figures
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load
from hub.store.waiting import NEVER
from tests import small_service
from tests.desk import message
from tests.small_hub import PATIENCE, SmallHub, received, rows_of
from tests.small_service import SUBSCRIPTIONS, Account, Claim, Deposit, Entry, Movement, ProofArrived, Wish

TELLER = queue_name("teller", 0)


@pytest.fixture(autouse=True)
def _fresh() -> None:
    small_service.runs.clear()
    small_service.cured.clear()


def deposit(account: str = "a", wish: Wish = "", **more: Any) -> Message[Any]:
    envelope = {"testindicator": more.pop("testindicator", False)}
    return message(Deposit(account=account, wish=wish, **more), **envelope)


async def books(hub: SmallHub) -> Books:
    return (await hub.database.read(figures)).total


async def decide(hub: SmallHub, what: Any, one: Message[Any]) -> None:
    decision = Decision("teller", one.id, hub.clock(), "somebody", "a test", {Deposit.TYPE: "teller"})
    await hub.database.run(lambda: what(decision, SUBSCRIPTIONS) if what is replay else what(decision), lane="door")
    hub.worker.relay.wake()
    hub.teller.look()


async def test_what_a_handler_decides_is_stored_and_told_to_others(hub: SmallHub) -> None:
    deposits = [deposit(f"account {n % 7}", order=n) for n in range(350)]
    await hub.send(*deposits)
    await hub.settled(700)
    assert await hub.balances() == {f"account {n}": 50 for n in range(7)}
    assert len(await hub.all(Movement)) == 350
    assert sorted(row.order for row in await hub.all(Entry)) == list(range(350))
    assert {row.outcome for row in await hub.all(InboxRow)} == {"applied"}
    assert {row.ended for row in await hub.all(Document)} == {"applied"}
    assert await books(hub) == Books("all", 350, 350, 0, 0, 0, 0, 0)


async def test_a_refused_message_has_its_reason_and_no_effect(hub: SmallHub) -> None:
    refused, partners, fine = deposit(wish="refuse"), deposit(wish="partner"), deposit()
    await hub.send(refused, partners, fine)
    await hub.settled(4)
    ends = await hub.ends()
    assert ends["teller", refused.id] == ("refused", "the account takes no more")
    assert ends["teller", partners.id] == ("refused", "no such account")
    assert await hub.balances() == {"a": 1}
    documents = {row.id: (row.ended, row.reason) for row in await hub.all(Document)}
    assert documents[refused.id] == ("refused", "the account takes no more")
    assert await books(hub) == Books("all", 3, 1, 0, 2, 0, 0, 0)


async def test_what_a_person_must_decide_is_parked_and_holds_its_key_until_it_is_dropped(hub: SmallHub) -> None:
    odd, *behind = deposit(wish="decide"), deposit(amount=10), deposit(amount=100)
    other = deposit("b")
    await hub.send(odd, *behind, other)
    rows = await hub.quiet(waiting=3)
    assert [row.message_id for row in rows] == [odd.id, *(one.id for one in behind)]
    assert await hub.balances() == {"b": 1}
    parked = (await hub.all(Parked))[0]
    assert (parked.message_id, parked.error_class, parked.error, parked.traceback) == (
        odd.id,
        "NeedsDecision",
        "somebody must look at this",
        None,
    )
    assert await books(hub) == Books("all", 4, 1, 0, 0, 1, 2, 0)
    await decide(hub, drop, odd)
    await hub.settled(7)
    assert await hub.balances() == {"a": 110, "b": 1}
    assert (await hub.ends())["teller", odd.id][0] == "dropped"
    assert await books(hub) == Books("all", 4, 3, 0, 0, 1, 0, 0)


async def test_a_parked_message_that_is_replayed_runs_before_those_behind_it(hub: SmallHub) -> None:
    odd, behind = deposit(wish="decide", order=1), deposit(order=2)
    await hub.send(odd, behind)
    await hub.quiet(waiting=2)
    small_service.cured.add("decide")
    await decide(hub, replay, odd)
    await hub.settled(4)
    assert (await hub.all(Account))[0][:3] == ("a", 2, 2)
    assert await hub.all(WaitingRow) == []
    assert (await hub.all(Parked))[0].state == "replayed"
    assert await books(hub) == Books("all", 2, 2, 0, 0, 0, 0, 0)


async def test_replaying_gives_the_events_the_ids_they_would_have_had(hub: SmallHub) -> None:
    odd = deposit(wish="decide")
    await hub.send(odd)
    await hub.quiet(waiting=1)
    small_service.cured.add("decide")
    await decide(hub, replay, odd)
    await hub.settled(2)
    events = [row.id for row in await hub.all(Event)]
    await hub.deliver(Publication(TELLER, odd.to_json(), str(odd.id), odd.type))
    await hub.settled(2)
    assert [row.id for row in await hub.all(Event)] == events
    assert await hub.balances() == {"a": 1}


async def test_what_is_temporarily_impossible_is_tried_eight_times_with_back_off_and_then_parked(hub: SmallHub) -> None:
    one = deposit(wish="later")
    await hub.send(one)
    pauses = []
    for attempt in range(1, 8):
        row = await waiting_after(hub, one, attempt)
        pauses.append(row.until - hub.clock())
        await hub.later(seconds=(row.until - hub.clock()).total_seconds())
    await hub.settled(1)
    assert pauses == [timedelta(seconds=2 * 2**n) for n in range(1, 8)]
    assert small_service.runs[one.id] == 8
    assert (await hub.ends())["teller", one.id] == ("parked", "not now")
    assert [row.until for row in await hub.quiet(waiting=1)] == [NEVER]


async def waiting_after(hub: SmallHub, one: Message[Any], attempts: int) -> WaitingRow:
    def look() -> Job[list[WaitingRow]]:
        rows = yield from rows_of(WaitingRow)
        return [row for row in rows if row.message_id == one.id and row.attempts == attempts]

    found = await hub.database.until(look, bool)
    return found[0]


@pytest.mark.parametrize("wish", ["bug in needs", "bug in later needs"])
async def test_a_bug_in_what_a_message_needs_is_its_own_and_holds_its_key(hub: SmallHub, wish: Wish) -> None:
    one, behind, other = deposit(wish=wish), deposit(amount=5), deposit("another", amount=7)
    await hub.send(one, behind, other)
    await waiting_after(hub, one, 1)
    await hub.database.until(lambda: _outcome(other.id), lambda found: found == "applied")
    assert await hub.balances() == {"another": 7}
    small_service.cured.add(wish)
    await hub.later(hours=1)
    await hub.settled(6)
    assert await hub.balances() == {"a": 6, "another": 7}


async def test_a_bug_is_tried_three_times_and_then_parked_with_its_traceback(hub: SmallHub) -> None:
    one, behind = deposit(wish="bug"), deposit(amount=5)
    await hub.send(one, behind)
    for attempt in (1, 2):
        await waiting_after(hub, one, attempt)
        await hub.later(hours=1)
    await hub.database.until(lambda: _outcome(one.id), lambda found: found == "parked")
    (parked,) = await hub.all(Parked)
    assert parked.error_class == "ZeroDivisionError"
    assert "ZeroDivisionError: a bug" in (parked.traceback or "")
    assert small_service.runs[one.id] == 3
    assert await hub.balances() == {}
    small_service.cured.add("bug")
    await decide(hub, replay, one)
    await hub.settled(4)
    assert await hub.balances() == {"a": 6}


def _outcome(identifier: UUID) -> Job[str | None]:
    rows = yield Load(SPECS[InboxRow], [("teller", identifier)])
    return rows[0].outcome if rows else None


async def test_a_body_that_is_no_message_is_parked_with_its_bytes(hub: SmallHub) -> None:
    fine = deposit()
    await hub.deliver(
        Publication(TELLER, b"\xff\x00 no JSON", "no uuid", "?"),
        Publication(TELLER, b'{"type":"of.tomorrow.v1"}', str(UUID(int=77)), "of.tomorrow.v1"),
    )
    await hub.send(fine)
    await hub.settled(4)
    parked = await hub.all(Parked)
    assert sorted(row.body for row in parked) == [b'{"type":"of.tomorrow.v1"}', b"\xff\x00 no JSON"]
    assert {row.error_class for row in parked} == {"Unreadable"}
    assert UUID(int=77) in {row.message_id for row in parked}
    assert await hub.balances() == {"a": 1}


async def test_a_message_that_came_before_has_no_second_effect(hub: SmallHub) -> None:
    one = deposit()
    copies = [Publication(TELLER, one.to_json(), str(one.id), one.type)]
    await hub.send(one)
    await hub.settled(2)
    await hub.deliver(*copies)
    await hub.deliver(*copies, *copies)
    assert await hub.balances() == {"a": 1}
    assert small_service.runs[one.id] == 1


async def test_two_copies_in_one_batch_have_one_effect(idle_hub: SmallHub) -> None:
    one = deposit()
    other = one.to_json()
    await idle_hub.broker.start()
    await idle_hub.send(one)
    publishing = asyncio.create_task(idle_hub.deliver(Publication(TELLER, other, f"{one.id}", one.type)))
    await idle_hub.worker.start()
    await publishing
    await idle_hub.settled(2)
    assert await idle_hub.balances() == {"a": 1}


async def test_a_test_message_leaves_no_trace_but_its_answer(hub: SmallHub) -> None:
    await hub.send(deposit(testindicator=True), deposit(wish="refuse", testindicator=True))
    await hub.settled(2)
    assert await hub.balances() == {}
    assert await hub.all(Movement) == []
    assert await hub.all(Entry) == []
    assert [row.destinations for row in await hub.all(Event) if row.type == "test.deposited.v1"] == [""]
    assert await books(hub) == Books("all", 2, 1, 0, 1, 0, 0, 0)


async def test_a_series_has_no_gaps_where_messages_fail(hub: SmallHub) -> None:
    wishes: list[Wish] = ["number", "refuse", "number", "partner", "number", "number"]
    deposits = [deposit(f"account {n}", wish) for n, wish in enumerate(wishes * 20)]
    await hub.send(*deposits)
    await hub.settled(len(deposits) + 80)
    assert sorted(row.number for row in await hub.all(Movement)) == list(range(1, 81))


async def test_needs_known_only_after_a_load_and_undeclared_ones_are_loaded(hub: SmallHub) -> None:
    await hub.send(deposit("a", "two steps"), deposit("b", "undeclared", also="other"), deposit("a", "sum"))
    await hub.settled(6)
    assert await hub.balances() == {"a": 2, "b": 1, "other": -1}
    assert hub.teller.measured.restarts == 1


async def test_a_claim_and_its_proof_meet_whoever_comes_first(hub: SmallHub) -> None:
    await hub.send(message(Claim(account="early", reference="1")))
    (row,) = await hub.quiet(waiting=1)
    assert (row.awaits, row.blocks, row.until) == ("teller/proof/1", False, hub.clock() + timedelta(hours=72))
    await hub.send(message(ProofArrived(reference="1")), message(ProofArrived(reference="2")))
    await hub.settled(3)
    await hub.send(message(Claim(account="late", reference="2")))
    await hub.send(message(Claim(account="together", reference="3")), message(ProofArrived(reference="3")))
    await hub.settled(6)
    assert await hub.balances() == {"early": 1_000, "late": 1_000, "together": 1_000}
    assert await hub.all(WaitingRow) == []


async def test_who_awaits_a_counterpart_keeps_nobody_waiting_and_is_parked_at_its_deadline(hub: SmallHub) -> None:
    claim = message(Claim(account="a", reference="never", hours=2))
    await hub.send(claim, deposit("a"))
    await hub.settled(2)
    assert await hub.balances() == {"a": 1}
    await hub.later(hours=2)
    await hub.settled(3)
    assert (await hub.ends())["teller", claim.id] == ("parked", "no proof yet")
    await hub.send(deposit("a"))
    await hub.settled(5)
    assert await hub.balances() == {"a": 2}


async def test_who_must_keep_its_turn_holds_back_the_later_ones_of_its_key(hub: SmallHub) -> None:
    claim = message(Claim(account="a", reference="1", blocks=True))
    later = [deposit("a", order=n) for n in range(1, 6)]
    await hub.send(claim, *later[:3])
    await hub.quiet(waiting=4)
    await hub.send(*later[3:], deposit("b"))
    await hub.quiet(waiting=6)
    assert await hub.balances() == {"b": 1}
    await hub.send(message(ProofArrived(reference="1")))
    await hub.settled(2 + 2 * 5 + 2)
    assert await hub.balances() == {"a": 1_005, "b": 1}
    orders = {row.id: row.order for row in await hub.all(Entry) if row.account == "a"}
    assert sorted(orders.values()) == [1, 2, 3, 4, 5]
    assert next(row for row in await hub.all(Account) if row.name == "a").last == 5


async def test_a_long_line_goes_on_batch_by_batch_in_its_order(hub: SmallHub) -> None:
    await hub.send(message(Claim(account="a", reference="1", blocks=True)))
    await hub.quiet(waiting=1)
    await hub.send(*[deposit("a", order=n) for n in range(1, 251)])
    await hub.quiet(waiting=251)
    await hub.send(message(ProofArrived(reference="1")))
    await hub.settled(502)
    assert (await hub.all(Account))[0][:3] == ("a", 1_250, 250)


async def test_what_the_database_refuses_is_found_by_halving_and_holds_up_nobody_else(hub: SmallHub) -> None:
    culprit = deposit("culprit", "conflict")
    others = [deposit(f"account {n}") for n in range(60)]
    await hub.send(*others[:37], culprit, *others[37:])
    (row,) = await hub.quiet(waiting=1)
    await hub.settled(120)
    assert row.message_id == culprit.id
    assert row.reason.startswith("NotStored: VersionConflict")
    assert len(await hub.balances()) == 60
    assert {row.outcome for row in await hub.all(InboxRow)} == {"applied", "waiting"}


async def test_two_refusals_in_a_hundred_make_no_handler_run_twice(hub: SmallHub) -> None:
    deposits = [deposit(f"account {n % 9}", "refuse" if n % 50 == 7 else "") for n in range(500)]
    await hub.send(*deposits)
    await hub.settled(500 + 490)
    assert {small_service.runs[one.id] for one in deposits} == {1}
    assert hub.teller.measured.restarts == hub.teller.measured.divided == 0


async def test_the_books_balance_in_every_snapshot(hub: SmallHub) -> None:
    seen: list[Books] = []

    async def look(_: str) -> None:
        seen.append((await hub.database.inner.read(figures)).total)

    hub.database.committed = look
    wishes: list[Wish] = ["", "refuse", "", "decide", "bug", ""]
    await hub.send(*[deposit(f"account {n % 11}", wish) for n, wish in enumerate(wishes * 30)])
    await hub.database.until(figures, lambda found: _all_known(found.total))
    hub.database.committed = None
    assert all(one.in_flight >= 0 and min(one[1:]) >= 0 for one in seen)
    documents = await hub.all(Document)
    last = await books(hub)
    assert last.applied == sum(row.ended == "applied" for row in documents)
    assert last.refused == sum(row.ended == "refused" for row in documents)
    assert last.parked == sum(row.ended == "parked" for row in documents)
    assert last.in_flight == sum(row.ended in {None, "waiting"} for row in documents)


def _all_known(total: Books) -> bool:
    return total.parked == 11 or total.received == total.applied + total.refused + total.parked + total.in_flight


async def test_while_the_database_is_away_nothing_is_acked_counted_or_parked(hub: SmallHub) -> None:
    hub.database.away = True
    one = deposit()
    await hub.database.inner.run(lambda: received([one]), lane="door")
    hub.worker.relay.wake()
    await hub.database.was_asked(3)
    hub.database.away = False
    await hub.settled(2)
    assert await hub.balances() == {"a": 1}
    assert small_service.runs[one.id] == 1
    assert await hub.all(Parked) == []


async def test_a_worker_that_lost_its_lease_lets_go_of_its_queue_even_in_the_middle_of_a_batch(hub: SmallHub) -> None:
    hub.database.away = True
    await hub.database.inner.run(lambda: received([deposit()]), lane="door")
    hub.worker.relay.wake()
    await hub.database.was_asked(2)
    reading = hub.teller._readings[0]
    assert reading.alive
    leases = hub.worker.leases
    leases._valid_until = 0.0  # as after seconds without an answer to a renewal
    turn, leases._turn = leases._turn, asyncio.Event()
    turn.set()
    async with asyncio.timeout(PATIENCE):
        while reading.alive:
            await hub.database.was_asked(hub.database.refused + 1)
    hub.database.away = False
    await hub.worker.leases.look()
    await hub.settled(2)
    assert await hub.balances() == {"a": 1}


async def test_what_the_broker_gave_up_is_parked_with_its_bytes_and_settled_before_is_only_acked(
    idle_hub: SmallHub,
) -> None:
    one, fine = deposit(), deposit("b")
    await idle_hub.broker.start()
    arrived: asyncio.Queue[Delivery] = asyncio.Queue()
    consumer = await idle_hub.broker.consume(TELLER, arrived.put_nowait)
    publishing = [
        asyncio.create_task(idle_hub.deliver(Publication(TELLER, given.to_json(), str(given.id), given.type)))
        for given in (one, fine)
    ]
    for _ in publishing:
        await consumer.reject((await arrived.get()).tag)
    await consumer.close()
    await idle_hub.database.run(lambda: _settled_before(fine), lane="door")
    await idle_hub.worker.start()
    await asyncio.gather(*publishing)
    await idle_hub.settled(2)
    (parked,) = await idle_hub.all(Parked)
    assert (parked.message_id, parked.error_class, parked.body) == (one.id, "DeadLettered", one.to_json())
    assert await idle_hub.balances() == {}


def _settled_before(one: Message[Any]) -> Job[None]:
    yield Insert(SPECS[InboxRow], [InboxRow("teller", one.id, "applied", one.time)])


async def test_long_work_is_done_on_a_thread_before_the_transaction_and_its_failure_is_not_the_messages(
    hub: SmallHub,
) -> None:
    studied, in_vain, plain = deposit(wish="study"), deposit(wish="study in vain"), deposit()
    await hub.send(studied, in_vain, plain)
    await hub.settled(6)
    thread = small_service.studied[studied.id]
    assert thread is not None
    assert thread.startswith("asyncio_"), "it was done where the event loop or the database's writer had to wait"
    assert small_service.studied[in_vain.id] is None
    assert await hub.balances() == {"a": 3}


async def test_who_dies_of_long_work_is_named_as_the_suspect(hub: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hub.alone:
        return  # the broker says itself what it has delivered before
    named: list[bytes] = []
    underway = hub.folder / "underway" / "teller"
    studying = small_service._study

    def look(known: Any) -> str:
        named.append(underway.read_bytes())
        return studying(known)

    monkeypatch.setattr(small_service, "_study", look)
    one = deposit(wish="study")
    await hub.send(deposit(), one, deposit())
    await hub.settled(6)
    assert named == [one.id.bytes]
