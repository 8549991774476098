"""What fault tests share: a house that is set up once and copied, and an ear that stays."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.faults.house import Ear, House, prepared
from tests.listener import Request
from tests.servers import PostgreSQL, RabbitMQ


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
    return embedded_house.copied(tmp_path / "data", embedded_house.settings)


@pytest.fixture(scope="session")
def servers_house(
    ear: Ear,
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: PostgreSQL,
    postgres_template: str,
    rabbitmq_server: RabbitMQ,
) -> House:
    """Return a house on PostgreSQL and RabbitMQ, to copy; its database is at rest and serves as a template."""
    settings = {
        "HUB_DATABASE_URL": postgres_server.database(postgres_template),
        "HUB_BROKER_URL": rabbitmq_server.virtual_host(),
    }
    return asyncio.run(prepared(tmp_path_factory.mktemp("house") / "data", ear, settings))


@pytest.fixture
def house_on_servers(
    servers_house: House,
    tmp_path: Path,
    heard: list[Request],
    postgres_server: PostgreSQL,
    rabbitmq_server: RabbitMQ,
) -> House:
    """Return a house of one's own on PostgreSQL and RabbitMQ."""
    own = {
        "HUB_DATABASE_URL": postgres_server.database(servers_house.database_url.rpartition("/")[2]),
        "HUB_BROKER_URL": rabbitmq_server.virtual_host(),
    }
    return servers_house.copied(tmp_path / "data", {**servers_house.settings, **own})
