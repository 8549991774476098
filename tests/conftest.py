"""Fixtures that every test may ask for: the servers, started at their first use and shared by the whole run."""

import os

import pytest
from hypothesis import HealthCheck, settings

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
