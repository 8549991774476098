"""An accountant who believes nothing: recomputes invoices, stock and money from what stands in the database.

Written from EN 16931 and the business rules alone; nothing of `hub.domain` is used.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from decimal import ROUND_HALF_UP, Decimal

from hub.canonical.invoice import Invoice
from hub.store.delivery import DeliveryLine, DeliveryOrder
from hub.store.invoice import InvoiceRow
from hub.store.messages import NumberSeries
from hub.store.order import OrderLineRow, OrderRow
from hub.store.payment import AllocationRow, PaymentRow, ReceivableRow
from hub.store.stock import Movement, Reservation, StockItem
from hub.store.verify import verify
from tests.trading_house import House

DECIMALS = {"EUR": 2, "JPY": 0, "KWD": 3}
NOTHING = Decimal(0)


async def audit(house: House) -> None:
    """Fail with everything that is wrong in the books."""
    wrong = [
        *[problem for invoice in await house.invoices() for problem in wrong_in(invoice)],
        *[problem async for problem in _wrong_in_orders(house)],
        *[problem async for problem in _wrong_in_stock(house)],
        *[problem async for problem in _wrong_in_money(house)],
        *[problem async for problem in _wrong_in_numbers(house)],
        *[f"hub verify: {one.name}: {one.detail}" for one in await house.database.read(verify) if not one.ok],
    ]
    assert wrong == []


def wrong_in(invoice: Invoice) -> Iterator[str]:
    """Yield what is wrong in the arithmetic of an invoice (BR-CO-10 to -17, BR-DEC, BR-27)."""
    cent = Decimal(1).scaleb(-DECIMALS[invoice.currency])

    def rounded(amount: Decimal) -> Decimal:
        return amount.quantize(cent, ROUND_HALF_UP)

    bases: dict[tuple[str, Decimal], Decimal] = defaultdict(Decimal)
    for line in invoice.lines:
        bases[line.tax_category, line.tax_rate] += line.net
        if line.net != rounded(line.quantity.value * line.price):
            yield f"{invoice.number}/{line.line_id}: {line.quantity.value} x {line.price} is not {line.net}"
        if line.price < 0:
            yield f"{invoice.number}/{line.line_id}: the price {line.price} is negative"
    taxes = {key: rounded(base * key[1] / 100) for key, base in bases.items()}
    stated = {(tax.category, tax.rate): (tax.base, tax.tax) for tax in invoice.taxes}
    if len(stated) != len(invoice.taxes) or stated != {key: (bases[key], tax) for key, tax in taxes.items()}:
        yield f"{invoice.number}: VAT {stated}, {taxes} of {dict(bases)} is right"
    net, tax = sum(bases.values(), NOTHING), sum(taxes.values(), NOTHING)
    right = {
        "line_total": net,
        "net_total": net,
        "tax_total": tax,
        "gross_total": net + tax,
        "payable": net + tax - invoice.prepaid + invoice.rounding,
    }
    for name, amount in right.items():
        if getattr(invoice, name) != amount:
            yield f"{invoice.number}: {name} {getattr(invoice, name)}, {amount} is right"
    yield from _odd_amounts(invoice, cent)


def _odd_amounts(invoice: Invoice, cent: Decimal) -> Iterator[str]:
    """Yield what nobody can pay, or what is no rounding."""
    amounts = (invoice.payable, invoice.rounding, invoice.prepaid, *(line.net for line in invoice.lines))
    if invoice.payable < 0 or invoice.prepaid < 0:
        yield f"{invoice.number}: payable {invoice.payable}, prepaid {invoice.prepaid}"
    if abs(invoice.rounding) > len(invoice.lines) * cent:
        yield f"{invoice.number}: a rounding of {invoice.rounding}"
    if any(amount % cent for amount in amounts):
        yield f"{invoice.number}: amounts finer than {invoice.currency}"


async def _wrong_in_orders(house: House) -> AsyncIterator[str]:
    """No line has more shipped than confirmed, and goods are invoiced exactly as they were shipped."""
    shipped, billed = await _despatched(house), await _invoiced(house)
    orders = {row.order_id: row for row in await house.all(OrderRow)}
    for row in await house.all(OrderLineRow):
        if orders[row.order_id].channel != "pos":
            key, name = (row.order_id, row.line_id), f"{orders[row.order_id].buyers_number}/{row.line_id}"
            for problem in _wrong_in_line(row, shipped[key], billed[key]):
                yield f"{name}: {problem}"


def _wrong_in_line(row: OrderLineRow, shipped: Decimal, billed: Decimal) -> Iterator[str]:
    done = row.quantities
    if row.terms.stocked and not billed == shipped == done.shipped == done.invoiced:
        yield f"{shipped} shipped, {billed} invoiced; the order says {done.shipped} and {done.invoiced}"
    if shipped > done.confirmed or done.confirmed + done.backordered + done.rejected != done.ordered:
        yield f"{shipped} shipped of {done}"
    if done.paid_amount > done.invoiced_amount > 0:
        yield f"{done.paid_amount} paid of {done.invoiced_amount}"


async def _despatched(house: House) -> defaultdict[tuple[str, str], Decimal]:
    """Return what has left, by order and line."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    states = {row.number: row.state for row in await house.all(DeliveryOrder)}
    for row in await house.all(DeliveryLine):
        if states[row.delivery_number] == "shipped":
            found[row.order_id, row.order_line] += row.shipped
    return found


async def _invoiced(house: House) -> defaultdict[tuple[str, str], Decimal]:
    """Return the quantities that invoices bill, by order and line."""
    found: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in await house.all(InvoiceRow):
        for line in row.invoice.lines:
            found[row.order_id, line.order_line] += abs(line.quantity.value)
    return found


async def _wrong_in_stock(house: House) -> AsyncIterator[str]:
    moved: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in await house.all(Movement):
        moved[row.sku, row.location] += row.quantity
    held: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in await house.all(Reservation):
        held[row.sku, row.location] += row.allocated - row.consumed - row.released
        if min(row.allocated, row.consumed, row.released, row.wanted - row.allocated) < 0:
            yield f"{row.order_id}/{row.line_id}: {row}"
    for row in await house.all(StockItem):
        key = row.sku, row.location
        if (moved.pop(key, NOTHING), held[key]) != (row.on_hand, row.reserved):
            yield f"{key}: {row.on_hand} on hand, {row.reserved} reserved against {held[key]}"
    for key in moved:
        yield f"{key}: moved, and no item"


async def _wrong_in_money(house: House) -> AsyncIterator[str]:
    invoices = {row.invoice.number: row.invoice for row in await house.all(InvoiceRow)}
    owed = {number: one.gross_total + one.rounding for number, one in invoices.items()}
    spent: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in await house.all(AllocationRow):
        owed[row.invoice_number] -= row.amount
        spent[row.source, row.reference] += row.amount
        if row.amount <= 0:
            yield f"{row.invoice_number}: an allocation of {row.amount}"
    receivables = {row.invoice_number: row.open for row in await house.all(ReceivableRow)}
    if receivables != owed:
        yield f"receivables {receivables}, {owed} is owed"
    for row in await house.all(PaymentRow):
        if row.amount != spent[row.source, row.reference] + row.unallocated or row.unallocated < 0:
            yield f"payment {row.reference}: {row.amount}, {spent[row.source, row.reference]} allocated"


async def _wrong_in_numbers(house: House) -> AsyncIterator[str]:
    last = {row.series: row.last for row in await house.all(NumberSeries)}
    years: defaultdict[str, list[int]] = defaultdict(list)
    for row in sorted(await house.all(InvoiceRow)):
        year, _, number = row.number.partition("-")
        years[year].append(int(number))
        if int(year) != row.issued.year:
            yield f"{row.number} was issued on {row.issued}"
    for year, numbers in years.items():
        if numbers != list(range(1, len(numbers) + 1)) or last[f"invoice/{year}"] != len(numbers):
            yield f"invoice numbers of {year}: {numbers}, last {last[f'invoice/{year}']}"
    orders = sorted(row.number for row in await house.all(OrderRow) if row.channel != "pos")
    if orders != [f"A-{n:08d}" for n in range(1, len(orders) + 1)]:
        yield f"order numbers {orders}"
