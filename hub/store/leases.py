"""Leases: who may do what only one may do at a time, and until when; the epoch rises with each holder.

A holder that was cut off finds its lease taken; what it still writes is refused where
the statement names the epoch (`HELD`). Ends are compared with the asker's clock, so
workers' clocks must agree to within a fraction of what a lease lasts.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from hub.store.messages import Lease
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query

_FREE = datetime(1970, 1, 1, tzinfo=UTC)

HELD = "exists (select 1 from lease where name = :lease and owner = :owner and epoch = :epoch)"
"""The condition under which a statement is still allowed; `Holding.fence` gives its parameters."""


class Holding(NamedTuple):
    """A lease that is ours."""

    name: str
    owner: str
    epoch: int

    @property
    def fence(self) -> dict[str, Any]:
        """The parameters of `HELD`."""
        return {"lease": self.name, "owner": self.owner, "epoch": self.epoch}


def take(names: Sequence[str], owner: str, now: datetime, until: datetime) -> Job[list[Holding]]:
    """Take those of these leases that nobody holds; return those of them that are ours now."""
    if not names:
        return []
    yield Insert(SPECS[Lease], [Lease(name, "", _FREE, 0) for name in sorted(names)], skip_existing=True)
    yield Query(
        "update lease set owner = :owner, until = :until, epoch = epoch + 1 where name in :names and until <= :now",
        {"owner": owner, "until": until, "names": sorted(names), "now": now},
    )
    ours = yield from held(owner, now)
    return [one for one in ours if one.name in names]


def renew(owner: str, now: datetime, until: datetime) -> Job[list[Holding]]:
    """Make all leases of an owner last longer, and return them; what has ended is not among them."""
    yield Query(
        "update lease set until = :until where owner = :owner and until > :now",
        {"owner": owner, "until": until, "now": now},
    )
    return (yield from held(owner, now))


def release(holding: Holding, now: datetime) -> Job[None]:
    """Give a lease back."""
    yield Query(
        "update lease set until = :now where name = :lease and owner = :owner and epoch = :epoch and until > :now",
        {**holding.fence, "now": now},
    )


def inherit(owner: str, now: datetime) -> Job[None]:
    """End every lease of others: for an installation of one process, whose last process is gone."""
    yield Query("update lease set until = :now where owner <> :owner and until > :now", {"owner": owner, "now": now})


def live(prefix: str, now: datetime) -> Job[list[str]]:
    """Return the names of all leases that begin like this and are held by anybody."""
    rows = yield Query(
        "select name from lease where name >= :first and name < :beyond and until > :now order by name",
        {"first": prefix, "beyond": prefix[:-1] + chr(ord(prefix[-1]) + 1), "now": now},
        (str,),
    )
    return [name for (name,) in rows]


def held(owner: str, now: datetime) -> Job[list[Holding]]:
    """Return the leases that are an owner's now, by name; writes nothing."""
    rows = yield Query(
        "select name, owner, epoch from lease where owner = :owner and until > :now order by name",
        {"owner": owner, "now": now},
        (str, str, int),
    )
    return [Holding(*row) for row in rows]
