"""A trading house in one process: every service on a real worker, fed through its doors, at a clock that stands still.

`House.rest` waits until nothing more happens by itself; it looks again after each commit.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2

from hub.app.process import Process, _working, in_background
from hub.canonical.invoice import Invoice
from hub.seams import Seams
from hub.settings import Settings
from hub.store import tokens
from hub.store.database import open_database
from hub.store.invoice import InvoiceRow
from hub.store.messages import Document, Parked, Task
from hub.store.order import OrderLineRow, OrderRow
from hub.store.queries.view import select
from hub.store.signals import open_signals
from hub.store.statements import Job, Query
from tests.small_hub import Watched

MORNING = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
US = "4012345000016"
SHOP_SECRET = "shop-secret"
GTINS = {"PEN": "4006381333931", "BOOK": "4012345001013", "STAMP": "4012345001020", "LAMP": "4012345001037"}
TABLES = {
    "vat": """code,category,rate,valid_from
standard,S,19,2026-01-01
reduced,S,7,2026-01-01
none,Z,0,2026-01-01
""",
    "items": f"""sku,gtin,name,unit,vat_code,stocked
PEN,{GTINS["PEN"]},Pen,C62,standard,yes
BOOK,{GTINS["BOOK"]},Book,C62,reduced,yes
STAMP,{GTINS["STAMP"]},Stamp,C62,none,yes
LAMP,{GTINS["LAMP"]},Lamp,C62,standard,yes
""",
    "prices": """sku,currency,amount,valid_from
PEN,EUR,1.20,2026-01-01
BOOK,EUR,10.00,2026-01-01
STAMP,EUR,0.95,2026-01-01
LAMP,EUR,49.99,2026-01-01
PEN,JPY,150,2026-01-01
PEN,KWD,0.375,2026-01-01
""",
    "parties": f"""party_id,role,gln,name,vat_id,street,city,postcode,country
company,company,{US},Crossdock Trading GmbH,DE811111111,Speicherstrasse 1,Hamburg,20457,DE
""",
    "stores": """store,name,time_zone,currency,day_cut_hour
store-1,Store 1,Europe/Berlin,EUR,3
""",
}
RETAILERS = {
    "retail": ("4012345000023", ""),
    "other": ("4012345000047", ""),
    "whole": ("4012345000054", "partial_delivery = false"),
    "accepting": ("4012345000061", 'tolerances = {on_difference = "accept"}'),
    "rejecting": ("4012345000078", 'tolerances = {on_difference = "reject"}'),
    "lenient": ("4012345000085", "tolerances = {price_percent = 5}"),
}
SHOPS = {"shopify": "tea.example", "woocommerce": "wool.example"}


def agreements() -> Sequence[str]:
    """Return what is agreed with each retailer, shop and store."""
    retailers = [
        f"""
partner = "{name}"
{terms}
party = {{ gln = "{gln}", name = "{name}" }}
[edi]
us = {{ identifier = "{US}", qualifier = "14" }}
them = {{ identifier = "{gln}", qualifier = "14" }}
answer_by = "pull"
"""
        for name, (gln, terms) in RETAILERS.items()
    ]
    shops = [
        f"""
partner = "{platform}"
party = {{ name = "{platform}" }}
shop = {{ platform = "{platform}", shop = "{platform}", domain = "{domain}", secrets = ["{SHOP_SECRET}"] }}
"""
        for platform, domain in SHOPS.items()
    ]
    return [*retailers, *shops, 'partner = "store-1"\nstores = ["store-1"]\nparty = { name = "Store 1" }\n']


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now


@dataclass
class House:
    """The hub of the trading house, and what its partners can do to it."""

    clock: Clock
    seams: Seams
    database: Watched
    process: Process
    client: httpx2.AsyncClient
    keys: dict[str, str] = field(default_factory=dict)
    sent: int = 0

    async def key(self, scope: str) -> dict[str, str]:
        """Return the header of a credential with this scope."""
        if scope not in self.keys:
            issued = tokens.issue(scope, [scope], seams=self.seams)
            audit_id = tokens.audit_id(self.seams)
            await self.database.run(lambda: tokens.add(issued.token, actor="test", reason=None, audit_id=audit_id))
            self.keys[scope] = issued.text
        return {"authorization": f"Bearer {self.keys[scope]}"}

    async def post(self, path: str, content: Any, scope: str = "admin", **headers: str) -> Any:
        """Post bytes, text or what becomes JSON; return the answer's JSON."""
        body = content if isinstance(content, bytes) else json.dumps(content, default=str).encode()
        answer = await self.client.post(path, content=body, headers={**(await self.key(scope)), **headers})
        assert answer.is_success, (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    async def set_up(self) -> None:
        """Import master data and agreements."""
        for kind, table in TABLES.items():
            await self.post(f"/imports/{kind}", table.encode())
        for agreement in agreements():
            await self.post("/partners", agreement.encode())
        await self.rest()

    # What partners send

    async def orders(self, *interchanges: bytes, partner: str = "retail") -> None:
        """Have a retailer post interchanges, and all be done that follows."""
        for one in interchanges:
            await self.post("/edi", one, f"partner:{partner}")
        await self.rest()

    async def order(self, number: str, *lines: str, partner: str = "retail", **head: str) -> OrderRow:
        """Have a retailer order, and all be done that follows; return what the order has become."""
        self.sent += 1
        await self.orders(interchange(self.sent, number, *lines, partner=partner, **head), partner=partner)
        return await self.order_of(number)

    async def shopify(self, document: Mapping[str, Any], topic: str = "orders/create") -> None:
        """Have the Shopify shop push a snapshot of an order."""
        self.sent += 1
        body = json.dumps(document, default=str).encode()
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": SHOPS["shopify"],
            "x-shopify-webhook-id": f"w-{self.sent}",
            "x-shopify-hmac-sha256": _signature(body),
        }
        await self._push("/webhooks/shopify/shopify", body, headers)

    async def woocommerce(self, document: Mapping[str, Any], topic: str = "order.created") -> None:
        """Have the WooCommerce shop push an order."""
        body = json.dumps(document, default=str).encode()
        headers = {
            "content-type": "application/json",
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-source": f"https://{SHOPS['woocommerce']}/",
            "x-wc-webhook-signature": _signature(body),
        }
        await self._push("/webhooks/woocommerce/woocommerce", body, headers)

    async def _push(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        answer = await self.client.post(path, content=body, headers=dict(headers))
        assert answer.is_success, (answer.status_code, answer.text)
        await self.rest()

    async def sell(self, *receipts: Mapping[str, Any]) -> list[str]:
        """Have the till push receipts; return what became of each."""
        found = await self.post(
            "/pos/sales",
            {"sales": list(receipts)},
            "terminal:store-1:1",
            **{"content-type": "application/json"},
        )
        await self.rest()
        return [one["result"] for one in found["results"]]

    # What the house does itself

    async def command(self, path: str, body: Any = None) -> list[tuple[str, str | None]]:
        """Give a command; return its outcomes with their reasons."""
        content = b"" if body is None else body
        found = await self.post(f"{path}?wait=30", content, "operator", **{"content-type": "application/json"})
        await self.rest()
        return [(one["outcome"], one["reason"]) for one in found["outcomes"]]

    async def goods(self, reason: str = "receipt", location: str = "main", **pieces: str | int) -> None:
        """Put goods in place, or take them away."""
        moved = [{"sku": sku, "location": location, "quantity": str(number)} for sku, number in pieces.items()]
        assert await self.command("/stock/adjust", {"reason": reason, "movements": moved}) == [("applied", None)]

    async def pay(
        self, reference: str, amount: str, *invoices: str, currency: str = "EUR", payer: str | None = None
    ) -> tuple[str, str | None]:
        """Record money that has come in."""
        body = {
            "reference": reference,
            "money": {"amount": amount, "currency": currency},
            "value_date": self.clock.now.date().isoformat(),
            "invoices": list(invoices),
            "payer": payer,
        }
        found = await self.post("/payments", body, "operator", **{"content-type": "application/json"})
        await self.rest()
        rows = await self.database.read(
            lambda: _ask(
                "select outcome, reason from inbox where message_id = :id", (str, str | None), id=UUID(found["id"])
            )
        )
        return rows[0] if rows else ("under way", None)

    async def deliver(self, number: str, **found: str) -> None:
        """Release, pick, pack and despatch a delivery order; `found` says what was found of its lines, if not all."""
        lines = [{"line_id": line.removeprefix("line"), "quantity": pieces} for line, pieces in found.items()]
        await self.command(f"/deliveries/{number}/release")
        await self.command(f"/deliveries/{number}/pick", {"lines": lines} if lines else None)
        await self.command(f"/deliveries/{number}/pack")
        await self.command(f"/deliveries/{number}/ship")

    # What is to be seen

    async def rest(self) -> None:
        """Wait until everything that was sent to a service has an outcome there, and nothing is on its way."""
        await self.database.until(lambda: _under_way(self.clock.now), lambda left: not any(left))

    async def all(self, record: type[Any]) -> list[Any]:
        """Return all rows of a table, sorted by key."""
        found: list[Any] = await self.database.read(lambda: select(record))
        return sorted(found, key=repr)

    async def order_of(self, number: str) -> OrderRow:
        """Return the order that its buyer calls so."""
        (row,) = [row for row in await self.all(OrderRow) if row.buyers_number == number]
        return row

    async def lines_of(self, number: str) -> dict[str, OrderLineRow]:
        """Return the lines of the order that its buyer calls so."""
        order_id = (await self.order_of(number)).order_id
        return {row.line_id: row for row in await self.all(OrderLineRow) if row.order_id == order_id}

    async def invoices(self, number: str | None = None) -> list[Invoice]:
        """Return the invoices, or those of one order, by number."""
        wanted = None if number is None else (await self.order_of(number)).order_id
        rows = [row for row in await self.all(InvoiceRow) if wanted in {None, row.order_id}]
        return [row.invoice for row in sorted(rows)]

    async def tasks(self) -> list[tuple[str, str]]:
        """Return kind and reason of what a person should look at."""
        return sorted((row.kind, row.reason) for row in await self.all(Task))

    async def parked(self) -> list[str]:
        """Return why messages were parked."""
        return [row.error for row in await self.all(Parked)]

    async def ends(self, kind: str) -> list[str | None]:
        """Return how the documents of a kind ended, sorted."""
        return sorted([row.ended for row in await self.all(Document) if row.kind == kind], key=str)


def _ask(sql: str, types: tuple[Any, ...], **parameters: Any) -> Job[list[Any]]:
    found: list[Any] = yield Query(sql, parameters, types)
    return found


def _under_way(now: datetime) -> Job[tuple[int, int, int]]:
    """Return how much is in the outbox, is not settled by a service that gets it, and waits for nothing more."""
    outbox = yield Query("select count(*) from outbox", types=(int,))
    events = yield Query("select id, destinations from event_log where destinations <> ''", types=(UUID, str))
    settled = set((yield Query("select message_id, service from inbox", types=(UUID, str))))
    woken = yield Query("select count(*) from waiting where until <= :now", {"now": now}, (int,))
    unsettled = sum((one, name) not in settled for one, names in events for name in names.split())
    return outbox[0][0], unsettled, woken[0][0]


def _signature(body: bytes) -> str:
    return base64.b64encode(hmac.new(SHOP_SECRET.encode(), body, hashlib.sha256).digest()).decode()


def interchange(
    reference: int,
    number: str,
    *lines: str,
    partner: str = "retail",
    currency: str = "EUR",
    function: str = "9",
    head: str = "",
    test: str = "",
) -> bytes:
    """Return an interchange of one ORDERS.

    A line is `SKU quantity [price]`, and whatever segments stand behind it after `/`;
    `head` are segments of the head.
    """
    gln, _ = RETAILERS[partner]
    body = [
        "UNH+1+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+{number}+{function}",
        "DTM+137:20261125:102",
        f"NAD+BY+{gln}::9",
        f"NAD+SU+{US}::9",
        f"CUX+2:{currency}:9",
        *filter(None, head.split("/")),
    ]
    for position, line in enumerate(lines, 1):
        wanted, *more = line.split("/")
        sku, quantity, *price = wanted.split()
        body += [f"LIN+{position}++{GTINS.get(sku, sku)}:EN", f"QTY+21:{quantity}"]
        money = [f"PRI+AAA:{one}" for one in price]
        body += [one for one in more if one.startswith("MOA")] + money + [one for one in more if one[:3] != "MOA"]
    body.append("UNS+S")
    segments = [
        f"UNB+UNOC:3+{gln}:14+{US}:14+261125:0900+{reference}++++++{test}".rstrip("+"),
        *body,
        f"UNT+{len(body) + 1}+1",
        f"UNZ+1+{reference}",
    ]
    return "".join(f"{one}'" for one in segments).encode()


def receipt(number: int, *lines: str, **fields: Any) -> dict[str, Any]:
    """Return a receipt of till 1 on this day, paid in cash. A line is `SKU quantity price rate`, prices with VAT."""
    sold = [_sold(position, *line.split()) for position, line in enumerate(lines, 1)]
    total = sum((Decimal(line["amount"]) for line in sold), Decimal(0))
    paid = total + Decimal(fields.get("rounding", "0"))
    return {
        "store": "store-1",
        "terminal": "1",
        "business_date": "2026-11-25",
        "number": str(number),
        "currency": "EUR",
        "lines": sold,
        "tenders": [{"tender_id": "1", "means": "cash", "amount": str(paid)}],
        "total": str(total),
    } | fields


def _sold(position: int, sku: str, quantity: str, price: str, rate: str) -> dict[str, Any]:
    return {
        "line_id": str(position),
        "item": {"sellers": sku},
        "quantity": {"value": quantity, "unit": "C62"},
        "unit_price": price,
        "amount": str(Decimal(quantity) * Decimal(price)),
        "tax_rate": rate,
    }


@asynccontextmanager
async def trading_house(
    folder: Path, database_url: str, broker_url: str = "memory://", *, auto_warehouse: bool = True
) -> AsyncIterator[House]:
    """Run the hub on a migrated database until the end of the context."""
    clock = Clock()
    seams = replace(Seams(), now=clock)
    settings = Settings(
        data_dir=folder, database_url=database_url, broker_url=broker_url, auto_warehouse=auto_warehouse
    )
    async with AsyncExitStack() as stack:
        database = Watched(open_database(database_url, seams=seams))
        stack.push_async_callback(database.close)
        signals = open_signals(database_url, seams)
        process = Process(settings, seams, database, signals)
        await stack.enter_async_context(in_background(seams, signals=signals.run))
        await stack.enter_async_context(_working(process))
        transport = httpx2.ASGITransport(process.web().app)
        client = await stack.enter_async_context(httpx2.AsyncClient(transport=transport, base_url="http://hub.example"))
        yield House(clock, seams, database, process, client)


def on(year: int, month: int, day: int) -> datetime:
    """Return the morning of a day."""
    return MORNING.replace(year=year, month=month, day=day)


TODAY = date(2026, 11, 25)
