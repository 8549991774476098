"""The API and the pages as one app; `app` mounts the doors into it."""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles

from hub.canonical.finding import Finding, Location
from hub.canonical.problem import MEDIA_TYPE, Rejected, rejected, rejected_for
from hub.canonical.validation import json_path
from hub.errors import HubError
from hub.web import administration, commands, health, metrics, outbound, pages, reading
from hub.web.backend import Backend
from hub.web.headers import SecurityHeaders

STATIC = Path(__file__).with_name("static")
DESCRIPTION = "Orders from EDIFACT, tills and web shops, from the first byte to the last payment."


def api(
    backend: Backend,
    *,
    doors: Sequence[BaseRoute] = (),
    lifespan: Any = None,
) -> FastAPI:
    """Return the app: the doors first, then the API, the pages, health and metrics.

    `lifespan` is the context manager that starts and stops the rest of the hub with it.
    """
    app = FastAPI(
        title="Crossdock",
        version=version("hub"),
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.backend = backend
    app.router.routes.extend([*doors, *pages.routes()])
    for module in (reading, commands, administration, outbound, health, metrics):
        app.include_router(module.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(SecurityHeaders)
    return app


async def _hub_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HubError)  # noqa: S101 - registered for it alone
    return _problem(rejected_for(error))


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for it alone
    findings = tuple(
        Finding(code=one["type"], location=Location(path="$" + json_path(tuple(one["loc"]))), message=str(one["msg"]))
        for one in error.errors()
    )
    return _problem(rejected(422, "the request is not as it must be", "Mend what the findings name.", findings))


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    return _problem(rejected(error.status_code, str(error.detail), headers=error.headers or {}))


def _problem(error: Rejected) -> Response:
    return Response(error.problem.to_json(), error.problem.status, dict(error.headers), MEDIA_TYPE)
