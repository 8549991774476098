"""A database in which the status service has queued documents, and a sender for them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Payload
from hub.canonical.order import OrderAccepted
from hub.connectors.posting import Poster, client
from hub.connectors.sending import Sender
from hub.connectors.targets import Targets
from hub.connectors.transports import Transport, transports
from hub.handlers.status import service
from hub.seams import Seams
from hub.store.database import Database
from hub.store.master import AgreementRow
from hub.store.messages import NumberSeries, Task
from hub.store.outbox import event_of
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load, Query, Write
from hub.store.status import Transmission
from tests.desk import NOW, Desk
from tests.edifact_documents import answer
from tests.listener import Listener


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = NOW

    def elapsed(self) -> float:
        return (self.now - NOW).total_seconds()

    def seams(self) -> Seams:
        return Seams(now=lambda: self.now, monotonic=self.elapsed, token_bytes=lambda length: b"\x80" * length)


@dataclass
class Office:
    """A database in which the status service has queued something, and a sender for it."""

    database: Database
    clock: Clock
    root: Path
    desk: Desk = field(default_factory=lambda: Desk(service))

    async def queue(self, terms: Agreement, *subjects: str, channel: str = "edi") -> None:
        """Have the status service answer an order for each subject."""
        answers = [answer(OrderAccepted, order_number=subject) for subject in subjects]
        await self.tell(terms, *answers, channel=channel)

    async def tell(self, terms: Agreement, *told: Payload, channel: str = "edi") -> None:
        """Have the status service tell the partner these events."""
        self.desk.put(AgreementRow(terms.partner, terms, "0" * 64, NOW, 1))
        before = {record: set(rows) for record, rows in self.desk.rows.items()}
        events = []
        for payload in told:
            work = self.desk.handle(payload, partner=terms.partner, channel=channel)
            events.append(event_of(work.message, ["status"]))
        added = {
            record: [row for key, row in sorted(rows.items()) if key not in before.get(record, ())]
            for record, rows in self.desk.rows.items()
            if record is not AgreementRow
        }

        def job() -> Job[None]:
            yield Insert(SPECS[type(events[0])], events)
            for record, rows in added.items():
                yield Insert(SPECS[record], rows, skip_existing=True)
            for series, last, _ in self.desk.rows[NumberSeries].values():
                yield Query(
                    "update number_series set last = :last where series = :series", {"series": series, "last": last}
                )
            held = yield Load(SPECS[AgreementRow], [(terms.partner,)])
            row = AgreementRow(terms.partner, terms, "0" * 64, NOW, held[0].version if held else 0)
            yield Write(SPECS[AgreementRow], [row])

        await self.database.run(job)

    async def send(self, listener: Listener | None = None, *, share: int = 2, **others: Transport) -> int:
        """Send all that is due and return how many attempts that took."""
        async with client() as http:
            poster = Poster(http, Targets(allow_private=listener is not None))
            ways = {**transports(self.root, poster, self.clock.seams()), **others}
            return await Sender(self.database, ways, self.clock.seams(), share=share).drain()

    async def rows(self) -> list[Transmission]:
        return await every(self.database, Transmission, "position")

    async def states(self) -> list[str]:
        return [row.state for row in await self.rows()]

    async def tasks(self) -> list[str]:
        return [task.kind for task in await every(self.database, Task, "id")]


async def every(database: Database, record: type[Any], order: str) -> list[Any]:
    spec = SPECS[record]
    columns = ", ".join(f'"{name}"' for name in spec.columns)

    def job() -> Job[Sequence[Any]]:
        return (yield Query(f"select {columns} from {spec.name} order by {order}", {}, spec.types))

    return [record._make(row) for row in await database.read(job)]
