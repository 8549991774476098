"""Queries that are asked all the time find their rows by an index, whatever else has piled up in the table."""

from pathlib import Path

from hub.store import sqlite
from hub.store.transmissions import _DUE


def test_what_partners_fetch_by_themselves_costs_the_sender_nothing(sqlite_database_url: str) -> None:
    connection = sqlite.connect(str(Path(sqlite_database_url.removeprefix("sqlite:///"))))
    values = {":now": "0", ":transports": "('folder', 'http')", ":unsent": "('queued')", ":share": "1"}
    query = _DUE
    for name, value in values.items():
        query = query.replace(name, value)
    plan = " ".join(step[3] for step in connection.execute(f"explain query plan {query}"))
    connection.close()
    assert "transmission_state_transport_next_at_idx (state=? AND transport=? AND next_at<?)" in plan
