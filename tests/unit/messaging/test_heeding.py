"""A cancellation that a call of aiormq drops is raised all the same."""

import asyncio

import pytest

from hub.messaging.amqp import heeding


async def dropping(begun: asyncio.Event) -> str:
    """Return a result although it was cancelled, as Python 3.11's `wait_for` may."""
    begun.set()
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return "done"
    raise AssertionError


async def test_a_task_that_loops_ends_at_its_cancellation() -> None:
    begun = asyncio.Event()

    async def looping() -> None:
        while True:
            await heeding(dropping(begun))

    task = asyncio.create_task(looping())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_is_called_while_a_task_ends_returns() -> None:
    begun, closed = asyncio.Event(), asyncio.Event()

    async def closing() -> None:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            assert await heeding(asyncio.sleep(0, "closed")) == "closed"
            closed.set()

    task = asyncio.create_task(closing())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed.is_set()


async def test_a_time_limit_is_still_a_time_limit() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await heeding(dropping(asyncio.Event()))
