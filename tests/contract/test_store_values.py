"""Every value of a record comes back as it was, from both databases."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal, NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.canonical.party import Address, Party
from hub.canonical.values import Money, Quantity
from hub.seams import Seams
from hub.store.database import Database, open_database
from hub.store.messages import Archive
from hub.store.migrations import within
from hub.store.records import SPECS, table
from hub.store.schema import tables
from hub.store.statements import Insert, Job, Load, Query, Write


@table("every_type", key=3, indexes=[("amount",)])
class EveryType(NamedTuple):
    id: UUID
    order: str
    day: date
    kind: Literal["a", "b"]
    number: int
    flag: bool
    body: bytes
    amount: Decimal
    at: datetime
    money: Money
    parties: tuple[Party, ...]
    texts: dict[str, tuple[str, ...]]
    maybe_id: UUID | None
    maybe_text: str | None
    maybe_day: date | None
    maybe_number: int | None
    maybe_flag: bool | None
    maybe_body: bytes | None
    maybe_amount: Decimal | None
    maybe_at: datetime | None
    maybe_quantity: Quantity | None
    version: int = 0


SPEC = SPECS[EveryType]

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"))
numbers = st.integers(-(2**63), 2**63 - 1)
amounts = st.builds(
    lambda digits, scale: Decimal(digits).scaleb(-scale), st.integers(-(10**25), 10**25), st.integers(0, 12)
)
zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))])
first, last = datetime(1970, 1, 1), datetime(9998, 1, 1)  # noqa: DTZ001 - hypothesis adds the zone
instants = st.datetimes(first, last, timezones=zones).map(lambda at: at.replace(fold=0))
days = st.dates(date(1, 1, 1), date(9999, 12, 31))
money = st.builds(Money, amount=amounts, currency=st.sampled_from(["EUR", "JPY"]))
quantities = st.builds(Quantity, value=amounts, unit=st.just("C62"))
parties = st.builds(Party, name=texts, address=st.none() | st.builds(Address, city=texts))

rows = st.builds(
    EveryType,
    id=st.uuids(),
    order=texts,
    day=days,
    kind=st.sampled_from(["a", "b"]),
    number=numbers,
    flag=st.booleans(),
    body=st.binary(),
    amount=amounts,
    at=instants,
    money=money,
    parties=st.lists(parties, max_size=3).map(tuple),
    texts=st.dictionaries(texts, st.lists(texts, max_size=2).map(tuple), max_size=3),
    maybe_id=st.none() | st.uuids(),
    maybe_text=st.none() | texts,
    maybe_day=st.none() | days,
    maybe_number=st.none() | numbers,
    maybe_flag=st.none() | st.booleans(),
    maybe_body=st.none() | st.binary(),
    maybe_amount=st.none() | amounts,
    maybe_at=st.none() | instants,
    maybe_quantity=st.none() | quantities,
    version=st.just(0),
)


@pytest.fixture
async def typed(database_url: str) -> AsyncIterator[Database]:
    """Return a database that has the table of every type too."""
    await asyncio.to_thread(within, database_url, tables([SPEC]).create_all)
    database = open_database(database_url, seams=Seams())
    yield database
    await database.close()


def spelled(row: EveryType) -> str:
    """Return all values as text, where 1.1 and 1.10 differ, True is not 1, and an instant is one in UTC."""
    plain = row._replace(at=row.at.astimezone(UTC), maybe_at=row.maybe_at and row.maybe_at.astimezone(UTC))
    return repr(plain._replace(id=row.id.hex, maybe_id=row.maybe_id and row.maybe_id.hex))  # type: ignore[arg-type] # asyncpg has a UUID class of its own


@given(given_rows=st.lists(rows, max_size=6, unique_by=lambda row: row.id))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_any_record_comes_back_as_it_was(typed: Database, given_rows: list[EveryType]) -> None:
    def job() -> Job[tuple[list[EveryType], list[EveryType], list[tuple[Any, ...]]]]:
        yield Query("delete from every_type")
        yield Insert(SPEC, given_rows)
        keys = [row[:3] for row in given_rows]
        inserted = yield Load(SPEC, keys)
        yield Query("delete from every_type")
        yield Write(SPEC, given_rows)
        written = yield Load(SPEC, keys, lock=True)
        names = ", ".join(f'"{name}"' for name in SPEC.columns)
        return inserted, written, (yield Query(f"select {names} from every_type", {}, SPEC.types))

    inserted, written, queried = await typed.run(job)
    expected = sorted(given_rows, key=lambda row: row[:3])
    assert [spelled(row) for row in inserted] == [spelled(row) for row in expected]
    assert [spelled(row) for row in written] == [spelled(row._replace(version=1)) for row in expected]
    assert sorted(spelled(EveryType(*row)) for row in queried) == sorted(map(spelled, written))
    assert all(isinstance(row.id, UUID) and row.id in {one.id for one in given_rows} for row in inserted)


def example(**values: Any) -> EveryType:
    filled: dict[str, Any] = dict.fromkeys(EveryType._fields) | {
        "id": uuid.UUID(int=1),
        "order": "",
        "day": date(2026, 11, 25),
        "kind": "a",
        "number": 0,
        "flag": False,
        "body": b"",
        "amount": Decimal(0),
        "at": datetime(2026, 11, 25, tzinfo=UTC),
        "money": Money(amount=Decimal(1), currency="EUR"),
        "parties": (),
        "texts": {},
        "version": 0,
    }
    return EveryType(**filled | values)


@pytest.mark.parametrize("amount", ["1.10", "1.1", "0.00", "-0.5", "100", "12345678901234567890123456789012345678.00"])
async def test_an_amount_keeps_its_scale(typed: Database, amount: str) -> None:
    def job() -> Job[list[EveryType]]:
        yield Insert(SPEC, [example(amount=Decimal(amount), money=Money(amount=Decimal(amount), currency="EUR"))])
        return (yield Load(SPEC, [example()[:3]]))

    (row,) = await typed.run(job)
    assert (str(row.amount), str(row.money.amount)) == (amount, amount)


@pytest.mark.parametrize(("amount", "digits"), [("1E+4", "10000"), ("1E-7", "0.0000001"), ("0E-9", "0.000000000")])
async def test_an_amount_with_an_exponent_is_stored_in_digits(typed: Database, amount: str, digits: str) -> None:
    def job() -> Job[list[EveryType]]:
        yield Insert(SPEC, [example(amount=Decimal(amount), maybe_amount=Decimal(amount))])
        return (yield Load(SPEC, [example()[:3]]))

    (row,) = await typed.run(job)
    assert [f"{row.amount!s}", f"{row.maybe_amount!s}"] == [str(Decimal(digits))] * 2


async def test_an_instant_keeps_its_microseconds(typed: Database) -> None:
    instants = [datetime(2026, 11, 25, 9, 0, 0, micro, tzinfo=UTC) for micro in (0, 1, 999_999)]

    def job() -> Job[list[EveryType]]:
        for number, at in enumerate(instants):
            yield Insert(SPEC, [example(id=UUID(int=number), at=at, maybe_at=at)])
        return (yield Load(SPEC, [example(id=UUID(int=number))[:3] for number in range(3)]))

    stored = await typed.run(job)
    assert [(row.at, row.maybe_at) for row in stored] == [(at, at) for at in instants]
    assert {row.at.tzinfo for row in stored} == {UTC}


async def test_an_instant_without_zone_is_refused(typed: Database) -> None:
    naive = datetime(2026, 11, 25)  # noqa: DTZ001 - the point of the test
    with pytest.raises(TypeError):
        await typed.run(lambda: (yield Insert(SPEC, [example(at=naive)])))
    with pytest.raises(TypeError):
        await typed.run(lambda: (yield Query("delete from every_type where at < :at", {"at": naive})))


async def test_a_body_of_many_megabytes_is_stored_in_one_row(typed: Database) -> None:
    body = bytes(range(256)) * 40_000
    spec = SPECS[Archive]
    now = datetime(2026, 11, 25, tzinfo=UTC)
    row = Archive(UUID(int=1), now, "in", "edi", "/edi", None, None, "ab", len(body), {"a": "b"}, body)

    def job() -> Job[list[Archive]]:
        yield Insert(spec, [row])
        return (yield Load(spec, [(row.id,)]))

    assert await typed.run(job) == [row]
