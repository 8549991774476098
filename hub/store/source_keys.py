"""Source keys: the first to bring a key holds it, and everybody else is compared with the first.

Strategy: the keys of a whole batch are inserted at once, sorted, leaving alone what is
taken; the database makes two rivals wait for one another. What was taken already is
then read. How often a key came is told by the documents that bear it.
"""

from collections.abc import Sequence

from hub.store.messages import SourceKey
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Key, Load

_SPEC = SPECS[SourceKey]


def claim(wanted: Sequence[SourceKey]) -> Job[list[SourceKey]]:
    """Return, for each key that is wanted, the row that holds it now: itself where it is new.

    Of equal keys in one batch the first holds it.
    """
    first = {_key(one): one for one in reversed(wanted)}
    added = yield Insert(_SPEC, [one for _, one in sorted(first.items())], skip_existing=True)
    taken = sorted(first.keys() - {tuple(key) for key in added})
    if taken:
        held: list[SourceKey] = yield Load(_SPEC, taken)
        first |= {_key(row): row for row in held}
    return [first[_key(one)] for one in wanted]


def _key(row: SourceKey) -> Key:
    return row[: _SPEC.key]
