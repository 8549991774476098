"""One defect at a time is planted into healthy books: each is found, and named by the check that it belongs to."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import asyncpg
import pytest

from hub.store import postgres, sqlite, told, verify_bills, verify_trade
from hub.store.check import Check
from hub.store.verify import verify
from tests.e2e.conftest import Addresses
from tests.trading_house import receipt, trading_house

PLANTS: Mapping[str, tuple[str, str]] = {
    "archived bytes that were altered": (
        "archived bytes have their hash",
        ("update archive set body = {zero} where id = (select id from archive where direction = 'in' limit 1)"),
    ),
    "a document that was lost": (
        "received = applied + duplicates + refused + parked + in flight",
        "delete from document where id = (select id from document where ended = 'applied' limit 1)",
    ),
    "a counter that was moved": (
        "received = applied + duplicates + refused + parked + in flight",
        "update counter set n = n + 1 where outcome = 'applied' and channel = 'edi'",
    ),
    "an outcome that was lost": (
        "events destined to a service = its outcomes + those under way",
        (
            "delete from inbox where service = 'payment' and message_id = (select id from event_log"
            " where type = 'invoice.issued.v1' order by id limit 1)"
        ),
    ),
    "an outcome of a stranger": (
        "events destined to a service = its outcomes + those under way",
        (
            "insert into inbox (service, message_id, outcome, at) select 'delivery', id, 'applied', at"
            " from event_log where type = 'payment.booked.v1' limit 1"
        ),
    ),
    "an invoice number that is missing": (
        "invoice numbers have no gap",
        "delete from invoice where number = {i}",
    ),
    "the last invoice, lost": (
        "invoice numbers have no gap",
        "delete from invoice where number = (select max(number) from invoice)",
    ),
    "the last order, lost": (
        "number series = what bears their numbers",
        ("delete from sales_order where number = (select max(number) from sales_order where number like 'A-%')"),
    ),
    "a delivery number that was left out": (
        "number series = what bears their numbers",
        "update number_series set last = last + 1 where series = 'delivery'",
    ),
    "an invoice that asks for less": (
        "invoices are what was issued",
        "update invoice set payable = {amount} where number = {i}",
    ),
    "an invoice whose body was changed": (
        "invoices are what was issued",
        """update invoice set invoice = replace(invoice, '"payable":"', '"payable":"9') where number = {i}""",
    ),
    "a receivable that was changed with what is open of it": (
        "what is owed was invoiced",
        "update receivable set amount = {amount}, open = {amount} where invoice_number = '2026-000003'",
    ),
    "what is open of a receivable, changed": (
        "invoices - payments = what is open",
        "update receivable set open = {amount} where invoice_number = {i}",
    ),
    "a receivable that was lost": (
        "what is owed was invoiced",
        "delete from receivable where invoice_number = '2026-000003'",
    ),
    "an allocation that was lost": (
        "payments = allocations + unallocated",
        "delete from allocation where invoice_number = {i}",
    ),
    "an allocation to an invoice that is not there": (
        "invoices - payments = what is open",
        "update allocation set invoice_number = '2099-000001' where invoice_number = {i}",
    ),
    "an allocation of a payment that is not there": (
        "payments = allocations + unallocated",
        "update allocation set reference = 'B-99' where invoice_number = {i}",
    ),
    "what is unallocated of a payment, changed": (
        "payments = allocations + unallocated",
        "update payment set unallocated = {amount} where reference = 'B-2'",
    ),
    "a tender that was changed": (
        "till totals = receipts",
        "update tender set amount = {amount}",
    ),
    "a tender that was lost": (
        "till totals = receipts",
        "delete from tender where receipt_key like '%:1'",
    ),
    "a receipt's revenue that was changed": (
        "tills' revenue = receipts",
        "update revenue_entry set net = {amount}",
    ),
    "a receipt's revenue that was lost": (
        "tills' revenue = receipts",
        "delete from revenue_entry where receipt_key like '%:1'",
    ),
    "a line that is billed before it left": (
        "what is billed has been shipped, and stands on invoices",
        "update billing_line set invoiced = {amount} where line_id = '1'",
    ),
    "a billing line that was lost": (
        "what is billed has been shipped, and stands on invoices",
        "delete from billing_line where line_id = '1'",
    ),
    "an event that was lost": (
        "events destined to a service = its outcomes + those under way",
        "delete from event_log where id = (select id from event_log where type = 'stock.allocated.v1' limit 1)",
    ),
    "a waiting message that was forgotten": (
        "what waits stands in a line",
        "update inbox set outcome = 'waiting' where service = 'stock'",
    ),
    "the bytes of a document that was sent, lost": (
        "what was sent has its bytes",
        "delete from archive where direction = 'out'",
    ),
    "a movement that was lost": (
        "stock movements = on hand",
        ("delete from stock_movement where id = (select id from stock_movement where reason = 'shipment' limit 1)"),
    ),
    "stock on hand, changed": (
        "stock movements = on hand",
        "update stock_item set on_hand = {amount}",
    ),
    "reserved stock, changed": (
        "reservations = reserved stock",
        "update stock_item set reserved = {amount}",
    ),
    "an order that was lost": (
        "orders are what was answered",
        "delete from sales_order where buyers_number = 'PO-2'",
    ),
    "an order line that was lost": (
        "orders are what was answered",
        "delete from order_line where line_id = '2'",
    ),
    "what was ordered, changed": (
        "orders are what was answered",
        """update order_line set quantities = replace(quantities, '"ordered":"50"', '"ordered":"49"')
         where quantities like '%"ordered":"50"%'""",
    ),
    "a delivery order that was lost": (
        "delivery orders are what was planned and despatched",
        "delete from delivery_order where number = (select min(number) from delivery_order)",
    ),
    "a delivery line that was lost": (
        "delivery orders are what was planned and despatched",
        "delete from delivery_line where line_id = '2'",
    ),
    "what is planned to leave, changed": (
        "delivery orders are what was planned and despatched",
        "update delivery_line set planned = {amount}",
    ),
    "a payment that was lost": (
        "payments are what was booked",
        "delete from payment where reference = 'B-1'",
    ),
    "a payment that was changed with what is left of it": (
        "payments are what was booked",
        "update payment set amount = amount + 1, unallocated = unallocated + 1 where reference = 'B-2'",
    ),
    "an order line that was shipped less": (
        "what orders call shipped has been despatched",
        "update delivery_line set shipped = {amount}",
    ),
}
"""What is planted, by the check that must find it."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "sqlite": {"i": "'2026-000001'", "amount": "'0.01'", "zero": "x'00'"},
    "postgresql": {"i": "'2026-000001'", "amount": "0.01", "zero": "'\\x00'::bytea"},
}

Kind = Literal["sqlite", "postgresql"]
Recount = Callable[[str | None], list[Check]]


async def _trade(folder: Path, addresses: Addresses) -> None:
    """Have a busy day: part deliveries, a part payment, one beyond all invoices, money nobody asked for, receipts."""
    async with trading_house(folder, addresses.database, addresses.broker) as house:
        if not addresses.is_set_up:
            await house.set_up()
        await house.goods(PEN=30, BOOK=9)
        await house.goods(location="store-1", PEN=9)
        await house.order("PO-1", "PEN 50 1.20", "BOOK 3 10.00")
        await house.order("PO-2", "BOOK 2 10.00")
        await house.order("PO-3", "BOOK 1 10.00")
        await house.order("PO-4", "NOBODY 1 10.00")
        await house.pay("B-1", "50.00", "2026-000001")
        await house.pay("B-2", "99.00", "2026-000002")
        await house.sell(receipt(1, "PEN 2 1.43 19"), receipt(2, "PEN 1 1.43 19"))
        await house.rest()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Return the database's name."""
    found: Kind = request.param
    return found


@pytest.fixture(scope="module")
def recount(kind: Kind, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recount:
    """Return what a recount finds once this was planted; the books are healthy again afterwards."""
    folder = tmp_path_factory.mktemp("books")
    if kind == "sqlite":
        template: Path = request.getfixturevalue("house_template")
        path = folder / "hub.db"
        path.write_bytes(template.read_bytes())
        asyncio.run(_trade(folder, Addresses(f"sqlite:///{path}")))
        return lambda defect: _on_sqlite(str(path), defect)
    server = request.getfixturevalue("postgres_server")
    url = server.database(request.getfixturevalue("postgres_template"))
    asyncio.run(_trade(folder, Addresses(url, is_set_up=False)))
    return lambda defect: asyncio.run(_on_postgres(url, defect))


def _on_sqlite(path: str, defect: str | None) -> list[Check]:
    connection = sqlite.connect(path)
    connection.execute("begin immediate")
    try:
        assert defect is None or connection.execute(defect).rowcount, "nothing was planted"
        return sqlite.drive(connection, verify)
    finally:
        connection.rollback()
        connection.close()


async def _on_postgres(url: str, defect: str | None) -> list[Check]:
    connection: Any = await asyncpg.connect(url)
    try:
        await connection.execute("begin")
        assert defect is None or not (await connection.execute(defect)).endswith(" 0"), "nothing was planted"
        return await postgres.drive(connection, verify)
    finally:
        await connection.execute("rollback")
        await connection.close()


@pytest.fixture(params=[200, 1], ids=["whole pages", "pages of one"])
def _pages(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read so many at a time: where a page ends must hide nothing."""
    for module in (told, verify_trade, verify_bills):
        monkeypatch.setattr(module, "PAGE", request.param)


@pytest.mark.usefixtures("_pages")
def test_healthy_books_are_found_healthy(recount: Recount) -> None:
    checks = recount(None)
    assert [f"{one.name}: {one.detail}" for one in checks if not one.ok] == []
    assert {name for name, _ in PLANTS.values()} <= {one.name for one in checks}


@pytest.mark.usefixtures("_pages")
@pytest.mark.parametrize("defect", PLANTS)
def test_a_defect_is_found_and_named(recount: Recount, kind: Kind, defect: str) -> None:
    name, planted = PLANTS[defect]
    checks = recount(planted.format(**VALUES[kind]))
    assert name in {one.name for one in checks if not one.ok}, "the books were called healthy"
