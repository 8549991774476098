"""The doors over a real database and the ASGI transport, with partners, shops and tills that know their secrets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx2
from starlette.applications import Starlette

from hub.canonical.intake import InputReceived, InterchangeChecked, RepeatAnswer
from hub.canonical.sale import SaleRecorded
from hub.connectors.back_pressure import BackPressure
from hub.connectors.credentials import Credentials
from hub.connectors.door import Dock, Limits
from hub.connectors.doors import doors
from hub.connectors.partners import Partners
from hub.connectors.rates import Rates
from hub.connectors.receiver import Receiver
from hub.handlers.service import Service, subscriptions
from hub.seams import Seams
from hub.store import agreements, tokens
from hub.store.database import Database
from hub.store.queries.figures import unsettled_and_settled
from hub.store.queries.view import select

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
SAMPLES = Path(__file__).with_name("samples")
SHOP_SECRET = "shop-secret"

SHOP = f"""
partner = "acme"
party = {{ name = "Acme" }}
shop = {{ platform = "%s", shop = "acme", domain = "acme.example", secrets = ["{SHOP_SECRET}"] }}
"""


def _services() -> list[Service]:
    intake, order, status = Service("intake"), Service("order"), Service("status")
    intake.on(InputReceived)(lambda _message, _work: None)
    order.on(SaleRecorded)(lambda _message, _work: None)
    status.on(InterchangeChecked)(lambda _message, _work: None)
    status.on(RepeatAnswer)(lambda _message, _work: None)
    return [intake, order, status]


def seams() -> Seams:
    """Return a clock that stands still and bytes that are never the same."""
    numbers = count(1)
    return Seams(now=lambda: NOW, token_bytes=lambda length: next(numbers).to_bytes(length, "big"))


@dataclass
class House:
    """The doors of one hub."""

    database: Database
    seams: Seams
    dock: Dock
    client: httpx2.AsyncClient

    async def token(self, *scopes: str) -> dict[str, str]:
        """Return the header of a new credential."""
        issued = tokens.issue(" ".join(scopes), scopes, seams=self.seams)
        audit_id = tokens.audit_id(self.seams)
        await self.database.run(lambda: tokens.add(issued.token, actor="test", reason=None, audit_id=audit_id))
        self.dock.credentials.forget()
        return {"authorization": f"Bearer {issued.text}"}

    async def agree(self, toml: str | bytes) -> None:
        """Import an agreement."""
        data = toml.encode() if isinstance(toml, str) else toml
        audit_id = tokens.audit_id(self.seams)
        await self.database.run(lambda: agreements.keep(data, at=NOW, actor="test", reason=None, audit_id=audit_id))

    async def rows(self, record: type[Any]) -> list[Any]:
        """Return all rows of a table."""
        found: list[Any] = await self.database.read(lambda: select(record))
        return sorted(found, key=repr)


async def house(database: Database, folder: Path, *, limits: Limits) -> House:
    """Open the doors."""
    world = seams()
    subscribers = subscriptions(_services())
    receiver = Receiver(database, subscribers, world)
    pressure = BackPressure(
        lambda: database.read(unsettled_and_settled),
        world,
        seconds=20,
        folder=folder,
        broker_up=lambda: True,
        commit_seconds=lambda: receiver.under_way_seconds,
    )
    dock = Dock(
        receiver=receiver,
        credentials=Credentials(database, world),
        partners=Partners(database, world),
        pressure=pressure,
        rates=Rates(world, per_second=1_000),
        database=database,
        seams=world,
        limits=limits,
    )
    transport = httpx2.ASGITransport(Starlette(routes=doors(dock)))
    return House(database, world, dock, httpx2.AsyncClient(transport=transport, base_url="http://hub.example"))


def sample(name: str) -> bytes:
    """Return a document of ours."""
    return (SAMPLES / name).read_bytes()


def interchange(reference: str, *, sender: str = "5412345000020:14", order: str = "1") -> bytes:
    """Return an interchange with one order."""
    segments: Sequence[str] = (
        f"UNB+UNOC:3+{sender}+5412345000013:14+261125:0900+{reference}",
        "UNH+1+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+{order}+9",
        "UNT+3+1",
        f"UNZ+1+{reference}",
    )
    return "".join(f"{segment}'" for segment in segments).encode()
