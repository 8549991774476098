"""A running hub with its three partners connected: what the fixed set and the endless traffic both act on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

from demo import retailer, shop, tills
from demo.catalogue import Article, articles
from demo.running_hub import RunningHub

UNAUTHORIZED = 401
TILLS = ("1", "2")


@dataclass(frozen=True, slots=True)
class World:
    """The partners' own credentials and folders, and the hub's doors."""

    hub: RunningHub
    articles: MappingProxyType[str, Article]
    retailer_key: str
    till_keys: MappingProxyType[str, str]

    @classmethod
    async def connect(cls, hub: RunningHub, listener: str) -> "World":
        """Set the hub up, and hand out credentials."""
        await hub.set_up(listener)
        keys = {till: await hub.credential(f"till {till}", f"terminal:{tills.STORE}:{till}") for till in TILLS}
        return cls(
            hub=hub,
            articles=MappingProxyType({one.sku: one for one in articles()}),
            retailer_key=await hub.credential("nordmarkt", f"partner:{retailer.PARTNER}"),
            till_keys=MappingProxyType(keys),
        )

    @property
    def folder(self) -> Path:
        """The retailer's folder beside the hub's door."""
        return self.hub.data / "partners" / retailer.PARTNER

    def drop(self, name: str, content: bytes) -> None:
        """Send a file by the watched folder."""
        retailer.drop(self.folder / "in", name, content)

    async def post_edi(self, content: bytes) -> None:
        """Send a file by HTTP, with the retailer's key."""
        await self.hub.post("/edi", content, "application/edifact", authorization=f"Bearer {self.retailer_key}")

    async def shop(self, delivery: shop.Delivery) -> int:
        """Call the shop's webhook and return the answer's status."""
        answer = await self.hub.client.post(shop.PATH, content=delivery.body, headers=delivery.headers)
        if answer.status_code != UNAUTHORIZED:
            answer.raise_for_status()
        return answer.status_code

    async def till(self, till: str, receipts: list[dict[str, Any]]) -> None:
        """Push receipts with the till's key."""
        key = self.till_keys[till]
        await self.hub.post(tills.PATH, tills.batch(receipts), "application/json", authorization=f"Bearer {key}")

    async def goods_in(self, sku: str, quantity: int, reference: str) -> None:
        """Put goods into stock."""
        movement = {"sku": sku, "location": "main", "quantity": str(quantity)}
        body = {"reason": f"goods in {reference}", "movements": [movement]}
        (await self.hub.client.post("/stock/adjust?wait=30", json=body)).raise_for_status()

    async def pay(self, owed: retailer.Owed) -> None:
        """Book the retailer's transfer for an invoice, as the accountant would."""
        body = {
            "reference": f"TRF-{owed.number}",
            "money": {"amount": str(owed.amount), "currency": "EUR"},
            "value_date": datetime.now(UTC).date().isoformat(),
            "invoices": [owed.number],
        }
        (await self.hub.client.post("/payments?wait=30", json=body)).raise_for_status()
