"""A runner that has nothing it may take leaves the process to others."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from tests.desk import message
from tests.small_hub import SmallHub
from tests.small_service import Deposit

PATIENCE = 10


@contextmanager
def responsive() -> Iterator[None]:
    """Fail, instead of hanging, when something keeps the event loop for itself."""

    def too_long(_signal: int, frame: FrameType | None) -> None:
        raise AssertionError(f"the event loop is kept busy at {frame}")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


async def test_a_runner_without_a_partition_that_is_told_to_look_waits(hub: SmallHub) -> None:
    second = hub.new_worker("second")
    for runner in second.runners.values():
        runner.start()
    with responsive():
        second.runners["teller"].look()
        await hub.send(message(Deposit(account="anna")))
        await hub.settled(2)
        await second.stop()
    assert await hub.balances() == {"anna": 1}
