"""Which partner an identity belongs to and what is agreed with it, remembered for a moment."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from hub.canonical.agreement import Agreement
from hub.seams import Seams
from hub.store.database import Database
from hub.store.master import AgreementRow, Identity, StoreRow
from hub.store.records import SPECS
from hub.store.statements import Job, Load

T = TypeVar("T")

REMEMBERED_SECONDS = 2.0
REMEMBERED = 10_000


class Partners:
    """Looks up identities, agreements and stores. What was looked up is good for two seconds."""

    def __init__(self, database: Database, seams: Seams) -> None:
        self._database = database
        self._seams = seams
        self._known: dict[tuple[str, ...], tuple[float, Any]] = {}

    async def of(self, kind: str, value: str) -> str | None:
        """Return the partner to whom an identity (`edi`, `gln`, `shop`, `store`) belongs."""
        return await self._once(("identity", kind, value), lambda: self._database.read(lambda: _partner(kind, value)))

    async def agreement(self, partner: str) -> Agreement | None:
        """Return what is agreed with a partner."""
        return await self._once(("agreement", partner), lambda: self._database.read(lambda: _agreement(partner)))

    async def store(self, store: str) -> StoreRow | None:
        """Return a store of ours."""
        return await self._once(("store", store), lambda: self._database.read(lambda: _store(store)))

    async def _once(self, key: tuple[str, ...], look_up: Callable[[], Awaitable[T]]) -> T:
        now = self._seams.monotonic()
        at, known = self._known.get(key, (now - REMEMBERED_SECONDS, None))
        if now - at < REMEMBERED_SECONDS:
            remembered: T = known
            return remembered
        found = await look_up()
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        self._known[key] = (now, found)
        return found


def _partner(kind: str, value: str) -> Job[str | None]:
    rows = yield Load(SPECS[Identity], [(kind, value)])
    return rows[0].partner if rows else None


def _agreement(partner: str) -> Job[Agreement | None]:
    rows = yield Load(SPECS[AgreementRow], [(partner,)])
    return rows[0].agreement if rows else None


def _store(store: str) -> Job[StoreRow | None]:
    rows = yield Load(SPECS[StoreRow], [(store,)])
    return rows[0] if rows else None
