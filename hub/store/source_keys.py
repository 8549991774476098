"""Source keys: the first to bring a key holds it, and everybody else is compared with the first.

Strategy: the keys of a whole batch are inserted at once, sorted, leaving alone what is
taken; the database makes two rivals wait for one another. What was taken already is
then locked and read, and its `seen` counted up.
"""

from collections import Counter
from collections.abc import Sequence

from hub.store.messages import SourceKey
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Key, Load, Write

_SPEC = SPECS[SourceKey]


def claim(wanted: Sequence[SourceKey]) -> Job[list[SourceKey]]:
    """Return, for each key that is wanted, the row that holds it now: itself where it is new.

    Of equal keys in one batch the first holds it. `version` of those wanted must be 1.
    """
    times = Counter(_key(one) for one in wanted)
    first = {_key(one): one for one in reversed(wanted)}
    fresh = [one._replace(seen=times[key]) for key, one in sorted(first.items())]
    added = yield Insert(_SPEC, fresh, skip_existing=True)
    taken = sorted(first.keys() - {tuple(key) for key in added})
    if taken:
        held: list[SourceKey] = yield Load(_SPEC, taken, lock=True)
        yield Write(_SPEC, [row._replace(seen=row.seen + times[_key(row)]) for row in held])
        first |= {_key(row): row for row in held}
    return [first[_key(one)] for one in wanted]


def _key(row: SourceKey) -> Key:
    return row[: _SPEC.key]
