"""A message that kills the process is parked at its third start, and its neighbours lose nothing."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from uuid import UUID

import pytest

from hub.canonical.envelope import Message
from hub.store.messages import Parked, Suspect
from hub.store.work import Work
from tests.desk import message
from tests.small_hub import SmallHub, Ticking, make_tables
from tests.small_service import Account, Deposit, cured, teller

ROOT = Path(__file__).parents[2]
LIVES = 6


@pytest.fixture(params=["sqlite and embedded", "postgresql and rabbitmq"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    if request.param == "sqlite and embedded":
        return f"sqlite:///{tmp_path / 'hub.db'}", "memory://"
    return request.getfixturevalue("postgres_url"), request.getfixturevalue("rabbitmq_url")


async def test_a_message_that_kills_the_process_is_parked_at_its_third_start(
    urls: tuple[str, str], tmp_path: Path
) -> None:
    await make_tables(urls[0])
    before = [message(Deposit(account="a", order=n)) for n in range(1, 21)]
    poison = message(Deposit(account="poison"))
    after = [message(Deposit(account="a", order=n)) for n in range(21, 61)]
    hub = SmallHub(*urls, tmp_path, Ticking())
    await hub.send(*before, poison, *after)
    await hub.database.close()

    ends = [await life(urls, tmp_path, poison.id) for _ in range(LIVES) if not (tmp_path / "settled").exists()]
    assert ends[-1] == 0
    assert set(ends[:-1]) == {-signal.SIGKILL}
    assert 3 <= len(ends) <= 4  # once unsuspected, then twice alone; RabbitMQ may tell of the first start already

    hub = SmallHub(*urls, tmp_path, Ticking())
    await hub.start()
    await hub.settled(121)
    (parked,) = await hub.all(Parked)
    assert (parked.message_id, parked.error_class) == (poison.id, "Poisonous")
    assert [row[:3] for row in await hub.all(Account)] == [("a", 60, 60)]
    assert await hub.all(Suspect) == []
    await hub.stop()


async def life(urls: tuple[str, str], folder: Path, poison: UUID) -> int:
    """Run the hub in a process of its own until it dies of the poison or has settled everything."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, *urls, str(folder), str(poison), cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    async with asyncio.timeout(60):
        return await process.wait()


async def _live(database_url: str, broker_url: str, folder: Path, poison: UUID) -> None:
    handling = teller.handlings[Deposit.TYPE]

    def deadly(one: Message[Deposit], work: Work) -> None:
        if one.id == poison:
            os.kill(os.getpid(), signal.SIGKILL)
        handling.handler(one, work)

    cured.clear()
    teller.on(Deposit, needs=handling.needs, then=handling.then, key=handling.key)(deadly)
    hub = SmallHub(database_url, broker_url, folder, Ticking())
    hub.worker = hub.new_worker(f"process {os.getpid()}")
    await hub.start()
    await hub.settled(121)
    (folder / "settled").touch()
    await hub.stop()


if __name__ == "__main__":
    asyncio.run(_live(sys.argv[1], sys.argv[2], Path(sys.argv[3]), UUID(sys.argv[4])))
