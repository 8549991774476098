"""The checker finds what is wrong: each promise broken by hand in a hub at rest leaves its sentence."""

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from demo import retailer
from hub.store.sqlite import connect
from tests.faults import load
from tests.faults.client import Client
from tests.faults.house import House, running
from tests.listener import Request

Break = Callable[[House], None]


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    """Return the partners of a house in which everything has come to rest."""
    async with house.client() as client, running(house.data, house.settings) as process:
        client.url = process.url
        await client.send_all([*load.of_every_kind(1), *load.payments(house.data)])
        await house.settle(client)
        yield client


def rows(sql: str) -> Break:
    """Change the database behind the hub's back."""

    def change(house: House) -> None:
        with closing(connect(str(house.data / "hub.db"))) as connection:
            assert connection.execute(sql).rowcount > 0, "nothing was broken"

    return change


def file(kind: str, change: Callable[[Path], None]) -> Break:
    """Change the last document of a kind in the retailer's folder."""
    return lambda house: change(max((house.data / "partners" / retailer.PARTNER / "out").glob(f"*-{kind}-*")))


AN_ORDER = "(select min(order_id) from sales_order where channel = 'webshop')"
BROKEN: dict[str, tuple[Break, str]] = {
    "an order is lost": (rows(f"delete from sales_order where order_id = {AN_ORDER}"), "is missing"),
    "an order is not complete": (rows(f"update sales_order set state = 'open' where order_id = {AN_ORDER}"), "is open"),
    "a document has no end": (rows("update document set ended = null where ended = 'refused'"), "must end"),
    "a document ended otherwise": (rows("update document set ended = 'parked' where ended = 'refused'"), "must end"),
    "archived bytes changed": (
        rows("update archive set body = cast(body || x'20' as blob) where direction = 'in'"),
        "are stated as",
    ),
    "an invoice is a cent off": (
        rows("update invoice set payable = '0.01' where order_number = 'A-00000003'"),
        "invoices:",
    ),
    "a payment is booked twice": (
        rows("insert into payment select source, reference || '-2', means, currency, amount, value_date, payer,"
             " invoices, unallocated, booked_at, allocations, version from payment where source = ''"),
        "payments:",
    ),
    "a receipt's money is missing": (rows("delete from tender"), "tenders:"),
    "stock is not what it was": (rows("update stock_item set on_hand = '1' where sku = 'GRI-01'"), "stock on hand"),
    "a movement happened twice": (
        rows("insert into stock_movement select id || '2', sku, location, quantity, at, reason, document, line_id,"
             " order_id from stock_movement where reason = 'sale'"),
        "stock movements:",
    ),
    "an event was not processed": (rows("delete from inbox where service = 'invoice'"), "have no outcome"),
    "a number is missing": (
        rows("delete from transmission where kind = 'CONTRL' and position = 1"),
        "places of documents",
    ),
    "a place in the feed is missing": (rows("delete from feed where position = 3"), "places in the feed"),
    "a document was never sent": (file("DESADV", Path.unlink), "files sent"),
    "a document was changed": (
        file("INVOIC", lambda one: one.write_bytes(one.read_bytes() + b" ") and None),
        "files sent",
    ),
    "a verdict is wrong": (
        file("CONTRL", lambda one: one.write_bytes(one.read_bytes().replace(b"+7'", b"+4'")) and None),
        "verdicts of CONTRLs",
    ),
    "the log tells a secret": (
        lambda house: (house.data / "hub.log").write_text("demo-shop-secret-not-for-production") and None,
        "a secret stands in the log",
    ),
}  # fmt: skip


@contextmanager
def as_it_was(house: House) -> Iterator[None]:
    """Put everything back at the end of the context."""
    files = {one: one.read_bytes() for one in [house.data / "hub.log", *house.data.glob("partners/*/out/*")]}
    with closing(connect(str(house.data / "hub.db"))) as database, closing(sqlite3.connect(":memory:")) as kept:
        database.backup(kept)
        try:
            yield
        finally:
            kept.backup(database)
            for one, content in files.items():
                one.write_bytes(content)


async def test_a_promise_that_is_broken_has_its_sentence(house: House, client: Client, heard: list[Request]) -> None:
    assert await house.problems(client, heard) == []
    unseen = []
    for name, (broken, sentence) in BROKEN.items():
        with as_it_was(house):
            broken(house)
            told = await house.problems(client, heard)
        if not any(sentence in one for one in told):
            unseen.append((name, told))
    assert unseen == []


async def test_what_was_told_wrongly_is_noticed(house: House, client: Client, heard: list[Request]) -> None:
    assert any("is missing" in told for told in await house.problems(client, heard[:-1]))
    assert any("out of order" in told for told in await house.problems(client, heard[::-1]))
    twice = replace(heard[0], headers={**heard[0].headers, "webhook-id": "another"})
    with pytest.raises(Exception, match="signature"):
        await house.problems(client, [*heard, twice])


async def test_what_was_sent_and_has_no_effect_is_noticed(house: House, client: Client, heard: list[Request]) -> None:
    client.history.invoke(load.shop_order(77))
    assert "shop/77 was never taken" in await house.problems(client, heard)
