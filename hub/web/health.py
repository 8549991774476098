"""Whether the process lives, and whether it can do its work."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from hub.web.backend import Backend, Check
from hub.web.remembered import Remembered

MOST_SECONDS = 2.0
"""How old an answer about readiness may be, however long it took."""

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process answers."""

    status: str = "ok"


class Readiness(BaseModel):
    """What was checked, each `ok` or what is wrong with it."""

    ready: bool
    checks: dict[str, str]


@router.get("/healthz", summary="Whether the process lives")
async def healthz() -> Health:
    """Answer 200 as long as the process can answer at all."""
    return Health()


@router.get("/readyz", summary="Whether the hub can do its work", responses={503: {"model": Readiness}})
async def readyz(request: Request, response: Response) -> Readiness:
    """Answer 200 when database, broker, consumers, migrations and backlog are well, else 503 and what is not."""
    checks = await request.app.state.readiness.get()
    ready = all(told == "ok" for told in checks.values())
    response.status_code = 200 if ready else 503
    return Readiness(ready=ready, checks=checks)


def readiness(backend: Backend) -> Remembered[dict[str, str]]:
    """Return what was checked, looked at as often as its cost allows: anybody may ask."""

    async def look() -> dict[str, str]:
        return {name: await _told(check) for name, check in backend.checks.items()}

    return Remembered(look, backend.seams.monotonic, most=MOST_SECONDS)


async def _told(check: Check) -> str:
    try:
        return await check() or "ok"
    except Exception as error:  # noqa: BLE001 - a check that fails is an answer, whatever it raised
        return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
