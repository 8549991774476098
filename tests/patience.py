"""A bound on processor time that only what grows faster than its input can pass."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def patience(seconds: float = 30.0) -> Iterator[None]:
    """Fail what is inside once it has used so much time of the processor.

    Meant for inputs on which a linear reader needs a second at most, and a quadratic one
    minutes: the bound tells the two apart on any machine, however busy.
    """

    def over(*_: object) -> None:
        raise AssertionError(f"not done after {seconds} s of the processor: its time grows faster than the input")

    before = signal.signal(signal.SIGVTALRM, over)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
