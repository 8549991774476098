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
from hub.canonical.problem import MEDIA_TYPE, Problem, Rejected, rejected, rejected_for
from hub.canonical.validation import json_path
from hub.errors import HubError
from hub.web import administration, commands, edifact, health, metrics, outbound, pages, reading, tasks, transmissions
from hub.web.backend import Backend
from hub.web.headers import SecurityHeaders
from hub.web.openapi import problems, with_doors

STATIC = Path(__file__).with_name("static")
DESCRIPTION = "Orders from EDIFACT, tills and web shops, from the first byte to the last payment."

REFUSALS: dict[int | str, dict[str, Any]] = {**problems(401, 403, 404, 409, 429, 503), 422: {"model": Problem}}


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
    app.state.readiness = health.readiness(backend)
    app.state.overview = pages.overview(backend)
    app.state.places = edifact.places()
    app.router.routes.extend([*doors, *pages.routes()])
    for module in (reading, commands, administration, outbound, edifact, transmissions, tasks, metrics):
        app.include_router(module.router, responses=REFUSALS)
    app.include_router(health.router)
    made = app.openapi
    app.openapi = lambda: app.openapi_schema or with_doors(made())  # type: ignore[method-assign] # FastAPI's own way to extend it
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return _answering(app)


def health_api(backend: Backend) -> FastAPI:
    """Return health and metrics alone, for a process that has no doors and no pages."""
    app = FastAPI(title="Crossdock", version=version("hub"), openapi_url=None, docs_url=None, redoc_url=None)
    app.state.backend = backend
    app.state.readiness = health.readiness(backend)
    for router in (health.router, metrics.router):
        app.include_router(router)
    return _answering(app)


def _answering(app: FastAPI) -> FastAPI:
    """Have what goes wrong answered as a problem, and every answer bear its headers."""
    app.add_exception_handler(HubError, _hub_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)
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


async def _unexpected(_: Request, __: Exception) -> Response:
    """Answer what nobody planned for; the server writes it to the log."""
    return _problem(rejected_for(HubError()))


def _problem(error: Rejected) -> Response:
    return Response(error.problem.to_json(), error.problem.status, dict(error.headers), MEDIA_TYPE)
