"""`demo --once`: the fixed set, to its end, and the summary that the running hub gives of it."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from demo import retailer
from demo.catalogue import SCARCE
from demo.fixed_set import FIXED_SET, REPEATS, Step, expected
from demo.listener import Listener
from demo.running_hub import NO_SETTINGS, RunningHub
from demo.world import World

QUIET_WITHIN = 120.0
LOOK_EVERY = 0.1
QUIET_LOOKS = 3


async def run_once(
    data: Path,
    first: Sequence[Step] = FIXED_SET,
    then: Sequence[Step] = REPEATS,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> dict[str, Any]:
    """Send everything through the doors of a hub on this folder, wait until nothing moves, and return its summary.

    `settings` are variables for the hub. `balanced` tells whether a recount of everything
    agrees, `as_expected` whether every document came in and ended as its step foretold.
    """
    async with Listener() as listener, RunningHub(data, settings=settings) as hub:
        world = await World.connect(hub, listener.url)
        before = await hub.get("/summary")
        for steps in (first, then):
            for step in steps:
                await step.send(world)
            await quiet(hub)
        await world.goods_in(SCARCE, 50, "for what was short")
        await quiet(hub)
        for owed in retailer.invoices(world.folder / "out"):
            await world.pay(owed)
        await quiet(hub)
        summary: dict[str, Any] = await hub.get("/summary")
        summary["balanced"] &= (await hub.get("/verify"))["balanced"]
    summary.pop("under_way", None)
    return summary | {"as_expected": _as_foretold([*first, *then], before, summary)}


async def quiet(hub: RunningHub) -> None:
    """Wait until nothing is under way, at several looks in a row."""
    looks = 0
    async with asyncio.timeout(QUIET_WITHIN):
        while looks < QUIET_LOOKS:
            summary = await hub.get("/summary")
            still = not summary["outcomes"]["in_flight"] and not summary["under_way"] and not _unclaimed(hub.data)
            looks = looks + 1 if still else 0
            await asyncio.sleep(LOOK_EVERY)


def _unclaimed(data: Path) -> list[Path]:
    """Return the files that the watched folders have not given a place yet."""
    return [*data.glob("partners/*/in/*"), *data.glob("partners/*/in/.*")]


def _as_foretold(steps: Sequence[Step], before: dict[str, Any], after: dict[str, Any]) -> bool:
    received, outcomes = expected(steps)
    counted = {name: after["received"].get(name, 0) - before["received"].get(name, 0) for name in received}
    ended = {name: after["outcomes"][name] - before["outcomes"][name] for name in outcomes}
    return counted == dict(received) and ended == dict(outcomes)
