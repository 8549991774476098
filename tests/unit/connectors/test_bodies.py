"""All bodies under way together: bounded, given free when their request is answered, one alone never refused."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from hub.canonical.problem import Rejected
from hub.connectors.bodies import Bodies

LIMIT = 100
SCOPE: Scope = {"type": "http"}


async def _sends_nothing(_: Message) -> None:
    return None


class Client:
    """A request whose body comes piece by piece, and which is answered when it is whole."""

    def __init__(self, app: Bodies) -> None:
        self.pieces: asyncio.Queue[bytes] = asyncio.Queue()
        self.seen: list[int] = []
        self.arrived = asyncio.Event()
        self.task = asyncio.create_task(app({**SCOPE, "client": self}, self.receive, _sends_nothing))

    async def receive(self) -> Message:
        body = await self.pieces.get()
        return {"type": "http.request", "body": body, "more_body": bool(body)}

    async def send(self, size: int) -> None:
        """Send a piece and wait until the app has it."""
        self.arrived.clear()
        self.pieces.put_nowait(b"x" * size)
        await self.arrived.wait()

    async def answered(self) -> None:
        self.pieces.put_nowait(b"")
        await self.task

    async def refused(self, size: int) -> Rejected:
        self.pieces.put_nowait(b"x" * size)
        with pytest.raises(Rejected) as caught:
            await self.task
        return caught.value


@pytest.fixture
def app() -> Bodies:
    async def reads(scope: Scope, receive: Receive, _: Send) -> None:
        client: Client = scope["client"]
        async for _piece in Request(scope, receive).stream():
            client.arrived.set()

    return Bodies(reads, limit=LIMIT)


async def test_what_all_hold_together_is_bounded_and_who_is_refused_is_told_when_to_come_again(app: Bodies) -> None:
    one, other = Client(app), Client(app)
    await one.send(60)
    await other.send(40)
    error = await other.refused(1)
    assert error.problem.status == 503
    assert error.headers["Retry-After"] == "2"
    await one.send(40)
    await one.answered()


@pytest.mark.parametrize("end", ["answered", "refused", "gone"])
async def test_whatever_a_request_ends_in_gives_its_room_back(app: Bodies, end: str) -> None:
    one, stays = Client(app), Client(app)
    await stays.send(1)
    await one.send(99)
    if end == "answered":
        await one.answered()
    elif end == "refused":
        await one.refused(1)
    else:
        one.task.cancel()
        await asyncio.gather(one.task, return_exceptions=True)
    later = Client(app)
    await later.send(99)
    await later.refused(1)
    await stays.answered()


async def test_a_body_that_is_alone_is_bounded_by_its_door_only(app: Bodies) -> None:
    alone = Client(app)
    await alone.send(10 * LIMIT)
    assert (await Client(app).refused(1)).problem.status == 503
    await alone.send(1)
    await alone.answered()
