"""A consumer that never waits runs where its message is read; everything else that a channel starts is a task."""

import asyncio
from types import SimpleNamespace
from typing import Any

from hub.messaging.amqp import _run_at_once


class Started:
    """A channel as far as it starts tasks."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[Any]] = []

    def create_task(self, coroutine: Any) -> asyncio.Task[Any]:
        self.tasks.append(asyncio.create_task(coroutine))
        return self.tasks[-1]


async def test_the_consumer_has_run_when_its_message_is_read_and_no_task_was_made() -> None:
    channel, heard = Started(), []

    async def consumer(message: Any) -> None:
        heard.append(message.body)

    _run_at_once(channel, consumer)  # type: ignore[arg-type] # as much of a channel as is used
    for body in (b"1", b"2"):
        done = channel.create_task(consumer(SimpleNamespace(body=body)))
        done.add_done_callback(lambda _: None)
    assert (heard, channel.tasks) == ([b"1", b"2"], [])


async def test_what_else_a_channel_starts_is_a_task_as_before() -> None:
    channel = Started()

    async def consumer(_: Any) -> None:
        raise AssertionError("nothing was delivered")

    async def closing() -> str:
        return "closed"

    _run_at_once(channel, consumer)  # type: ignore[arg-type] # as much of a channel as is used
    assert await channel.create_task(closing()) == "closed"
    assert len(channel.tasks) == 1
