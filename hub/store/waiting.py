"""What stands in `waiting`: which keys are held, what is due, who is woken.

A message that must keep its turn blocks its key: later ones of the key join the tail,
each with a higher `seq`. Only the head of a key has a time; the tail follows it, in the
same batch if the head is settled there. What awaits its counterpart blocks nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from hub.store.messages import WaitingRow
from hub.store.records import SPECS
from hub.store.statements import Delete, Insert, Job, Query

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""When a row is due that only another one's end can free."""

_COLUMNS = ", ".join(SPECS[WaitingRow].columns)
_W_COLUMNS = ", ".join(f"w.{column}" for column in SPECS[WaitingRow].columns)


@dataclass(slots=True)
class Line:
    """The line of one key: the highest `seq` given in it, and how many rows in it block."""

    last: int = 0
    blocking: int = 0


class Lines:
    """The lines of all keys of a batch, as the batch changes them."""

    def __init__(self, found: Iterable[tuple[str, int, int]]) -> None:
        self._lines = {okey: Line(last, blocking) for okey, last, blocking in found}

    def is_blocked(self, okey: str) -> bool:
        """Tell whether somebody holds the key."""
        line = self._lines.get(okey)
        return line is not None and line.blocking > 0

    def join(self, okey: str, *, blocks: bool) -> int:
        """Give the next turn of a key."""
        line = self._lines.setdefault(okey, Line())
        line.last += 1
        line.blocking += blocks
        return line.last

    def leave(self, okey: str) -> None:
        """Take one blocking row out of its line."""
        self._lines[okey].blocking -= 1


def lines(service: str, okeys: Iterable[str]) -> Job[Lines]:
    """Return the lines of these keys."""
    wanted = sorted(set(okeys) - {""})
    if not wanted:
        return Lines(())
    found = yield Query(
        "select okey, max(seq), sum(case when blocks then 1 else 0 end) from waiting"
        " where service = :service and okey in :okeys group by okey",
        {"service": service, "okeys": wanted},
        (str, int, int),
    )
    return Lines(found)


def due(service: str, now: datetime, limit: int) -> Job[list[WaitingRow]]:
    """Return rows whose time has come, each head of a key with the tail behind it, in their turn."""
    found = yield Query(
        f"select {_COLUMNS} from waiting where service = :service and until <= :now"
        " order by until, okey, seq limit :most",
        {"service": service, "now": now, "most": limit},
        SPECS[WaitingRow].types,
    )
    rows = [WaitingRow(*one) for one in found]
    free = [row for row in rows if not row.blocks]
    heads = {row.okey: row.seq for row in sorted(rows, key=lambda row: -row.seq) if row.blocks}
    chains = yield from _chains(service, heads, limit)
    return free + chains


def next_due(service: str) -> Job[datetime | None]:
    """Return when the next row is due, None if none will be without being woken."""
    found = yield Query(
        "select min(until) from waiting where service = :service and until < :never",
        {"service": service, "never": NEVER},
        (datetime | None,),
    )
    when: datetime | None = found[0][0]
    return when


def wake(service: str, places: Sequence[str], now: datetime) -> Job[bool]:
    """Make due whatever awaits these meeting places; tell whether anything did."""
    if not places:
        return False
    changed = yield Query(
        "update waiting set until = :now where service = :service and awaits in :places and until > :now",
        {"service": service, "places": sorted(set(places)), "now": now},
    )
    return bool(changed[0][0])


def wake_heads(service: str, okeys: Iterable[str], now: datetime) -> Job[None]:
    """Make the first of each line due, as the one before it is settled; a parked one stays where it is."""
    for okey in sorted(okeys):
        yield Query(
            "update waiting set until = :now where service = :service and okey = :okey and blocks and seq ="
            " (select min(w.seq) from waiting w where w.service = :service and w.okey = :okey and w.blocks)"
            " and exists (select 1 from inbox i where i.service = :service and i.message_id = waiting.message_id"
            " and i.outcome = 'waiting')",
            {"service": service, "okey": okey, "now": now},
        )


def replace(service: str, gone: Sequence[UUID], rows: Sequence[WaitingRow]) -> Job[None]:
    """Take rows out and put rows in."""
    if gone:
        yield Delete(SPECS[WaitingRow], sorted((service, identifier) for identifier in gone))
    if rows:
        yield Insert(SPECS[WaitingRow], sorted(rows))


def _chains(service: str, heads: Mapping[str, int], limit: int) -> Job[list[WaitingRow]]:
    """Return these heads with the tails behind them, each as far as nothing in it is parked."""
    if not heads:
        return []
    found = yield Query(
        f"select {_W_COLUMNS}, i.outcome from waiting w join inbox i"
        " on i.service = w.service and i.message_id = w.message_id"
        " where w.service = :service and w.okey in :okeys and w.blocks order by w.okey, w.seq limit :most",
        {"service": service, "okeys": sorted(heads), "most": limit},
        (*SPECS[WaitingRow].types, str),
    )
    chains: dict[str, list[WaitingRow]] = {okey: [] for okey in heads}
    stopped = set()
    for *columns, outcome in found:
        row = WaitingRow(*columns)
        if outcome == "parked" or (not chains[row.okey] and row.seq != heads[row.okey]):
            stopped.add(row.okey)
        if row.okey not in stopped:
            chains[row.okey].append(row)
    return [row for chain in chains.values() for row in chain]
