"""INVOIC: an issued invoice, with the sums that it was issued with.

Nothing is computed here: line amounts (203), the sum of lines (79), the base (125) and
tax (124) of each rate, the total of tax (176), with tax (77), paid before (113) and due
(9) are those of the canonical invoice. CNT stands before the sums.

Source: UN/EDIFACT D.96A INVOIC, summary SG48 and SG50; D.01B SG50 and SG52; EN 16931
BT-106 to BT-117 for what each sum is.
"""

from collections.abc import Iterator
from datetime import datetime

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Message
from hub.canonical.invoice import Invoice, InvoiceIssued, InvoiceLine
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.leaving_out import as_wanted
from hub.translators.edifact.writer import Plain, document, interchange, segment

_WRITTEN_HERE = frozenset({"ON", "VN", "DQ"})
_REFERENCES = 99


def write(
    issued: Message[InvoiceIssued],
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with the invoice. `reference` is UNB 0020, `now` the time of writing.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    envelope = document(
        "INVOIC", agreement, reference=reference, message_reference=message_reference, now=now, test=test
    )
    body = _body(issued.data, blocks.dialect(agreement))
    return interchange(envelope, as_wanted("INVOIC", body, agreement))


def _body(data: InvoiceIssued, tongue: Dialect) -> Iterator[Plain]:
    invoice = data.invoice
    yield segment("BGM", invoice.kind, invoice.number, "9")
    yield from blocks.day("137", invoice.issued)
    yield from blocks.day("35", invoice.delivered)
    yield from blocks.reference("ON", data.buyers_number)
    yield from blocks.reference("VN", data.order_number)
    yield from blocks.reference("DQ", _only_despatch(invoice))
    yield from blocks.references(invoice.references, but=_WRITTEN_HERE, room=_REFERENCES - len(_WRITTEN_HERE))
    yield from blocks.party("BY", invoice.buyer, tongue)
    yield from blocks.party("SU", invoice.seller, tongue)
    yield from blocks.party("IV", invoice.invoicee, tongue)
    yield from blocks.party("DP", invoice.delivery, tongue)
    yield segment("CUX", ("2", invoice.currency, "4"))
    yield from blocks.payment_days(invoice.payment_terms_days, invoice.due)
    for line in invoice.lines:
        yield from _line(line, data.buyers_number, tongue)
    yield from _summary(invoice)


def _only_despatch(invoice: Invoice) -> str | None:
    """Return the despatch that all lines come from, if it is one: the head names it, the lines always do."""
    numbers = {line.despatch_number for line in invoice.lines}
    return numbers.pop() if len(numbers) == 1 else None


def _line(line: InvoiceLine, order: str, tongue: Dialect) -> Iterator[Plain]:
    yield from blocks.line(line.line_id, "", line.item, tongue)
    yield blocks.whole_quantity("47", line.quantity, tongue)
    yield blocks.money("203", line.net)
    yield blocks.price(line.price)
    yield from blocks.reference("ON", order, line.order_line)
    yield from blocks.reference("AAK", line.despatch_number)
    yield blocks.vat(line.tax_rate, line.tax_category)


def _summary(invoice: Invoice) -> Iterator[Plain]:
    yield segment("UNS", "S")
    yield segment("CNT", ("2", str(len(invoice.lines))))
    yield blocks.money("79", invoice.line_total)
    yield blocks.money("125", invoice.net_total)
    yield blocks.money("176", invoice.tax_total)
    yield blocks.money("77", invoice.gross_total)
    if invoice.prepaid:
        yield blocks.money("113", invoice.prepaid)
    if invoice.rounding:
        yield blocks.money("165", invoice.rounding)
    yield blocks.money("9", invoice.payable)
    for tax in invoice.taxes:
        yield blocks.vat(tax.rate, tax.category)
        yield blocks.money("124", tax.tax)
        yield blocks.money("125", tax.base)
