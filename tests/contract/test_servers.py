"""The private servers keep what fault tests rely on: data outlives a crash, a missing program names its package."""

import socket
from pathlib import Path

import pytest

from tests import servers


def test_a_missing_server_fails_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "POSTGRES_BIN", Path("/nowhere"))
    with pytest.raises(servers.MissingServer, match="apt-get install --no-install-recommends postgresql"):
        servers.PostgreSQL()


def test_a_copy_of_a_template_database_has_its_tables(postgres_server: servers.PostgreSQL) -> None:
    def build(url: str) -> None:
        postgres_server.execute("CREATE TABLE kept (n int)", database=url.rpartition("/")[2])

    template = postgres_server.template("with_a_table", build)
    copy = postgres_server.database(template).rpartition("/")[2]
    assert postgres_server.execute("SELECT count(*) FROM kept", database=copy) == "0\n"


def test_postgres_keeps_what_was_committed_before_a_crash() -> None:
    server = servers.PostgreSQL().start()
    try:
        server.execute("CREATE TABLE kept AS SELECT 7 AS n")
        server.kill()
        server.start()
        assert server.execute("SELECT n FROM kept") == "7\n"
        assert server.execute("SHOW fsync") == "on\n"
    finally:
        server.close()


def test_virtual_hosts_are_fresh_and_apart(rabbitmq_server: servers.RabbitMQ) -> None:
    first, second = rabbitmq_server.virtual_host(), rabbitmq_server.virtual_host()
    assert first != second
    listed = rabbitmq_server.control("list_vhosts")
    assert first.rpartition("/")[2] in listed
    assert second.rpartition("/")[2] in listed


def test_a_closed_server_leaves_no_listener_and_no_folder() -> None:
    server = servers.PostgreSQL().start()
    server.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)
    assert not server._folder.exists()
