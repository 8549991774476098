"""Fixtures that every test may ask for: the servers, started at their first use and shared by the whole run."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from hub.seams import Seams
from hub.store.database import Database, open_database
from hub.store.migrations import migrate
from tests import servers

settings.register_profile(
    "quick", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("thorough", deadline=None, max_examples=2_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.fixture(scope="session")
def rabbitmq_server() -> servers.RabbitMQ:
    """Return the shared RabbitMQ. A test that stops or kills a server starts its own instead."""
    return servers.rabbitmq()


@pytest.fixture(scope="session")
def postgres_server() -> servers.PostgreSQL:
    """Return the shared PostgreSQL. A test that stops or kills a server starts its own instead."""
    return servers.postgres()


@pytest.fixture
def rabbitmq_url(rabbitmq_server: servers.RabbitMQ) -> str:
    """Return the address of an empty virtual host."""
    return rabbitmq_server.virtual_host()


@pytest.fixture
def postgres_url(postgres_server: servers.PostgreSQL) -> str:
    """Return the address of an empty database."""
    return postgres_server.database()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "hub.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: servers.PostgreSQL) -> str:
    """Return the name of a migrated database to copy."""
    return postgres_server.template("hub_migrated", migrate)


@pytest.fixture
def sqlite_database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the address of a fresh, migrated SQLite database."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'hub.db')}"


@pytest.fixture
def postgres_database_url(postgres_server: servers.PostgreSQL, postgres_template: str) -> str:
    """Return the address of a fresh, migrated PostgreSQL database."""
    return postgres_server.database(postgres_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a fresh, migrated database, once of each kind."""
    kind = "sqlite" if request.param == "sqlite" else "postgres"
    url: str = request.getfixturevalue(f"{kind}_database_url")
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Return a fresh, migrated database, once of each kind."""
    opened = open_database(database_url, seams=Seams())
    yield opened
    await opened.close()
