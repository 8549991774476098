"""Who asks, and what they may see and do: the only place where the API and the pages decide it.

Reading needs a credential (a header, or the cookie that signing in sets), unless the
hub is the embedded default that listens on loopback alone, and the request comes from
this very machine, named as such: no proxy in between, no foreign host name that was made
to point here. Commands always need a credential in the header, so that no web page can
send one.
"""

import re
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer

from hub.canonical.problem import rejected
from hub.store.queries.view import EVERYTHING, View
from hub.store.tokens import Credential
from hub.web.backend import Backend

COOKIE = "hub_credential"
HERE = Credential("here", "this machine", frozenset({"operator"}))
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_HERE = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?", re.IGNORECASE)
"""The Host header itself: of one that is malformed the server's own address would be taken."""
_PROXIED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_PROXY_VERSION = "1.0"
"""No browser speaks HTTP/1.0 any more; nginx does to what stands behind it, and adds no header that would tell."""
_BEARER = HTTPBearer(auto_error=False, description="`hub_<key id>_<secret>`")


def backend_of(request: Request) -> Backend:
    """Return what this app was made with."""
    backend: Backend = request.app.state.backend
    return backend


async def reader(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Credential:
    """Return who reads. Raises AccessDenied for nobody we know, Rejected (429) where one asks too often."""
    backend = backend_of(request)
    authorization = request.headers.get("authorization")
    if authorization is None and (cookie := request.cookies.get(COOKIE)):
        authorization = f"Bearer {cookie}"
    if authorization is None and backend.open_here and comes_from_here(request):
        return HERE
    return await _known(request, authorization)


async def view(credential: Annotated[Credential, Depends(reader)]) -> View:
    """Return what the reader sees: everything, or what is its partners'."""
    if credential.operator:
        return EVERYTHING
    if not credential.partners:
        raise rejected(403, "this credential reads nothing", "Use one with the scope operator or partner:<id>.")
    return View(credential.partners)


async def inside(credential: Annotated[Credential, Depends(reader)]) -> Credential:
    """Return the reader, who must be of the house: an operator."""
    return _operator(credential)


async def commander(request: Request, _: Annotated[object, Security(_BEARER)] = None) -> Credential:
    """Return who gives a command: an operator, by a credential in the header."""
    return _operator(await _known(request, request.headers.get("authorization")))


async def administrator(credential: Annotated[Credential, Depends(commander)]) -> Credential:
    """Return who changes partners, master data or credentials."""
    if not credential.admin:
        raise rejected(403, "this needs the scope admin", "Ask an administrator.")
    return credential


def comes_from_here(request: Request) -> bool:
    """Tell whether a request was made on this machine, to this machine by name, without a proxy in between."""
    client = request.client.host if request.client else ""
    names = request.headers.getlist("host")
    proxied = request.scope.get("http_version") == _PROXY_VERSION or any(name in request.headers for name in _PROXIED)
    return client in _LOOPBACK and len(names) == 1 and bool(_HERE.fullmatch(names[0])) and not proxied


async def _known(request: Request, authorization: str | None) -> Credential:
    """Return whose credential it is; a request counts once, however many ask for it."""
    backend = backend_of(request)
    found = await backend.authenticate(authorization)
    if not getattr(request.state, "is_counted", False):
        request.state.is_counted = True
        backend.asked(found.key_id)
    return found


def _operator(credential: Credential) -> Credential:
    if not credential.operator:
        raise rejected(403, "this needs the scope operator", "Use an operator's credential.")
    return credential


Seeing = Annotated[View, Depends(view)]
Inside = Annotated[Credential, Depends(inside)]
Commander = Annotated[Credential, Depends(commander)]
Administrator = Annotated[Credential, Depends(administrator)]
The = Annotated[Backend, Depends(backend_of)]
