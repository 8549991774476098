"""When the doors' flushes leave: all that waits in one transaction, and a second one once it is as large."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from hub.connectors.receiver import Receiver
from hub.seams import Seams
from hub.store.arrivals import Delivery, Input, Part, Received

PART = Part(source_key="key", sha256="0" * 64, length=1)
DELIVERY = Delivery(channel="edi", endpoint="/edi", source="edi:1", partner=None, body=b"x", sha256="0" * 64)


class Gate:
    """A database whose jobs wait at the commit; it counts the bodies that each job archives."""

    def __init__(self, lanes: Sequence[str]) -> None:
        self.door_lanes = lanes
        self.begun: list[tuple[str, int]] = []
        self._commits: list[asyncio.Event] = []

    async def run(self, job: Callable[[], Any], *, lane: str = "batch") -> Any:
        size = len(next(job()).rows)
        self.begun.append((lane, size))
        self._commits.append(asyncio.Event())
        await self._commits[-1].wait()
        return [Received(DELIVERY, ())] * size  # type: ignore[arg-type] # nobody looks at the id

    async def commit(self, n: int) -> None:
        self._commits[n].set()
        await turns()


async def turns() -> None:
    """Let everybody run who can."""
    for _ in range(20):
        await asyncio.sleep(0)


async def ask(receiver: Receiver, number: int) -> list[asyncio.Task[Received]]:
    asked = [asyncio.create_task(receiver.receive(Input(DELIVERY, "edifact", (PART,)))) for _ in range(number)]
    await turns()
    return asked


async def test_what_comes_together_leaves_together_and_a_second_flush_is_as_large_as_the_first() -> None:
    gate = Gate(["door", "door 2"])
    receiver = Receiver(gate, {}, Seams())  # type: ignore[arg-type] # as much of a database as a receiver needs
    answers = await ask(receiver, 3) + await ask(receiver, 2)
    assert gate.begun == [("door", 3)]
    answers += await ask(receiver, 1) + await ask(receiver, 5)
    assert gate.begun == [("door", 3), ("door 2", 3)], "two are under way, and what comes now waits"
    await gate.commit(0)
    assert gate.begun[2:] == [("door", 5)]
    for n in (1, 2):
        await gate.commit(n)
    assert all(one.done() for one in answers)
    assert receiver.under_way_seconds == 0


async def test_a_database_that_writes_for_one_at_a_time_is_given_one_flush_at_a_time() -> None:
    gate = Gate(["door"])
    receiver = Receiver(gate, {}, Seams())  # type: ignore[arg-type] # as much of a database as a receiver needs
    answers = await ask(receiver, 1) + await ask(receiver, 4)
    assert gate.begun == [("door", 1)]
    await gate.commit(0)
    assert gate.begun == [("door", 1), ("door", 4)]
    await gate.commit(1)
    assert all(one.done() for one in answers)
