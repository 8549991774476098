"""The chain's baseline: the hub's own services as if nobody had thought of batches.

One message in a transaction, acked by itself; one row in a publish, deleted by itself;
one input in a commit; on SQLite one job in a commit.
"""

from hub.connectors import receiver
from hub.messaging import runner, window
from hub.store import postgres, sqlite


def one_by_one() -> None:
    """Set every cap of this process to one."""
    runner.BATCH_CAP = 1  # type: ignore[misc] # a constant of the hub, another value for the baseline
    window.GROUP = 1  # type: ignore[misc] # the same
    receiver.FLUSH_LIMIT = 1  # type: ignore[misc] # the same
    postgres.TOGETHER = 1  # type: ignore[misc] # the same
    sqlite.SqliteDatabase._next_round = _one_job  # type: ignore[method-assign] # noqa: SLF001 - as above


def _one_job(database: sqlite.SqliteDatabase) -> tuple[list[sqlite._Waiting], bool]:
    """Wait for one job, and return whether more may come."""
    one = database._arrived.get()  # noqa: SLF001 - stands in for a method of the class
    if one is None:
        return [], False
    return ([] if one.future.cancelled() else [one]), True
