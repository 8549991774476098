"""The steps of the migrations make exactly the tables that the records describe, on both databases."""

import importlib
import pkgutil
import re
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

import hub.store
from hub.errors import DatabaseAway, Unusable
from hub.store.migrations import migrate, pending, within
from hub.store.records import SPECS
from hub.store.schema import MODULES, metadata
from tests import servers


def made_by_records(url: str) -> str:
    within(url, metadata().create_all)
    return url


def made_by_steps(url: str) -> str:
    migrate(url)
    within(url, lambda connection: connection.execute(sa.text("drop table alembic_version")))
    return url


def described(url: str) -> list[str]:
    """Return the definitions in a database, sorted, as lines that do not depend on the order of columns."""
    if url.startswith("sqlite:"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        rows = connection.execute("select sql from sqlite_master where sql is not null").fetchall()
        connection.close()
        text = "\n".join(f"{statement}" for (statement,) in rows)
    else:
        server = servers.postgres()
        text = server._run(
            "pg_dump", "-h", "127.0.0.1", "-p", str(server.port), "-U", "hub", "-s", url.rpartition("/")[2]
        )
    table, lines = "", []
    for line in text.splitlines():
        table = line if re.match("create table", line, re.IGNORECASE) else table
        if not line.startswith(("--", "\\")):
            lines.append(f"{table} {line.strip().rstrip(',')}".replace('"', ""))
    return sorted(lines)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_urls(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Return the addresses of two empty databases, twice of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/one.db", f"sqlite:///{tmp_path}/two.db"
    server: servers.PostgreSQL = request.getfixturevalue("postgres_server")
    return server.database(), server.database()


def test_all_steps_make_what_the_records_describe(empty_urls: tuple[str, str]) -> None:
    one, two = empty_urls
    wanted = described(made_by_records(one))
    assert len(wanted) > 500
    assert described(made_by_steps(two)) == wanted


def test_each_step_is_taken_once(empty_urls: tuple[str, str]) -> None:
    url, _ = empty_urls
    steps = pending(url)
    assert steps[0] == "v0001"
    assert migrate(url) == steps
    assert pending(url) == []
    assert migrate(url) == []


def test_a_step_that_fails_leaves_the_database_as_it_was(empty_urls: tuple[str, str]) -> None:
    url, _ = empty_urls
    within(url, lambda connection: connection.execute(sa.text("create table waiting (other integer)")))
    steps = pending(url)
    with pytest.raises(sa.exc.DBAPIError, match="already exists"):
        migrate(url)
    assert pending(url) == steps
    tables = within(url, lambda connection: sa.inspect(connection).get_table_names())
    assert set(tables) <= {"waiting", "alembic_version"}


def test_every_module_with_records_has_its_tables() -> None:
    for module in pkgutil.iter_modules(hub.store.__path__, "hub.store."):
        importlib.import_module(module.name)
    here = {record.__module__ for record in SPECS if record.__module__.startswith("hub.store.")}
    assert here == {module.__name__ for module in MODULES}


def test_a_server_that_is_away_or_knows_no_such_database_is_told_in_our_words(
    postgres_server: servers.PostgreSQL,
) -> None:
    with pytest.raises(Unusable, match='database "nowhere" does not exist'):
        pending(postgres_server.url.replace("/postgres", "/nowhere"))
    with pytest.raises(DatabaseAway):
        pending(postgres_server.url.replace(str(postgres_server.port), "1"))
