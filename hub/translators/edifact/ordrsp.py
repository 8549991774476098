"""ORDRSP: our answer to an order, line by line.

Every line is listed, so that nobody must know what silence means. Quantities: 21 as
ordered; where we deliver less, also 113 what we will deliver and 83 what follows later.
What neither of them holds will not be delivered (QVR with CP; BP where the rest follows).
That an order is off is accepted (29) without lines, and with the reason.

Source: UN/EDIFACT D.96A and D.01B ORDRSP; EANCOM for BGM 1225 and LIN 1229.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Message
from hub.canonical.order import AgreedLine, OrderAccepted, OrderAnswer, OrderCancelled, OrderRejected
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.leaving_out import as_wanted
from hub.translators.edifact.writer import Plain, document, interchange, segment

_ACCEPTED, _CHANGED, _REJECTED = "29", "4", "27"
_LINE_STATUS: Mapping[str, str] = MappingProxyType({"accepted": "5", "changed": "3", "rejected": "7"})
_WRITTEN_HERE = frozenset({"ON", "VN"})
_REFERENCES = 10


def write(
    answer: Message[OrderAnswer] | Message[OrderCancelled],
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with our answer. `reference` is UNB 0020, `now` the time of writing.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    envelope = document(
        "ORDRSP", agreement, reference=reference, message_reference=message_reference, now=now, test=test
    )
    body = _body(answer, blocks.dialect(agreement))
    return interchange(envelope, as_wanted("ORDRSP", body, agreement))


def document_number(answer: OrderAnswer | OrderCancelled) -> str:
    """Return the number of our answer (BGM 1004): the order's and how many answers there were."""
    return f"{answer.order_number}-{answer.revision}"


def _body(answer: Message[OrderAnswer] | Message[OrderCancelled], tongue: Dialect) -> Iterator[Plain]:
    data = answer.data
    status = _ACCEPTED if isinstance(data, OrderCancelled) else _status(data)
    yield segment("BGM", "231", document_number(data), status)
    yield from blocks.day("137", answer.time.date())
    if isinstance(data, OrderCancelled):
        yield from _cancelled(data, tongue)
    else:
        yield from _agreed(data, tongue)


def _cancelled(data: OrderCancelled, tongue: Dialect) -> Iterator[Plain]:
    """Accept that the order is off: no line is left to speak of."""
    yield from blocks.note("AAI", data.reason, tongue)
    yield from blocks.reference("ON", data.buyers_number)
    yield from blocks.reference("VN", data.order_number)
    yield from blocks.party("BY", data.buyer, tongue)
    yield from blocks.party("SU", data.seller, tongue)
    yield segment("UNS", "S")


def _agreed(data: OrderAnswer, tongue: Dialect) -> Iterator[Plain]:
    yield from blocks.wanted(data.requested_delivery)
    yield from blocks.reference("ON", data.buyers_number)
    yield from blocks.reference("VN", data.order_number)
    yield from blocks.references(data.references, but=_WRITTEN_HERE, room=_REFERENCES - len(_WRITTEN_HERE))
    yield from blocks.party("BY", data.buyer, tongue)
    yield from blocks.party("SU", data.seller, tongue)
    yield from blocks.party("DP", data.delivery, tongue)
    yield from blocks.party("IV", data.invoicee, tongue)
    yield segment("CUX", ("2", data.currency, "9"))
    yield from blocks.payment_days(data.payment_terms_days)
    for line in data.lines:
        yield from _line(line, data.buyers_number, tongue)
    yield segment("UNS", "S")
    yield segment("CNT", ("2", str(len(data.lines))))


def _status(answer: OrderAnswer) -> str:
    if isinstance(answer, OrderAccepted):
        return _ACCEPTED
    return _REJECTED if isinstance(answer, OrderRejected) else _CHANGED


def _line(line: AgreedLine, order: str, tongue: Dialect) -> Iterator[Plain]:
    yield from blocks.line(line.line_id, _LINE_STATUS[line.status], line.item, tongue, line.sku)
    yield from _quantities(line, tongue)
    for told in line.reasons:
        yield from blocks.reason(told, tongue)
    yield blocks.price(line.price)
    yield from blocks.reference("ON", order, line.line_id)
    yield blocks.vat(line.tax_rate, line.tax_category)


def _quantities(line: AgreedLine, tongue: Dialect) -> Iterator[Plain]:
    unit = line.ordered.unit
    yield blocks.whole_quantity("21", line.ordered, tongue)
    if line.confirmed == line.ordered.value:
        return
    yield blocks.quantity("113", line.confirmed, unit, tongue)
    if line.backordered:
        yield blocks.quantity("83", line.backordered, unit, tongue)
    yield from _shortage(line)


def _shortage(line: AgreedLine) -> Iterator[Plain]:
    """Yield QVR: how much less than ordered, and whether the rest follows."""
    short: Decimal = line.ordered.value - line.confirmed
    if short:
        yield segment("QVR", (blocks.number(-short), "21"), "BP" if line.backordered else "CP")
