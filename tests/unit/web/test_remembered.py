"""An answer is remembered for ten times as long as it took, and looked up once for all who ask."""

import asyncio

from hub.web.remembered import Remembered


class Counting:
    """A clock, and a question whose answer takes two seconds."""

    def __init__(self) -> None:
        self.now = 0.0
        self.looks = 0

    async def look(self) -> int:
        self.looks += 1
        self.now += 2
        await asyncio.sleep(0)
        return self.looks


async def test_an_answer_is_good_for_ten_times_as_long_as_it_took() -> None:
    asked = Counting()
    remembered = Remembered(asked.look, lambda: asked.now)
    assert await remembered.get() == 1
    asked.now = 21.9
    assert await remembered.get() == 1
    asked.now = 22.0
    assert await remembered.get() == 2


async def test_those_who_ask_at_once_share_one_answer() -> None:
    asked = Counting()
    remembered = Remembered(asked.look, lambda: asked.now)
    assert await asyncio.gather(*(remembered.get() for _ in range(10))) == [1] * 10


async def test_an_answer_that_took_very_long_is_good_for_no_longer_than_is_said() -> None:
    asked = Counting()
    remembered = Remembered(asked.look, lambda: asked.now, most=5)
    assert await remembered.get() == 1
    asked.now = 6.9
    assert await remembered.get() == 1
    asked.now = 7.0
    assert await remembered.get() == 2
