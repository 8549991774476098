"""All doors of the hub that listen on HTTP."""

from collections import defaultdict
from collections.abc import Sequence

from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from hub.connectors import http, pos, webhook
from hub.connectors.door import Dock


def doors(dock: Dock) -> list[Route]:
    """Return the routes of the doors: plain Starlette routes, bytes in."""
    return [*http.routes(dock), *webhook.routes(dock), *pos.routes(dock)]


class DoorsFirst:
    """An app with the doors before it: what is for one of them takes the shortest way, and all else goes on."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        """Stand before an app."""
        self._app = app
        self._doors: defaultdict[str, list[Route]] = defaultdict(list)
        for route in routes:
            self._doors[_first(route.path)].append(route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to its door, or to the app."""
        for route in self._doors.get(_first(scope["path"]), ()) if scope["type"] == "http" else ():
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                await route.handle(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _first(path: str) -> str:
    return path[1:].partition("/")[0]
