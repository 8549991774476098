"""What fault tests share: a house that is set up once and copied, and an ear that stays."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.house import Ear, House, prepared
from tests.listener import Request


@pytest.fixture(scope="session")
def ear() -> Iterator[Ear]:
    """Return where shop and store listen."""
    one = Ear()
    yield one
    one.close()


@pytest.fixture(scope="session")
def embedded_house(ear: Ear, tmp_path_factory: pytest.TempPathFactory) -> House:
    """Return a house on SQLite and the embedded broker, to copy."""
    return asyncio.run(prepared(tmp_path_factory.mktemp("house") / "data", ear, {}))


@pytest.fixture
async def heard(ear: Ear) -> AsyncIterator[list[Request]]:
    """Return what shop and store hear during a test."""
    async with ear.listening() as requests:
        yield requests


@pytest.fixture
def house(embedded_house: House, tmp_path: Path, heard: list[Request]) -> House:
    """Return a house of one's own on SQLite and the embedded broker."""
    return embedded_house.copied(tmp_path / "data", embedded_house.settings, [])
