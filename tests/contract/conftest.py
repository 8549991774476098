"""The pairs that every promise of runner and relay is kept on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.small_hub import Clock, SmallHub, make_tables


@pytest.fixture(params=["sqlite and embedded", "postgresql and rabbitmq"])
async def idle_hub(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SmallHub]:
    """Return a hub of the small services that was not started yet."""
    urls = (f"sqlite:///{tmp_path / 'hub.db'}", "memory://")
    if request.param == "postgresql and rabbitmq":
        urls = (request.getfixturevalue("postgres_url"), request.getfixturevalue("rabbitmq_url"))
    await make_tables(urls[0])
    hub = SmallHub(*urls, tmp_path, Clock())
    yield hub
    await hub.stop()


@pytest.fixture
async def hub(idle_hub: SmallHub) -> SmallHub:
    """Return a hub of the small services at work."""
    await idle_hub.start()
    return idle_hub
