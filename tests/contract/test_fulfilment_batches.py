"""From the answer to the paid invoice on a real database: one batch does what its messages do one by one."""

import shutil
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from hub.canonical.envelope import Message, message_model
from hub.canonical.order import OrderChanged, OrderPartlyAccepted, PaymentMade
from hub.canonical.payment import RecordPayment
from hub.canonical.values import Money
from hub.handlers import delivery, invoice, payment, warehouse
from hub.handlers.service import Service, subscriptions
from hub.messaging.batch import read
from hub.messaging.settling import Settler
from hub.seams import Seams
from hub.store.database import Database, open_database
from hub.store.delivery import DeliveryLine, DeliveryOrder, DeliveryPlan, HandlingUnitRow
from hub.store.invoice import BillingLine, BillingOrder, InvoiceRow, RevenueEntry
from hub.store.messages import NumberSeries, Task
from hub.store.payment import (
    AllocationRow,
    InvoiceDebtor,
    OrderAccount,
    PayerAccount,
    PaymentRow,
    ReceivableRow,
    TenderRow,
)
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Query
from tests.desk import NOW, identifier
from tests.unit.handlers.answers import COMPANY, answer, line
from tests.unit.handlers.receipts import receipt, sold

SERVICES = [one.service for one in (delivery, warehouse, invoice, payment)]
TABLES = (
    *(DeliveryPlan, DeliveryOrder, DeliveryLine, HandlingUnitRow),
    *(BillingOrder, BillingLine, InvoiceRow, RevenueEntry),
    *(OrderAccount, PayerAccount, ReceivableRow, InvoiceDebtor, PaymentRow, AllocationRow, TenderRow),
    *(NumberSeries, Task),
)
ORDERS = 5


def envelope(number: int, payload: Any) -> Message[Any]:
    """Return the payload in an envelope whose id is the same in every run."""
    return message_model(type(payload))(
        id=identifier(number),
        source="test",
        subject=payload.business_key,
        time=NOW,
        correlationid=identifier(number),
        partner="retail",
        data=payload,
    )


def order(number: int) -> list[Any]:
    """Return the answers to one order: a part at first, then the rest; half of it is paid before."""
    names = {"order_id": f"order-{number}", "order_number": f"O-{number}", "buyers_number": f"PO-{number}"}
    paid = (PaymentMade(reference="T-1", means="card", amount=Decimal("14.95")),)
    head = {**names, "tax_included": True, "payments": paid}
    shipping = line("9", None, "1", "4.95", kind="shipping")
    part, whole = (line("1", "SKU-A", "3", "24.95", confirmed=confirmed) for confirmed in ("2", "3"))
    return [
        answer([part, shipping], OrderPartlyAccepted, **head),
        answer([whole, shipping], OrderChanged, revision=2, **head),
    ]


def story() -> list[Message[Any]]:
    """Return what other services and people say: orders, receipts, and money for all that is still open."""
    answers = [one for number in range(ORDERS) for one in order(number)]
    till = receipt([sold("1", "1", "11.90", "19"), sold("2", "1", "5.35", "7")])
    money = Money(amount=Decimal("74.75"), currency="EUR")
    paid = RecordPayment(reference="B-1", money=money, value_date=date(2026, 11, 26), payer="retail")
    return [envelope(number, payload) for number, payload in enumerate([*answers, till, paid], 1)]


def add_company() -> Job[None]:
    yield Insert(SPECS[type(COMPANY)], [COMPANY])


def all_rows(record: type[Any]) -> Callable[[], Job[list[Any]]]:
    spec = SPECS[record]

    def job() -> Job[list[Any]]:
        columns, key = (
            ", ".join(f'"{name}"' for name in spec.columns),
            ", ".join(f'"{name}"' for name in spec.key_columns),
        )
        return (yield Query(f"select {columns} from {spec.name} order by {key}", {}, spec.types))

    return job


async def handle(database: Database, messages: Sequence[Message[Any]], cap: int) -> dict[str, list[Any]]:
    """Let the services handle these messages and all that follow, at most `cap` in a batch; return every row."""
    seams = Seams(now=lambda: NOW)
    taken_by = subscriptions(SERVICES)
    queues: dict[str, deque[bytes]] = {one.name: deque() for one in SERVICES}
    settlers = [(one, Settler(one, database, taken_by, seams, lambda _: None)) for one in SERVICES]
    await database.run(add_company)
    for stage in (messages[:-1], messages[-1:]):
        for message in stage:
            for subscription in taken_by[message.type]:
                queues[subscription.service].append(message.to_json())
        while any(queues.values()):
            for service, settler in settlers:
                await _settle_batch(service, settler, queues, cap)
    return {record.__name__: await database.read(all_rows(record)) for record in TABLES}


async def _settle_batch(service: Service, settler: Settler, queues: dict[str, deque[bytes]], cap: int) -> None:
    queue = queues[service.name]
    bodies = [queue.popleft() for _ in range(min(cap, len(queue)))]
    if not bodies:
        return
    settled = await settler.settle([read(service, body, "") for body in bodies])
    assert {fate.outcome for _, fate in settled.fates} == {"applied"}
    assert settler.measured.restarts == 0
    for row in settled.outgoing:
        queues[row.destination].append(row.body)


async def test_an_order_is_delivered_billed_and_paid(database: Database) -> None:
    rows = await handle(database, story(), cap=100)
    invoices = [InvoiceRow(*row).invoice for row in rows["InvoiceRow"]]
    assert [one.number for one in invoices] == [f"2026-{n:06d}" for n in range(1, 2 * ORDERS + 1)]
    assert sum(one.payable for one in invoices) == Decimal("74.75")
    assert {ReceivableRow(*row).open for row in rows["ReceivableRow"]} == {Decimal(0)}
    assert {DeliveryOrder(*row).state for row in rows["DeliveryOrder"]} == {"shipped"}
    assert len(rows["RevenueEntry"]) == 2
    assert len(rows["TenderRow"]) == 1


async def test_one_batch_does_what_its_messages_do_one_by_one(
    database: Database, sqlite_template: Path, tmp_path: Path
) -> None:
    apart = open_database(f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'apart.db')}", seams=Seams())
    try:
        one_by_one = unversioned(await handle(apart, story(), cap=1))
    finally:
        await apart.close()
    assert unversioned(await handle(database, story(), cap=100)) == one_by_one


def unversioned(tables: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the rows without their versions, which count transactions."""
    versioned = {record.__name__: SPECS[record].versioned for record in TABLES}
    return {name: [row[:-1] if versioned[name] else row for row in rows] for name, rows in tables.items()}
