"""Where a form was sent from: nobody else's page signs a person in or out, and what came over https stays there.

A browser says whose page sends a form, and a page cannot make it say otherwise. What
says nothing is no browser, and has no cookie that another's page could use.

Source: Fetch metadata request headers (W3C), RFC 6454 section 7.
"""

import re

from starlette.requests import Request

from hub.canonical.problem import rejected

_OURS = ("same-origin", "none", None)
_PORT = re.compile(r":\d*$")


def refuse_other_sites(request: Request) -> None:
    """Raise Rejected (403) for a form that a page of another site has sent.

    A browser that does not say how its page and we are related names the page's origin;
    ports are not compared, as cookies have none and proxies drop them.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is None and origin is not None:
        site = "same-origin" if _host(origin) == _host(request.headers.get("host", "")) else "cross-site"
    if site not in _OURS:
        raise rejected(403, "this form was sent from another site", "Open the hub's own page and send it from there.")


def comes_over_https(request: Request) -> bool:
    """Tell whether the browser speaks https, to us or to a proxy before us.

    What the request says is believed: whoever lies makes a cookie safer than it need be.
    """
    page = request.headers.get("origin", "").partition("://")[0]
    return "https" in (request.url.scheme, page, request.headers.get("x-forwarded-proto"))


def _host(origin: str) -> str:
    return _PORT.sub("", origin.rpartition("://")[2]).lower()
