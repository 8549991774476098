"""ARTS POSLog 2.x: every `Transaction` of a till's journal becomes a receipt, one at a time.

A file may be of any size: it is parsed as it comes, and a transaction is forgotten
once it was read. What is wrong inside one transaction is a finding of that one.

How tills deviate in practice (NCR ACS, prefix `acs`), and what is done about it:

- A void is a second line with the opposite sign and `VoidFlag`; in the standard the
  flag stands on the line itself. Both forms end as voided lines that do not count.
- Change is a second, negative Tender that repeats itself in `TenderChange`; the
  standard states it inside the tender that was handed over.
- Loyalty discounts stand in `LoyaltyReward` lines, in detail and once more summed
  up, and `ExtendedAmount` is before them. The detailed ones become allowances of
  the lines that they name: with them lines + tax = total on every receipt seen.
- Times have no zone: they are of the store. What has no place is in `extensions`.

Source: ARTS/OMG POSLog 2.1 to 6.0; NCR ACS extensions 2.1.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree
from pydantic import ValidationError

from hub.canonical.sale import Sale
from hub.canonical.validation import findings_of
from hub.errors import Unusable
from hub.translators.pos.node import Node
from hub.translators.pos.poslog_lines import Journal, linked_key
from hub.translators.pos.receipt import Receipt, ambiguities
from hub.translators.pos.xml_stream import MAX_BYTES, elements

_HEAD = (
    "RetailStoreID",
    "WorkstationID",
    "SequenceNumber",
    "BusinessDayDate",
    "BeginDateTime",
    "EndDateTime",
    "OperatorID",
    "CurrencyCode",
)
_WITHOUT_EFFECT = frozenset({"Suspended", "Voided", "Failed", "Training"})


def read(
    data: bytes | Iterable[bytes],
    *,
    time_zone: str,
    currency: str | None = None,
    tax_included: bool = True,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Receipt]:
    """Yield the receipts of a journal, readable or not, in its order.

    `time_zone` (IANA), `currency` and `tax_included` are the store's, for what a
    transaction does not tell itself. Raises UnreadableInput for what is no POSLog,
    after the receipts that stood before the fault, LimitExceeded for more than
    `max_bytes`, and Unusable for an unknown time zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (OSError, ValueError, KeyError) as error:
        raise Unusable(f"the store's time zone {time_zone!r} is unknown") from error
    return _receipts(elements(data, "POSLog", "Transaction", max_bytes=max_bytes), zone, currency, tax_included)


def _receipts(
    transactions: Iterable[etree._Element],
    zone: ZoneInfo,
    currency: str | None,
    tax_included: bool,  # noqa: FBT001 - the store's fact, handed on
) -> Iterator[Receipt]:
    for ordinal, element in enumerate(transactions):
        path = f"/POSLog/Transaction[{ordinal + 1}]"
        node = Node(element, path, etree.QName(element).namespace)
        values = _head(node, zone) | _body(node, tax_included=tax_included)
        values["currency"] = values["currency"] or currency
        findings = tuple(node.findings)
        if any(finding.level == "error" for finding in findings):
            yield Receipt(ordinal, None, findings)
            continue
        try:
            sale = Sale.model_validate(values)
        except ValidationError as error:
            yield Receipt(ordinal, None, (*findings, *findings_of(error, path)))
            continue
        yield Receipt(ordinal, sale, (*findings, *ambiguities(sale, path)))


def _head(node: Node, zone: ZoneInfo) -> dict[str, Any]:
    number = node.text("SequenceNumber")
    return {
        "store": node.text("RetailStoreID"),
        "terminal": node.text("WorkstationID"),
        "business_date": node.day("BusinessDayDate"),
        "number": number,
        "sequence": int(number) if number and number.isascii() and number.isdigit() and len(number) < 19 else None,  # noqa: PLR2004 - fits a 64-bit column
        "began": node.instant("BeginDateTime", zone),
        "ended": node.instant("EndDateTime", zone),
        "operator": node.text("OperatorID"),
        "currency": node.text("CurrencyCode"),
    }


def _body(node: Node, *, tax_included: bool) -> dict[str, Any]:
    body = next((child for child in node.children() if child.name.endswith("Transaction")), None)
    if body is None:
        node.problem("missing", "RetailTransaction", "the transaction has no content")
        return {}
    head = _grouped((f"@{name}", text) for name, text in _flags(node))
    if body.name == "RetailTransaction" and not _has_no_effect(node, body):
        return _sale(body, head, tax_included=tax_included)
    content = _grouped([("transaction", body.name), *body.flattened()])
    return {"kind": "control", "total": 0, "extensions": head | content}


def _has_no_effect(node: Node, retail: Node) -> bool:
    """Tell whether goods and money stay where they are: broken off, suspended, or only practised."""
    status = retail.attribute("TransactionStatus") or ""
    return node.flag("CancelFlag") or node.flag("TrainingModeFlag") or status in _WITHOUT_EFFECT


def _flags(node: Node) -> Iterator[tuple[str, str]]:
    for name in ("CancelFlag", "TrainingModeFlag", "OfflineFlag"):
        if text := node.attribute(name):
            yield name, text


def _sale(retail: Node, head: dict[str, tuple[str, ...]], *, tax_included: bool) -> dict[str, Any]:
    journal = Journal()
    for position, item in enumerate(retail.children("LineItem"), 1):
        journal.add(item, str(position))
    journal.settle()
    totals = {total.attribute("TotalType") or "": total for total in retail.children("Total")}
    total = _total(retail, totals, journal)
    links = list(retail.children("TransactionLink"))
    voids = next((linked_key(link) for link in links if "void" in (link.attribute("ReasonCode") or "").lower()), None)
    extensions = [
        *journal.extensions,
        *((f"Total/{name}", total.content() or "") for name, total in totals.items()),
        *(("TransactionLink", f"{link.attribute('ReasonCode') or ''} {linked_key(link)}".strip()) for link in links),
        *retail.flattened({"LineItem", "Total", "TransactionLink"}),
    ]
    counted = [line["amount"] for line in journal.lines if not line["voided"]]
    is_return = bool(counted) and all(amount <= 0 for amount in counted) and any(counted)
    return {
        "kind": "void" if voids else "return" if is_return else "sale",
        "tax_included": _tax_included(totals, counted, journal.tax, total, undecided=tax_included),
        "lines": journal.lines,
        "taxes": journal.taxes,
        "tenders": journal.tenders,
        "total": total,
        "rounding": journal.rounding,
        "voids": voids,
        "extensions": head | _grouped(extensions),
    }


def _total(retail: Node, totals: dict[str, Node], journal: Journal) -> Decimal:
    """Return the stated total; a receipt without one is worth what was paid for it."""
    for name in ("TransactionGrandAmount", "TransactionGrossAmount"):
        if name in totals and (total := totals[name].amount()) is not None:
            return total
    retail.problem("missing", "Total", "no total is stated, the tenders stand for it", "warning")
    return sum((tender["amount"] for tender in journal.tenders), Decimal(0)) - journal.rounding


def _tax_included(
    totals: dict[str, Node], counted: list[Decimal], tax: Decimal, total: Decimal, *, undecided: bool
) -> bool:
    """Tell whether the lines hold their tax: as stated, else as the receipt's own arithmetic has it."""
    stated = totals.get("TransactionTaxIncluded")
    if stated is not None and stated.amount():
        return True
    lines = sum(counted, Decimal(0))
    if tax and lines + tax == total:
        return False
    return bool(tax and lines == total) or undecided


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    for name, text in pairs:
        groups.setdefault(name, []).append(text)
    return {name: tuple(texts) for name, texts in groups.items()}
