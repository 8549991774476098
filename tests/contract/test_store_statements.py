"""Every kind of statement does the same on both databases."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub.errors import KeyTaken, VersionConflict
from hub.store.database import Database
from hub.store.master import ItemCode, PriceRow
from hub.store.messages import Counter, InboxRow, NumberSeries, OutboxRow, Parked, Suspect
from hub.store.records import SPECS
from hub.store.statements import Delete, Insert, Job, Load, LoadGroups, Query, Statement, Write

NOW = datetime(2026, 11, 25, 9, 0, 0, 123456, tzinfo=UTC)


def just(*statements: Statement) -> Callable[[], Job[Any]]:
    """Return a job of these statements; its value is what the last one gave."""

    def job() -> Job[Any]:
        rows: Any = []
        for statement in statements:
            rows = yield statement
        return rows

    return job


def outbox(count: int) -> Insert:
    return Insert(SPECS[OutboxRow], [OutboxRow(None, UUID(int=n), "order", f"k{n}") for n in range(count)])


def inbox(*numbers: int, skip_existing: bool = False) -> Insert:
    rows = [InboxRow("order", UUID(int=number), "applied", NOW) for number in numbers]
    return Insert(SPECS[InboxRow], rows, skip_existing=skip_existing)


def price(sku: str, amount: str, valid_from: date = date(2026, 1, 1)) -> PriceRow:
    return PriceRow(sku, "EUR", valid_from, Decimal(amount))


def query(sql: str, types: Sequence[Any], **parameters: Any) -> Query:
    return Query(sql, parameters, tuple(types))


async def test_rows_come_back_as_they_were_written(database: Database) -> None:
    row = Parked("order", UUID(int=1), NOW, "acme/17", "a.b.v1", "conflict", "why", None, "parked", None, b"\0")
    await database.run(just(Write(SPECS[Parked], [row])))
    stored = await database.run(just(Load(SPECS[Parked], [row[:2]])))
    assert stored == [row._replace(version=1)]
    assert type(stored[0]) is Parked


async def test_loading_gives_each_row_once_and_sorted_by_key(database: Database) -> None:
    numbers = [7, 300, 2, 255, 256, 1]
    await database.run(just(inbox(*numbers)))
    keys = [("order", UUID(int=n)) for n in (*range(400, 0, -1), 7, 7)]
    rows = await database.run(just(Load(SPECS[InboxRow], keys, lock=True)))
    assert [row.message_id.int for row in rows] == sorted(numbers)


async def test_a_row_of_one_key_column_is_found_among_many(database: Database) -> None:
    await database.run(just(Write(SPECS[NumberSeries], [NumberSeries(f"s{n:03}", n) for n in range(400)])))
    rows = await database.run(just(Load(SPECS[NumberSeries], [(f"s{n:03}",) for n in range(399, -1, -1)])))
    assert [row.last for row in rows] == list(range(400))


async def test_a_group_is_all_rows_of_its_owners_and_no_others(database: Database) -> None:
    rows = [price(sku, "1.00", date(2026, month, 1)) for sku in ("a", "b", "c") for month in (3, 1, 2)]
    await database.run(just(Write(SPECS[PriceRow], rows)))
    found = await database.run(just(LoadGroups(SPECS[PriceRow], [("c",), ("a",), ("x",)])))
    assert [(row.sku, row.valid_from.month) for row in found] == [(sku, month) for sku in "ac" for month in (1, 2, 3)]


async def test_nothing_asked_for_is_nothing_found(database: Database) -> None:
    nothing: tuple[Statement, ...] = (
        Load(SPECS[InboxRow], []),
        LoadGroups(SPECS[PriceRow], []),
        Insert(SPECS[InboxRow], []),
        Insert(SPECS[InboxRow], [], skip_existing=True),
        Insert(SPECS[OutboxRow], []),
        Write(SPECS[PriceRow], []),
        Delete(SPECS[InboxRow], []),
    )
    for statement in nothing:
        assert await database.run(just(statement)) == []


async def test_ids_rise_in_the_order_of_the_rows(database: Database) -> None:
    ids = await database.run(just(outbox(70)))
    assert ids == sorted(set(ids))
    rows = await database.run(just(Load(SPECS[OutboxRow], [(identifier,) for identifier in ids])))
    assert [row.event_id.int for row in rows] == list(range(70))


async def test_an_id_is_never_given_twice(database: Database) -> None:
    first = await database.run(just(outbox(5)))
    await database.run(just(Delete(SPECS[OutboxRow], [(identifier,) for identifier in first])))
    second = await database.run(just(outbox(5)))
    assert min(second) > max(first)


async def test_a_second_row_with_a_key_is_an_error(database: Database) -> None:
    await database.run(just(inbox(1)))
    with pytest.raises(KeyTaken):
        await database.run(just(inbox(2, 1)))
    assert await database.run(just(Load(SPECS[InboxRow], [("order", UUID(int=2))]))) == []


async def test_what_is_there_already_is_skipped_and_the_others_are_named(database: Database) -> None:
    await database.run(just(inbox(2)))
    assert await database.run(just(inbox(1, 2, 3, 3, skip_existing=True))) == [
        ("order", UUID(int=1)),
        ("order", UUID(int=3)),
    ]
    assert await database.run(just(inbox(5, 4, skip_existing=True))) == [("order", UUID(int=5)), ("order", UUID(int=4))]


async def test_every_write_counts_the_version_up(database: Database) -> None:
    series = SPECS[NumberSeries]
    await database.run(just(Write(series, [NumberSeries("a", 1)])))
    await database.run(just(Write(series, [NumberSeries("a", 2, 1), NumberSeries("b", 1)])))
    rows = await database.run(just(Load(series, [("a",), ("b",)])))
    assert rows == [NumberSeries("a", 2, 2), NumberSeries("b", 1, 1)]


@pytest.mark.parametrize(
    "late",
    [NumberSeries("a", 9, 0), NumberSeries("a", 9, 1), NumberSeries("a", 9, 3), NumberSeries("gone", 9, 1)],
    ids=["new, but there", "older", "newer than is", "no longer there"],
)
async def test_a_row_decided_on_another_version_is_refused_with_the_whole_write(
    database: Database, late: NumberSeries
) -> None:
    series = SPECS[NumberSeries]
    await database.run(just(Write(series, [NumberSeries("a", 1)]), Write(series, [NumberSeries("a", 2, 1)])))
    with pytest.raises(VersionConflict):
        await database.run(just(Write(series, [NumberSeries("b", 1), late])))
    assert await database.run(just(Load(series, [("a",), ("b",)]))) == [NumberSeries("a", 2, 2)]


async def test_a_row_that_is_key_and_version_only_can_be_written(database: Database) -> None:
    await database.run(just(Write(SPECS[ItemCode], [ItemCode("gtin", "1", "sku")])))
    await database.run(just(Write(SPECS[ItemCode], [ItemCode("gtin", "1", "other", 1)])))
    assert await database.run(just(Load(SPECS[ItemCode], [("gtin", "1")]))) == [ItemCode("gtin", "1", "other", 2)]


async def test_deleting_removes_these_rows_alone(database: Database) -> None:
    await database.run(just(inbox(1, 2, 3)))
    await database.run(just(Delete(SPECS[InboxRow], [("order", UUID(int=n)) for n in (1, 3, 9)])))
    rows = await database.run(just(query("select message_id from inbox", [UUID])))
    assert rows == [(UUID(int=2),)]


async def test_a_query_takes_values_of_every_type_and_gives_them_back(database: Database) -> None:
    await database.run(just(Write(SPECS[PriceRow], [price("a", "1.10"), price("b", "20.00")]), inbox(1)))
    found = query(
        "select sku, valid_from, amount from list_price where sku in :skus and valid_from >= :day and amount > :least",
        [str, date, Decimal],
        skus=("a", "b"),
        day=date(2026, 1, 1),
        least=Decimal("1.5"),
    )
    assert await database.read(just(found)) == [("b", date(2026, 1, 1), Decimal("20.00"))]
    found = query(
        "select message_id, at, at <= :now from inbox where message_id = :id and at > :before",
        [UUID, datetime, bool],
        now=NOW,
        id=UUID(int=1),
        before=NOW - timedelta(microseconds=1),
    )
    assert await database.read(just(found)) == [(UUID(int=1), NOW, True)]


async def test_lists_of_any_length_work_in_and_not_in(database: Database) -> None:
    await database.run(just(inbox(*range(1, 8))))
    text = "select count(*) from inbox where message_id {} :ids"
    for numbers, inside in (((), 0), ((3,), 1), ((3, 4, 5, 6, 90), 4)):
        ids = [UUID(int=n) for n in numbers]
        assert await database.read(just(query(text.format("in"), [int], ids=ids))) == [(inside,)]
        assert await database.read(just(query(text.format("not in"), [int], ids=ids))) == [(7 - inside,)]


async def test_a_parameter_may_be_null_and_may_stand_twice(database: Database) -> None:
    await database.run(just(inbox(1)))
    text = "select outcome from inbox where :reason is null or reason = :reason"
    assert await database.read(just(query(text, [str], reason=None))) == [("applied",)]
    assert await database.read(just(query(text, [str], reason="no"))) == []


async def test_text_that_looks_like_a_parameter_is_left_alone(database: Database) -> None:
    found = query("select ':name', :name, 'it''s :name'", [str, str, str], name="x")
    assert await database.read(just(found)) == [(":name", "x", "it's :name")]


async def test_a_query_that_changes_rows_tells_how_many(database: Database) -> None:
    await database.run(just(inbox(1, 2, 3)))
    update = Query("update inbox set outcome = :to where message_id in :ids", {"to": "refused", "ids": [UUID(int=1)]})
    assert await database.run(just(update)) == [(1,)]
    assert await database.run(just(Query("delete from inbox where outcome = :one", {"one": "applied"}))) == [(2,)]


async def test_an_upsert_adds_to_what_is_there(database: Database) -> None:
    add = Query(
        "insert into counter (writer, day, channel, outcome, n) values (:writer, :day, 'edi', 'applied', :n) "
        "on conflict (writer, day, channel, outcome) do update set n = counter.n + excluded.n",
        {"writer": "order", "day": NOW.date(), "n": 3},
    )
    await database.run(just(add, add))
    rows = await database.run(just(Load(SPECS[Counter], [("order", NOW.date(), "edi", "applied")])))
    assert [row.n for row in rows] == [6]


async def test_locking_may_be_asked_of_a_query(database: Database) -> None:
    await database.run(just(Insert(SPECS[Suspect], [Suspect("order", UUID(int=1), 2)])))
    found = query("select starts from suspect where service = :service for update skip locked", [int], service="order")
    assert await database.run(just(found)) == [(2,)]


async def test_sums_and_comparisons_of_amounts_are_exact(database: Database) -> None:
    amounts = ["0.10", "0.20", "9.00", "10.00", "-3.00", "12345678901234567890.123456789"]
    rows = [price(f"s{n}", amount) for n, amount in enumerate(amounts)]
    await database.run(just(Write(SPECS[PriceRow], rows)))
    sums = "select sum(amount), min(amount), max(amount), count(*) from list_price"
    total = query(sums, [Decimal, Decimal, Decimal, int])
    exact = Decimal("12345678901234567906.423456789")
    assert await database.read(just(total)) == [(exact, Decimal(-3), Decimal(amounts[-1]), 6)]
    ordered = query("select amount from list_price where amount > 0 order by amount", [Decimal])
    found = [amount for (amount,) in await database.read(just(ordered))]
    assert found == sorted(Decimal(one) for one in amounts if one[0] != "-")
    running = query("select sum(amount) over (order by sku) from list_price order by sku limit 2", [Decimal])
    assert await database.read(just(running)) == [(Decimal("0.10"),), (Decimal("0.30"),)]


async def test_texts_sort_by_code_point(database: Database) -> None:
    names = ["a", "B", "ä", "Z", "z", "_", "é", "𝄞", "ﬀ"]
    await database.run(just(Write(SPECS[NumberSeries], [NumberSeries(name, 0) for name in names])))
    rows = await database.read(just(query("select series from number_series order by series", [str])))
    assert [name for (name,) in rows] == sorted(names)


async def test_nothing_can_be_written_while_reading(database: Database) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only"):
        await database.read(just(inbox(1)))
