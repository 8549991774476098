"""What an HTTP door or the API answers when it cannot do what was asked: what, where, why, and what to do.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from collections.abc import Mapping
from types import MappingProxyType

from hub.canonical.finding import Finding
from hub.canonical.values import Value
from hub.errors import (
    AccessDenied,
    BusinessRefusal,
    HubError,
    LimitExceeded,
    PartnerError,
    TemporaryError,
    UnreadableInput,
)

MEDIA_TYPE = "application/problem+json"

TITLES: Mapping[int, str] = MappingProxyType(
    {
        400: "Cannot be read",
        401: "Not authenticated",
        403: "Not allowed",
        404: "Not found",
        405: "Method not allowed",
        408: "Too slow",
        409: "Not possible now",
        413: "Too large",
        415: "Wrong media type",
        422: "Wrong content",
        429: "Too many requests",
        500: "Internal error",
        503: "Temporarily not available",
    }
)
_STATUS: tuple[tuple[type[HubError], int], ...] = (
    (UnreadableInput, 400),
    (LimitExceeded, 400),
    (PartnerError, 422),
    (AccessDenied, 401),
    (BusinessRefusal, 409),
    (TemporaryError, 503),
)
_ADVICE: Mapping[int, tuple[str, Mapping[str, str]]] = MappingProxyType(
    {
        400: ("Mend it where the problem is named, and send it again.", {}),
        401: ("Send a valid credential.", {"WWW-Authenticate": "Bearer"}),
        503: ("Send the same again in 5 s.", {"Retry-After": "5"}),
    }
)
_DETAILS: Mapping[int, str] = MappingProxyType(
    {500: "The hub could not do this; its log tells why.", 503: "What the hub needs for this does not answer now."}
)


class Problem(Value):
    """The body of an error answer. `help` says what the sender can do; `findings` say where."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    help: str | None = None
    findings: tuple[Finding, ...] = ()

    def to_json(self) -> bytes:
        """Return the wire form, without empty fields."""
        return self.model_dump_json(exclude_none=True, exclude=None if self.findings else {"findings"}).encode()


class Rejected(HubError):
    """A request is answered with a problem instead of what was asked for; `headers` go with it."""

    def __init__(self, problem: Problem, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = headers


def rejected(
    status: int,
    detail: str,
    action: str | None = None,
    findings: tuple[Finding, ...] = (),
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Rejected:
    """Return the error that is answered with this status and these words."""
    title = TITLES.get(status, "Problem")
    return Rejected(Problem(title=title, status=status, detail=detail, help=action, findings=findings), headers)


def rejected_for(error: HubError) -> Rejected:
    """Return the answer to an error of the tree; one that tells a sender nothing useful becomes 500."""
    if isinstance(error, Rejected):
        return error
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    action, headers = _ADVICE.get(status, (None, {}))
    detail = _DETAILS.get(status, str(error))
    return rejected(status, detail, action, tuple(error.context.get("findings", ())), headers)
