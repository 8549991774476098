"""A crash at every point where the hub commits, publishes, acks, sends or renames: nothing lost, nothing twice.

The points are those that the hub's modules name by themselves (`hub.seams`), not a list
kept by hand. A point counts as tested only if the process was really killed at it.
"""

import asyncio
import importlib
import os
import pkgutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import hub
from hub.seams import FAILPOINTS
from tests.faults import load
from tests.faults.client import Client
from tests.faults.house import House, HubProcess, running
from tests.listener import Request

for module in pkgutil.walk_packages(hub.__path__, "hub."):
    if not module.name.startswith(("hub.__main__", "hub.store.migrations.")):
        importlib.import_module(module.name)  # which names its failpoints
OTHER_DATABASE = {"sqlite": "hub.store.postgres.", "postgresql": "hub.store.sqlite."}
"""The module whose points a hub on this database cannot pass."""
COMMITS = (2, 5, 9, 14, 20, 27, 35)
"""Which of the many commits of one load a crash falls on, beside the first."""


def points(database: str) -> list[str]:
    """Return every failpoint that a hub on this database can pass."""
    ours = {point for point in FAILPOINTS if point.startswith("hub.")}
    return sorted(point for point in ours if not point.startswith(OTHER_DATABASE[database]))


@pytest.mark.parametrize("point", points("sqlite"))
async def test_a_crash_at_this_point_loses_nothing_and_does_nothing_twice(
    point: str, house: House, heard: list[Request]
) -> None:
    await crash_and_recover(point, house, heard)


@pytest.mark.thorough
@pytest.mark.parametrize("point", points("postgresql"))
async def test_a_crash_at_this_point_is_no_different_on_servers(
    point: str, house_on_servers: House, heard: list[Request]
) -> None:
    await crash_and_recover(point, house_on_servers, heard)


@pytest.mark.thorough
@pytest.mark.parametrize("nth", COMMITS)
async def test_a_crash_after_any_commit_is_no_different_on_servers(
    nth: int, house_on_servers: House, heard: list[Request]
) -> None:
    await crash_and_recover(f"hub.store.postgres.commit:after#{nth}", house_on_servers, heard)


@pytest.mark.parametrize("nth", COMMITS)
async def test_a_crash_after_any_commit_of_a_load_is_no_different(nth: int, house: House, heard: list[Request]) -> None:
    await crash_and_recover(f"hub.store.sqlite.commit:after#{nth}", house, heard)


def test_a_failpoint_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    environment = os.environ | {"HUB_DATA_DIR": str(tmp_path), "HUB_FAILPOINT": "hub.nowhere:after"}
    done = subprocess.run([sys.executable, "-m", "hub", "up"], env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"this process passes no hub.nowhere:after" in done.stderr


async def crash_and_recover(point: str, house: House, heard: list[Request]) -> None:
    """Kill the hub at this point of a load, start it again, and hold it against what was sent.

    All comes once more when it is there again, in another order, while it makes good what it had begun.
    """
    async with house.client() as client:
        async with running(house.data, {**house.settings, "HUB_FAILPOINT": point}) as process:
            client.url = process.url
            await load_until_killed(process, client, house)
        async with running(house.data, house.settings) as process:
            client.url = process.url
            assert await client.repeat(point)
            await house.settle(client)
            assert await house.problems(client, heard) == []


async def load_until_killed(process: HubProcess, client: Client, house: House) -> None:
    """Send a load to an armed hub; if that does not kill it, stopping it must."""
    process.arm()
    await client.send_all([*load.of_every_kind(1), *load.payments(house.data)])
    dying = asyncio.create_task(process.ended())
    resting = asyncio.create_task(house.rest())
    await asyncio.wait({dying, resting}, return_when=asyncio.FIRST_COMPLETED)
    resting.cancel()
    await asyncio.gather(resting, return_exceptions=True)
    process.terminate()
    assert await dying == -signal.SIGKILL, "this point was never passed"
