"""The recount of bills: invoices, what they make people owe, and what tills have taken, held against what was told.

An invoice, a receivable and a receipt's revenue are made of a message that stands in the
event log. So each is worked out from there once more, a page of messages at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from hub.canonical.envelope import message_model
from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.sale import SaleRecorded
from hub.domain.revenue import revenue_of
from hub.store.check import Check, outcome
from hub.store.invoice import BillingLine, InvoiceRow
from hub.store.queries.view import Selection, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load, LoadGroups, Query
from hub.store.told import FIRST, PAGE, page

NONE = Decimal(0)
Line: TypeAlias = tuple[str, str]

_REVENUE = "select receipt_key, sum(net), sum(tax) from revenue_entry where receipt_key in :names group by receipt_key"


class _Amounts(NamedTuple):
    """What one thing comes to, by what is told and by what is kept."""

    name: str
    told: Sequence[Decimal]


def bills() -> Job[list[Check]]:
    """Return the checks of everything that asks for money."""
    return [
        (yield from _invoices()),
        (yield from _owed()),
        (yield from _revenue()),
        (yield from _tills()),
        (yield from _billed()),
    ]


def _invoices() -> Job[Check]:
    """Every invoice that was issued is kept as it was told, its columns say what it says, and its sums are right."""
    wrong: list[str] = []
    last, count = FIRST, 0
    while found := (yield from page(InvoiceIssued.TYPE, last)):
        last, count = found[-1][0], count + len(found)
        told = [message_model(InvoiceIssued).model_validate_json(body).data.invoice for _, body in found]
        rows: list[InvoiceRow] = yield Load(SPECS[InvoiceRow], sorted((one.number,) for one in told))
        kept = {row.number: row for row in rows}
        wrong += [problem for one in told for problem in _invoice_problems(one, kept.get(one.number))]
    total = (yield Query("select count(*) from invoice", types=(int,)))[0][0]
    if total != count:
        wrong.append(f"{total} invoices are kept, {count} were issued")
    return outcome("invoices are what was issued", wrong, f"{count} invoices")


def _invoice_problems(told: Invoice, row: InvoiceRow | None) -> Iterator[str]:
    if row is None:
        yield f"{told.number} was issued and is not there"
        return
    if row.invoice != told:
        yield f"{told.number} differs from what was issued"
    columns = (row.issued, row.due, row.currency, row.gross_total, row.payable)
    stated = (told.issued, told.due, told.currency, told.gross_total, told.payable)
    if columns != stated:
        yield f"{told.number}: the columns say {row.payable}, the invoice {told.payable}"
    net, tax = sum((line.net for line in told.lines), NONE), sum((one.tax for one in told.taxes), NONE)
    if (told.line_total, told.tax_total, told.gross_total) != (net, tax, net + tax):
        yield f"{told.number}: its lines and taxes come to {net} + {tax}, it says {told.gross_total}"
    if told.payable != told.gross_total - told.prepaid + told.rounding:
        yield f"{told.number}: {told.payable} is not what is left of {told.gross_total}"


def _owed() -> Job[Check]:
    """Every invoice that payment has heard of is owed, with all that it asks for."""
    return (
        yield from _amounts(
            "what is owed was invoiced",
            (InvoiceIssued.TYPE, "payment"),
            _owed_by,
            ("select invoice_number, amount from receivable where invoice_number in :names", (str, Decimal)),
            "select count(*) from receivable",
        )
    )


def _owed_by(body: bytes) -> _Amounts | None:
    invoice = message_model(InvoiceIssued).model_validate_json(body).data.invoice
    return _Amounts(invoice.number, (invoice.payable + invoice.prepaid,))


def _revenue() -> Job[Check]:
    """The tills' revenue is what their receipts say, net and tax."""
    return (
        yield from _amounts(
            "tills' revenue = receipts",
            (SaleRecorded.TYPE, "invoice"),
            _revenue_by,
            (_REVENUE, (str, Decimal, Decimal)),
            "select count(distinct receipt_key) from revenue_entry",
        )
    )


def _revenue_by(body: bytes) -> _Amounts | None:
    sale = message_model(SaleRecorded).model_validate_json(body).data.sale
    revenue = revenue_of(sale)
    sums = sum((one.net for one in revenue), NONE), sum((one.tax for one in revenue), NONE)
    return _Amounts(sale.receipt_key, sums) if revenue else None


def _tills() -> Job[Check]:
    """What tills took, by receipt, is what the receipts say."""
    return (
        yield from _amounts(
            "till totals = receipts",
            (SaleRecorded.TYPE, "payment"),
            _tendered_by,
            (
                "select receipt_key, sum(amount) from tender where receipt_key in :names group by receipt_key",
                (str, Decimal),
            ),
            "select count(distinct receipt_key) from tender",
        )
    )


def _tendered_by(body: bytes) -> _Amounts | None:
    sale = message_model(SaleRecorded).model_validate_json(body).data.sale
    taken = sale.sign * sum((tender.amount for tender in sale.tenders), NONE)
    return _Amounts(sale.receipt_key, (taken,)) if sale.tenders else None


def _amounts(
    name: str,
    messages: tuple[str, str],
    told_by: Callable[[bytes], _Amounts | None],
    kept_by: tuple[str, tuple[type, ...]],
    counting: str,
) -> Job[Check]:
    """Hold amounts against the messages that told of them; what came again under a name was told before."""
    wrong: list[str] = []
    seen: set[str] = set()
    last, (type_, service) = FIRST, messages
    while found := (yield from page(type_, last, applied_by=service)):
        last = found[-1][0]
        told = [one for one in map(told_by, (body for _, body in found)) if one is not None]
        first = {one.name: one.told for one in reversed(told) if one.name not in seen}
        seen |= first.keys()
        rows = yield Query(kept_by[0], {"names": sorted(first)}, kept_by[1])
        kept = {row[0]: tuple(row[1:]) for row in rows}
        wrong += [
            f"{one}: {_spoken(kept.get(one))} kept, {_spoken(amounts)} told"
            for one, amounts in sorted(first.items())
            if kept.get(one) != tuple(amounts)
        ]
    total = (yield Query(counting, types=(int,)))[0][0]
    if total > len(seen):
        wrong.append(f"{total} are kept, {len(seen)} were told of")
    return outcome(name, wrong, f"{len(seen)} told")


def _spoken(amounts: Iterable[Decimal] | None) -> str:
    return "nothing" if amounts is None else " + ".join(map(str, amounts))


def _billed() -> Job[Check]:
    """Goods are billed when they have left, never before, and as often as the order's invoices say."""
    wrong: list[str] = []
    last, count = "", 0
    while found := (
        yield Query(
            "select order_id from billing_order where order_id > :last order by order_id limit :page",
            {"last": last, "page": PAGE},
            (str,),
        )
    ):
        last = found[-1][0]
        lines: list[BillingLine] = yield LoadGroups(SPECS[BillingLine], found)
        invoices = yield from select(
            InvoiceRow, Selection().also("order_id in :orders", orders=[one for (one,) in found])
        )
        billed = _by_line(invoices)
        count += len(lines)
        wrong += [problem for line in lines for problem in _line_problems(line, billed)]
        unknown = billed.keys() - {(line.order_id, line.line_id) for line in lines}
        wrong += [f"{order} line {line} stands on an invoice and is no line" for order, line in sorted(unknown)]
    return outcome("what is billed has been shipped, and stands on invoices", wrong, f"{count} lines")


def _by_line(invoices: Iterable[InvoiceRow]) -> dict[Line, Decimal]:
    """Return how much of each order line stands on invoices; what is taken off has a negative quantity there."""
    billed: dict[Line, Decimal] = {}
    for row in invoices:
        for part in row.invoice.lines:
            key = row.order_id, part.order_line
            billed[key] = billed.get(key, NONE) + abs(part.quantity.value)
    return billed


def _line_problems(line: BillingLine, billed: dict[Line, Decimal]) -> Iterator[str]:
    name = f"{line.order_id} line {line.line_id}"
    if line.agreed.stocked and line.invoiced > line.shipped:
        yield f"{name}: {line.invoiced} billed, {line.shipped} shipped"
    on_invoices = billed.get((line.order_id, line.line_id), NONE)
    if line.invoiced != on_invoices:
        yield f"{name}: {line.invoiced} billed, {on_invoices} on invoices"
