"""Who decides what, and why: every decision of a person leaves a row in the audit log, in its own transaction."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from hub.canonical.envelope import derive_id
from hub.store.messages import Audit
from hub.store.records import SPECS
from hub.store.statements import Insert, Job


class By(NamedTuple):
    """Who decides, when, and why."""

    actor: str
    reason: str | None
    now: datetime


def audited(by: By, what: str, subject: str, before: str, *, cause: UUID, nth: int = 0) -> Job[None]:
    """Write down a decision: what was done to which thing, and how that stood before.

    `cause` is the thing's id, and `nth` tells decisions of one kind about it apart.
    """
    identifier = derive_id(cause, "audit", what, nth)
    yield Insert(SPECS[Audit], [Audit(identifier, by.now, by.actor, what, subject, by.reason, before)])
