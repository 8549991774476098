"""What goes on beside the main work of a process: begun again if it may be, else the process ends with its error."""

import asyncio

import pytest

from hub.app.process import in_background
from hub.errors import BusinessRefusal, DatabaseAway
from hub.seams import Seams


async def immediately(_seconds: float) -> None:
    await asyncio.sleep(0)


SEAMS = Seams(sleep=immediately)


async def for_ever() -> None:
    await asyncio.Event().wait()


async def test_a_refusal_of_the_main_work_passes_as_it_is() -> None:
    with pytest.raises(BusinessRefusal, match="no"):
        async with in_background(SEAMS, waiting=for_ever):
            raise BusinessRefusal("no")


async def test_an_error_in_the_background_ends_the_main_work_and_is_told() -> None:
    async def fails() -> None:
        raise ValueError("odd")

    with pytest.raises(ValueError, match="odd"):
        async with in_background(SEAMS, failing=fails, waiting=for_ever):
            await for_ever()


async def test_what_is_temporarily_impossible_is_begun_again() -> None:
    begun = 0
    again = asyncio.Event()

    async def struggles() -> None:
        nonlocal begun
        begun += 1
        if begun < 3:
            raise DatabaseAway("gone")
        again.set()

    async with in_background(SEAMS, struggling=struggles):
        await again.wait()
    assert begun == 3


async def test_who_is_cancelled_is_cancelled_and_leaves_nothing_running() -> None:
    stopped = asyncio.Event()

    async def works() -> None:
        try:
            await for_ever()
        finally:
            stopped.set()

    async def main() -> None:
        async with in_background(SEAMS, working=works):
            await for_ever()

    task = asyncio.create_task(main())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stopped.is_set()
