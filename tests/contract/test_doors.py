"""What senders hear at the doors, and what the hub has when they hear it, on both databases."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from hub.canonical.problem import Rejected
from hub.connectors.body import read_body
from hub.connectors.credentials import Credentials
from hub.connectors.door import Limits
from hub.connectors.doors import doors as every_door
from hub.connectors.partners import Partners
from hub.connectors.receiver import Receiver
from hub.errors import DatabaseAway
from hub.store.database import Database
from hub.store.master import Quarantine, StoreRow
from hub.store.messages import Archive, Counter, Document, Event, Ring, SourceKey
from hub.store.records import SPECS
from hub.store.statements import Job, Write
from hub.translators.webshop import signatures
from tests import doors
from tests.doors import NOW, SHOP, SHOP_SECRET, House, interchange, sample


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    opened = await doors.house(database, tmp_path, limits=Limits(edi=4_000, json=8_000, xml=40_000, unsigned=6_000))
    await opened.agree(sample("partners/mueller.toml"))
    async with opened.client:
        yield opened


def counted(counters: list[Counter], outcome: str) -> int:
    return sum(one.n for one in counters if one.outcome == outcome)


async def post(house: House, path: str, body: Any, headers: dict[str, str]) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await house.client.post(path, content=content, headers=headers)


async def test_an_edifact_file_is_archived_before_its_sender_hears_202(house: House) -> None:
    key = await house.token("partner:mueller")
    answer = await post(house, "/edi", interchange("77"), key)
    assert answer.status_code == 202
    archive = (await house.rows(Archive))[0]
    assert answer.json()["id"] == str(archive.id)
    assert [one["reference"] for one in answer.json()["interchanges"]] == ["77"]
    assert archive.body == interchange("77")
    assert [event.type for event in await house.rows(Event)] == ["input.received.v1"]


async def test_every_interchange_of_a_file_has_its_own_source_key(house: House) -> None:
    key = await house.token("partner:mueller")
    answer = await post(house, "/edi", interchange("1") + b"\r\n" + interchange("2"), key)
    assert [one["reference"] for one in answer.json()["interchanges"]] == ["1", "2"]
    assert {row.key for row in await house.rows(SourceKey)} == {
        f"5412345000020:14/5412345000013:14/{reference}" for reference in ("1", "2")
    }


async def test_the_same_interchange_again_names_the_first_and_other_content_is_a_conflict(house: House) -> None:
    key = await house.token("partner:mueller")
    first = (await post(house, "/edi", interchange("77"), key)).json()["interchanges"][0]
    again = (await post(house, "/edi", interchange("77"), key)).json()["interchanges"][0]
    other = (await post(house, "/edi", interchange("77", order="2"), key)).json()["interchanges"][0]
    assert again["duplicate_of"] == first["id"]
    assert other["conflict"] == first["id"]
    counters = await house.rows(Counter)
    assert [counted(counters, one) for one in ("received", "duplicate", "parked")] == [3, 1, 1]


async def test_bytes_without_a_readable_unb_are_taken_under_their_hash(house: House) -> None:
    key = await house.token("partner:mueller")
    answer = await post(house, "/edi", b"this is no EDIFACT", key)
    assert answer.status_code == 202
    assert (await house.rows(SourceKey))[0].key.startswith("sha256:")
    assert (await house.rows(Document))[0].partner == "mueller"


@pytest.mark.parametrize("sender", ["5412345000037:14", "5412345000020:ZZ", "4012345000016:14"])
async def test_a_file_in_another_name_is_quarantined_and_answered_403(house: House, sender: str) -> None:
    key = await house.token("partner:mueller")
    answer = await post(house, "/edi", interchange("77") + interchange("78", sender=sender), key)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await house.rows(Quarantine))[0].claimed == f"sender {sender}"
    assert await house.rows(SourceKey) == []
    assert await house.rows(Event) == []


async def test_a_credential_of_another_partner_may_not_speak_for_this_one(house: House) -> None:
    answer = await post(house, "/edi", interchange("77"), await house.token("partner:other"))
    assert answer.status_code == 403


async def test_an_operator_may_put_a_partners_file_through(house: House) -> None:
    key = await house.token("operator")
    assert (await post(house, "/edi?partner=mueller", interchange("77"), key)).status_code == 202
    assert (await post(house, "/edi?partner=other", interchange("78"), key)).status_code == 403


@pytest.mark.parametrize("path", ["/edi", "/pos/sales", "/pos/poslog"])
@pytest.mark.parametrize("authorization", ["", "Bearer hub_000000000000_wrong", "Basic abc", "Bearer nonsense"])
async def test_nobody_we_know_gets_401_takes_no_key_and_is_counted_apart(
    house: House, path: str, authorization: str
) -> None:
    answer = await post(house, path, interchange("77"), {"authorization": authorization} if authorization else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    counters = await house.rows(Counter)
    assert [counted(counters, one) for one in ("unauthenticated", "received")] == [1, 0]
    assert await house.rows(Archive) == []
    assert [row.endpoint for row in await house.rows(Ring)] == [path]


@pytest.mark.parametrize("body", [interchange("77"), b"not readable"], ids=["readable", "unreadable"])
async def test_the_key_of_a_till_sends_no_edifact(house: House, body: bytes) -> None:
    answer = await post(house, "/edi", body, await house.token("terminal:12:3"))
    assert answer.status_code == 403
    assert counted(await house.rows(Counter), "unauthenticated") == 1
    assert [row.reason for row in await house.rows(Ring)] == ["this credential speaks for no partner"]
    assert await house.rows(Archive) == []


async def test_a_body_beyond_the_limit_is_given_up_and_answered_413(house: House) -> None:
    key = await house.token("partner:mueller")
    answer = await post(house, "/edi", b"x" * 4_001, key)
    assert answer.status_code == 413
    assert answer.json()["help"]
    assert await house.rows(Archive) == []


async def test_a_partner_that_has_agreed_on_more_may_send_more(house: House) -> None:
    agreed = sample("partners/mueller.toml") + b"http_limit_bytes = 6000\n"
    await house.agree(agreed)
    file = interchange("77") + b"\n" * 4_000
    for key in ("partner:mueller", "operator"):
        assert (await post(house, "/edi?partner=mueller", file, await house.token(key))).status_code == 202
        assert (await post(house, "/edi?partner=mueller", b"x" * 6_001, await house.token(key))).status_code == 413
    assert (await post(house, "/edi", file, await house.token("partner:other"))).status_code == 413


async def test_an_agreement_makes_the_doors_limit_no_smaller(house: House) -> None:
    await house.agree(sample("partners/mueller.toml") + b"http_limit_bytes = 10\n")
    assert (await post(house, "/edi", interchange("77"), await house.token("partner:mueller"))).status_code == 202


async def test_a_body_without_an_announced_length_is_given_up_at_the_limit(house: House) -> None:
    key = await house.token("partner:mueller")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_000
            yield b"x" * 1_000

    answer = await asyncio.wait_for(house.client.post("/edi", content=endless(), headers=key), 10)
    assert answer.status_code == 413
    assert sent <= 6_000


async def test_what_nobody_has_signed_yet_shares_little_room(house: House) -> None:
    await house.agree(SHOP % "shopify")
    held, free = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"x" * 3_000
        yield b"x" * 500
        held.set()
        await free.wait()

    first = asyncio.create_task(house.client.post("/webhooks/shopify/nobody", content=slow()))
    await held.wait()
    body = sample("webshop/shopify-order.json")
    refused = await post(house, "/webhooks/shopify/acme", body, signed(body))
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    free.set()
    assert (await first).status_code == 401
    assert (await post(house, "/webhooks/shopify/acme", body, signed(body))).status_code == 200


async def test_who_sends_too_often_is_told_when_to_come_again(house: House) -> None:
    await house.agree(SHOP % "shopify")
    house.dock.rates._pause, house.dock.rates._burst = 1_000.0, 1_500.0
    key = await house.token("partner:mueller")
    body = sample("webshop/shopify-order.json")
    for path, content, headers in (
        ("/edi", interchange("77"), key),
        ("/webhooks/shopify/acme", body, signed(body)),
    ):
        assert (await post(house, path, content, headers)).is_success
        refused = await post(house, path, content, headers)
        assert refused.status_code == 429
        assert 0 < int(refused.headers["retry-after"]) <= 500
    assert len(await house.rows(Archive)) == 2
    assert (await post(house, "/webhooks/shopify/acme", body, {})).status_code == 401


async def test_a_compressed_body_is_refused_since_nobody_signed_it(house: House) -> None:
    key = await house.token("partner:mueller") | {"content-encoding": "gzip"}
    answer = await post(house, "/edi", b"x", key)
    assert answer.status_code == 415
    assert await house.rows(Archive) == []


def signed(body: bytes, platform: str = "shopify", secret: str = SHOP_SECRET, **headers: str) -> dict[str, str]:
    known = {
        "shopify": {"X-Shopify-Topic": "orders/create", "X-Shopify-Shop-Domain": "acme.example"},
        "woocommerce": {"X-WC-Webhook-Topic": "order.created", "X-WC-Webhook-Source": "https://acme.example/"},
    }
    return known[platform] | signatures.sign(platform, body, secret, now=NOW) | headers


async def test_a_shops_notification_is_taken_once_whatever_is_repeated(house: House) -> None:
    await house.agree(SHOP % "shopify")
    body = sample("webshop/shopify-order.json")
    headers = signed(body, **{"X-Shopify-Webhook-Id": "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043"})
    first = await post(house, "/webhooks/shopify/acme", body, headers)
    again = await post(house, "/webhooks/shopify/acme", body, headers)
    assert [first.status_code, again.status_code] == [200, 200]
    assert again.json()["duplicate_of"] == first.json()["id"]
    archive = (await house.rows(Archive))[0]
    assert archive.body == body
    assert "x-shopify-hmac-sha256" not in archive.headers


async def test_two_woocommerce_orders_of_one_second_are_two(house: House) -> None:
    await house.agree(SHOP % "woocommerce")
    body = sample("webshop/woocommerce-order.json")
    other = body.replace(b'"id"', b'"id" ', 1)
    same_id = {"X-WC-Webhook-Delivery-ID": "the same"}
    for one in (body, other):
        answer = await post(house, "/webhooks/woocommerce/acme", one, signed(one, "woocommerce", **same_id))
        assert list(answer.json()) == ["id"]


async def test_a_ping_of_woocommerce_is_answered_200_and_nothing_is_stored(house: House) -> None:
    await house.agree(SHOP % "woocommerce")
    answer = await post(house, "/webhooks/woocommerce/acme", b"webhook_id=17", {})
    assert answer.status_code == 200
    assert await house.rows(Archive) == []
    assert await house.rows(Counter) == []


async def test_an_unknown_shop_and_a_bad_signature_get_the_same_answer(house: House) -> None:
    await house.agree(SHOP % "shopify")
    body = sample("webshop/shopify-order.json")
    tries = [
        ("/webhooks/shopify/acme", signed(body, secret="another")),
        ("/webhooks/shopify/acme", {}),
        ("/webhooks/shopify/nobody", signed(body)),
        ("/webhooks/nothing/acme", signed(body)),
        ("/webhooks/woocommerce/nobody", signed(body, "woocommerce")),
    ]
    answers = [await post(house, path, body, headers) for path, headers in tries]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert counted(await house.rows(Counter), "unauthenticated") == len(tries)
    assert {row.endpoint for row in await house.rows(Ring)} == {"/webhooks/shopify/acme", "/webhooks/(unknown)"}
    assert await house.rows(SourceKey) == []


async def test_an_authentic_notification_of_another_shop_is_quarantined(house: House) -> None:
    await house.agree(SHOP % "shopify")
    body = sample("webshop/shopify-order.json")
    headers = signed(body, **{"X-Shopify-Shop-Domain": "other.example"})
    answer = await post(house, "/webhooks/shopify/acme", body, headers)
    assert answer.status_code == 403
    assert (await house.rows(Quarantine))[0].claimed == "the shop other.example"


async def test_every_receipt_of_a_batch_has_its_own_result(house: House) -> None:
    key = await house.token("terminal:12:3")
    batch = json.loads(sample("pos/sales.json"))
    first = await post(house, "/pos/sales", batch, key)
    assert {one["result"] for one in first.json()["results"]} == {"stored"}
    batch["sales"][0]["total"] = "7.99"
    del batch["sales"][1]["currency"]
    again = (await post(house, "/pos/sales", batch, key)).json()["results"]
    assert [one["result"] for one in again[:2]] == ["conflict", "invalid"]
    assert again[0]["first"] == first.json()["results"][0]["id"]
    assert again[1]["findings"][0]["location"]["path"] == "$.sales[1].currency"
    assert {one["result"] for one in again[2:]} <= {"duplicate"}


async def test_a_receipt_spelled_differently_is_a_duplicate(house: House) -> None:
    key = await house.token("terminal:12:3")
    sale = json.loads(sample("pos/sales.json"))["sales"][0]
    await post(house, "/pos/sales", sale, key)
    sale["total"] = "7.980"
    answer = await post(house, "/pos/sales", json.dumps(sale, indent=3, sort_keys=True).encode(), key)
    assert answer.json()["results"][0]["result"] == "duplicate"


async def test_a_till_speaks_for_itself_alone(house: House) -> None:
    batch = json.loads(sample("pos/sales.json"))
    batch["sales"][0]["terminal"] = "4"
    answer = await post(house, "/pos/sales", batch, await house.token("terminal:12:3"))
    assert answer.status_code == 403
    assert (await house.rows(Quarantine))[0].claimed == "till 4 of store 12"
    assert await house.rows(Event) == []
    owner = await post(house, "/pos/sales", batch, await house.token("partner:mueller"))
    assert owner.status_code == 200
    assert {event.partner for event in await house.rows(Event)} == {"mueller"}


async def test_a_batch_that_cannot_be_read_is_kept_and_answered_with_the_place(house: House) -> None:
    answer = await post(house, "/pos/sales", b'{"sales": [', await house.token("terminal:12:3"))
    assert answer.status_code == 400
    assert answer.json()["findings"][0]["location"]["line"] == 1
    assert [row.ended for row in await house.rows(Document)] == ["refused"]
    assert len(await house.rows(Archive)) == 1


async def test_a_poslog_is_stored_receipt_by_receipt_by_the_stores_own_terms(house: House) -> None:
    key = await house.token("operator")
    shop = StoreRow("12", "Store 12", "Europe/Berlin", "EUR", 4)
    await house.database.run(lambda: _written(shop))
    answer = await post(house, "/pos/poslog", sample("pos/poslog.xml"), key)
    results = [one["result"] for one in answer.json()["results"]]
    assert results == ["stored", "stored", "stored", "stored", "invalid", "stored", "stored"]
    assert answer.json()["results"][4]["findings"][0]["location"]["line"] == 117
    again = await post(house, "/pos/poslog", sample("pos/poslog.xml"), key)
    assert {one["result"] for one in again.json()["results"]} == {"duplicate", "invalid"}


def _written(row: StoreRow) -> Job[None]:
    yield Write(SPECS[StoreRow], [row])


async def test_what_stood_before_a_broken_poslogs_fault_is_stored(house: House) -> None:
    whole = sample("pos/poslog.xml")
    cut = whole[: whole.rindex(b"<Transaction") + 40]
    results = (await post(house, "/pos/poslog", cut, await house.token("operator"))).json()["results"]
    assert results[0]["result"] == "stored"
    assert results[-1]["result"] == "invalid"


async def test_doors_that_are_overloaded_ask_to_come_again(house: House) -> None:
    key = await house.token("partner:mueller")
    await house.dock.pressure.observe()
    assert (await post(house, "/edi", interchange("1"), key)).status_code == 202
    house.dock.pressure._load._seconds = 0
    await house.dock.pressure.observe()
    answer = await post(house, "/edi", interchange("2"), key)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert len(await house.rows(Archive)) == 1


class Away:
    """A database that does not answer."""

    async def run(self, job: Any, *, lane: str = "batch") -> Any:  # noqa: ARG002 - the protocol's signature
        raise DatabaseAway("the database does not answer")

    async def read(self, job: Any) -> Any:  # noqa: ARG002 - the protocol's signature
        raise DatabaseAway("the database does not answer")

    async def close(self) -> None:
        """Nothing is open."""


async def test_while_the_database_is_away_senders_are_asked_to_come_again(house: House) -> None:
    key = await house.token("partner:mueller")
    away = Away()
    dock = replace(
        house.dock,
        receiver=Receiver(away, {}, house.seams),
        credentials=Credentials(away, house.seams),
        partners=Partners(away, house.seams),
        database=away,
    )
    transport = httpx2.ASGITransport(Starlette(routes=every_door(dock)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://hub.example") as client:
        for path in ("/edi", "/pos/sales", "/webhooks/shopify/acme"):
            answer = await client.post(path, content=b"x", headers=key)
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1


async def test_a_body_that_does_not_come_is_given_up() -> None:
    async def receive() -> Any:
        await asyncio.Event().wait()

    request = Request({"type": "http", "method": "POST", "path": "/edi", "headers": []}, receive)
    with pytest.raises(Rejected) as raised:
        await read_body(request, 10, seconds=0)
    assert raised.value.problem.status == 408


async def test_hundred_senders_at_once_all_have_what_they_were_told(house: House) -> None:
    key = await house.token("partner:mueller")
    answers = await asyncio.gather(*(post(house, "/edi", interchange(str(n % 40)), key) for n in range(100)))
    assert {answer.status_code for answer in answers} == {202}
    archived = {str(row.id) for row in await house.rows(Archive)}
    assert archived == {answer.json()["id"] for answer in answers}
    fresh = [answer for answer in answers if "duplicate_of" not in answer.json()["interchanges"][0]]
    assert len(fresh) == len(await house.rows(SourceKey)) == 40
