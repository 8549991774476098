"""Queries that are asked all the time find their rows by an index, whatever else has piled up in the table."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.store import sqlite
from hub.store.collecting import piles
from hub.store.queries.deliveries import deliveries
from hub.store.queries.documents import documents
from hub.store.queries.figures import figures
from hub.store.queries.orders import orders
from hub.store.queries.view import EVERYTHING, View
from hub.store.sql import with_parameters
from hub.store.sqlite import drive
from hub.store.sqlite_statements import execute
from hub.store.statements import Job, Query, Rows, Statement
from hub.store.transmission_decisions import listed
from hub.store.transmissions import feed_after, outbound_after


@pytest.fixture
def connection(sqlite_database_url: str) -> Iterator[sqlite3.Connection]:
    opened = sqlite.connect(str(Path(sqlite_database_url.removeprefix("sqlite:///"))))
    yield opened
    opened.close()


def plans(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, job: Callable[[], Job[Any]]) -> list[str]:
    """Run a job and return how SQLite finds what its queries ask for."""
    found: list[str] = []

    def planned(connection: sqlite3.Connection, statement: Statement) -> Rows:
        if isinstance(statement, Query):
            text = with_parameters(statement.sql, lambda _: "''", lambda _, operator: f"{operator} ('')")
            found.extend(step[3] for step in connection.execute(f"explain query plan {text}"))
        return execute(connection, statement)

    monkeypatch.setattr(sqlite, "execute", planned)
    drive(connection, job)
    return found


def test_no_figure_reads_every_transmission_that_ever_was(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = plans(connection, monkeypatch, figures)
    assert [step for step in found if " transmission " in step] == [
        "SCAN transmission USING COVERING INDEX transmission_kind_sent_at_idx",
        "SCAN transmission USING INDEX transmission_transport_partner_next_at_position_idx",
    ]


def test_what_waits_to_be_collected_is_found_by_itself(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert plans(connection, monkeypatch, piles) == [
        "SCAN transmission USING INDEX transmission_partner_kind_test_next_at_idx"
    ]


ACME = View(frozenset({"acme"}))
LISTS: dict[str, Callable[[], Job[Any]]] = {
    "documents": lambda: documents(EVERYTHING),
    "a partner's documents": lambda: documents(ACME),
    "parked documents": lambda: documents(EVERYTHING, end="parked"),
    "orders": lambda: orders(EVERYTHING),
    "a partner's orders": lambda: orders(ACME),
    "deliveries": lambda: deliveries(EVERYTHING),
    "deliveries to pick": lambda: deliveries(EVERYTHING, state="released"),
    "transmissions": lambda: listed(None, ("parked", "refused"), 100),
    "what a partner fetches": lambda: outbound_after("acme", 0),
    "the feed": lambda: feed_after(None, 0),
    "a partner's feed": lambda: feed_after("acme", 0),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_first_page_of_a_list_costs_the_same_however_long_the_list_is(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    found = plans(connection, monkeypatch, LISTS[name])
    assert found
    assert not [step for step in found if "FOR ORDER BY" in step and "RIGHT PART" not in step]
    assert not [step for step in found if step.startswith("SCAN") and "USING" not in step and "SUBQUERY" not in step]


def test_what_a_person_must_look_at_is_found_among_all_that_ever_left(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = plans(connection, monkeypatch, LISTS["transmissions"])
    assert found[0] == "SCAN transmission USING INDEX transmission_created_at_state_idx"


def test_whether_a_partner_may_fetch_on_is_told_by_what_is_held(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = plans(connection, monkeypatch, lambda: outbound_after("acme", 0))
    assert any("transmission_partner_position_idx" in step for step in found)
