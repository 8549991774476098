"""The payment service itself, and what its handlers share: where they meet and what they need."""

from collections.abc import Iterable

from hub.canonical.envelope import Message
from hub.canonical.order import OrderReference
from hub.handlers.service import Service
from hub.store.payment import OpenAmount, OrderAccount, PaymentRow, ReceivableRow
from hub.store.work import Need, Work, lock, peek

service = Service("payment")


def arrival(invoice_number: str) -> str:
    """Return the place where money waits for the invoice that it names."""
    return f"payment/invoice/{invoice_number}"


def receivables(invoice_numbers: Iterable[str]) -> Iterable[Need]:
    """Want what these invoices made somebody owe, and what is open of it."""
    for number in invoice_numbers:
        yield peek(ReceivableRow, number)
        yield lock(OpenAmount, number)


def prepayments(message: Message[OrderReference], work: Work) -> Iterable[Need]:
    """Want what was paid with an order; its account is loaded."""
    account = work.get(OrderAccount, message.data.order_id)
    for reference in account.prepayments if account else ():
        yield lock(PaymentRow, message.data.order_id, reference)
