"""By agreement documents of one kind leave together in one interchange, each still seen by itself."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.order import OrderAccepted
from hub.store.collecting import collect, piles
from hub.store.database import Database
from hub.store.messages import Archive
from hub.store.records import SPECS
from hub.store.statements import Job, Query, Write
from hub.store.status import Collected, Transmission
from hub.store.transmission_decisions import By, drop, release, requeue
from hub.store.transmissions import confirm_through, outbound_after, overdue, record_failure
from hub.translators.edifact.interchange import check
from hub.translators.edifact.leaving import refusal
from tests.desk import NOW
from tests.edifact_documents import agreement, answer, invoice
from tests.office import Clock, Office, every


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, Clock(), tmp_path)


def by_the_quarter(**changes: Any) -> Agreement:
    terms = {"collects": {"ORDRSP": {"minutes": 15, "documents": 3}}, "contrl": "always"}
    return agreement(**terms | changes)


async def of_kind(office: Office, kind: str) -> list[Transmission]:
    return [row for row in await office.rows() if row.kind == kind]


async def saved(office: Office, row: Transmission) -> None:
    def job() -> Job[None]:
        yield Write(SPECS[Transmission], [row])

    await office.database.run(job)


async def test_documents_wait_for_each_other_and_leave_in_one_interchange(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-1", "SO-2")
    office.clock.now += timedelta(minutes=14)
    assert await office.send() == 0
    assert await office.states() == ["waiting", "waiting"]
    office.clock.now += timedelta(minutes=1)
    assert await office.send() == 1
    (sent,) = await of_kind(office, "interchange")
    assert (sent.reference, sent.state, sent.transport, sent.position) == ("1", "sent", "folder", 3)
    assert sent.ack_due == office.clock.now + timedelta(minutes=60)
    documents = await of_kind(office, "ORDRSP")
    assert [(row.reference, row.state) for row in documents] == [("1/1", "sent"), ("1/2", "sent")]
    assert {row.sent_at for row in documents} == {office.clock.now}
    held = await every(office.database, Collected, "number")
    assert held == [(sent.id, 1, documents[0].id), (sent.id, 2, documents[1].id)]


async def test_the_interchange_is_right_and_has_the_messages_as_they_were_frozen(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-1", "SO-2", "SO-3")
    await office.send()
    (file,) = (office.root / "mueller" / "out").iterdir()
    assert file.name == "0000000004-interchange-1.edi"
    body = file.read_bytes()
    assert refusal(body, agreement()) is None
    assert [one.verdict.reference for one in check(body, None).messages] == ["1", "2", "3"]
    assert body.endswith(b"'UNZ+3+1'")
    archives = {row.id: row for row in await every(office.database, Archive, "id")}
    for row in await of_kind(office, "ORDRSP"):
        message = archives[row.archive_id].body.split(b"'UNH+1+", 1)[1].split(b"'UNT+", 1)[0]
        assert message in body
    assert [row.size for row in archives.values() if row.body == body] == [len(body)]


async def test_as_many_as_agreed_leave_at_once_and_the_others_wait(office: Office) -> None:
    await office.queue(by_the_quarter(), *(f"SO-{n}" for n in range(1, 9)))
    assert await office.send() == 2
    assert [row.reference for row in await of_kind(office, "interchange")] == ["1", "2"]
    assert [row.state for row in await of_kind(office, "ORDRSP")] == ["sent"] * 6 + ["waiting"] * 2


async def test_no_interchange_is_larger_than_agreed(office: Office) -> None:
    terms = by_the_quarter(collects={"ORDRSP": {"minutes": 15, "limit_bytes": 1500}})
    await office.queue(terms, *(f"SO-{n}" for n in range(1, 6)))
    office.clock.now += timedelta(minutes=15)
    await office.send()
    sent = await of_kind(office, "interchange")
    assert len(sent) > 1
    assert all(len(file.read_bytes()) < 1500 for file in (office.root / "mueller" / "out").iterdir())
    assert {row.state for row in await of_kind(office, "ORDRSP")} == {"sent"}


async def test_two_processes_that_look_at_once_make_one_interchange(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-1", "SO-2", "SO-3")
    (pile,) = await office.database.read(piles)
    made = [await office.database.run(lambda: collect(pile, NOW)) for _ in range(2)]
    assert made == [3, 0]


async def test_other_kinds_leave_at_once_but_never_before_what_waits_on_their_subject(office: Office) -> None:
    same = {"order_number": "SO-1"}
    await office.tell(by_the_quarter(), answer(OrderAccepted, **same), invoice(), answer(OrderAccepted))
    (response, bill, _) = await office.rows()
    await saved(office, bill._replace(subject=response.subject))
    assert await office.send() == 0
    office.clock.now += timedelta(minutes=15)
    assert await office.send() == 2
    left = sorted(file.name for file in (office.root / "mueller" / "out").iterdir())
    assert left == ["0000000002-INVOIC-1.edi", "0000000004-interchange-2.edi"]


async def test_what_stands_behind_an_unsent_document_is_not_collected_yet(office: Office) -> None:
    await office.tell(by_the_quarter(), invoice(), answer(OrderAccepted))
    (bill, response) = await office.rows()
    await saved(office, response._replace(subject=bill.subject))
    await office.database.run(lambda: record_failure(bill.id, "gone", NOW, None))
    office.clock.now += timedelta(minutes=15)
    assert await office.send() == 0
    assert await office.states() == ["parked", "waiting"]
    await office.database.run(lambda: drop(bill.id, By("anna", "wrong", NOW)))
    assert await office.send() == 1


async def test_a_held_document_stops_no_other_and_follows_when_it_is_released(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-1", "SO-2")
    (first, _) = await office.rows()
    await saved(office, first._replace(held="the guide forbids it"))
    office.clock.now += timedelta(minutes=15)
    await office.send()
    assert [row.state for row in await of_kind(office, "ORDRSP")] == ["waiting", "sent"]
    await office.database.run(lambda: release(first.id, By("anna", None, NOW)))
    await office.send()
    assert [row.reference for row in await of_kind(office, "ORDRSP")] == ["2/1", "1/1"]


async def test_documents_follow_an_interchange_that_is_given_up(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-1", "SO-2", "SO-3")
    (pile,) = await office.database.read(piles)
    await office.database.run(lambda: collect(pile, NOW))
    (whole,) = await of_kind(office, "interchange")
    assert await office.states() == ["collected"] * 3 + ["queued"]
    await office.database.run(lambda: record_failure(whole.id, "gone", NOW, None))
    await office.database.run(lambda: requeue(whole.id, By("anna", None, NOW)))
    await office.database.run(lambda: drop(whole.id, By("anna", "sent by mail", NOW)))
    assert await office.states() == ["dropped"] * 4


async def test_an_interchange_that_is_not_answered_goes_again_as_one(office: Office) -> None:
    await office.queue(by_the_quarter(resends=1), "SO-1", "SO-2", "SO-3")
    await office.send()
    office.clock.now += timedelta(minutes=61)
    assert await office.database.run(lambda: overdue(office.clock.now)) == 0
    assert await office.send() == 1
    assert [file.name for file in (office.root / "mueller" / "out").iterdir()] == ["0000000004-interchange-1.edi"]
    office.clock.now += timedelta(minutes=61)
    assert await office.database.run(lambda: overdue(office.clock.now)) == 1


async def test_a_partner_that_fetches_gets_interchanges(office: Office) -> None:
    await office.queue(by_the_quarter(answer_by="pull"), "SO-1", "SO-2", "SO-3")
    assert await office.database.read(lambda: outbound_after("mueller", 0)) == []
    await office.send()
    (parcel,) = await office.database.read(lambda: outbound_after("mueller", 0))
    assert (parcel.transmission.kind, parcel.transmission.position) == ("interchange", 4)
    await office.database.run(lambda: confirm_through("mueller", 4, NOW))
    assert await office.states() == ["delivered"] * 4


async def test_documents_whose_envelopes_differ_go_in_interchanges_of_their_own(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-1", "SO-2")
    await office.queue(by_the_quarter(una=False), "SO-3")
    office.clock.now += timedelta(minutes=15)
    await office.send()
    files = [file.read_bytes() for file in sorted((office.root / "mueller" / "out").iterdir())]
    assert [(body[:3], body[-9:]) for body in files] == [(b"UNA", b"'UNZ+2+1'"), (b"UNB", b"'UNZ+1+2'")]


async def test_bytes_that_are_no_interchange_wait_and_stop_nobody_else(office: Office) -> None:
    await office.queue(by_the_quarter(), "SO-7", "SO-8", "SO-9")
    (first, *_) = await office.rows()

    def spoilt() -> Job[None]:
        yield Query("update archive set body = :body where id = :id", {"id": first.archive_id, "body": b"gone"})

    await office.database.run(spoilt)
    await office.tell(by_the_quarter(), invoice())
    assert await office.send() == 1
    assert [row.state for row in await of_kind(office, "ORDRSP")] == ["waiting"] * 3
    assert [row.state for row in await of_kind(office, "INVOIC")] == ["sent"]
