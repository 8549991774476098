"""Whether the hub can do its work: anybody may ask, and whoever asks often makes it look no more often."""

import asyncio
from pathlib import Path

import httpx2

from hub.errors import AccessDenied, DatabaseAway
from hub.seams import Seams
from hub.store.database import open_database
from hub.store.tokens import Credential
from hub.web.api import health_api
from hub.web.backend import Backend, Check


async def _nobody(_: str | None) -> Credential:
    raise AccessDenied("nobody is known here")


def client(folder: Path, clock: list[float], **checks: Check) -> httpx2.AsyncClient:
    seams = Seams(monotonic=lambda: clock[0])
    database = open_database(f"sqlite:///{folder}/hub.db", seams=seams)
    backend = Backend(database, seams, {}, authenticate=_nobody, checks=checks)
    transport = httpx2.ASGITransport(health_api(backend))
    return httpx2.AsyncClient(transport=transport, base_url="http://hub.example")


async def test_however_many_ask_the_hub_looks_once_and_again_when_the_answer_is_old(tmp_path: Path) -> None:
    clock, looked = [0.0], 0

    async def slow() -> str | None:
        nonlocal looked
        looked += 1
        clock[0] += 1
        await asyncio.sleep(0)
        if looked == 1:
            raise DatabaseAway("it does not answer")
        return None

    async with client(tmp_path, clock, database=slow) as asking:
        answers = await asyncio.gather(*(asking.get("/readyz") for _ in range(20)))
        assert {one.status_code for one in answers} == {503}
        assert answers[0].json() == {"ready": False, "checks": {"database": "DatabaseAway: it does not answer"}}
        assert looked == 1
        clock[0] += 2
        assert (await asking.get("/readyz")).json() == {"ready": True, "checks": {"database": "ok"}}
