"""Queries that are asked all the time find their rows by an index, whatever else has piled up in the table."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store import sqlite
from hub.store.queries.figures import figures
from hub.store.sqlite import drive
from hub.store.sqlite_statements import execute
from hub.store.statements import Query, Rows, Statement


@pytest.fixture
def connection(sqlite_database_url: str) -> Iterator[sqlite3.Connection]:
    opened = sqlite.connect(str(Path(sqlite_database_url.removeprefix("sqlite:///"))))
    yield opened
    opened.close()


def test_no_figure_reads_every_transmission_that_ever_was(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans: list[str] = []

    def planned(connection: sqlite3.Connection, statement: Statement) -> Rows:
        if isinstance(statement, Query) and "from transmission" in statement.sql:
            plans.extend(step[3] for step in connection.execute(f"explain query plan {statement.sql}"))
        return execute(connection, statement)

    monkeypatch.setattr(sqlite, "execute", planned)
    drive(connection, figures)
    assert plans == [
        "SCAN transmission USING COVERING INDEX transmission_kind_sent_at_idx",
        "SCAN transmission USING INDEX transmission_transport_partner_next_at_position_idx",
    ]
