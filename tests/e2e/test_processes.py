"""The hub as several processes on PostgreSQL and RabbitMQ, as production runs it."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest

from demo.catalogue import AGREEMENTS, DATA, KINDS, articles
from demo.retailer import Owed, Wanted, interchange, invoices
from tests.faults.hub_process import HubProcess, running

WITHIN = 60
GRACE = 15
"""Seconds: what a supervisor leaves a process that it has asked to stop."""
CHECKED = {"database", "migrations", "broker", "consumers"}
TEA = next(one for one in articles() if one.sku == "TEA-100")


@pytest.fixture
def settings(postgres_url: str, rabbitmq_url: str) -> Mapping[str, str]:
    return {"HUB_DATABASE_URL": postgres_url, "HUB_BROKER_URL": rabbitmq_url, "HUB_AUTO_WAREHOUSE": "true"}


async def hub(data: Path, settings: Mapping[str, str], *arguments: str) -> tuple[int, str]:
    """Run a command to its end; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "hub", *arguments),
        env=os.environ | {"HUB_DATA_DIR": str(data), "HUB_PORT": "0", **settings},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(WITHIN):
        said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


@asynccontextmanager
async def door(web: HubProcess) -> AsyncIterator[httpx2.AsyncClient]:
    """Return the API with this machine's credential."""
    local = json.loads((web.data / "local.json").read_text("utf-8"))
    headers = {"Authorization": f"Bearer {local['token']}"}
    async with httpx2.AsyncClient(base_url=local["url"], headers=headers, timeout=WITHIN, trust_env=False) as client:
        yield client


async def set_up(client: httpx2.AsyncClient) -> None:
    for kind in KINDS:
        table = (DATA / f"{kind}.csv").read_bytes()
        answer = await client.post(f"/imports/{kind}?wait=30", content=table, headers={"content-type": "text/csv"})
        assert [one["outcome"] for one in answer.json()["outcomes"]] == ["applied"], answer.text
    agreement = (AGREEMENTS / "nordmarkt.toml").read_bytes()
    answer = await client.post("/partners", content=agreement, headers={"content-type": "application/toml"})
    answer.raise_for_status()


async def order_to_cash(client: httpx2.AsyncClient, number: str, out: Path) -> dict[str, Any]:
    """Order, wait for the invoice, pay it, and return the order when it is complete."""
    paid = {owed.number for owed in invoices(out)}
    content = interchange(f"R{number}", [Wanted(number, [(TEA, 3)])])
    sent = await client.post("/edi?partner=nordmarkt", content=content, headers={"content-type": "application/edifact"})
    assert sent.status_code == 202, sent.text
    async with asyncio.timeout(WITHIN):
        while not (owed := _unpaid(out, paid)):  # noqa: ASYNC110 - another process has no event
            await asyncio.sleep(0.05)
        payment = {"reference": f"TRF-{number}", "invoices": [owed[0].number], "value_date": "2026-11-25"}
        money = {"amount": str(owed[0].amount), "currency": "EUR"}
        (await client.post("/payments?wait=30", json=payment | {"money": money})).raise_for_status()
        while (order := await found(client, number))["state"] != "completed":  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.05)
    return order


def _unpaid(out: Path, paid: set[str]) -> list[Owed]:
    return [one for one in invoices(out) if one.number not in paid]


async def found(client: httpx2.AsyncClient, number: str) -> dict[str, Any]:
    answer = await client.get("/orders", params={"partner": "nordmarkt", "number": number})
    (order,) = answer.raise_for_status().json()["orders"]
    return dict(order)


async def ready(client: httpx2.AsyncClient, url: str) -> httpx2.Response:
    """Ask until somebody listens there and reads all that falls to it."""
    async with asyncio.timeout(WITHIN):
        while True:
            with suppress(httpx2.ConnectError):
                answer = await client.get(url)
                if answer.status_code == 200:
                    return answer
            await asyncio.sleep(0.05)


async def stops_in_order(process: HubProcess) -> None:
    async with asyncio.timeout(GRACE):
        assert await process.stop() == 0, process.command


@pytest.mark.parametrize("command", ["web", "worker"])
async def test_a_process_that_finds_no_tables_names_the_command_that_makes_them(
    tmp_path: Path, settings: Mapping[str, str], command: str
) -> None:
    code, said = await hub(tmp_path, settings, command)
    assert code == 1
    assert "run `hub migrate` first" in said
    assert "Traceback" not in said


async def test_an_order_goes_through_two_workers_and_still_does_when_one_is_killed(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    assert await hub(tmp_path, settings, "migrate") == (0, "The database has the tables of this release.\n")
    out = tmp_path / "partners" / "nordmarkt" / "out"
    async with AsyncExitStack() as stack:
        one, other = [
            await stack.enter_async_context(running(tmp_path, settings, "worker", ready=False)) for _ in range(2)
        ]
        web = await stack.enter_async_context(running(tmp_path, settings, "web"))
        client = await stack.enter_async_context(door(web))
        await set_up(client)
        first = await order_to_cash(client, "PO-1", out)
        assert first["total"] == "10.20"
        one.kill()
        assert await one.ended() < 0
        await order_to_cash(client, "PO-2", out)
        assert (await client.get("/verify")).json()["balanced"]
        code, shown = await hub(tmp_path, settings, "order", "show", "nordmarkt/PO-2", "--json")
        assert (code, json.loads(shown)["order"]["state"]) == (0, "completed")
        for process in (web, other):
            await stops_in_order(process)


async def test_a_worker_shows_its_health_and_figures_and_the_web_process_misses_it_when_it_is_gone(
    tmp_path: Path, settings: Mapping[str, str]
) -> None:
    assert (await hub(tmp_path, settings, "migrate"))[0] == 0
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    at = settings | {"HUB_WORKER_ADDRESS": address}
    async with AsyncExitStack() as stack:
        worker = await stack.enter_async_context(running(tmp_path, at, "worker", ready=False))
        web = await stack.enter_async_context(running(tmp_path, settings, "web"))
        client = await stack.enter_async_context(door(web))
        assert set((await client.get("/readyz")).json()["checks"]) == CHECKED | {"backlog"}
        assert set((await ready(client, f"http://{address}/readyz")).json()["checks"]) == CHECKED
        figures = await client.get(f"http://{address}/metrics")
        assert 'hub_service_batches_total{service="order"}' in figures.text
        assert 'hub_service_ready{service="order"} 0.0' in figures.text
        async with httpx2.AsyncClient(trust_env=False) as stranger:
            assert (await stranger.get(f"http://{address}/metrics")).status_code == 401
            assert (await stranger.post(f"http://{address}/edi")).status_code == 404
        await stops_in_order(worker)
        left = (await client.get("/readyz")).json()
        assert left["checks"]["consumers"].startswith("no worker reads for ")
