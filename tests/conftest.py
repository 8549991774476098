"""Fixtures that every test may ask for: the servers, started at their first use and shared by the whole run."""

import pytest

from tests import servers


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
