"""The webhook door of the hub itself: `hub web` as it is run, in this process, asked by a load in another."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import orders, proof
from bench.meter import Meter
from demo import shop
from hub.app.local import find
from hub.app.serving import run as serve
from hub.seams import Seams
from hub.settings import Settings
from hub.store.database import open_database

CONNECTIONS = 32
WARM_UP = 500
LOOK_SECONDS = 0.02
FOR_EVER = 1e9
"""Seconds of work that may wait: no worker takes what this door takes in."""


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Take so many notifications in and return what that cost."""
    url, folder = settings["database"], Path(settings["folder"])
    seams = Seams()
    database = open_database(url, seams=seams)
    await orders.register(database, seams, shop.PARTNER)
    await database.close()
    wanted = Settings(data_dir=folder, database_url=url, port=0, back_pressure_seconds=FOR_EVER)
    serving = asyncio.create_task(serve(wanted, web=True, work=False))
    while (local := find(folder)) is None:
        assert not serving.done(), serving.exception()
        await asyncio.sleep(LOOK_SECONDS)
    result = await measured(int(local.url.rpartition(":")[2]), settings)
    os.kill(os.getpid(), signal.SIGTERM)
    await serving
    return result


async def measured(port: int, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Warm a door up, then have it asked, and return times, answers and CPU."""
    await _load(port, 1, WARM_UP)
    await proof.checkpoint(settings["database"])
    meter = Meter(settings["servers"])
    meter.start()
    result = await _load(port, WARM_UP + 1, settings["number"])
    cost = meter.stop()
    assert result["refused"] == 0, "the door refused"
    return result | {"cost": cost, "taken": WARM_UP + settings["number"]}


async def _load(port: int, first: int, number: int) -> dict[str, Any]:
    told = json.dumps({"port": port, "first": first, "number": number, "connections": CONNECTIONS})
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", told, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await client.communicate()
    assert client.returncode == 0, "the load failed"
    result: dict[str, Any] = json.loads(output)
    return result
