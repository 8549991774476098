"""The API and the pages over a real database, with one order that has come a long way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx2

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.delivery import (
    CancelDelivery,
    ConfirmPick,
    DespatchShipment,
    PackDelivery,
    ReleaseDelivery,
    ReplanDelivery,
)
from hub.canonical.envelope import Message, Payload, message_model, named_id
from hub.canonical.order import Order, OrderCompleted, OrderLine, OrderReceived
from hub.canonical.party import Party
from hub.canonical.payment import RecordPayment
from hub.canonical.stock import AdjustStock
from hub.canonical.values import Quantity
from hub.connectors.credentials import Credentials
from hub.connectors.rates import Rates
from hub.domain.order_lines import LineQuantities, LineTerms
from hub.handlers.service import Service, subscriptions
from hub.seams import Seams
from hub.store import tokens
from hub.store.books import count
from hub.store.database import Database
from hub.store.messages import Archive, Document, InboxRow
from hub.store.order import OrderHead, OrderLineRow, OrderRow
from hub.store.outbox import publish
from hub.store.queries.view import select
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Statement, Write
from hub.store.status import FeedEntry, Transmission
from hub.web.api import api
from hub.web.backend import Backend
from tests import doors

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
BROWSER = {"accept": "text/html"}
PEN = ItemIdentification(gtin="4006381333931", name="Pen, blue")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def _services() -> list[Service]:
    stock, delivery, payment = Service("stock"), Service("delivery"), Service("payment")
    stock.on(AdjustStock)(lambda _message, _work: None)
    for command in (ReleaseDelivery, ConfirmPick, PackDelivery, DespatchShipment, CancelDelivery, ReplanDelivery):
        delivery.on(command)(lambda _message, _work: None)
    payment.on(RecordPayment)(lambda _message, _work: None)
    return [stock, delivery, payment]


@dataclass
class House:
    """The web of one hub."""

    database: Database
    seams: Seams
    backend: Backend
    client: httpx2.AsyncClient
    while_waiting: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def token(self, *scopes: str) -> dict[str, str]:
        """Return the header of a new credential."""
        issued = tokens.issue(" ".join(scopes), scopes, seams=self.seams)
        audit_id = tokens.audit_id(self.seams)
        await self.database.run(lambda: tokens.add(issued.token, actor="test", reason=None, audit_id=audit_id))
        self.backend.forget()
        return {"authorization": f"Bearer {issued.text}"}

    async def put(self, *statements: Statement) -> None:
        """Write rows."""

        def job() -> Job[None]:
            for statement in statements:  # noqa: UP028 - a tuple takes no answers
                yield statement

        await self.database.run(job)

    async def rows(self, record: type[Any]) -> list[Any]:
        """Return all rows of a table."""
        found: list[Any] = await self.database.read(lambda: select(record))
        return found

    async def settle(self, service: str, message_id: UUID, outcome: str, reason: str | None = None) -> None:
        """Write what a service made of a message."""
        await self.put(Insert(SPECS[InboxRow], [InboxRow(service, message_id, outcome, NOW, reason)]))


async def house(
    database: Database,
    *,
    open_here: bool = False,
    base_url: str = "http://hub.example",
    asked_per_second: float = 1_000,
) -> House:
    """Open the web."""
    opened: House | None = None

    async def sleep(seconds: float) -> None:
        assert opened is not None
        await opened.while_waiting(seconds)

    world = replace(doors.seams(), sleep=sleep)
    credentials = Credentials(database, world)
    backend = Backend(
        database=database,
        seams=world,
        subscriptions=subscriptions(_services()),
        authenticate=credentials.of,
        attempt=Rates(world, per_second=1 / 3_600, burst_seconds=3 * 3_600).take,
        asked=Rates(world, per_second=asked_per_second).take,
        forget=credentials.forget,
        owners={"input.received.v1": "intake"},
        open_here=open_here,
        limit_json_bytes=4_000,
    )
    client = httpx2.AsyncClient(transport=httpx2.ASGITransport(api(backend)), base_url=base_url)
    opened = House(database, world, backend, client)
    return opened


def wrapped(payload: Payload, number: int, cause: Message[Any] | None, partner: str, **more: Any) -> Message[Any]:
    """Return a message of a conversation, caused by another one."""
    stated = {
        "id": UUID(int=number),
        "type": payload.TYPE,
        "source": f"edi:{partner}",
        "subject": payload.business_key,
        "time": NOW + timedelta(seconds=number % 60),
        "correlationid": cause.correlationid if cause else UUID(int=number),
        "causationid": cause.id if cause else None,
        "partner": partner,
        "channel": "edi",
        "data": payload,
    }
    return message_model(type(payload)).model_construct(**(stated | more))


def order_rows(partner: str, number: str, buyer_key: str) -> tuple[OrderRow, OrderLineRow]:
    """Return an order of ten pens, of which eight are promised."""
    order_id = str(named_id("order", buyer_key, number))
    head = OrderHead(currency="EUR", issued=date(2026, 11, 25), buyer=Party(gln="5412345000020", name="Kaufhaus <b>"))
    row = OrderRow(
        order_id=order_id,
        number=f"A-{number}",
        buyer_key=buyer_key,
        buyers_number=number,
        channel="edi",
        partner=partner,
        state="completed",
        received_at=NOW,
        correlation_id=UUID(int=1),
        total=Decimal("79.60"),
        head=head,
        document=UUID(int=1),
        source_version=None,
        revision=1,
        partial=True,
    )
    terms = LineTerms(
        item=PEN,
        unit="C62",
        stocked=True,
        location="main",
        price=Decimal("9.95"),
        amount=Decimal("79.60"),
        tax_rate=Decimal(19),
    )
    quantities = LineQuantities(ordered=Decimal(10), confirmed=Decimal(8), backordered=Decimal(2), reserved=Decimal(8))
    return row, OrderLineRow(order_id, 1, "1", "PEN-1", terms, quantities)


async def with_order(house: House, partner: str = "mueller", number: str = "128576", first: int = 1_000) -> str:
    """Write an order that was received, accepted and answered; return its id."""
    buyer_key = f"54123450000{first % 100:02}"
    row, line = order_rows(partner, number, buyer_key)
    order = Order(
        number=number,
        issued=date(2026, 11, 25),
        currency="EUR",
        buyer=Party(gln="5412345000020"),
        lines=(OrderLine(line_id="1", item=PEN, quantity=Quantity(value=Decimal(10))),),
    )
    received = wrapped(OrderReceived(buyer_key=buyer_key, order=order), first, None, partner)
    reference = {
        "order_id": row.order_id,
        "order_number": row.number,
        "buyer_key": buyer_key,
        "buyers_number": number,
    }
    done = wrapped(OrderCompleted.model_validate(reference), first + 1, received, partner)
    await house.database.run(lambda: publish([received, done], {}))
    document = Document(
        id=received.id,
        received_at=NOW + timedelta(seconds=first),
        archive_id=UUID(int=first + 5),
        correlation_id=received.id,
        channel="edi",
        partner=partner,
        kind="ORDERS",
        business_key=f"{buyer_key}/{number}",
        source_key=f"key {first}",
        sha256=EMPTY,
        test=False,
        ended="applied",
        ended_at=NOW,
    )
    archive = Archive(document.archive_id, NOW, "in", "edi", "/edi", partner, None, EMPTY, 0, {}, b"")
    sent = Transmission(
        id=UUID(int=first + 3),
        partner=partner,
        position=first,
        kind="ORDRSP",
        event_id=done.id,
        event_type="order.accepted.v1",
        order_id=row.order_id,
        subject=row.number,
        reference="000000077",
        archive_id=archive.id,
        transport="pull",
        test=False,
        state="queued",
        held=None,
        attempts=0,
        next_at=NOW,
        created_at=NOW,
    )
    entry = FeedEntry(first, done.id, partner, done.type, row.order_id, NOW)
    await house.put(
        Write(SPECS[OrderRow], [row]),
        Write(SPECS[OrderLineRow], [line]),
        Insert(SPECS[Archive], [archive]),
        Insert(SPECS[Document], [document]),
        Write(SPECS[Transmission], [sent]),
        Insert(SPECS[FeedEntry], [entry]),
    )
    await house.database.run(lambda: count("test", NOW, [("edi", "received"), ("edi", "applied")]))
    return row.order_id
