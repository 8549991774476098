"""The invoice service itself, and what its handlers share: where they meet and what they need."""

from collections.abc import Iterable

from hub.canonical.envelope import Message
from hub.canonical.order import OrderReference
from hub.handlers.service import Service
from hub.store.invoice import BillingLine, BillingOrder
from hub.store.master import COMPANY, PartyRow
from hub.store.work import Need, Work, group, lock, meeting, peek, series

service = Service("invoice")


def arrival(order_id: str) -> str:
    """Return the place where a shipment waits for the answer to its order."""
    return f"invoice/order/{order_id}"


def bills_of(message: Message[OrderReference]) -> Iterable[Need]:
    """Want what is known of an order's bills, and our own company."""
    order_id = message.data.order_id
    return [
        meeting(arrival(order_id)),
        lock(BillingOrder, order_id),
        group(BillingLine, order_id),
        peek(PartyRow, COMPANY),
    ]


def invoice_series(work: Work) -> str:
    """Return the series of invoice numbers of this year."""
    return f"invoice/{work.now.year}"


def invoice_number(_: Message[OrderReference], work: Work) -> Iterable[Need]:
    """Want to take an invoice number."""
    return [series(invoice_series(work))]
