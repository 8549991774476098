"""Messages that may have killed the process: they run alone, counted before each start, and are parked at the third.

On RabbitMQ a redelivered message is a suspect, whoever is to blame. The embedded broker
forgets with its process, so there a file names the batch under way; it is not synced,
as it must outlive the process and not the machine. What stands in `waiting` comes from
no broker: there a start is always counted, and its end clears it.
"""

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from hub.store import waiting
from hub.store.messages import InboxRow, Suspect
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query

STARTS = 3
_ID_BYTES = 16


class Start(NamedTuple):
    """What may be started now: these messages, together or one alone, which may be known as poison by now."""

    ids: tuple[UUID, ...] = ()
    poison: bool = False
    next_due: datetime | None = None


def begin(service: str, message_id: UUID) -> Job[Start]:
    """Count one more start of a suspect, unless it is settled already."""
    settled = yield Load(SPECS[InboxRow], [(service, message_id)])
    if settled:
        return Start((message_id,))
    return (yield from _alone(service, message_id))


def begin_late(service: str, now: datetime, limit: int, is_ours: Callable[[str], bool]) -> Job[Start]:
    """Count a start of waiting messages whose time has come: one of them alone if it was begun and never ended.

    `is_ours` tells whether the partition of a key is one that we hold.
    """
    rows = [row for row in (yield from waiting.due(service, now, limit)) if is_ours(row.okey)]
    if not rows:
        return Start(next_due=(yield from waiting.next_due(service)))
    ids = [row.message_id for row in rows]
    known = yield Load(SPECS[Suspect], sorted((service, one) for one in ids))
    begun = {row.message_id for row in known}
    for one in ids:
        if one in begun:
            return (yield from _alone(service, one))
    yield Insert(SPECS[Suspect], sorted(Suspect(service, one, 1) for one in ids))
    return Start(tuple(ids))


def _alone(service: str, message_id: UUID) -> Job[Start]:
    rows = yield Query(
        "insert into suspect (service, message_id, starts) values (:service, :id, 1)"
        " on conflict (service, message_id) do update set starts = suspect.starts + 1 returning starts",
        {"service": service, "id": message_id},
        (int,),
    )
    return Start((message_id,), poison=rows[0][0] >= STARTS)


class Underway:
    """The file that names the messages of the batch under way; `left` are those of the process before."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        content = os.pread(self._file, os.fstat(self._file).st_size, 0)
        whole = len(content) - len(content) % _ID_BYTES
        self.left = {UUID(bytes=content[at : at + _ID_BYTES]) for at in range(0, whole, _ID_BYTES)}

    def name(self, ids: Iterable[UUID]) -> None:
        """Name the messages of the batch that begins; none when it is over."""
        content = b"".join(one.bytes for one in ids)
        os.pwrite(self._file, content, 0)
        os.ftruncate(self._file, len(content))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
