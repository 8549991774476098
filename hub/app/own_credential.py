"""The credential with which commands on this machine speak to the hub that runs here."""

from hub.seams import Seams
from hub.store.database import Database
from hub.store.master import Token
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query
from hub.store.tokens import issue

LABEL = "this machine"


async def credential(database: Database, seams: Seams) -> str:
    """Make the credential of this machine; the one before it ends."""
    issued = issue(LABEL, ("admin",), seams=seams)
    await database.run(lambda: _replace(issued.token), lane="door")
    return issued.text


def _replace(token: Token) -> Job[None]:
    yield Query("delete from token where label = :label", {"label": LABEL})
    yield Insert(SPECS[Token], [token])
