"""The payment service itself, and what its handlers share: where they meet and what they need."""

from collections.abc import Iterable

from hub.canonical.envelope import Message
from hub.canonical.order import OrderReference
from hub.handlers.service import Service
from hub.store.payment import OrderAccount, PaymentRow
from hub.store.work import Need, Work, lock

service = Service("payment")


def arrival(invoice_number: str) -> str:
    """Return the place where money waits for the invoice that it names."""
    return f"payment/invoice/{invoice_number}"


def prepayments(message: Message[OrderReference], work: Work) -> Iterable[Need]:
    """Want what was paid with an order; its account is loaded."""
    account = work.get(OrderAccount, message.data.order_id)
    for reference in account.prepayments if account else ():
        yield lock(PaymentRow, message.data.order_id, reference)


def order_account(order_id: str, work: Work) -> OrderAccount:
    """Return what is known of an order's money; at first that is nothing."""
    return work.get(OrderAccount, order_id) or OrderAccount(order_id, revision=0, prepayments=(), invoices={})
