"""`demo`: the three partners go on trading until Ctrl-C, and a table tells what happens."""

import asyncio
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo import retailer, shop, tills
from demo.catalogue import SCARCE
from demo.listener import Listener
from demo.retailer import Wanted
from demo.running_hub import HubGone, RunningHub
from demo.world import TILLS, World

PAUSE = 1.0
REFRESH = 0.5
FEW, FEW_MORE, MANY = 200, 40, 2_000
"""Below how many pieces goods come in, and how many then: of the scarce item, and of the others."""
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
MOST_PER_SECOND = 10
"""More than is sent, so that numbers that follow from the time of the start are never given again after the next."""
LAST_ORDERS = 8


class Traffic:
    """Moving, realistic traffic: a few orders, receipts and payments every second, now and then something odd."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dice = random.Random(12)  # noqa: S311 - makes up orders, no secrets
        self._number = int((datetime.now(UTC) - BEGINNING).total_seconds() * MOST_PER_SECOND)

    async def go_on(self) -> None:
        """Trade until cancelled."""
        while True:
            for act in (self._edi, self._shop, self._till, self._money, self._goods):
                await act()
                await asyncio.sleep(PAUSE / 5)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _basket(self, most: int) -> list[Any]:
        chosen = self._dice.sample(sorted(self._world.articles), self._dice.randint(1, 4))
        return [(self._world.articles[sku], self._dice.randint(1, most)) for sku in chosen]

    async def _edi(self) -> None:
        reference = self._next()
        orders = [Wanted(f"NM-{reference}-{n}", self._basket(24)) for n in range(self._dice.randint(1, 3))]
        content = retailer.interchange(str(reference), orders)
        if self._dice.random() < 0.5:
            self._world.drop(f"{reference}.edi", content)
        else:
            await self._world.post_edi(content)

    async def _shop(self) -> None:
        number = self._next()
        delivery = shop.delivery(shop.order(number, self._basket(3)), f"00000000-0000-4000-8000-{number:012d}")
        await self._world.shop(delivery)
        if self._dice.random() < 0.1:
            await self._world.shop(delivery)

    async def _till(self) -> None:
        till = self._dice.choice(TILLS)
        count = self._dice.randint(1, 3)
        await self._world.till(till, [tills.receipt(till, self._next(), self._basket(2)) for _ in range(count)])

    async def _money(self) -> None:
        for file in retailer.answers(self._world.folder / "out"):
            for owed in retailer.invoices_in(file):
                await self._world.pay(owed)
            retailer.take_away(file)

    async def _goods(self) -> None:
        """Let goods come in where they run out; of the scarce item never enough."""
        if self._dice.random() < 0.1:
            for row in await self._world.hub.get("/stock?location=main"):
                if Decimal(row["free"]) < FEW:
                    lot = FEW_MORE if row["sku"] == SCARCE else MANY
                    await self._world.goods_in(row["sku"], lot, str(self._next()))


async def run_endless(data: Path, port: int) -> None:
    """Start the hub, connect the partners, trade and show it until cancelled."""
    console = Console()
    console.print("Starting the hub …")
    async with Listener() as listener, RunningHub(data, port) as hub:
        world = await World.connect(hub, listener.url)
        console.print(f"[bold]{hub.url}[/]  the console; {hub.url}/docs the API. Ctrl-C stops.")
        going_on = asyncio.gather(Traffic(world).go_on(), _show(hub, listener, console))
        try:
            await going_on
        except httpx2.HTTPError as error:
            raise HubGone(f"the hub does not answer as it should ({error}); see {data / 'hub.log'}") from error
        finally:
            going_on.cancel()


async def _show(hub: RunningHub, listener: Listener, console: Console) -> None:
    with Live(console=console, auto_refresh=False, transient=True) as live:
        while True:
            summary = await hub.get("/summary")
            orders = (await hub.get(f"/orders?limit={LAST_ORDERS}"))["orders"]
            live.update(Group(_figures(summary, listener), Text(), _orders(orders)), refresh=True)
            await asyncio.sleep(REFRESH)


def _figures(summary: Mapping[str, Any], listener: Listener) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, row in (
        ("received", summary["received"]),
        ("became", summary["outcomes"]),
        ("sent", summary["documents_sent"] | {"status events": listener.heard.total()}),
    ):
        table.add_row(f"[bold]{name}[/]", "   ".join(f"{key.replace('_', ' ')} [cyan]{n}[/]" for key, n in row.items()))
    balanced = "[green]balance[/]" if summary["balanced"] else "[red]differ[/]"
    table.add_row("[bold]orders[/]", f"complete [cyan]{summary['orders_complete']}[/]   the books {balanced}")
    return table


def _orders(orders: list[dict[str, Any]]) -> Table:
    table = Table("order", "partner", "their number", "state", "total", box=None, pad_edge=False, header_style="dim")
    for one in orders:
        total = f"{one['total']} {one['currency']}"
        table.add_row(one["number"], one["partner"] or "", one["buyers_number"], one["state"], total)
    return table
