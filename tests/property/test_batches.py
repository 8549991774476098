"""One batch equals its messages one by one, however the messages are cut into batches."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.envelope import Message
from hub.messaging.batch import Settled, read, settle
from hub.messaging.loading import MoreNeeded
from hub.store.messages import Document, Event, InboxRow, OutboxRow, Parked, WaitingRow
from hub.store.queries.figures import figures
from hub.store.records import SPECS
from hub.store.sqlite import connect, drive
from hub.store.statements import Job
from hub.store.work import Need
from tests.desk import NOW, message
from tests.small_hub import metadata, received, rows_of
from tests.small_service import SUBSCRIPTIONS, Account, Claim, Deposit, Movement, Proof, ProofArrived, teller

names = st.sampled_from("ab")
wishes = st.sampled_from(
    ["", "", "refuse", "partner", "decide", "later", "bug", "turn", "number", "undeclared", "two steps", "sum"]
)
payloads = st.one_of(
    st.builds(
        Deposit,
        account=names,
        amount=st.integers(1, 9),
        order=st.integers(0, 9),
        wish=wishes,
        also=st.sampled_from(["", "c"]),
    ),
    st.builds(Claim, account=names, reference=names, blocks=st.booleans()),
    st.builds(ProofArrived, reference=names),
)
VERSIONLESS = {Account, Proof, Parked}


@cache
def template() -> sqlite3.Connection:
    """Return an empty database with all tables, to be copied."""
    connection = connect(":memory:")
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.pool.StaticPool)
    metadata().create_all(engine)
    return connection


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    connection = connect(":memory:")
    template().backup(connection)
    yield connection
    connection.close()


def run(messages: list[Message[Any]], cuts: list[int]) -> dict[str, Any]:
    with database() as connection:
        drive(connection, lambda: received(messages))
        for first, last in zip([0, *cuts], [*cuts, len(messages)], strict=True):
            _settle(connection, messages[first:last])
        return _state(connection)


def _settle(connection: sqlite3.Connection, messages: list[Message[Any]]) -> None:
    taken = [read(teller, one.to_json(), str(one.id)) for one in messages]
    needs: list[Need] = []

    def job() -> Job[Settled]:
        return settle(teller, taken, SUBSCRIPTIONS, NOW, lambda: 0.5, extra=frozenset(needs))

    while True:
        connection.execute("savepoint batch")
        try:
            drive(connection, job)
        except MoreNeeded as more:
            connection.execute("rollback to batch")
            needs += more.needs
        else:
            return
        finally:
            connection.execute("release batch")


def _state(connection: sqlite3.Connection) -> dict[str, Any]:
    state: dict[str, Any] = {"books": drive(connection, figures).total}
    for record in (Account, Movement, Proof, InboxRow, WaitingRow, Parked, Document, Event, OutboxRow):
        rows = drive(connection, lambda record=record: rows_of(record))
        if record is WaitingRow:  # who is woken within a batch is due at once, either way
            rows = [row._replace(seq=0) for row in rows]
        if record is Parked:
            rows = [row._replace(traceback=bool(row.traceback)) for row in rows]
        state[SPECS[record].name] = sorted(row[:-1] if record in VERSIONLESS else row for row in rows)
    return state


@given(st.lists(payloads, min_size=1, max_size=12), st.data())
def test_one_batch_equals_its_messages_one_by_one(told: list[Any], data: st.DataObject) -> None:
    messages = [message(one) for one in told]
    one_by_one = run(messages, list(range(1, len(messages))))
    assert run(messages, []) == one_by_one
    cuts = data.draw(st.lists(st.integers(1, len(messages)), max_size=3, unique=True).map(sorted))
    assert run(messages, cuts) == one_by_one
