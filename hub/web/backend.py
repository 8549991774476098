"""What the pages and the API work with; made in `app` and handed down as one value."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry

from hub.handlers.service import Subscription
from hub.seams import Seams
from hub.store.database import Database
from hub.store.tokens import Credential

Check = Callable[[], Awaitable[str | None]]
"""A check of readiness: None if all is well, else what is wrong."""


def _nothing(*_: str) -> None:
    return None


def _no_queues() -> str:
    return "{}"


@dataclass(frozen=True, slots=True)
class Backend:
    """The database and what else the web needs of the rest of the hub.

    `authenticate` turns an `Authorization` header into a credential or raises AccessDenied;
    `attempt` is told the key id with which somebody wants to sign in, and raises where that is tried too often;
    `asked` is told the key id of each request, and raises where one asks too often;
    `forget` makes it look credentials up again. `published` wakes the relay after a command
    was committed, `look` makes a service's runner look at what waits; `owners` names, by
    wire type, the service that closes a document's books. `asyncapi` describes the queues,
    as JSON. `open_here` lets whoever sits at
    this machine read without a credential; it is only true while the hub listens on a
    loopback address alone.
    """

    database: Database
    seams: Seams
    subscriptions: Mapping[str, tuple[Subscription, ...]]
    authenticate: Callable[[str | None], Awaitable[Credential]]
    attempt: Callable[[str], None] = _nothing
    asked: Callable[[str], None] = _nothing
    forget: Callable[[], None] = _nothing
    published: Callable[[], None] = _nothing
    look: Callable[[str], None] = _nothing
    owners: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, Check] = field(default_factory=dict)
    asyncapi: Callable[[], str] = _no_queues
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    open_here: bool = False
    limit_json_bytes: int = 5_000_000
    limit_import_bytes: int = 32_000_000
