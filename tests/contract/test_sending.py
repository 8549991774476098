"""What is owed leaves in order, as often as it takes, and always as the same bytes."""

import asyncio
import base64
import hmac
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hub.canonical.agreement import Agreement, WebhookAgreement
from hub.canonical.intake import AcknowledgementReceived
from hub.connectors.sending import LEASE, Breaker, Sender
from hub.connectors.transports import Move, transports
from hub.errors import IllegalTransition, TemporaryError
from hub.seams import Seams
from hub.store.database import Database
from hub.store.records import SPECS
from hub.store.statements import Job, Query, Statement, Write
from hub.store.status import Transmission
from hub.store.transmission_decisions import By, drop, release, requeue
from hub.store.transmissions import (
    Parcel,
    claim,
    confirm_through,
    due,
    feed_after,
    inherit,
    outbound_after,
    overdue,
    record_failure,
    record_success,
)
from tests.desk import NOW
from tests.edifact_documents import agreement
from tests.listener import Listener, Request, listening
from tests.office import Clock, Office

PATIENCE = 20.0
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEWER_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, Clock(), tmp_path)


def by_http(listener: Listener, partner: str = "mueller") -> Agreement:
    terms = agreement(answer_by="http", url=listener.url())
    return terms.model_copy(update={"partner": partner})


def by_webhook(listener: Listener) -> Agreement:
    hook = WebhookAgreement(url=listener.url("/hook"), secret=SECRET)
    return Agreement(partner="acme", party=agreement().party, webhook=hook)


async def test_a_document_lies_in_the_partners_folder_under_a_name_that_sorts_as_sent(office: Office) -> None:
    await office.queue(agreement(), "SO-1", "SO-2")
    await office.send()
    files = sorted((office.root / "mueller" / "out").iterdir())
    assert [file.name for file in files] == ["0000000001-ORDRSP-1.edi", "0000000002-ORDRSP-2.edi"]
    assert files[0].read_bytes().startswith(b"UNA")
    assert await office.states() == ["sent", "sent"]


async def test_a_file_written_again_overwrites_itself(office: Office) -> None:
    await office.queue(agreement(), "SO-1")
    parcels = await claimed(office)
    to_folder = transports(office.root, None, Seams())["folder"]  # type: ignore[arg-type] # a folder posts nothing
    for _ in range(2):
        await to_folder(parcels[0])
    assert [file.name for file in (office.root / "mueller" / "out").iterdir()] == ["0000000001-ORDRSP-1.edi"]


async def test_a_document_is_posted_as_it_was_frozen(office: Office) -> None:
    async with listening() as listener:
        await office.queue(by_http(listener), "SO-1")
        await office.send(listener)
        (parcel,) = await office.database.read(lambda: outbound_bytes("mueller"))
    (request,) = listener.requests
    assert request.body == parcel
    assert request.headers["content-type"] == "application/edifact"
    assert await office.states() == ["delivered"]


async def test_without_an_answer_the_identical_bytes_go_out_again_under_the_same_key(office: Office) -> None:
    async with listening(None, "503 Busy") as listener:
        await office.queue(by_http(listener), "SO-1")
        for _ in range(3):
            await office.send(listener)
            office.clock.now += timedelta(hours=2)
    assert len(listener.requests) == 3
    assert len({(one.body, one.headers["idempotency-key"]) for one in listener.requests}) == 1
    assert await office.states() == ["delivered"]


async def test_a_webhook_carries_the_event_signed_with_a_constant_id(office: Office) -> None:
    async with listening("500 Oops") as listener:
        await office.queue(by_webhook(listener), "SO-1", channel="webshop")
        await office.send(listener)
        assert await office.states() == ["queued"]
        office.clock.now += timedelta(seconds=6)
        await office.send(listener)
    first, second = listener.requests
    (row,) = await office.rows()
    for request in (first, second):
        event = json.loads(request.body)
        assert request.headers["webhook-id"] == event["id"] == str(row.event_id)
        assert event["type"] == "order.accepted.v1"
        assert request.headers["webhook-signature"] == signature(request)
    assert first.headers["webhook-timestamp"] < second.headers["webhook-timestamp"]
    assert first.headers["content-type"] == "application/cloudevents+json"
    assert row.state == "delivered"


async def test_while_a_secret_is_retiring_both_sign(office: Office) -> None:
    async with listening() as listener:
        hook = WebhookAgreement(url=listener.url("/hook"), secret=NEWER_SECRET, retiring_secret=SECRET)
        await office.queue(by_webhook(listener).changed(webhook=hook), "SO-1", channel="webshop")
        await office.send(listener)
    (request,) = listener.requests
    assert request.headers["webhook-signature"] == f"{signature(request, NEWER_SECRET)} {signature(request)}"


async def test_what_follows_on_a_subject_waits_for_what_failed_others_go_on(office: Office) -> None:
    async with listening("500 Oops") as listener:
        await office.queue(by_http(listener), "SO-1", "SO-1", "SO-2")
        await office.send(listener, share=1)  # one at a time, so that the first answer is the first document's
        assert await office.states() == ["queued", "queued", "delivered"]
        office.clock.now += timedelta(minutes=5)
        await office.send(listener)
    assert await office.states() == ["delivered"] * 3
    assert [row.attempts for row in await office.rows()] == [2, 1, 1]


async def test_a_server_that_is_gone_for_good_gets_no_further_attempt_and_a_person_is_told(office: Office) -> None:
    async with listening("410 Gone") as listener:
        await office.queue(by_webhook(listener), "SO-1", "SO-1", channel="webshop")
        await office.send(listener)
        office.clock.now += timedelta(days=1)
        await office.send(listener)
        assert len(listener.requests) == 1
        assert await office.states() == ["parked", "queued"]
        assert await office.tasks() == ["transmission_parked"]
        (parked, _) = await office.rows()
        await office.database.run(lambda: requeue(parked.id, by(office)))
        await office.send(listener)
    assert await office.states() == ["delivered", "delivered"]


async def test_a_parked_one_that_is_dropped_lets_its_successors_go(office: Office) -> None:
    async with listening("410 Gone") as listener:
        await office.queue(by_webhook(listener), "SO-1", "SO-1", channel="webshop")
        await office.send(listener)
        (parked, _) = await office.rows()
        await office.database.run(lambda: drop(parked.id, by(office)))
        await office.send(listener)
        assert await office.states() == ["dropped", "delivered"]
        with pytest.raises(IllegalTransition):
            await office.database.run(lambda: requeue(parked.id, by(office)))


async def test_after_the_last_attempt_a_transmission_is_parked(office: Office) -> None:
    async with listening(*["500 Oops"] * 99) as listener:
        await office.queue(by_webhook(listener), "SO-1", channel="webshop")
        for _ in range(12):
            await office.send(listener)
            office.clock.now += timedelta(days=2)
    assert len(listener.requests) == 10
    assert await office.states() == ["parked"]


async def test_retry_after_is_obeyed_where_it_asks_for_more_patience_than_the_schedule(office: Office) -> None:
    async with listening("503 Busy\r\nretry-after: 7200") as listener:
        await office.queue(by_webhook(listener), "SO-1", channel="webshop")
        await office.send(listener)
    (row,) = await office.rows()
    assert row.next_at == NOW + timedelta(hours=2)


@pytest.mark.parametrize("asked", ["9" * 5_000, "tomorrow", "-5"])
async def test_no_server_can_put_us_off_for_more_than_a_day(office: Office, asked: str) -> None:
    async with listening(f"503 Busy\r\nretry-after: {asked}") as listener:
        await office.queue(by_webhook(listener), "SO-1", channel="webshop")
        await office.send(listener)
    (row,) = await office.rows()
    assert NOW < row.next_at <= NOW + timedelta(days=1)


async def test_a_secret_that_signs_nothing_is_for_a_person_and_not_for_the_schedule(office: Office) -> None:
    async with listening() as listener:
        hook = WebhookAgreement(url=listener.url(), secret="whsec_!!")
        await office.queue(by_webhook(listener).model_copy(update={"webhook": hook}), "SO-1", channel="webshop")
        await office.send(listener)
    assert await office.states() == ["parked"]


async def test_a_redirect_is_a_failure_and_is_not_followed(office: Office) -> None:
    async with listening("302 Found\r\nlocation: /elsewhere") as listener:
        await office.queue(by_http(listener), "SO-1")
        await office.send(listener)
    assert [request.path for request in listener.requests] == ["/in"]
    assert await office.states() == ["queued"]


async def test_a_private_target_is_never_connected_to(office: Office) -> None:
    async with listening() as listener:
        await office.queue(by_http(listener), "SO-1")
        await office.send()
    assert listener.requests == []
    assert await office.states() == ["parked"]


async def test_a_claim_keeps_others_away_until_its_lease_is_over(office: Office) -> None:
    await office.queue(agreement(), "SO-1")
    claims = [await claimed(office) for _ in range(2)]
    assert [len(one) for one in claims] == [1, 0]
    office.clock.now += LEASE
    (again,) = await claimed(office)
    assert again.body == claims[0][0].body
    assert again.transmission.attempts == 2


async def test_an_attempt_that_lasts_keeps_its_claim(office: Office) -> None:
    await office.queue(agreement(), "SO-1")
    turn, begun, end = asyncio.Semaphore(0), asyncio.Event(), asyncio.Event()

    async def sleep(seconds: float) -> None:
        await turn.acquire()
        office.clock.now += timedelta(seconds=seconds)

    async def slow(_: Parcel) -> Move:
        begun.set()
        await end.wait()
        return "send"

    sending = asyncio.create_task(
        Sender(office.database, {"folder": slow}, replace(office.clock.seams(), sleep=sleep)).drain()
    )
    await begun.wait()
    while office.clock.now < NOW + 2 * LEASE:
        (before,) = await office.rows()
        turn.release()
        async with asyncio.timeout(PATIENCE):
            while (await office.rows())[0].next_at == before.next_at:  # noqa: ASYNC110 - a row has no event
                await asyncio.sleep(0.001)  # lets the sender's lane go on
    assert await claimed(office) == []
    end.set()
    await sending
    assert await office.states() == ["sent"]


async def test_where_a_process_is_alone_it_takes_over_the_claims_of_its_dead_forerunner(office: Office) -> None:
    await office.queue(agreement(), "SO-1", "SO-2")
    died_with, failed = await claimed(office)
    later = office.clock.now + timedelta(hours=1)
    await office.database.run(lambda: record_failure(failed.transmission.id, "away", office.clock.now, later))
    office.clock.now += timedelta(seconds=1)
    await office.database.run(lambda: inherit(office.clock.now))
    (again,) = await claimed(office)
    assert again.body == died_with.body
    assert again.transmission.attempts == 2


async def test_senders_that_look_at_once_share_what_is_due(office: Office) -> None:
    await office.queue(agreement(), *(f"SO-{n}" for n in range(8)))
    looks = await asyncio.gather(
        *(office.database.run(lambda: look_and_claim(NOW), lane=f"sender{n}") for n in range(4))
    )
    taken = [parcel.transmission.position for look in looks for parcel in look]
    assert sorted(taken) == list(range(1, 9))


async def test_an_acknowledgement_that_came_first_is_not_taken_back(office: Office) -> None:
    await office.queue(agreement(), "SO-1")
    (parcel,) = await claimed(office)
    work = office.desk.handle(AcknowledgementReceived(reference="1", action="accepted"), partner="mueller")
    ((answered,),) = [rows.values() for record, rows in work.saved.items() if record is Transmission]
    version = parcel.transmission.version
    write = Write(SPECS[Transmission], [answered._replace(version=version)])
    await office.database.run(lambda: just(write))
    await office.database.run(lambda: record_success(parcel.transmission.id, "send", NOW))
    (row,) = await office.rows()
    assert (row.state, row.acknowledged, row.sent_at) == ("acknowledged", "accepted", NOW)


async def test_a_slow_partner_takes_two_slots_and_no_more(office: Office) -> None:
    gate = asyncio.Event()
    under_way: dict[str, int] = {}
    most: dict[str, int] = {}
    others = asyncio.Event()

    async def slow(parcel: Parcel) -> Move:
        partner = parcel.transmission.partner
        under_way[partner] = under_way.get(partner, 0) + 1
        most[partner] = max(most.get(partner, 0), under_way[partner])
        if partner == "quick":
            others.set()
        else:
            await gate.wait()
        under_way[partner] -= 1
        return "send"

    slow_one, quick_one = agreement(), agreement().model_copy(update={"partner": "quick"})
    await office.queue(slow_one, *(f"SO-{n}" for n in range(6)))
    await office.queue(quick_one, "SO-99")
    sending = asyncio.create_task(office.send(folder=slow))
    await others.wait()
    gate.set()
    assert await sending == 7
    assert most == {"mueller": 2, "quick": 1}


async def test_an_endpoint_that_keeps_failing_rests_for_a_minute(office: Office) -> None:
    attempts: list[str] = []

    async def failing(parcel: Parcel) -> Move:
        attempts.append(parcel.transmission.subject)
        raise TemporaryError("no route to host")

    await office.queue(agreement(), *(f"SO-{n:02}" for n in range(9)))
    sender = Sender(office.database, {"folder": failing}, office.clock.seams())
    await sender.drain()
    assert len(attempts) == 6, "five failures in a row, and the one under way beside the fifth"
    office.clock.now += timedelta(seconds=61)
    await sender.drain()
    assert len(attempts) > 6


def test_an_endpoint_that_works_again_is_open_again() -> None:
    breaker = Breaker(failures=1, seconds=60)
    breaker.failed("a/http", now=0)
    assert breaker.closed_to(59, {}) == {"a/http"}
    assert breaker.closed_to(61, {"a/http": 1}) == {"a/http"}
    assert breaker.closed_to(61, {}) == set()
    breaker.worked("a/http")
    assert breaker.closed_to(1, {"a/http": 1}) == set()


async def test_what_a_transport_breaks_on_is_kept_with_the_transmission(office: Office) -> None:
    async def broken(_parcel: Parcel) -> Move:
        raise ZeroDivisionError

    await office.queue(agreement(), "SO-1")
    await office.send(folder=broken)
    (row,) = await office.rows()
    assert row.state == "queued"
    assert "ZeroDivisionError" in (row.last_error or "")


async def test_a_document_that_is_held_leaves_when_a_person_lets_it(office: Office) -> None:
    await office.queue(agreement(), "SO-1")
    (row,) = await office.rows()
    await office.database.run(lambda: just(Write(SPECS[Transmission], [row._replace(held="reads otherwise")])))
    await office.send()
    assert await office.states() == ["queued"]
    await office.database.run(lambda: release(row.id, by(office)))
    await office.send()
    assert await office.states() == ["sent"]


async def test_an_acknowledgement_that_does_not_come_raises_one_alarm(office: Office) -> None:
    await office.queue(agreement(ack_deadline_minutes=60), "SO-1")
    office.clock.now += timedelta(minutes=30)
    await office.send()
    due = NOW + timedelta(minutes=90)
    counts = [await office.database.run(lambda at=at: overdue(at)) for at in (due, due + timedelta(seconds=1))]
    assert counts == [0, 1]
    assert await office.tasks() == ["acknowledgement_overdue"]


async def test_by_agreement_what_is_not_acknowledged_goes_again_before_anybody_is_asked(office: Office) -> None:
    await office.queue(agreement(ack_deadline_minutes=60, resends=1), "SO-1")
    await office.send()
    (first,) = await office.rows()
    office.clock.now += timedelta(minutes=61)
    assert await office.database.run(lambda: overdue(office.clock.now)) == 0
    assert await office.states() == ["queued"]
    await office.send()
    (second,) = await office.rows()
    assert (second.state, second.reference, second.archive_id) == ("sent", first.reference, first.archive_id)
    assert (second.resent, second.attempts, second.ack_due) == (1, 2, office.clock.now + timedelta(minutes=60))
    office.clock.now += timedelta(minutes=61)
    assert await office.database.run(lambda: overdue(office.clock.now)) == 1
    assert await office.tasks() == ["acknowledgement_overdue"]


async def test_what_is_fetched_is_not_sent_again(office: Office) -> None:
    await office.queue(agreement(answer_by="pull", resends=5), "SO-1")
    await office.database.run(lambda: confirm_through("mueller", 1, NOW))
    assert await office.database.run(lambda: overdue(NOW + timedelta(days=1))) == 1
    assert await office.states() == ["delivered"]


async def test_documents_to_fetch_stay_until_the_partner_asks_beyond_them(office: Office) -> None:
    await office.queue(agreement(answer_by="pull"), "SO-1", "SO-2")
    assert await office.send() == 0
    first = await office.database.read(lambda: outbound_after("mueller", 0))
    assert [parcel.transmission.reference for parcel in first] == ["1", "2"]
    assert await office.database.run(lambda: confirm_through("mueller", 1, NOW)) == 1
    assert await office.states() == ["delivered", "queued"]
    (rest,) = await office.database.read(lambda: outbound_after("mueller", 1))
    assert rest.body.startswith(b"UNA")
    assert await office.database.read(lambda: outbound_after("somebody", 0)) == []


async def test_a_partner_never_fetches_past_a_document_that_is_held(office: Office) -> None:
    await office.queue(agreement(answer_by="pull"), "SO-1", "SO-2", "SO-3")
    (_, second, _) = await office.rows()
    await office.database.run(lambda: just(Write(SPECS[Transmission], [second._replace(held="reads otherwise")])))
    found = await office.database.read(lambda: outbound_after("mueller", 0))
    assert [parcel.transmission.position for parcel in found] == [1]


async def test_the_feed_shows_each_partner_its_own_events_in_order(office: Office) -> None:
    await office.queue(agreement(), "SO-1")
    await office.queue(agreement().model_copy(update={"partner": "other"}), "SO-2")
    everything = await office.database.read(lambda: feed_after(None, 0))
    assert [(entry.position, entry.partner) for entry, _ in everything] == [(1, "mueller"), (2, "other")]
    assert b'"order.accepted.v1"' in everything[0][1]
    own = await office.database.read(lambda: feed_after("other", 0))
    assert [entry.position for entry, _ in own] == [2]
    assert await office.database.read(lambda: feed_after("other", 2)) == []


def signature(request: Request, secret: str = SECRET) -> str:
    """Return the signature that Standard Webhooks 1.0 asks for, computed without the library."""
    headers = request.headers
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"


def by(office: Office) -> By:
    return By("somebody", "the shop has closed", office.clock.now)


async def claimed(office: Office) -> list[Parcel]:
    now = office.clock.now
    return await office.database.run(lambda: look_and_claim(now))


def look_and_claim(now: datetime) -> Job[list[Parcel]]:
    found = yield from due(now, ["folder"], limit=9, share=9, taken={})
    return (yield from claim(found, now, LEASE))


def outbound_bytes(partner: str) -> Job[list[bytes]]:
    sql = "select a.body from archive a join transmission t on t.archive_id = a.id where t.partner = :partner"
    rows = yield Query(sql, {"partner": partner}, (bytes,))
    return [row[0] for row in rows]


def just(statement: Statement) -> Job[None]:
    yield statement
