"""Who takes a message: every service that handles its kind, but of tests only those that answer."""

from typing import Any

from hub.canonical.envelope import Message
from hub.canonical.payment import InvoicePaid, RecordPayment
from hub.handlers.service import Service, subscriptions
from hub.store.work import Work
from tests.desk import message
from tests.unit.handlers.answers import answer, line

ACCEPTED = answer([line("1", "TEA-100", "2", "6.80")])


def ignore(_message: Message[Any], _work: Work) -> None:
    """Handle a message by doing nothing."""


def test_a_test_document_stops_at_the_service_that_closes_its_books() -> None:
    answering = Service("status", keeps_tests=True)
    closing = Service("order", documents=[type(ACCEPTED)])
    following = Service("delivery")
    for service in (answering, closing, following):
        service.on(type(ACCEPTED))(ignore)

    takers = subscriptions([answering, closing, following])[ACCEPTED.TYPE]
    tested = message(ACCEPTED, testindicator=True)

    assert [one.service for one in takers if one.takes(tested)] == ["status", "order"]
    assert [one.service for one in takers if one.takes(message(ACCEPTED))] == ["status", "order", "delivery"]


def test_what_nobody_handles_is_history_only() -> None:
    service = Service("payment")
    service.on(RecordPayment)(ignore)

    assert InvoicePaid.TYPE not in subscriptions([service])
