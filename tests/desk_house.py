"""All services on desks: each with its own handlers and tables in memory, nothing between them but messages."""

from collections import deque
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from hub.canonical.envelope import Message
from hub.canonical.invoice import InvoiceIssued
from hub.handlers import delivery, invoice, order, payment, stock, warehouse
from hub.store.messages import Task
from hub.store.order import OrderRow
from hub.store.payment import ReceivableRow
from tests.desk import Desk, message

SERVICES = (order, stock, delivery, warehouse, invoice, payment)


class DeskHouse:
    """All services, or those without a warehouse that works by itself, and the master data that they all read.

    Messages are handled in the order in which they were published.
    """

    def __init__(self, master_data: Iterable[tuple[Any, ...]], *, auto_warehouse: bool = True) -> None:
        services = SERVICES if auto_warehouse else tuple(one for one in SERVICES if one is not warehouse)
        self.desks = {one.service.name: Desk(one.service).put(*master_data) for one in services}
        self.told: list[Any] = []

    def hears(self, *payloads: Any, **envelope: Any) -> None:
        """Handle these and all that follows from them."""
        queue: deque[Message[Any]] = deque(message(one, **{"partner": "retail"} | envelope) for one in payloads)
        while queue:
            one = queue.popleft()
            self.told.append(one.data)
            for desk in self.desks.values():
                if one.type in desk.service.handlings:
                    queue += desk.handle(one).published

    def rows(self, service: str, record: type[Any]) -> list[Any]:
        return self.desks[service].all(record)

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.rows("order", OrderRow)]

    @property
    def invoices(self) -> list[Any]:
        return [one.invoice for one in self.told if isinstance(one, InvoiceIssued)]

    @property
    def tasks(self) -> list[str]:
        return [task.kind for name in self.desks for task in self.rows(name, Task)]

    @property
    def open(self) -> Decimal:
        return sum((row.open for row in self.rows("payment", ReceivableRow)), Decimal(0))
