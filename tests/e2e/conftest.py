"""A trading house for each story: on SQLite and the embedded broker, or on PostgreSQL and RabbitMQ."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.accountant import audit
from tests.trading_house import House, trading_house


class Addresses(NamedTuple):
    """Where a hub keeps and moves things, and whether its company is known there already."""

    database: str
    broker: str = "memory://"
    is_set_up: bool = True


@pytest.fixture(scope="session")
def house_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite file with master data and agreements."""
    folder = tmp_path_factory.mktemp("house")
    path = Path(shutil.copy(sqlite_template, folder / "hub.db"))
    asyncio.run(_set_up(folder, f"sqlite:///{path}"))
    return path


async def _set_up(folder: Path, database_url: str) -> None:
    async with trading_house(folder, database_url) as house:
        await house.set_up()


@pytest.fixture
def embedded(house_template: Path, tmp_path: Path) -> Addresses:
    """Return the addresses of the embedded default."""
    return Addresses(f"sqlite:///{shutil.copy(house_template, tmp_path / 'hub.db')}")


@pytest.fixture(params=["embedded", "servers"])
def addresses(request: pytest.FixtureRequest) -> Addresses:
    """Return the addresses of the embedded default, and those of PostgreSQL with RabbitMQ."""
    if request.param == "embedded":
        found: Addresses = request.getfixturevalue("embedded")
        return found
    database, broker = request.getfixturevalue("postgres_database_url"), request.getfixturevalue("rabbitmq_url")
    return Addresses(database, broker, is_set_up=False)


@pytest.fixture
async def house(embedded: Addresses, tmp_path: Path) -> AsyncIterator[House]:
    """Return a house whose warehouse works by itself; an accountant comes at the end."""
    async with trading_house(tmp_path, embedded.database) as opened:
        yield opened
        await audit(opened)


@pytest.fixture
async def manned_house(embedded: Addresses, tmp_path: Path) -> AsyncIterator[House]:
    """Return a house whose warehouse is worked by hand."""
    async with trading_house(tmp_path, embedded.database, auto_warehouse=False) as opened:
        yield opened
        await audit(opened)


@pytest.fixture
async def any_house(addresses: Addresses, tmp_path: Path) -> AsyncIterator[House]:
    """Return a house once of each kind."""
    async with trading_house(tmp_path, addresses.database, addresses.broker) as opened:
        if not addresses.is_set_up:
            await opened.set_up()
        yield opened
        await audit(opened)
