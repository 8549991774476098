"""The pages: an overview that lives, and one order with its whole life. Complete without JavaScript.

A page answers where a browser asks (`Accept: text/html`); the API's JSON stands under
the same address for everybody else. Whoever is not signed in is asked for a credential.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from hub.canonical.problem import Rejected
from hub.errors import AccessDenied
from hub.store.messages import Document, Event, Parked, Task
from hub.store.order import OrderRow
from hub.store.queries.deliveries import deliveries
from hub.store.queries.documents import documents
from hub.store.queries.figures import Figures, figures
from hub.store.queries.orders import Found, order, orders, orders_of
from hub.store.queries.parking import parked
from hub.store.queries.timeline import Timeline, timeline
from hub.store.queries.view import EVERYTHING
from hub.store.statements import Job
from hub.store.tasks import tasks
from hub.store.tokens import split
from hub.web.asking import COOKIE, backend_of, inside, reader, view
from hub.web.backend import Backend
from hub.web.bounds import body_within
from hub.web.catalogue import operations, queues
from hub.web.models import EventAnswer
from hub.web.origin import comes_over_https, refuse_other_sites
from hub.web.remembered import Remembered
from hub.web.telling import headline, telling
from hub.web.templating import page

LATEST = 15
FORM_BYTES = 4_096
SIGNED_IN = timedelta(hours=12)

Handler = Callable[[Request], Awaitable[Response]]


class Overview(NamedTuple):
    """What the overview shows; `order_ids` by business key."""

    at: datetime
    figures: Figures
    documents: list[Document]
    orders: list[OrderRow]
    order_ids: dict[str, str]
    parked: list[Parked]
    tasks: list[Task]


def overview(backend: Backend) -> Remembered[Overview]:
    """Return what the overview shows, looked up as often as its cost allows."""

    async def look() -> Overview:
        at = backend.seams.now()
        return await backend.database.read(lambda: _everything(at))

    return Remembered(look, backend.seams.monotonic)


class PageRoute(Route):
    """A route that is there only for browsers, so that the API may have the same address."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match as a route does, where HTML is asked for."""
        accept = dict(scope["headers"]).get(b"accept", b"") if scope["type"] == "http" else b""
        return super().matches(scope) if b"text/html" in accept else (Match.NONE, {})


def routes() -> list[BaseRoute]:
    """Return the pages; they stand before the API."""
    return [
        Route("/", _signed_in(_overview)),
        Route("/live", _signed_in(_live)),
        PageRoute("/orders/{number}", _signed_in(_order)),
        Route("/docs", _docs),
        Route("/asyncapi", _asyncapi),
        Route("/asyncapi.json", _asyncapi_document),
        Route("/login", _login_form, methods=["GET"]),
        Route("/login", _login, methods=["POST"]),
        Route("/logout", _logout, methods=["POST"]),
    ]


def _signed_in(handler: Handler) -> Handler:
    """Return the handler behind a sign-in."""

    async def guarded(request: Request) -> Response:
        try:
            return await handler(request)
        except AccessDenied:
            return RedirectResponse(f"/login?next={quote(request.url.path)}", 303)
        except Rejected as error:
            return page("problem.html", {"problem": error.problem}, error.problem.status)

    return guarded


async def _overview(request: Request) -> Response:
    await inside(await reader(request))
    return page("overview.html", await _figures(request))


async def _live(request: Request) -> Response:
    await inside(await reader(request))
    return page("live.html", await _figures(request))


async def _figures(request: Request) -> dict[str, Any]:
    remembered: Remembered[Overview] = request.app.state.overview
    seen = await remembered.get()
    counted, now = seen.figures, seen.at
    return {
        "figures": counted,
        "total": counted.total,
        "outbox_age": (now - counted.outbox_oldest).total_seconds() if counted.outbox_oldest else 0,
        "documents": [(document, seen.order_ids.get(document.business_key or "")) for document in seen.documents],
        "orders": seen.orders,
        "parked": seen.parked,
        "tasks": seen.tasks,
        "now": now,
    }


def _everything(at: datetime) -> Job[Overview]:
    """Return what the overview shows, of one snapshot."""
    counted = yield from figures()
    latest = yield from documents(EVERYTHING, limit=LATEST)
    newest = yield from orders(EVERYTHING, limit=LATEST)
    known = yield from orders_of([one.business_key for one in latest if one.business_key])
    stuck = yield from parked(limit=LATEST)
    odd = yield from tasks(limit=LATEST)
    return Overview(at, counted, latest, newest, known, stuck, odd)


async def _order(request: Request) -> Response:
    seen = await view(await reader(request))
    number = request.path_params["number"]
    backend = backend_of(request)
    found = await backend.database.read(partial(order, seen, number))
    if found is None:
        return page("missing.html", {"number": number}, 404)
    life = await backend.database.read(partial(timeline, seen, found.order.order_id))
    planned = await backend.database.read(partial(deliveries, seen, order_id=found.order.order_id))
    return page("order.html", {"found": found, "deliveries": planned, **_life(found, life)})


def _life(found: Found, life: Timeline | None) -> dict[str, Any]:
    """Return the timeline as it is shown: each event with its words and the time since the one before."""
    events = life.events if life else ()
    before: datetime = events[0].at if events else found.order.received_at
    steps = []
    for event in events:
        steps.append({**_step(event), "since": (event.at - before).total_seconds()})
        before = event.at
    return {"steps": steps, "transmissions": life.transmissions if life else ()}


def _step(event: Event) -> dict[str, Any]:
    shown = EventAnswer.of_event(event)
    return {
        "event": event,
        "headline": headline(event.type),
        "telling": telling(event.type, shown.data),
        "services": shown.services,
    }


async def _docs(request: Request) -> Response:
    document = request.app.openapi()
    return page("docs.html", {"info": document["info"], "groups": operations(document)})


async def _asyncapi(request: Request) -> Response:
    document = json.loads(await asyncio.to_thread(backend_of(request).asyncapi))
    return page("asyncapi.html", {"queues": queues(document)})


async def _asyncapi_document(request: Request) -> Response:
    text = await asyncio.to_thread(backend_of(request).asyncapi)
    return Response(text, media_type="application/json")


async def _login_form(request: Request) -> Response:
    return page("login.html", {"next": _local(request.query_params.get("next", "/")), "wrong": False})


async def _login(request: Request) -> Response:
    """Keep a credential that is good in a cookie that scripts and other sites never see."""
    refuse_other_sites(request)
    form = parse_qs((await body_within(request, FORM_BYTES)).decode(errors="replace"))
    credential, following = form.get("credential", [""])[0].strip(), _local(form.get("next", ["/"])[0])
    backend = backend_of(request)
    key_id, _ = split(credential) or ("", "")
    backend.attempt(key_id)
    try:
        await backend.authenticate(f"Bearer {credential}")
    except AccessDenied:
        return page("login.html", {"next": following, "wrong": True}, 401)
    answer = RedirectResponse(following, 303)
    answer.set_cookie(
        COOKIE,
        credential,
        max_age=int(SIGNED_IN.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=comes_over_https(request),
    )
    return answer


async def _logout(request: Request) -> Response:
    refuse_other_sites(request)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict")
    return answer


def _local(address: str) -> str:
    """Return an address on this hub alone."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\")) else "/"
