"""Tills: our own sale JSON and POSLog journals, receipt by receipt.

A journal does not tell everything about its store; for what it leaves out this store
stands: it lies in UTC, takes US dollars, and its prices are without tax.
"""

from collections.abc import Iterable

from corpus.outcome import Outcome, Tally
from hub.domain import tie_out
from hub.errors import PartnerError
from hub.translators.pos import poslog, sales
from hub.translators.pos.receipt import Receipt


def read_sale(data: bytes) -> Outcome:
    """Read our own sale JSON: one receipt or a batch."""
    return _outcome("sale", list(sales.read(data)))


def read_poslog(data: bytes) -> Outcome:
    """Read a POSLog journal; what stood before a fault in its XML is read."""
    receipts: list[Receipt] = []
    try:
        receipts.extend(poslog.read(data, time_zone="UTC", currency="USD", tax_included=False))
    except PartnerError as error:
        return Outcome(format="poslog", verdict="answered", reason=str(error), messages=len(receipts), errors=1)
    return _outcome("poslog", receipts)


def _outcome(kind: str, receipts: list[Receipt]) -> Outcome:
    found = [receipt.sale for receipt in receipts if receipt.sale is not None]
    outcome = Outcome(
        format=kind,
        verdict="read" if len(found) == len(receipts) else "answered",
        messages=len(receipts),
        documents=len(found),
        tie_out=Tally.count(not tie_out.differences(sale) for sale in found),
        round_trip=Tally.count(_sales(sales.read(sales.write([sale]))) == [sale] for sale in found),
        differences=tuple(difference.message for sale in found for difference in tie_out.differences(sale)),
    )
    return outcome.with_findings(finding for receipt in receipts for finding in receipt.findings)


def _sales(receipts: Iterable[Receipt]) -> list[object]:
    return [receipt.sale for receipt in receipts]
