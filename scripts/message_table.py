#!/usr/bin/env python3
"""Print the page `docs/messages.md`: every canonical message, who publishes it, who takes it, how partners hear of it.

Who takes a message, whether partners may see it and which document tells it is read from
the code; who publishes it stands here, and `tests/unit/test_docs.py` holds it against the code.
"""

import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from hub.app import contracts, services
from hub.canonical.envelope import Payload
from hub.canonical.intake import AcknowledgementReceived, InterchangeChecked, RepeatAnswer
from hub.canonical.order import OrderReceived
from hub.domain.owed import DOCUMENTS
from hub.handlers.service import subscriptions
from hub.translators.edifact.forms.messages import RECEIVED

PUBLISHERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "acknowledgement.received.v1": ("intake",),
        "answer.repeat.v1": ("doors",),
        "delivery.cancel.v1": ("API",),
        "delivery.pack.v1": ("API", "warehouse"),
        "delivery.packed.v1": ("delivery",),
        "delivery.pick.v1": ("API", "warehouse"),
        "delivery.picked.v1": ("delivery",),
        "delivery.planned.v1": ("delivery",),
        "delivery.release.v1": ("API", "warehouse"),
        "delivery.released.v1": ("delivery",),
        "delivery.replan.v1": ("API",),
        "delivery.ship.v1": ("API", "warehouse"),
        "input.continue.v1": ("intake",),
        "input.received.v1": ("doors",),
        "interchange.checked.v1": ("doors", "intake"),
        "invoice.issued.v1": ("invoice",),
        "invoice.paid.v1": ("payment",),
        "items.register.v1": ("imports",),
        "order.accepted.v1": ("order",),
        "order.cancelled.v1": ("order",),
        "order.changed.v1": ("order",),
        "order.completed.v1": ("order",),
        "order.partly_accepted.v1": ("order",),
        "order.received.v1": ("intake",),
        "order.rejected.v1": ("order",),
        "parties.register.v1": ("imports",),
        "payment.allocated.v1": ("payment",),
        "payment.booked.v1": ("payment",),
        "payment.record.v1": ("API",),
        "payment.allocate.v1": ("API",),
        "prices.register.v1": ("imports",),
        "sale.recorded.v1": ("doors",),
        "shipment.despatched.v1": ("delivery",),
        "stock.adjust.v1": ("API", "imports"),
        "stock.allocate.v1": ("order",),
        "stock.allocated.v1": ("stock",),
        "stock.release.v1": ("order",),
        "stock.serve.v1": ("stock",),
        "stock.short.v1": ("stock",),
        "stores.register.v1": ("imports",),
        "vat_rates.register.v1": ("imports",),
        **{received.TYPE: ("intake",) for received in RECEIVED.values()},
    }
)
"""Who publishes a message: doors, API and imports, or a service."""

EDIFACT: Mapping[str, str] = MappingProxyType(
    {
        **{type_: f"out: {kind}" for type_, kind in DOCUMENTS.items()},
        InterchangeChecked.TYPE: "out: CONTRL, APERAK",
        RepeatAnswer.TYPE: "out: CONTRL",
        OrderReceived.TYPE: "in: ORDERS, ORDCHG",
        AcknowledgementReceived.TYPE: "in: CONTRL",
        **{
            received.TYPE: f"in: {', '.join(type_ for type_, one in RECEIVED.items() if one is received)}"
            for received in RECEIVED.values()
        },
    }
)

HEAD = """# Canonical messages

The only thing that services exchange: a payload in a CloudEvents envelope, JSON. This page is made from the code by
`scripts/schemas`; the schema of each message, envelope included, is `schemas/canonical/<type>.json`.

What nobody takes is history: it stands in the event log and on timelines. *Partners* hear of what is marked by
`GET /events`, by webhook, and by the document in the last column, as their agreement says. *Doors* are `/edi`,
folders, `/webhooks` and `/pos`; *imports* is `POST /imports/<kind>`, which `hub import` uses. `warehouse` is there
only with `HUB_AUTO_WAREHOUSE`.

| type | what it says | published by | taken by | partners | EDIFACT |
|---|---|---|---|---|---|
"""

FOOT = """
## Test messages

An input under the test flag becomes messages with `testindicator`. They go to the services that close the books of
their document and to those that answer for others: {keepers}. So a test order is answered and
moves nothing ([ADR 10](adr/0010-test-messages-stop-early.md)).
"""


def page() -> str:
    """Return the text of the page."""
    rows = "".join(_row(payload) for payload in contracts.payloads())
    keepers = ", ".join(f"`{one.name}`" for one in services.ALL if one.keeps_tests or one.documents)
    return HEAD + rows + FOOT.format(keepers=keepers)


def _row(payload: type[Payload]) -> str:
    takers = [f"`{one.service}`" for one in subscriptions(services.ALL).get(payload.TYPE, ())]
    publishers = [f"`{one}`" if one in _SERVICES else one for one in PUBLISHERS[payload.TYPE]]
    cells = (
        f"[`{payload.TYPE}`](../schemas/canonical/{payload.TYPE}.json)",
        f"`{payload.__name__}`: {_first_line(payload)}",
        ", ".join(publishers),
        ", ".join(takers) or "nobody",
        "yes" if payload.PARTNER_FACING else "",
        EDIFACT.get(payload.TYPE, ""),
    )
    return f"| {' | '.join(cells)} |\n"


def _first_line(payload: type[Payload]) -> str:
    """Return what a payload's docstring says first, on one line."""
    return " ".join(_lines_of(payload)).replace("|", "\\|")


def _lines_of(payload: type[Payload]) -> Iterator[str]:
    for line in (payload.__doc__ or "").strip().splitlines():
        if not line.strip():
            return
        yield line.strip()


_SERVICES = frozenset(one.name for one in services.ALL)


if __name__ == "__main__":
    sys.stdout.write(page())
