"""All doors of the hub that listen on HTTP."""

from starlette.routing import Route

from hub.connectors import http, pos, webhook
from hub.connectors.door import Dock


def doors(dock: Dock) -> list[Route]:
    """Return the routes of the doors: plain Starlette routes, bytes in."""
    return [*http.routes(dock), *webhook.routes(dock), *pos.routes(dock)]
