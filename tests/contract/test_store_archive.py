"""Bytes come back from the archive whole or in part, and what is published is queued once for each who takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from hub.canonical.envelope import Message
from hub.canonical.stock import ReleaseStock
from hub.store.archive import CHUNK, archived, bodies, keep, keep_chunk, part
from hub.store.database import Database
from hub.store.messages import Archive, Event, OutboxRow
from hub.store.outbox import publish
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query
from tests.desk import message

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SMALL = UUID(int=1)
LARGE = UUID(int=2)
LARGE_BODY = bytes(range(251)) * 10_000  # two and a half chunks


def row(identifier: UUID, body: bytes) -> Archive:
    head = archived(body, id=identifier, at=NOW, direction="in", channel="edi", endpoint="/edi", headers={"a": "b"})[0]
    assert isinstance(head, Archive)
    return head


def kept(identifier: UUID, body: bytes) -> Job[None]:
    yield from keep([(row(identifier, body)._replace(body=b""), body)])


@pytest.mark.parametrize("size", [0, 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7])
async def test_a_body_of_any_size_comes_back_whole(database: Database, size: int) -> None:
    body = LARGE_BODY[:size]
    await database.run(lambda: kept(SMALL, body))
    held = await database.read(lambda: bodies([SMALL, LARGE]))
    assert set(held) == {SMALL}
    archive, found = held[SMALL]
    assert (archive.size, archive.headers, found) == (size, {"a": "b"}, body)


async def test_small_and_large_bodies_are_read_together(database: Database) -> None:
    await database.run(lambda: kept(SMALL, b"small"))
    await database.run(lambda: kept(LARGE, LARGE_BODY))
    held = await database.read(lambda: bodies([LARGE, SMALL]))
    assert (held[SMALL][1], held[LARGE][1]) == (b"small", LARGE_BODY)


@pytest.mark.parametrize(
    ("offset", "length"),
    [
        (0, None),
        (0, 10),
        (CHUNK - 5, 10),
        (CHUNK, CHUNK),
        (CHUNK + 1, CHUNK),
        (2 * CHUNK + 9, None),
        (5, 10**9),
        (10**9, None),
        (7, 0),
    ],
)
async def test_any_part_of_a_large_body_can_be_read(database: Database, offset: int, length: int | None) -> None:
    await database.run(lambda: kept(LARGE, LARGE_BODY))
    end = None if length is None else offset + length
    assert await database.read(lambda: part(LARGE, offset, length)) == LARGE_BODY[offset:end]


async def test_a_part_of_a_small_body_can_be_read(database: Database) -> None:
    await database.run(lambda: kept(SMALL, b"0123456789"))
    assert await database.read(lambda: part(SMALL, 3, 4)) == b"3456"
    assert await database.read(lambda: part(LARGE)) == b""


async def test_a_body_that_came_in_chunks_is_completed_by_its_row(database: Database) -> None:
    for n in (0, 1, 2, 1):  # a chunk that is sent again is the same one
        piece = LARGE_BODY[n * CHUNK : (n + 1) * CHUNK]
        await database.run(lambda n=n, piece=piece: keep_chunk(LARGE, n, piece))
    head = row(LARGE, LARGE_BODY)._replace(body=b"")
    await database.run(lambda: keep([(head, b"")]))
    held = await database.read(lambda: bodies([LARGE]))
    assert held[LARGE] == (head, LARGE_BODY)


@dataclass(frozen=True)
class Taker:
    service: str

    def key(self, one: Message[Any]) -> str:
        return f"{self.service}:{one.subject}"

    def takes(self, one: Message[Any]) -> bool:
        return not one.testindicator


def released(number: str) -> Message[Any]:
    payload = ReleaseStock(
        order_id=f"id-{number}", order_number=number, buyer_key="acme", buyers_number=number, reason="cancelled"
    )
    return message(payload, partner="acme", channel="edi")


def takers(*services: str) -> Mapping[str, Sequence[Taker]]:
    return {ReleaseStock.TYPE: [Taker(service) for service in services]}


async def test_a_message_is_logged_as_it_is_and_queued_for_each_who_takes_it(database: Database) -> None:
    first, second = released("1"), released("2")
    queued = await database.run(lambda: publish([first, second], takers("stock", "status")))
    assert [(one.event_id, one.destination, one.okey) for one in queued] == [
        (first.id, "stock", "stock:1"),
        (first.id, "status", "status:1"),
        (second.id, "stock", "stock:2"),
        (second.id, "status", "status:2"),
    ]
    rows = await database.run(lambda: (yield Load(SPECS[OutboxRow], [(one.id,) for one in queued])))
    assert [tuple(one) for one in rows] == [(one.id, one.event_id, one.destination, one.okey) for one in queued]
    (event,) = await database.run(lambda: (yield Load(SPECS[Event], [(first.id,)])))
    assert (event.body, event.destinations, event.order_id) == (first.to_json(), "stock status", "id-1")
    assert (event.partner, event.channel, event.correlation_id) == ("acme", "edi", first.correlationid)


async def test_a_test_message_is_queued_only_for_those_who_take_tests(database: Database) -> None:
    one = released("1").model_copy(update={"testindicator": True})
    assert await database.run(lambda: publish([one], takers("stock"))) == []


async def test_what_was_published_before_is_not_queued_again(database: Database) -> None:
    first, second = released("1"), released("2")
    await database.run(lambda: publish([first], takers("stock")))
    queued = await database.run(lambda: publish([first, second, second], takers("stock")))
    assert {one.event_id for one in queued} == {second.id}


async def test_an_event_that_nobody_takes_is_history_only(database: Database) -> None:
    one = released("1")
    assert await database.run(lambda: publish([one], {})) == []
    (event,) = await database.run(lambda: (yield Load(SPECS[Event], [(one.id,)])))
    assert event.destinations == ""


async def test_the_last_row_of_the_queue_deleted_is_not_the_last_id(database: Database) -> None:
    first = await database.run(lambda: publish([released("1")], takers("stock")))
    await database.run(lambda: (yield Query("delete from outbox")))
    second = await database.run(lambda: publish([released("2")], takers("stock")))
    assert second[0].id > first[0].id


async def test_a_chunk_is_written_once(database: Database) -> None:
    def job() -> Job[list[Any]]:
        yield from keep_chunk(LARGE, 0, b"first")
        yield from keep_chunk(LARGE, 0, b"other")
        return (yield Query("select body from archive_chunk", {}, (bytes,)))

    assert await database.run(job) == [(b"first",)]


async def test_an_archive_row_that_is_there_already_is_an_error_that_undoes_its_chunks(database: Database) -> None:
    await database.run(lambda: (yield Insert(SPECS[Archive], [row(LARGE, b"x")])))
    with pytest.raises(Exception, match="archive"):
        await database.run(lambda: kept(LARGE, LARGE_BODY))
    assert await database.read(lambda: (yield Query("select count(*) from archive_chunk", {}, (int,)))) == [(0,)]
