"""The orders of the bench: five lines each, written in EDIFACT by the demo's retailer, and as intake publishes them.

Master data is the demo company's; every order buys five of its ten articles at list price.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from demo.catalogue import AGREEMENTS, DATA, articles
from demo.retailer import PARTNER, Wanted, interchange
from hub.canonical.envelope import Message, Payload, message_model, new_id
from hub.canonical.stock import AdjustStock, StockCount
from hub.handlers import master, stock
from hub.handlers.service import Service
from hub.messaging import batch
from hub.messaging.settling import Settler
from hub.seams import Seams
from hub.store import agreements, tokens
from hub.store.commands import commands
from hub.store.database import Database
from hub.store.messages import Document
from hub.translators import tables
from hub.translators.edifact.interchange import MessageRead, read

LINES = 5
DISCOVERED_AT = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
PLENTY = Decimal(10**12)
MASTER_DATA = ("vat", "items", "prices", "parties")
SHARED = 1_000
"""Orders are read from interchanges of this many, as intake takes them."""


def agreement(name: str = PARTNER) -> bytes:
    """Return the demo's agreement with a partner; its documents stay in the database, where the bench counts them."""
    text = (AGREEMENTS / f"{name}.toml").read_text("utf-8")
    return text.replace("$listener", "http://127.0.0.1:9").replace('"folder"', '"pull"').encode()


def wanted(first: int, number: int) -> list[Wanted]:
    """Return so many orders, numbered from `first` on."""
    goods = articles()
    return [
        Wanted(f"B-{n:08d}", [(goods[(n + 2 * line) % len(goods)], 1 + (n + line) % 4) for line in range(LINES)])
        for n in range(first, first + number)
    ]


@cache
def received(number: int) -> tuple[Message[Any], ...]:
    """Return so many `order.received`, read from EDIFACT and in the envelope that intake gives them."""
    return tuple(_received(number))


def _received(number: int) -> Iterator[Message[Any]]:
    agreed = agreements.read(agreement())
    for first in range(1, number + 1, SHARED):
        data = interchange(f"I-{first}", wanted(first, min(SHARED, number + 1 - first)), DISCOVERED_AT)
        orders = [one.order for one in read(data, agreed) if isinstance(one, MessageRead)]
        yield from (_message(n, payload) for n, payload in enumerate(orders, first) if payload is not None)


def _message(number: int, payload: Payload) -> Message[Any]:
    entropy = number.to_bytes(8, "big") * 2
    identifier = new_id(DISCOVERED_AT, entropy[:10])
    return message_model(type(payload)).model_validate(
        {
            "id": identifier,
            "type": payload.TYPE,
            "source": "edi:4012345000023",
            "subject": payload.business_key,
            "time": DISCOVERED_AT,
            "correlationid": identifier,
            "causationid": new_id(DISCOVERED_AT, b"interchange"),
            "partner": PARTNER,
            "channel": "edi",
            "data": payload,
        }
    )


def document(message: Message[Any]) -> Document:
    """Return the open document that intake keeps of an order."""
    return Document(
        id=message.id,
        received_at=message.time,
        archive_id=message.id,
        correlation_id=message.correlationid,
        channel=message.channel,
        partner=message.partner,
        kind="order",
        business_key=message.subject,
        source_key=message.subject,
        sha256="0" * 64,
        test=False,
    )


async def register(database: Database, seams: Seams, partner: str = PARTNER) -> None:
    """Take in the demo's master data, stock without end, and the agreement with a partner."""
    for kind in MASTER_DATA:
        await _command(master.service, tables.read(kind, (DATA / f"{kind}.csv").read_bytes()), database, seams)
    counts = tuple(StockCount(sku=one.sku, location="main", quantity=PLENTY) for one in articles())
    await _command(stock.service, [AdjustStock(movements=counts, reason="opening")], database, seams)
    audit_id = tokens.audit_id(seams)
    await database.run(
        lambda: agreements.keep(agreement(partner), at=seams.now(), actor="bench", reason=None, audit_id=audit_id)
    )


async def _command(service: Service, payloads: Sequence[Payload], database: Database, seams: Seams) -> None:
    given = commands(payloads, actor="bench", key=None, seams=seams)
    taken = [batch.read(service, one.to_json(), str(one.id)) for one in given]
    settled = await Settler(service, database, {}, seams, lambda _: None).settle(taken)
    assert all(fate.outcome == "applied" for _, fate in settled.fates)
