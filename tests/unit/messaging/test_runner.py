"""A batch takes what has arrived together, which comes one message a turn."""

import asyncio
from typing import Any

from hub.messaging.runner import Runner
from hub.messaging.topology import BATCH_CAP
from hub.seams import Seams
from tests.small_service import SUBSCRIPTIONS, teller


def idle_runner() -> Runner:
    nothing: Any = None
    return Runner(teller, nothing, nothing, nothing, SUBSCRIPTIONS, Seams(), published=lambda _: None)


def hand_over(runner: Runner, number: int) -> None:
    """Hand so many messages over, each in a turn of its own, as a channel does."""
    entry: Any = number
    runner._pending.append(entry)
    if number > 1:
        asyncio.get_running_loop().call_soon(hand_over, runner, number - 1)


async def test_what_arrives_together_is_waited_for() -> None:
    runner = idle_runner()
    hand_over(runner, 30)
    await runner._arrived_together()
    assert len(runner._pending) == 30


async def test_nobody_waits_for_more_than_a_batch_takes() -> None:
    runner = idle_runner()
    hand_over(runner, 3 * BATCH_CAP)
    await runner._arrived_together()
    assert len(runner._pending) == BATCH_CAP


async def test_where_nothing_comes_nothing_is_waited_for() -> None:
    runner = idle_runner()
    async with asyncio.timeout(1):
        await runner._arrived_together()
    assert not runner._pending
