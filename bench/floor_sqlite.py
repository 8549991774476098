"""The raw floor of the embedded hop: sqlite3 by hand in one thread, 100 orders a transaction, each validated once.

No broker, no event loop: a batch is read from memory, and the outbox rows of one batch
are deleted in the transaction of the next, as the hub's writer shares its commits, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from bench import floor_rows, orders, proof
from bench.floor_rows import NUMBERS, Made
from bench.hop import prepare, quieten
from bench.meter import Meter
from hub.handlers import order
from hub.seams import Seams
from hub.store.database import open_database
from hub.store.sqlite import connect

CAP = 100
EPOCH = 1_000_000


def _values(columns: int) -> str:
    return f"({', '.join('?' * columns)})"


INBOX = f"insert into inbox values {_values(5)} on conflict do nothing"
ORDER = f"insert into sales_order values {_values(16)}"
LINE = f"insert into order_line values {_values(7)}"
EVENT = f"insert into event_log values {_values(12)}"
OUTBOX = f"insert into outbox (event_id, destination, okey) values {_values(3)}"
NUMBER = "update number_series set last = last + ?, version = version + 1 where series = ? returning last"
DOCUMENT = "update document set ended = 'applied', ended_at = ? where id = ? and ended is null"
COUNTER = """insert into counter (writer, day, channel, outcome, n) values ('order', date(), 'edi', 'applied', ?)
 on conflict (writer, day, channel, outcome) do update set n = counter.n + excluded.n"""
DELETE = "delete from outbox where id between ? and ?"


async def run(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Do so many hops and return what they cost."""
    number, url = settings["number"], settings["database"]
    database = open_database(url, seams=Seams())
    await prepare(database, Seams(), number)
    await database.close()
    bodies = [one.to_json() for one in orders.received(number)]
    connection = connect(url.removeprefix("sqlite:///"))
    connection.execute("insert into number_series (series, last, version) values (?, 0, 1)", (NUMBERS,))
    meter = Meter(settings["servers"])
    await proof.checkpoint(url)
    quieten()
    meter.start()
    ids = (0, 0)
    for first in range(0, number, CAP):
        ids = _batch(connection, bodies[first : first + CAP], ids)
    connection.execute("begin immediate")
    connection.execute(DELETE, ids)
    connection.execute("commit")
    cost = meter.stop()
    connection.close()
    return {"cost": cost, "batch": float(CAP), "confirmed": number}


def _batch(connection: Any, bodies: Sequence[bytes], before: tuple[int, int]) -> tuple[int, int]:
    """Store a batch, delete what the one before has queued, and return the range of ids that are queued now."""
    for body in bodies:
        order.service.reader.validate_json(body)
    now = floor_rows.instant()
    connection.execute("begin immediate")
    (last,) = connection.execute(NUMBER, (len(bodies), NUMBERS)).fetchone()
    numbered = enumerate(bodies, last - len(bodies) + 1)
    made = [_in_sqlite(floor_rows.made(orjson.loads(body), number, now)) for number, body in numbered]
    connection.executemany(INBOX, [one.inbox for one in made])
    connection.executemany(ORDER, [one.order for one in made])
    connection.executemany(LINE, [line for one in made for line in one.lines])
    connection.executemany(EVENT, [one.event for one in made])
    connection.executemany(OUTBOX, [one.outbox for one in made])
    (newest,) = connection.execute("select last_insert_rowid()").fetchone()
    connection.executemany(DOCUMENT, [(one.order[7], one.inbox[1]) for one in made])
    connection.execute(COUNTER, (len(bodies),))
    connection.execute(DELETE, before)
    connection.execute("commit")
    return newest - len(bodies) + 1, newest


def _in_sqlite(made: Made) -> Made:
    """Return the rows as SQLite takes them: ids as 16 bytes, instants as microseconds."""
    inbox, row, lines, event, outbox = made
    at = int(inbox[3].timestamp() * EPOCH)
    return Made(
        (inbox[0], inbox[1].bytes, inbox[2], at, inbox[4]),
        (*row[:7], at, row[8].bytes, *row[9:11], row[11].bytes, *row[12:]),
        lines,
        (event[0].bytes, at, *event[2:5], event[5].bytes, event[6].bytes, *event[7:]),
        (outbox[0].bytes, *outbox[1:]),
    )
