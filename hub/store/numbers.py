"""Numbers without gaps, for jobs that no message has caused."""

from hub.store.messages import NumberSeries
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Write

_SPEC = SPECS[NumberSeries]


def next_number(series: str) -> Job[int]:
    """Take the next number of a series, from 1; it is given back when the transaction rolls back."""
    yield Insert(_SPEC, [NumberSeries(series, 0, version=1)], skip_existing=True)
    held: list[NumberSeries] = yield Load(_SPEC, [(series,)], lock=True)
    yield Write(_SPEC, [held[0]._replace(last=held[0].last + 1)])
    return held[0].last + 1
