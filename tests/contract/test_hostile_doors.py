"""What is made to harm the hub through its doors is answered, and nobody else waits for it. On both databases."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hub.connectors import pos, receiver
from hub.connectors.door import Limits
from hub.store.database import Database
from hub.store.messages import Document
from hub.translators.webshop import signatures
from tests import doors
from tests.doors import SHOP, SHOP_SECRET, House, sample
from tests.patience import patience


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> AsyncIterator[House]:
    opened = await doors.house(database, tmp_path, limits=Limits())
    await opened.agree(sample("partners/mueller.toml"))
    async with opened.client:
        yield opened


async def post(house: House, path: str, body: bytes, headers: dict[str, str]) -> Any:
    return await house.client.post(path, content=body, headers=headers)


@pytest.mark.parametrize(
    "journal",
    [b"<RetailStoreID>x" + b" " * 900_000, b"<RetailStoreID" * 60_000, b"<RetailStoreID>" + b" " * 900_000],
    ids=["blanks behind", "never closed", "blanks alone"],
)
async def test_the_store_of_a_journal_is_looked_for_in_linear_time(house: House, journal: bytes) -> None:
    with patience():
        answer = await post(house, "/pos/poslog", journal, await house.token("terminal:12:3"))
    assert answer.status_code == 400


async def test_of_more_receipts_than_one_request_may_hold_the_first_are_taken(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pos, "MOST_RECEIPTS", 1)
    answer = await post(house, "/pos/sales", sample("pos/sales.json"), await house.token("terminal:12:3"))
    first, rest = answer.json()["results"]
    assert (first["result"], rest["result"]) == ("stored", "invalid")
    assert "send the rest apart" in rest["findings"][0]["message"]


async def test_a_batch_of_nothing_but_problems_is_given_up_before_its_answer_outgrows_it(house: House) -> None:
    body = b'{"sales":[' + b",".join([b"{}"] * 300_000) + b"]}"
    with patience():
        answer = await post(house, "/pos/sales", body, await house.token("terminal:12:3"))
    assert answer.status_code == 400
    assert len(await house.rows(Document)) < 5_000


async def test_a_receipt_with_more_problems_than_anybody_mends_is_told_so_once(house: House) -> None:
    body = b"{" + b",".join(b'"k%d":1' % n for n in range(20_000)) + b"}"
    answer = await post(house, "/pos/sales", body, await house.token("terminal:12:3"))
    assert answer.status_code == 400
    assert [one["code"] for one in answer.json()["findings"]] == ["too_many_problems"]


async def test_a_sender_does_not_decide_how_many_lines_we_log(house: House) -> None:
    body = b'{"sales":[' + b",".join([b"1"] * 200) + b"]}"
    with capture_logs() as lines:
        answer = await post(house, "/pos/sales", body, await house.token("terminal:12:3"))
    assert len(answer.json()["findings"]) == 200
    assert len(lines) == receiver.MOST_LINES + 1
    assert (lines[-1]["event"], lines[-1]["number"]) == ("more ended at the door", 200 - receiver.MOST_LINES)


@pytest.mark.parametrize("claimed", ["[", "https://[::1", "http://a]b/"])
async def test_a_shop_that_names_no_host_is_quarantined(house: House, claimed: str) -> None:
    await house.agree(SHOP % "shopify")
    body = sample("webshop/shopify-order.json")
    signed = signatures.sign("shopify", body, SHOP_SECRET)
    answer = await post(house, "/webhooks/shopify/acme", body, {**signed, "X-Shopify-Shop-Domain": claimed})
    assert answer.status_code == 403
