"""What all doors share: their parts, who may speak for whom, and the form of their answers."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import structlog
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from hub.canonical.envelope import Channel
from hub.canonical.problem import MEDIA_TYPE, Rejected, rejected, rejected_for
from hub.connectors.back_pressure import BackPressure
from hub.connectors.credentials import Credentials
from hub.connectors.partners import Partners
from hub.connectors.rates import Rates
from hub.connectors.receiver import Receiver
from hub.errors import AccessDenied, HubError
from hub.seams import Seams
from hub.store.arrivals import Delivery
from hub.store.database import Database
from hub.store.tokens import Credential
from hub.store.turned_away import quarantine, unauthenticated

Handler = Callable[[Request], Awaitable[Response]]
log = structlog.get_logger()

_KEPT_PREFIXES = ("x-shopify-", "shopify-", "x-wc-", "webhook-")
_KEPT = frozenset({"content-type", "content-encoding", "user-agent"})
_NEVER_KEPT = ("hmac", "signature", "authorization", "cookie")
_HEADERS = "hub.headers"
HEADERS_SEEN = 500
"""Names of headers of which it is remembered whether they are kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest body that a door takes, in bytes, by what it holds.

    `unsigned` is for all bodies together of which it is not known yet who has signed them.
    """

    edi: int = 32_000_000
    json: int = 5_000_000
    xml: int = 20_000_000
    unsigned: int = 32_000_000


@dataclass(frozen=True, slots=True)
class Dock:
    """What a door works with; made in `app`."""

    receiver: Receiver
    credentials: Credentials
    partners: Partners
    pressure: BackPressure
    rates: Rates
    database: Database
    seams: Seams
    limits: Limits = Limits()

    async def credential(self, request: Request, channel: Channel) -> Credential:
        """Return who sends. Raises AccessDenied, after counting, for nobody we know; Rejected where it is too much."""
        self.pressure.check()
        try:
            found = await self.credentials.of(request.headers.get("authorization"))
        except AccessDenied as error:
            delivery = delivery_of(request, b"", channel=channel, source="unknown", partner=None)
            await self.turn_away(delivery, str(error))
            raise
        self.rates.take(found.key_id)
        return found

    async def turn_away(self, delivery: Delivery, reason: str) -> None:
        """Count what nobody we know has sent; it takes no key, and only its beginning is kept for diagnosis."""
        now = self.seams.now()
        await self.database.run(lambda: unauthenticated(delivery, reason, now), lane="door")

    async def refuse(self, delivery: Delivery, credential: str, claimed: str) -> Rejected:
        """Keep apart what names somebody for whom its sender may not speak; return the 403."""
        now, entropy = self.seams.now(), self.seams.token_bytes
        await self.database.run(lambda: quarantine(delivery, credential, claimed, now, entropy), lane="door")
        return rejected(
            403,
            f"this credential may not speak for {claimed}",
            "Use the credential of the partner, store or till that the input names.",
        )


def delivery_of(
    request: Request, body: bytes, *, channel: Channel, source: str, partner: str | None, endpoint: str | None = None
) -> Delivery:
    """Return a request as it is archived; its endpoint is its path unless another is named."""
    headers = headers_of(request)
    return Delivery(
        channel=channel,
        endpoint=endpoint or path_of(request),
        source=source,
        partner=partner,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        content_type=headers.get("content-type"),
        headers=kept_headers(headers),
    )


def route(path: str, handler: Handler, *middleware: Middleware) -> Route:
    """Return the POST route of a door; what its handler raises becomes a problem that says what to do."""
    return Route(path, _Answering(handler), methods=["POST"], middleware=middleware)


class _Answering:
    """A handler as an app: what it raises becomes its answer."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._response(request)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        try:
            return await self._handler(request)
        except HubError as error:
            return problem(rejected_for(error))
        except ClientDisconnect:
            log.info("the sender went before its body had come", path=path_of(request))
            return problem(rejected(400, "the body did not come to its end", "Send it again."))
        except Exception:
            log.exception("a door failed", path=path_of(request))
            return problem(rejected_for(HubError()))


def answer(status: int, content: Mapping[str, Any]) -> Response:
    """Return a JSON answer."""
    return Response(orjson.dumps(content), status, media_type="application/json")


def problem(error: Rejected) -> Response:
    """Return the answer that says what is wrong."""
    return Response(error.problem.to_json(), error.problem.status, dict(error.headers), MEDIA_TYPE)


def path_of(request: Request) -> str:
    """Return the path that was asked for."""
    path: str = request.scope["path"]
    return path


def headers_of(request: Request) -> dict[str, str]:
    """Return the headers by their names in lower case; of several of one name, the first. They are read once."""
    found: dict[str, str] | None = request.scope.get(_HEADERS)
    if found is None:
        pairs = reversed(request.scope["headers"])
        found = request.scope[_HEADERS] = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    return found


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that are archived with the bytes: what describes them, never what authenticates."""
    return {name: value for name, value in headers.items() if _is_kept(name)}


@lru_cache(HEADERS_SEEN)
def _is_kept(name: str) -> bool:
    if any(word in name for word in _NEVER_KEPT):
        return False
    return name in _KEPT or name.startswith(_KEPT_PREFIXES)


def one_of(partners: Iterable[str | None]) -> str | None:
    """Return the one partner of a request. Raises Rejected where it is of several."""
    found = sorted({partner for partner in partners if partner is not None})
    if len(found) > 1:
        raise rejected(422, f"one request for several partners: {', '.join(found)}", "Send one request for each.")
    return found[0] if found else None
