"""Who presents this credential: looked up in the database, remembered for a moment."""

from hub.errors import AccessDenied
from hub.seams import Seams
from hub.store.database import Database
from hub.store.master import Token
from hub.store.tokens import Credential, credential_of, find, split

REMEMBERED_SECONDS = 2.0
REMEMBERED_KEYS = 10_000


class Credentials:
    """Tells who presents a credential. What was looked up is good for two seconds, so a revoked one ends soon."""

    def __init__(self, database: Database, seams: Seams) -> None:
        self._database = database
        self._seams = seams
        self._known: dict[str, tuple[float, Token | None]] = {}

    async def of(self, authorization: str | None) -> Credential:
        """Return who sends this `Authorization` header. Raises AccessDenied, the same for whatever is wrong."""
        scheme, _, text = (authorization or "").partition(" ")
        presented = split(text.strip()) if scheme.lower() == "bearer" else None
        key_id, secret = presented or ("", "")
        found = credential_of(await self._token(key_id), secret, self._seams.now())
        if found is None:
            raise AccessDenied("a credential is needed: Authorization: Bearer hub_<key id>_<secret>")
        return found

    def forget(self) -> None:
        """Look everything up again: a credential was added or revoked here."""
        self._known.clear()

    async def _token(self, key_id: str) -> Token | None:
        now = self._seams.monotonic()
        at, token = self._known.get(key_id, (now - REMEMBERED_SECONDS, None))
        if now - at < REMEMBERED_SECONDS:
            return token
        token = await self._database.read(lambda: find(key_id))
        if len(self._known) >= REMEMBERED_KEYS:
            self._known.clear()
        self._known[key_id] = (now, token)
        return token
