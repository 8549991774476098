"""The API: who may ask what, what is answered, and how commands become messages; on both databases."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from uuid import UUID

import pytest

from hub.store.agreements import MASK
from hub.store.arrivals import Delivery
from hub.store.database import Database
from hub.store.master import AgreementRow, Identity, ItemRow, Token
from hub.store.messages import (
    Archive,
    Audit,
    Counter,
    Document,
    Event,
    InboxRow,
    OutboxRow,
    Parked,
    Ring,
    WaitingRow,
)
from hub.store.queries.figures import unsettled_and_settled
from hub.store.records import SPECS
from hub.store.statements import Insert, Query, Write
from hub.store.status import Transmission
from hub.store.turned_away import unauthenticated
from hub.web import edifact
from tests import web
from tests.doors import sample
from tests.edifact_inputs import ORDER, interchange, message
from tests.web import NOW, House, with_order

SHOP = b"""
partner = "acme"
party = { name = "Acme" }
shop = { platform = "shopify", shop = "acme", secrets = ["shop-secret"] }
webhook = { url = "https://acme.example/in", secret = "whsec_c2VjcmV0" }
"""


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    opened = await web.house(database)
    async with opened.client:
        yield opened


async def test_an_order_is_found_by_our_number_by_its_id_and_by_theirs(house: House) -> None:
    order_id = await with_order(house)
    key = await house.token("operator")
    for path in ("/orders/A-128576", f"/orders/{order_id}"):
        found = (await house.client.get(path, headers=key)).json()
        assert found["order_id"] == order_id
        assert found["lines"][0]["quantities"]["backordered"] == "2"
    listed = await house.client.get("/orders", params={"partner": "mueller", "number": "128576"}, headers=key)
    assert [one["number"] for one in listed.json()["orders"]] == ["A-128576"]


async def test_a_number_that_two_buyers_use_is_a_list(house: House) -> None:
    await with_order(house, "mueller", "7", 1_000)
    await house.put(Write(SPECS[web.OrderRow], [web.order_rows("acme", "7", "other")[0]._replace(number="A-8")]))
    listed = await house.client.get("/orders", params={"number": "7"}, headers=await house.token("operator"))
    assert {one["partner"] for one in listed.json()["orders"]} == {"mueller", "acme"}


async def test_a_timeline_runs_from_the_first_message_to_the_last_document(house: House) -> None:
    await with_order(house)
    life = (await house.client.get("/orders/A-128576/timeline", headers=await house.token("operator"))).json()
    assert [event["type"] for event in life["events"]] == ["order.received.v1", "order.completed.v1"]
    assert life["events"][1]["causation_id"] == life["events"][0]["id"]
    assert life["events"][0]["data"]["order"]["number"] == "128576"
    assert [one["kind"] for one in life["documents"]] == ["ORDRSP"]


@pytest.mark.parametrize(
    "path", ["/orders/A-128576", "/orders/A-128576/timeline", "/events?partner=mueller", "/deliveries/D-1"]
)
async def test_what_belongs_to_another_partner_is_not_there(house: House, path: str) -> None:
    await with_order(house)
    answer = await house.client.get(path, headers=await house.token("partner:other"))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_lists_hold_only_what_the_asker_may_see(house: House) -> None:
    await with_order(house, "mueller", "1", 1_000)
    await with_order(house, "acme", "2", 2_011)
    mine, every = await house.token("partner:mueller"), await house.token("operator")
    for path, name in (("/orders", "orders"), ("/messages", "messages")):
        seen = (await house.client.get(path, headers=mine)).json()[name]
        assert [one["partner"] for one in seen] == ["mueller"]
        assert len((await house.client.get(path, headers=every)).json()[name]) == 2
    assert [one["position"] for one in (await house.client.get("/events", headers=mine)).json()["events"]] == [1_000]


INSIDE = ["/stock", "/payments", "/parked", "/tasks", "/summary", "/verify", "/partners", "/metrics", "/turned-away"]


@pytest.mark.parametrize("path", INSIDE)
async def test_what_is_of_the_house_is_shown_to_operators_alone(house: House, path: str) -> None:
    assert (await house.client.get(path)).status_code == 401
    assert (await house.client.get(path, headers=await house.token("partner:mueller"))).status_code == 403
    assert (await house.client.get(path, headers=await house.token("terminal:12:3"))).status_code == 403
    assert (await house.client.get(path, headers=await house.token("operator"))).status_code == 200


async def test_every_read_and_every_command_needs_a_credential(house: House) -> None:
    document = (await house.client.get("/openapi.json")).json()
    open_to_all = {"/healthz", "/readyz"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"] == ["doors"]:
                continue
            answer = await house.client.request(method.upper(), path.replace("{service}", "order"))
            assert (answer.status_code == 401) == (path not in open_to_all), (method, path, answer.status_code)


PARTNERS_OWN = {
    "/orders", "/orders/{number}", "/orders/{number}/timeline", "/deliveries", "/deliveries/{number}", "/events",
    "/messages", "/messages/{document_id}", "/edi/outbound", "/partners/{partner}/guide", "/edi/samples/{message}",
}  # fmt: skip
"""What a partner reads; of all else it hears 403."""
ADMINISTRATORS = {("post", "/imports/{kind}"), ("post", "/partners"), ("post", "/tokens"), ("get", "/tokens"),
                  ("delete", "/tokens/{key_id}")}  # fmt: skip


async def test_every_operation_is_for_those_alone_for_whom_it_is_meant(house: House) -> None:
    document = (await house.client.get("/openapi.json")).json()
    till, partner, operator = [await house.token(one) for one in ("terminal:12:3", "partner:mueller", "operator")]
    seen_by_partner, refused_to_operator = set(), set()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"] == ["doors"] or path in {"/healthz", "/readyz"}:
                continue
            ask = partial(house.client.request, method.upper(), path)
            assert (await ask(headers=till)).status_code == 403, (method, path)
            if (await ask(headers=partner)).status_code != 403:
                seen_by_partner.add((method, path))
            if (await ask(headers=operator)).status_code == 403:
                refused_to_operator.add((method, path))
    assert seen_by_partner == {("get", path) for path in PARTNERS_OWN} | {
        ("post", "/edi/check"),
        ("post", "/edi/explain"),
        ("post", "/edi/convert"),
    }
    assert refused_to_operator == ADMINISTRATORS | {("get", "/edi/outbound")}


async def test_one_credential_may_ask_so_often_and_others_are_not_kept_out(database: Database) -> None:
    opened = await web.house(database, asked_per_second=1 / 10)
    async with opened.client:
        often, other = await opened.token("operator"), await opened.token("operator")
        answers = [(await opened.client.get("/messages", headers=often)).status_code for _ in range(4)]
        assert answers == [200, 200, 200, 429]
        commands = [(await opened.client.post("/payments", headers=other, json={})).status_code for _ in range(2)]
        assert commands == [422, 422]  # a command counts once, too
        refused = await opened.client.post("/payments", headers=often, json={})
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
        assert (await opened.client.get("/messages", headers=other)).status_code == 200


async def test_a_partner_has_a_file_checked_and_told_in_words_and_nothing_is_kept(house: House) -> None:
    key = await house.token("partner:mueller")
    sound = interchange(message(*ORDER))
    assert (await house.client.post("/edi/check", headers=key, content=sound)).json() == {
        "verdict": "valid", "messages": 1, "findings": [], "left_out": 0
    }  # fmt: skip
    broken = sound.replace(b"QTY+21:48", b"QTY+21:x<b>")
    (finding,) = (await house.client.post("/edi/check", headers=key, content=broken)).json()["findings"]
    assert (finding["code"], finding["location"]["tag"], finding["location"]["line"]) == ("37", "QTY", 1)
    told = (await house.client.post("/edi/explain", headers=key, content=broken)).json()
    (quantity,) = [segment for segment in told["segments"] if segment["tag"] == "QTY"]
    assert quantity["findings"] == [finding]
    page = await house.client.post("/edi/explain", headers=key | {"accept": "text/html"}, content=broken)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "x&lt;b&gt;" in page.text
    assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert "<script" not in page.text
    for record in (Archive, Document, OutboxRow, Ring):
        assert await house.rows(record) == [], record


GUIDED = b"""
[[edi.guides.ORDERS]]
required = ["DTM+2"]
"""


async def test_a_partner_holds_its_file_against_its_agreement_and_reads_the_guide(house: House) -> None:
    admin, key, other = [await house.token(one) for one in ("admin", "partner:mueller", "partner:other")]
    agreed = await house.client.post("/partners", headers=admin, content=sample("partners/mueller.toml") + GUIDED)
    assert agreed.status_code == 200
    unb = "UNB+UNOC:3+5412345000020:14+5412345000013:14+261001:1020+542"
    ours = interchange(message(*ORDER), unb=unb)
    assert (await house.client.post("/edi/check", headers=key, content=ours)).json()["verdict"] == "valid"
    held = (await house.client.post("/edi/check?partner=mueller", headers=key, content=ours)).json()
    assert [one["message"] for one in held["findings"]] == ["DTM+2 is missing, the guide of mueller requires it"]
    told = (await house.client.post("/edi/explain?edition=EANCOM.1997", headers=key, content=ours)).json()
    assert [one["message"] for segment in told["segments"] for one in segment["findings"]] == [
        "NAD+SU is missing, EANCOM.1997 requires it"
    ]
    book = (await house.client.get("/partners/mueller/guide", headers=key)).json()
    assert [one["type"] for one in book["messages"] if one["from_partner"]] == ["ORDERS"]
    page = await house.client.get("/partners/mueller/guide", headers=key | {"accept": "text/html"})
    assert "<code>DTM+2</code>" in page.text
    assert "style-src 'unsafe-inline'" in page.headers["content-security-policy"]
    for asked in (
        house.client.get("/partners/mueller/guide", headers=other),
        house.client.get("/partners/nobody/guide", headers=admin),
        house.client.post("/edi/check?partner=mueller", headers=other, content=ours),
    ):
        assert (await asked).status_code in {403, 404}


async def test_orders_are_converted_and_examples_made_for_whoever_asks(house: House) -> None:
    key = await house.token("partner:mueller")
    told = (await house.client.post("/edi/convert", headers=key, content=interchange(message(*ORDER)))).json()
    assert (told["sound"], told["canonical"][0]["documents"][0]["data"]["order"]["number"]) == (True, "128576")
    canonical = json.dumps(told["canonical"]).encode()
    newer = (await house.client.post("/edi/convert?to=D.01B", headers=key, content=canonical)).json()
    assert "ORDERS:D:01B:UN" in newer["edifact"]
    assert (newer["lost"], newer["canonical"]) == ([], None)
    nothing = await house.client.post("/edi/convert?to=D.01B", headers=key, content=b"[]")
    assert (nothing.status_code, nothing.json()["detail"]) == (422, "there is no document to write")
    assert (await house.client.post("/edi/convert", headers=key, content=b"[1]")).status_code == 400
    sample_of = await house.client.get("/edi/samples/INVOIC?edition=EANCOM.1997", headers=key)
    assert sample_of.headers["content-type"] == "application/edifact"
    assert b"+INVOIC:D:96A:UN:EAN008'" in sample_of.content
    assert b":01B:" in (await house.client.get("/edi/samples/INVOIC?directory=D.01B", headers=key)).content
    assert (await house.client.get("/edi/samples/IFTMIN", headers=key)).status_code == 404


async def test_a_file_to_be_checked_has_a_size_and_only_a_few_are_read_at_a_time(house: House) -> None:
    key = await house.token("operator")
    assert (await house.client.post("/edi/check", headers=key, content=b"x" * 4_001)).status_code == 413
    begun, end = asyncio.Semaphore(0), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        begun.release()
        await end.wait()
        yield b"Dear Sir,"

    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(house.client.post("/edi/check", headers=key, content=slow()))
            for _ in range(edifact.AT_ONCE)
        ]
        for _ in tasks:
            await begun.acquire()
        refused = await house.client.get("/edi/samples/INVOIC", headers=key)
        assert refused.status_code == 503
        answer = await house.client.post("/edi/check", headers=key, content=b"x")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        end.set()
    assert {task.result().json()["verdict"] for task in tasks} == {"unreadable"}


async def test_the_openapi_document_describes_the_doors_and_every_refusal(house: House) -> None:
    document = (await house.client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert {"/edi", "/webhooks/{platform}/{shop}", "/pos/sales", "/pos/poslog"} <= document["paths"].keys()
    refused = document["paths"]["/orders/{number}"]["get"]["responses"]["404"]["content"]
    assert list(refused) == ["application/problem+json"]
    named = set(re.findall(r"#/components/schemas/(\w+)", str(document)))
    assert named <= document["components"]["schemas"].keys()


async def test_whoever_sits_here_reads_without_a_credential_but_gives_no_command(database: Database) -> None:
    house = await web.house(database, open_here=True, base_url="http://127.0.0.1:8080")
    async with house.client as client:
        assert (await client.get("/summary")).status_code == 200
        for host in (
            "evil.example",
            "localhost.evil.example",
            "localhost@evil.example",
            '"',
            "[::1",
            "",
            "127.0.0.1:x",
        ):
            assert (await client.get("/summary", headers={"host": host})).status_code == 401, host
        for proxied in ({"x-forwarded-for": "203.0.113.7"}, {"via": "1.1 proxy"}, {"x-real-ip": "203.0.113.7"}):
            assert (await client.get("/summary", headers=proxied)).status_code == 401
        assert (await client.post("/deliveries/D-1/release")).status_code == 401


async def test_messages_are_looked_through_page_by_page(house: House) -> None:
    for number in range(5):
        await with_order(house, "mueller", str(number), 1_000 + 7 * number)
    key = await house.token("operator")
    seen: list[str] = []
    cursor = None
    while True:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await house.client.get("/messages", params=parameters, headers=key)).json()
        seen += [one["source_key"] for one in page["messages"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [f"key {1_000 + 7 * number}" for number in reversed(range(5))]


async def test_one_message_is_shown_with_what_it_says(house: House) -> None:
    await with_order(house)
    mine = await house.token("partner:mueller")
    (listed,) = (await house.client.get("/messages", headers=mine)).json()["messages"]
    found = (await house.client.get(f"/messages/{listed['id']}", headers=mine)).json()
    assert found["message"] == listed
    assert (found["event"]["type"], found["event"]["id"]) == ("order.received.v1", listed["id"])
    assert found["event"]["data"]["order"]["number"] == "128576"
    other = await house.token("partner:other")
    assert (await house.client.get(f"/messages/{listed['id']}", headers=other)).status_code == 404
    assert (await house.client.get(f"/messages/{UUID(int=1)}", headers=mine)).status_code == 404
    assert (await house.client.get("/messages/1", headers=mine)).status_code == 422


async def test_messages_are_filtered_by_what_became_of_them(house: House) -> None:
    await with_order(house)
    await house.put(Query("update document set ended = null"))
    key = await house.token("operator")
    for end, count in (("in_flight", 1), ("applied", 0)):
        found = await house.client.get("/messages", params={"end": end}, headers=key)
        assert len(found.json()["messages"]) == count
    assert (await house.client.get("/messages", params={"end": "eaten"}, headers=key)).status_code == 422
    assert (await house.client.get("/messages", params={"cursor": "mine"}, headers=key)).status_code == 422


async def test_a_partner_fetches_its_documents_and_asking_past_them_delivers_them(house: House) -> None:
    await with_order(house)
    key = await house.token("partner:mueller")
    first = (await house.client.get("/edi/outbound", headers=key)).json()
    assert [one["kind"] for one in first["documents"]] == ["ORDRSP"]
    assert base64.b64decode(first["documents"][0]["content"]) == b""
    assert [row.state for row in await house.rows(Transmission)] == ["queued"]
    then = (await house.client.get("/edi/outbound", params={"after": first["next"]}, headers=key)).json()
    assert then == {"documents": [], "next": first["next"]}
    assert [row.state for row in await house.rows(Transmission)] == ["delivered"]
    assert (await house.client.get("/edi/outbound", headers=await house.token("operator"))).status_code == 403


async def test_a_command_becomes_a_message_with_its_audit_row(house: House) -> None:
    key = await house.token("operator")
    answer = await house.client.post("/deliveries/D-1/ship", params={"reason": "asked by phone"}, headers=key)
    assert answer.status_code == 202
    event, outbox, audit = [await house.rows(record) for record in (Event, OutboxRow, Audit)]
    assert [(one.type, str(one.id)) for one in event] == [("delivery.ship.v1", answer.json()["id"])]
    assert [one.destination for one in outbox] == ["delivery"]
    assert [one.reason for one in audit if one.action == "delivery.ship.v1"] == ["asked by phone"]


async def test_the_same_idempotency_key_is_the_same_command_and_never_another_one(house: House) -> None:
    key = await house.token("operator") | {"idempotency-key": "once"}
    await house.put(Write(SPECS[ItemRow], [ItemRow("PEN", None, "Pen", "C62", "standard", stocked=True)]))
    body = {"movements": [{"sku": "PEN", "location": "main", "quantity": "5"}], "reason": "count"}
    first = await house.client.post("/stock/adjust", json=body, headers=key)
    again = await house.client.post("/stock/adjust", json=body, headers=key)
    other = await house.client.post("/stock/adjust", json=body | {"reason": "lost"}, headers=key)
    assert [first.json()["repeated"], again.json()["repeated"]] == [False, True]
    assert first.json()["id"] == again.json()["id"]
    assert other.status_code == 422
    assert len(await house.rows(OutboxRow)) == 1


async def test_stock_of_an_item_that_nobody_knows_is_not_moved(house: House) -> None:
    moved = [{"sku": sku, "location": "main", "quantity": "5"} for sku in ("PEN", "PENN")]
    await house.put(Write(SPECS[ItemRow], [ItemRow("PEN", None, "Pen", "C62", "standard", stocked=True)]))
    key = await house.token("operator")
    answer = await house.client.post("/stock/adjust", json={"movements": moved, "reason": "count"}, headers=key)
    assert answer.status_code == 422
    assert "there is no item PENN" in answer.text
    assert await house.rows(OutboxRow) == []


async def test_whoever_waits_hears_what_became_of_the_command(house: House) -> None:
    key = await house.token("operator")

    async def settle_meanwhile(_: float) -> None:
        (event,) = await house.rows(Event)
        await house.settle("delivery", event.id, "refused", "there is no delivery D-1")

    house.while_waiting = settle_meanwhile
    answer = await house.client.post("/deliveries/D-1/pick", params={"wait": 30}, headers=key)
    assert answer.status_code == 200
    assert answer.json()["outcomes"] == [
        {"service": "delivery", "outcome": "refused", "reason": "there is no delivery D-1"}
    ]


async def test_a_wrong_command_is_told_by_its_place(house: House) -> None:
    key = await house.token("operator")
    answer = await house.client.post("/deliveries/D-1/pick", json={"lines": [{"line_id": "1"}]}, headers=key)
    assert answer.status_code == 422
    assert [one["location"]["path"] for one in answer.json()["findings"]] == ["$.body.lines[0].quantity"]


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8"])
@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"reason": "count", "movements": [], "movements": []}', "the name 'movements' stands twice"),
        (b'{"reason": "count"', "line 1, column 19"),
        ('{"reason": "count"}'.encode("utf-16"), "not UTF-8 at byte 0"),
    ],
)
async def test_a_command_that_two_readers_could_understand_differently_is_refused(
    house: House, body: bytes, told: str, kind: str
) -> None:
    headers = await house.token("operator") | {"content-type": kind}
    answer = await house.client.post("/stock/adjust", content=body, headers=headers)
    assert answer.status_code == 400
    assert told in answer.json()["detail"]
    assert await house.rows(OutboxRow) == []


COMMANDS = ("/payments", "/tokens", "/stock/adjust", f"/transmissions/{UUID(int=1)}/drop")


async def test_of_a_command_nothing_is_read_before_it_is_known_who_gives_it(house: House) -> None:
    key = await house.token("partner:mueller")

    async def unread() -> AsyncIterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    for path in COMMANDS:
        assert (await house.client.post(path, content=unread())).status_code == 401, path
        assert (await house.client.post(path, content=unread(), headers=key)).status_code == 403, path


async def test_a_body_is_given_up_at_its_bound_whoever_sends_it(house: House) -> None:
    key = await house.token("admin")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1_000
            yield b" " * 1_000

    for path in (*COMMANDS, "/login"):
        sent = 0
        answer = await house.client.post(path, content=endless(), headers=key)
        assert answer.status_code == 413, path
        assert sent <= 6_000


async def test_a_table_is_taken_whole_or_not_at_all(house: House) -> None:
    key = await house.token("admin")
    wrong = await house.client.post(
        "/imports/stock", content=b"sku,location,quantity\nA,main,1\nB,main,x\n", headers=key
    )
    assert wrong.status_code == 422
    assert wrong.json()["findings"][0]["location"] == {"line": 3, "path": "quantity"}
    assert await house.rows(Event) == []
    good = b"sku;location;quantity\nA;main;1\nB;main;2.5\n"
    dry = await house.client.post("/imports/stock", params={"dry_run": True}, content=good, headers=key)
    assert dry.json() == {"commands": 1}
    assert await house.rows(Event) == []
    for _ in range(2):
        assert (await house.client.post("/imports/stock", content=good, headers=key)).status_code == 202
    assert len(await house.rows(Event)) == 1


async def test_the_same_table_of_opening_stock_counts_once_whoever_sends_it(house: House) -> None:
    table = b"sku,location,quantity\nA,main,1\n"
    answers = [
        await house.client.post("/imports/stock", content=table, headers=await house.token("admin")) for _ in range(2)
    ]
    assert [one.json()["repeated"] for one in answers] == [False, True]
    assert len(await house.rows(Event)) == 1


async def test_an_agreement_binds_its_identities_and_shows_no_secret(house: House) -> None:
    key = await house.token("admin")
    first = await house.client.post("/partners", content=sample("partners/mueller.toml"), headers=key)
    again = await house.client.post("/partners", content=sample("partners/mueller.toml"), headers=key)
    assert [first.json()["state"], again.json()["state"]] == ["created", "unchanged"]
    assert {(one.kind, one.value) for one in await house.rows(Identity)} == {
        ("edi", "5412345000020:14"),
        ("gln", "5412345000020"),
        ("gln", "4012345000016"),
        ("store", "12"),
    }
    await house.client.post("/partners", content=SHOP, headers=key)
    shown = (await house.client.get("/partners/acme", headers=key)).json()["agreement"]
    assert shown["shop"]["secrets"] == [MASK]
    assert shown["webhook"]["secret"] == MASK
    stored = {row.partner: row.agreement for row in await house.rows(AgreementRow)}
    assert stored["acme"].shop.secrets == ("shop-secret",)


async def test_an_identity_of_another_partner_is_refused_and_nothing_changes(house: House) -> None:
    key = await house.token("admin")
    await house.client.post("/partners", content=sample("partners/mueller.toml"), headers=key)
    thief = b'partner = "thief"\nstores = ["12"]\n[party]\nname = "Thief"\n'
    answer = await house.client.post("/partners", content=thief, headers=key)
    assert answer.status_code == 409
    assert "store 12 (mueller)" in answer.json()["detail"]
    assert [row.partner for row in await house.rows(AgreementRow)] == ["mueller"]


async def test_an_agreement_that_no_longer_names_an_identity_gives_it_free(house: House) -> None:
    key = await house.token("admin")
    whole = sample("partners/mueller.toml")
    await house.client.post("/partners", content=whole, headers=key)
    less = whole.replace(b'stores = ["12"]', b"")
    assert (await house.client.post("/partners", content=less, headers=key)).json()["state"] == "changed"
    assert [one for one in await house.rows(Identity) if one.kind == "store"] == []


async def test_a_credential_is_shown_once_and_ends_at_once(house: House) -> None:
    key = await house.token("admin")
    made = await house.client.post("/tokens", json={"label": "warehouse", "scopes": ["operator"]}, headers=key)
    assert made.status_code == 201
    mine = {"authorization": f"Bearer {made.json()['token']}"}
    assert (await house.client.get("/stock", headers=mine)).status_code == 200
    secret = made.json()["token"].split("_", 2)[2]
    assert secret not in repr(await house.rows(Token))
    assert secret not in (await house.client.get("/tokens", headers=key)).text
    assert (
        await house.client.post("/tokens", json={"label": "x", "scopes": ["operator"]}, headers=mine)
    ).status_code == 403
    ended = await house.client.delete(f"/tokens/{made.json()['key_id']}", params={"reason": "left"}, headers=key)
    assert ended.status_code == 204
    assert (await house.client.get("/stock", headers=mine)).status_code == 401
    assert [one.reason for one in await house.rows(Audit) if one.action == "token.revoke"] == ["left"]


async def test_a_credential_that_is_over_is_nobodys(house: House) -> None:
    key = await house.token("admin")
    body = {"label": "x", "scopes": ["operator"], "expires_at": (NOW - timedelta(seconds=1)).isoformat()}
    made = (await house.client.post("/tokens", json=body, headers=key)).json()
    answer = await house.client.get("/stock", headers={"authorization": f"Bearer {made['token']}"})
    assert answer.status_code == 401


PARKED = Parked(
    "intake", UUID(int=1_000), NOW, "k", "input.received.v1", "KeyError", "it broke", None, "parked", None, b"x"
)


async def parked(house: House) -> dict[str, str]:
    await with_order(house)
    await house.put(
        Query("update document set ended = 'parked'"),
        Query("update counter set outcome = 'parked' where outcome = 'applied'"),
        Write(SPECS[Parked], [PARKED]),
        Insert(SPECS[InboxRow], [InboxRow("intake", UUID(int=1_000), "parked", NOW)]),
    )
    return await house.token("operator")


async def test_a_parked_message_is_replayed_once_and_stands_in_line_due_now(house: House) -> None:
    key = await parked(house)
    path = f"/parked/intake/{UUID(int=1_000)}"
    assert (await house.client.get(path, headers=key)).json()["content"] == "x"
    assert (await house.client.post(f"{path}/replay", json={"reason": "mended"}, headers=key)).status_code == 200
    assert [row.outcome for row in await house.rows(InboxRow)] == ["waiting"]
    assert [(row.until, row.blocks) for row in await house.rows(WaitingRow)] == [(NOW, False)]
    assert [row.ended for row in await house.rows(Document)] == ["waiting"]
    assert (await house.client.get("/parked", headers=key)).json() == []
    assert (await house.client.post(f"{path}/replay", headers=key)).status_code == 409


async def test_what_the_broker_has_lost_is_sent_again_with_a_reason(house: House) -> None:
    key = await house.token("operator")
    await house.client.post("/deliveries/D-1/ship", headers=key)
    (row,) = await house.rows(OutboxRow)
    await house.put(Query("delete from outbox"))
    assert (await house.client.post("/events/resend", json={}, headers=key)).status_code == 422
    because = {"reason": "the disk"}
    young = (await house.client.post("/events/resend", json=because, headers=key)).json()
    assert (young["looked_at"], young["sent"]) == (1, {})
    await house.put(Query("update event_log set at = :at", {"at": NOW - timedelta(minutes=16)}))
    page = (await house.client.post("/events/resend", json=because, headers=key)).json()
    assert (page["sent"], page["next"]) == ({"delivery": 1}, str(row.event_id))
    assert [one[1:] for one in await house.rows(OutboxRow)] == [row[1:]]
    end = await house.client.post("/events/resend", params={"after": page["next"]}, json=because, headers=key)
    assert end.json() == {"next": None, "looked_at": 0, "sent": {}}


async def test_what_is_dropped_stays_counted_as_parked_and_needs_a_reason(house: House) -> None:
    key = await parked(house)
    path = f"/parked/intake/{UUID(int=1_000)}/drop"
    assert (await house.client.post(path, headers=key)).status_code == 422
    assert (await house.client.post(path, json={"reason": "sent by mistake"}, headers=key)).status_code == 200
    assert [row.outcome for row in await house.rows(InboxRow)] == ["dropped"]
    assert [(row.ended, row.reason) for row in await house.rows(Document)] == [("dropped", "sent by mistake")]
    summary = (await house.client.get("/summary", headers=key)).json()
    assert summary["outcomes"] == {"applied": 0, "duplicates": 0, "refused": 0, "parked": 1, "in_flight": 0}


async def test_the_summary_tells_what_came_and_what_became_of_it(house: House) -> None:
    await with_order(house, "mueller", "1", 1_000)
    await with_order(house, "acme", "2", 2_011)
    await house.put(Insert(SPECS[Counter], [Counter("door", NOW.date(), "pos", "unauthenticated", 3)]))
    summary = (await house.client.get("/summary", headers=await house.token("operator"))).json()
    assert summary["received"] == {"edi": 2}
    assert summary["unauthenticated"] == 3
    assert summary["outcomes"]["applied"] == 2
    assert summary["orders_complete"] == 2


async def test_the_recount_finds_what_a_counter_a_hash_or_an_inbox_tells_wrong(house: House) -> None:
    await with_order(house)
    key = await house.token("operator")

    async def wrong() -> set[str]:
        checks = (await house.client.get("/verify", headers=key)).json()["checks"]
        return {check["name"] for check in checks if not check["ok"]}

    known = await wrong()
    await house.put(
        Query("update counter set n = n + 1 where outcome = 'applied'"),
        Query("update archive set sha256 = 'other'"),
        Insert(SPECS[InboxRow], [InboxRow("stock", UUID(int=1_001), "applied", NOW)]),
    )
    assert await wrong() - known == {
        "archived bytes have their hash",
        "received = applied + duplicates + refused + parked + in flight",
        "events destined to a service = its outcomes + those under way",
    }


async def test_what_has_no_end_yet_is_weighed(house: House) -> None:
    await with_order(house)
    assert await house.database.read(unsettled_and_settled) == (0, 1)
    await house.put(Query("update document set ended = null"))
    assert await house.database.read(unsettled_and_settled) == (1, 1)


async def test_what_was_turned_away_is_shown_with_its_reason(house: House) -> None:
    away = Delivery("webshop", "/webhooks/shopify/acme", "unknown", None, b"\xffbody", "")
    await house.database.run(lambda: unauthenticated(away, "no active secret gives this signature", NOW))
    told = (await house.client.get("/turned-away", headers=await house.token("operator"))).json()
    assert [(one["endpoint"], one["reason"]) for one in told["unknown"]] == [
        ("/webhooks/shopify/acme", "no active secret gives this signature")
    ]
    assert told["unknown"][0]["beginning"] == "\ufffdbody"
    assert told["quarantined"] == []


async def test_metrics_tell_channels_ends_and_backlog(house: House) -> None:
    await with_order(house)
    text = (await house.client.get("/metrics", headers=await house.token("operator"))).text
    assert 'hub_received_total{channel="edi"} 1.0' in text
    assert 'hub_documents{channel="edi",end="applied"} 1.0' in text
    assert "hub_outbox_age_seconds 0.0" in text
    assert "hub_unsent 0.0" in text
