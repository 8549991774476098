"""What a door stores, and how it knows that it has something already."""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import UUID

from structlog.testing import capture_logs

from hub.canonical.finding import Finding, Location
from hub.canonical.intake import InputReceived, InterchangeChecked, RepeatAnswer
from hub.canonical.sale import Sale, SaleRecorded
from hub.connectors.receiver import Receiver
from hub.handlers.service import Service, subscriptions
from hub.seams import Seams
from hub.store.arrivals import Delivery, Input, Part, Received, Sales
from hub.store.database import Database
from hub.store.messages import Archive, Counter, Document, Event, OutboxRow, Parked, Ring, SourceKey
from hub.store.receiving import receive, record_sales
from hub.store.records import SPECS
from hub.store.statements import Job, Query
from hub.store.turned_away import RING_SIZE, quarantine, unauthenticated
from hub.translators.pos.receipt import Receipt

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
_numbers = count(1)

intake, order, status = Service("intake"), Service("order"), Service("status")
intake.on(InputReceived)(lambda _message, _work: None)
order.on(SaleRecorded)(lambda _message, _work: None)
status.on(InterchangeChecked)(lambda _message, _work: None)
status.on(RepeatAnswer)(lambda _message, _work: None)
SUBSCRIBERS = subscriptions([intake, order, status])


def entropy(length: int) -> bytes:
    return next(_numbers).to_bytes(length, "big")


def rejection(reference: str) -> InterchangeChecked:
    return InterchangeChecked(
        reference=reference,
        sender="5412345000020:14",
        recipient="5412345000013:14",
        syntax_identifier="UNOC",
        syntax_version=3,
        accepted=False,
        findings=(Finding(code="26", message="this reference was used before"),),
    )


def part(body: bytes, reference: str = "1", **changes: Any) -> Part:
    return Part(f"key {reference}", digest(body), len(body), reference=reference, **changes)


def file(*parts: Part, body: bytes = b"UNB'") -> Input:
    return Input(delivery(body), "edifact", parts)


def delivery(body: bytes, **changes: Any) -> Delivery:
    stated = {"channel": "edi", "endpoint": "/edi", "source": "edi:5412345000020", "partner": "mueller"}
    return Delivery(**(stated | changes), body=body, sha256=digest(body), headers={"content-type": "text/plain"})


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def sale(number: str, total: str = "9.95") -> Sale:
    return Sale(
        store="12", terminal="3", business_date=date(2026, 11, 24), number=number, currency="EUR", total=Decimal(total)
    )


def till(*receipts: Receipt, body: bytes = b"{}") -> Sales:
    return Sales(delivery(body, channel="pos", endpoint="/pos/sales", source="pos:12:3"), receipts)


async def take(database: Database, *inputs: Input) -> list[Received]:
    return await database.run(lambda: receive(inputs, SUBSCRIBERS, NOW, entropy))


async def record(database: Database, *sales: Sales) -> list[Received]:
    return await database.run(lambda: record_sales(sales, SUBSCRIBERS, NOW, entropy))


async def rows(database: Database, record_: type[Any]) -> list[Any]:
    spec = SPECS[record_]
    columns = ", ".join(f'"{name}"' for name in spec.columns)

    def job() -> Job[Sequence[Any]]:
        return (yield Query(f"select {columns} from {spec.name}", {}, spec.types))

    return sorted(record_._make(row) for row in await database.read(job))


async def counted(database: Database) -> dict[str, int]:
    totals: dict[str, int] = {}
    for row in await rows(database, Counter):
        totals[row.outcome] = totals.get(row.outcome, 0) + row.n
    return totals


async def test_a_new_input_is_archived_and_in_the_outbox_when_its_sender_hears_of_it(database: Database) -> None:
    (received,) = await take(database, file(part(b"UNB'"), body=b"UNB'"))
    (archive,) = await rows(database, Archive)
    (document,) = await rows(database, Document)
    (event,) = await rows(database, Event)
    (outgoing,) = await rows(database, OutboxRow)
    assert (archive.id, archive.body, archive.direction) == (received.archive_id, b"UNB'", "in")
    assert [one.outcome for one in received.parts] == ["stored"]
    assert received.parts[0].document_id == document.id == event.id == outgoing.event_id
    assert (document.ended, document.source_key, document.correlation_id) == (None, "key 1", document.id)
    assert await counted(database) == {"received": 1}


async def test_a_file_of_several_interchanges_is_one_archive_row_and_an_input_for_each(database: Database) -> None:
    body = b"one'two'"
    parts = (Part("a", digest(body[:4]), 4), Part("b", digest(body[4:]), 4, offset=4))
    (received,) = await take(database, file(*parts, body=body))
    assert len(await rows(database, Archive)) == 1
    published = [InputReceived.model_validate_json(_data(row.body)) for row in await rows(database, Event)]
    assert sorted((one.offset, one.length, one.archive_id) for one in published) == [
        (0, 4, received.archive_id),
        (4, 4, received.archive_id),
    ]


async def test_the_same_content_again_is_a_duplicate_and_nothing_is_published(database: Database) -> None:
    (first,) = await take(database, file(part(b"x")))
    (again,) = await take(database, file(part(b"x")))
    assert [(one.outcome, one.first_id) for one in again.parts] == [("duplicate", first.parts[0].document_id)]
    assert len(await rows(database, OutboxRow)) == 1
    assert len(await rows(database, SourceKey)) == 1
    assert await counted(database) == {"received": 2, "duplicate": 1}
    ended = {row.id: row.ended for row in await rows(database, Document)}
    assert ended == {first.parts[0].document_id: None, again.parts[0].document_id: "duplicate"}


async def test_other_content_under_a_known_key_is_parked_and_never_dropped(database: Database) -> None:
    await take(database, file(part(b"x")))
    (again,) = await take(database, file(part(b"y"), body=b"y"))
    (parked,) = await rows(database, Parked)
    assert again.parts[0].outcome == "conflict"
    assert (parked.service, parked.message_id, parked.error_class) == ("door", again.parts[0].document_id, "conflict")
    assert b'"archive_id"' in parked.body
    assert len(await rows(database, OutboxRow)) == 1
    assert await counted(database) == {"received": 2, "parked": 1}


async def test_two_of_one_key_in_one_batch_are_one_and_its_duplicate(database: Database) -> None:
    first, second, third = await take(database, file(part(b"x")), file(part(b"x")), file(part(b"y")))
    assert [one.parts[0].outcome for one in (first, second, third)] == ["stored", "duplicate", "conflict"]
    assert second.parts[0].first_id == third.parts[0].first_id == first.parts[0].document_id
    assert len(await rows(database, SourceKey)) == 1


async def test_posts_of_one_key_at_once_are_one_and_duplicates(database: Database) -> None:
    together = await asyncio.gather(
        *(
            database.run(lambda: receive([file(part(b"x"))], SUBSCRIBERS, NOW, entropy), lane=f"door{n % 4}")
            for n in range(12)
        )
    )
    outcomes = sorted(one[0].parts[0].outcome for one in together)
    assert outcomes == ["duplicate"] * 11 + ["stored"]
    assert len(await rows(database, SourceKey)) == 1
    assert len(await rows(database, OutboxRow)) == 1


async def test_a_repeated_interchange_asks_for_the_first_answer_again(database: Database) -> None:
    (first,) = await take(database, file(part(b"x", rejection=rejection("1"))))
    await take(database, file(part(b"x", rejection=rejection("1"))))
    (event,) = [row for row in await rows(database, Event) if row.type == RepeatAnswer.TYPE]
    assert event.correlation_id == first.parts[0].document_id
    assert event.destinations == "status"


async def test_where_the_agreement_says_so_a_repetition_is_rejected(database: Database) -> None:
    for _ in range(2):
        await take(database, file(part(b"x", rejection=rejection("1"), reject_duplicates=True)))
    assert sorted(row.type for row in await rows(database, Event)) == [InputReceived.TYPE, InterchangeChecked.TYPE]


async def test_a_conflict_is_answered_with_26(database: Database) -> None:
    for body in (b"x", b"y"):
        await take(database, file(part(body, rejection=rejection("1"))))
    (event,) = [row for row in await rows(database, Event) if row.type == InterchangeChecked.TYPE]
    assert b'"26"' in event.body


async def test_a_large_body_stands_in_chunks(database: Database) -> None:
    body = b"0123456789" * 250_000
    await take(database, file(part(body), body=body))
    (archive,) = await rows(database, Archive)
    assert (archive.size, archive.body) == (2_500_000, b"")


async def test_each_receipt_of_a_batch_has_its_own_result(database: Database) -> None:
    await record(database, till(Receipt(0, sale("1")), Receipt(1, sale("2"))))
    wrong = Finding(code="missing", location=Location(path="$.sales[2].total"), message="Field required")
    (received,) = await record(
        database,
        till(Receipt(0, sale("1")), Receipt(1, sale("2", "1.00")), Receipt(2, None, (wrong,)), Receipt(3, sale("3"))),
    )
    assert [one.outcome for one in received.parts] == ["duplicate", "conflict", "invalid", "stored"]
    assert received.parts[2].findings == (wrong,)
    assert await counted(database) == {"received": 6, "duplicate": 1, "parked": 1, "refused": 1}
    refused = [row for row in await rows(database, Document) if row.ended == "refused"]
    assert [row.reason for row in refused] == ["$.sales[2].total: Field required"]


async def test_a_receipt_is_the_same_one_however_its_till_spells_it(database: Database) -> None:
    await record(database, till(Receipt(0, sale("1", "9.95"))))
    (received,) = await record(database, till(Receipt(0, sale("1", "9.950")), body=b"other bytes"))
    assert received.parts[0].outcome == "duplicate"


async def test_a_sale_is_published_as_it_was_read(database: Database) -> None:
    (received,) = await record(database, till(Receipt(0, sale("1"))))
    (event,) = await rows(database, Event)
    assert (event.type, event.subject, event.source) == (SaleRecorded.TYPE, "12:3:20261124:1", "pos:12:3")
    assert (event.id, event.destinations) == (received.parts[0].document_id, "order")


async def test_the_unknown_are_counted_apart_and_only_the_last_few_are_kept(database: Database) -> None:
    for number in range(RING_SIZE + 3):
        one = delivery(f"{number}".encode())
        await database.run(lambda one=one: unauthenticated(one, "no such token", NOW))
    kept = await rows(database, Ring)
    assert len(kept) == RING_SIZE
    assert {row.body for row in kept} == {f"{number}".encode() for number in range(3, RING_SIZE + 3)}
    assert await counted(database) == {"unauthenticated": RING_SIZE + 3}
    assert await rows(database, SourceKey) == []


async def test_who_claims_another_name_is_put_aside_without_a_key(database: Database) -> None:
    archive_id: UUID = await database.run(lambda: quarantine(delivery(b"UNB'"), "key-1", "edi 4711:14", NOW, entropy))
    (archive,) = await rows(database, Archive)
    assert (archive.id, archive.partner) == (archive_id, None)
    assert await rows(database, SourceKey) == []
    assert await counted(database) == {"quarantined": 1}


async def test_requests_that_come_together_each_get_their_own_answer(database: Database) -> None:
    receiver = Receiver(database, SUBSCRIBERS, Seams())
    answers = await asyncio.gather(*(receiver.receive(file(part(b"x", str(n)))) for n in range(20)))
    assert [one.parts[0].reference for one in answers] == [str(n) for n in range(20)]
    assert {one.parts[0].outcome for one in answers} == {"stored"}


async def test_an_input_that_cannot_be_stored_fails_alone(database: Database) -> None:
    receiver = Receiver(database, SUBSCRIBERS, Seams())
    answers = await asyncio.gather(
        receiver.receive(file(part(b"x", "1"))),
        receiver.receive(file(Part(None, digest(b"x"), 1))),  # type: ignore[arg-type] # what no door may send
        receiver.receive(file(part(b"x", "2"))),
        return_exceptions=True,
    )
    assert isinstance(answers[1], Exception)
    assert [one.parts[0].outcome for one in (answers[0], answers[2]) if isinstance(one, Received)] == ["stored"] * 2


def _data(body: bytes) -> bytes:
    return body[body.index(b'"data":') + 7 : -1]


async def test_what_ends_at_the_door_is_logged_with_its_conversation(database: Database) -> None:
    receiver = Receiver(database, SUBSCRIBERS, Seams())
    with capture_logs() as lines:
        for body in (b"first", b"first", b"other"):
            last = await receiver.receive(file(part(body), body=body))
    assert [(line["event"], line["log_level"]) for line in lines] == [("duplicate", "info"), ("parked", "warning")]
    assert lines[-1]["correlation_id"] == str(last.parts[0].document_id)
