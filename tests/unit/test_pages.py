"""The pages: complete without JavaScript, from nowhere else, for nobody unknown, and escaped."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hub.seams import Seams
from hub.store.database import open_database
from hub.store.messages import Parked, Task
from hub.store.records import SPECS
from hub.store.statements import Insert, Write
from tests import web
from tests.web import BROWSER, NOW, House, with_order


@pytest.fixture
async def house(sqlite_database_url: str) -> AsyncIterator[House]:
    database = open_database(sqlite_database_url, seams=Seams())
    opened = await web.house(database, open_here=True, base_url="http://127.0.0.1:8080")
    async with opened.client:
        yield opened
    await database.close()


async def test_an_empty_hub_says_what_would_fill_its_overview(house: House) -> None:
    page = await house.client.get("/", headers=BROWSER)
    assert page.status_code == 200
    assert "Nothing has come in yet" in page.text
    assert "No order has been taken yet" in page.text


async def test_the_overview_shows_the_books_and_links_to_the_order(house: House) -> None:
    order_id = await with_order(house)
    text = (await house.client.get("/", headers=BROWSER)).text
    assert "received 1 = applied 1 + duplicates 0" in text
    assert f'<a href="/orders/{order_id}">A-128576</a>' in text
    assert f'<a href="/orders/{order_id}">5412345000000/128576</a>' in text


async def test_open_tasks_are_shown_with_the_command_that_closes_them(house: House) -> None:
    order_id = await with_order(house)
    open_ = Task(web.UUID(int=1), NOW, "delivery", "short_pick", "D-1", order_id, "7 of 10 <b>found</b>")
    closed = open_._replace(id=web.UUID(int=2), subject="D-2", state="closed")
    await house.put(Insert(SPECS[Task], [open_, closed]))
    text = (await house.client.get("/", headers=BROWSER)).text
    assert f"hub task close {open_.id}" in text
    assert f'<a href="/orders/{order_id}">D-1</a>' in text
    assert "7 of 10 &lt;b&gt;found" in text
    assert "D-2" not in text


async def test_what_is_parked_is_shown_with_its_cause(house: House) -> None:
    row = Parked(
        "intake",
        web.UUID(int=1),
        NOW,
        "k",
        "input.received.v1",
        "NeedsDecision",
        "who is it?",
        None,
        "parked",
        None,
        b"",
    )
    await house.put(Write(SPECS[Parked], [row]))
    text = (await house.client.get("/", headers=BROWSER)).text
    assert "who is it?" in text


async def test_an_order_has_its_lines_its_timeline_and_its_documents(house: House) -> None:
    order_id = await with_order(house)
    text = (await house.client.get(f"/orders/{order_id}", headers=BROWSER)).text
    assert text.index("Order received") < text.index("Order completed")
    assert "No. 128576, 1 line, 10 pieces" in text
    assert "ORDRSP" in text


async def test_what_partners_wrote_is_text_and_never_markup(house: House) -> None:
    order_id = await with_order(house)
    text = (await house.client.get(f"/orders/{order_id}", headers=BROWSER)).text
    assert "Kaufhaus &lt;b&gt;" in text


async def test_one_address_is_a_page_for_browsers_and_json_for_programs(house: House) -> None:
    await with_order(house)
    page = await house.client.get("/orders/A-128576", headers=BROWSER)
    data = await house.client.get("/orders/A-128576")
    assert page.headers["content-type"].startswith("text/html")
    assert data.headers["content-type"] == "application/json"


async def test_an_order_that_is_not_there_is_told_in_words(house: House) -> None:
    page = await house.client.get("/orders/A-1", headers=BROWSER)
    assert page.status_code == 404
    assert "There is no order A-1" in page.text


PAGES = ["/", "/docs", "/asyncapi", "/login", "/orders/A-128576"]


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_needs_nothing_from_elsewhere_and_no_inline_code(house: House, path: str) -> None:
    await with_order(house)
    page = await house.client.get(path, headers=BROWSER)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*src=)", page.text)
    for linked in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert (await house.client.get(linked)).status_code == 200


async def test_the_overview_refreshes_without_javascript_too(house: House) -> None:
    text = (await house.client.get("/", headers=BROWSER)).text
    assert '<noscript><meta http-equiv="refresh"' in text
    fragment = (await house.client.get("/live", headers=BROWSER)).text
    assert "<html" not in fragment
    assert "data-clock" in fragment


async def test_whoever_is_not_known_is_asked_for_a_credential(sqlite_database_url: str) -> None:
    database = open_database(sqlite_database_url, seams=Seams())
    house = await web.house(database)
    async with house.client as client:
        for path in ("/", "/live", "/orders/A-1"):
            answer = await client.get(path, headers=BROWSER)
            assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")
    await database.close()


@pytest.mark.parametrize(
    "sent_from",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://hub.example"},
        {"origin": "https://evil.example"},
        {"origin": "http://hub.example.evil.example"},
        {"origin": "null"},
        {"origin": "http://[", "host": "hub.example"},
    ],
    ids=str,
)
async def test_no_page_of_another_site_signs_anybody_in_or_out(
    sqlite_database_url: str, sent_from: dict[str, str]
) -> None:
    database = open_database(sqlite_database_url, seams=Seams())
    house = await web.house(database)
    credential = (await house.token("operator"))["authorization"].removeprefix("Bearer ")
    async with house.client as client:
        for path in ("/login", "/logout"):
            answer = await client.post(path, data={"credential": credential}, headers=sent_from)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
    await database.close()


@pytest.mark.parametrize(
    ("sent_from", "secure"),
    [
        ({"sec-fetch-site": "same-origin", "origin": "https://hub.example:8443"}, True),
        ({"origin": "https://hub.example"}, True),
        ({"x-forwarded-proto": "https"}, True),
        ({"origin": "http://hub.example:8080", "host": "hub.example"}, False),
        ({}, False),
    ],
    ids=str,
)
async def test_the_cookie_of_who_signs_in_over_https_stays_on_https_behind_a_proxy_too(
    sqlite_database_url: str, sent_from: dict[str, str], *, secure: bool
) -> None:
    database = open_database(sqlite_database_url, seams=Seams())
    house = await web.house(database)
    credential = (await house.token("operator"))["authorization"].removeprefix("Bearer ")
    async with house.client as client:
        answer = await client.post("/login", data={"credential": credential}, headers=sent_from)
        assert answer.status_code == 303
        assert ("secure" in answer.headers["set-cookie"].lower().split("; ")) is secure
    await database.close()


async def test_signing_in_with_one_key_is_tried_only_so_often_and_others_are_not_kept_out(
    sqlite_database_url: str,
) -> None:
    database = open_database(sqlite_database_url, seams=Seams())
    house = await web.house(database)
    guessed, other = [(await house.token("operator"))["authorization"].removeprefix("Bearer ") for _ in range(2)]
    async with house.client as client:
        for _ in range(3):
            assert (await client.post("/login", data={"credential": f"{guessed}x"})).status_code == 401
        late = await client.post("/login", data={"credential": guessed})
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) > 0
        assert (await client.post("/login", data={"credential": other})).status_code == 303
        await client.post("/logout")
        assert (await client.get("/", headers=BROWSER | {"authorization": f"Bearer {guessed}"})).status_code == 200
    await database.close()


async def test_signing_in_keeps_the_credential_where_no_script_or_other_site_sees_it(sqlite_database_url: str) -> None:
    database = open_database(sqlite_database_url, seams=Seams())
    house = await web.house(database)
    credential = (await house.token("operator"))["authorization"].removeprefix("Bearer ")
    async with house.client as client:
        wrong = await client.post("/login", data={"credential": "hub_a_b", "next": "/"})
        assert wrong.status_code == 401
        right = await client.post("/login", data={"credential": credential, "next": "//evil.example"})
        assert (right.status_code, right.headers["location"]) == (303, "/")
        cookie = right.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (await client.get("/", headers=BROWSER)).status_code == 200
        assert (await client.post("/deliveries/D-1/release")).status_code == 401
        await client.post("/logout")
        assert (await client.get("/", headers=BROWSER)).status_code == 303
    await database.close()


async def test_a_partner_sees_its_order_and_not_the_house(house: House) -> None:
    await with_order(house)
    mine = await house.token("partner:mueller")
    assert (await house.client.get("/orders/A-128576", headers=mine | BROWSER)).status_code == 200
    assert (await house.client.get("/", headers=mine | BROWSER)).status_code == 403


def test_the_pages_use_only_files_of_their_own() -> None:
    folder = Path(web.__file__).parents[1] / "hub" / "web"
    for file in [*folder.glob("templates/*"), *folder.glob("static/*")]:
        text = file.read_text()
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), file
