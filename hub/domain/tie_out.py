"""Stated totals beside recomputed ones: a difference is named, never mended.

An order's `stated.lines` is the sum of its goods after their own discounts,
`stated.charges` what is charged beside them (shipping, fees, tips, charges of the
document), `stated.payable` everything with tax. A receipt's tenders pay its total,
and its lines make it, up to the cash rounding that it states.

Source: EN 16931 BR-CO-10 to BR-CO-16.
"""

from collections.abc import Iterable, Iterator
from decimal import Context, Decimal, localcontext

from hub.canonical.catalogue import AllowanceCharge
from hub.canonical.finding import Finding, Location
from hub.canonical.order import Order, OrderLine
from hub.canonical.sale import Sale
from hub.canonical.values import round_amount

_PRECISION = 120
"""Digits that hold the product of any two amounts (38 digits each) exactly."""
_EXACT = Context(prec=_PRECISION)
BESIDE_THE_GOODS = frozenset({"shipping", "fee", "tip"})


def differences(document: Order | Sale) -> tuple[Finding, ...]:
    """Return a warning for each stated total that the document's own lines do not give."""
    with localcontext() as context:
        context.prec = _PRECISION
        return tuple(_order(document) if isinstance(document, Order) else _sale(document))


def line_amount(line: OrderLine, currency: str) -> Decimal:
    """Return what a line comes to, rounded: as stated, else price x quantity with its allowances and charges."""
    if line.stated_amount is not None:
        return round_amount(line.stated_amount, currency, _EXACT)
    if line.price is None or not line.price.base_quantity:
        return Decimal(0)
    gross = _EXACT.multiply(line.price.amount, line.quantity.value)
    if line.price.base_quantity != 1:
        gross = _EXACT.divide(gross, line.price.base_quantity)
    if line.allowances:
        with localcontext(_EXACT):
            gross += balance(line.allowances, gross)
    return round_amount(gross, currency, _EXACT)


def amount_at(price: Decimal, quantity: Decimal, currency: str) -> Decimal:
    """Return what so many units cost at the price of one, rounded."""
    return round_amount(_EXACT.multiply(price, quantity), currency, _EXACT)


def _as_stated(line: OrderLine, currency: str) -> Decimal:
    """Return a stated amount with all its decimals, else what the line comes to."""
    return line_amount(line, currency) if line.stated_amount is None else line.stated_amount


def balance(changes: Iterable[AllowanceCharge], base: Decimal) -> Decimal:
    """Return charges less allowances; a percentage is of its own base, else of `base`."""
    total = Decimal(0)
    for change in changes:
        amount = change.amount
        if amount is None:
            amount = (base if change.base is None else change.base) * (change.percentage or Decimal(0)) / 100
        total += amount if change.charge else -amount
    return total


def _order(order: Order) -> Iterator[Finding]:
    amounts = [(line, _as_stated(line, order.currency)) for line in order.lines]
    goods = sum((amount for line, amount in amounts if line.kind not in BESIDE_THE_GOODS), Decimal(0))
    beside = sum((amount for line, amount in amounts if line.kind in BESIDE_THE_GOODS), Decimal(0))
    charges = balance([change for change in order.allowances if change.charge], goods)
    allowances = -balance([change for change in order.allowances if not change.charge], goods)
    taxes = [line.tax_amount for line, amount in amounts if line.tax_amount is not None or amount]
    tax = sum((amount for amount in taxes if amount is not None), Decimal(0))
    stated = order.stated
    owed_tax = tax if stated.tax is None else stated.tax
    total = goods + beside + charges - allowances + (0 if order.tax_included else owed_tax)
    computed = {
        "lines": goods,
        "charges": beside + charges,
        "allowances": allowances,
        "tax": tax if None not in taxes else None,
        "payable": total,
    }
    for name, amount in computed.items():
        claim = getattr(stated, name)
        if claim is not None and amount is not None:
            yield from _compare(f"$.stated.{name}", name, claim, amount, order.currency)
    if stated.line_count is not None and stated.line_count != len(order.lines):
        yield _difference("$.stated.line_count", "line_count", Decimal(stated.line_count), Decimal(len(order.lines)))


def _sale(sale: Sale) -> Iterator[Finding]:
    if sale.kind == "control":
        return
    lines = sum((line.amount for line in sale.lines if not line.voided), Decimal(0))
    tax = Decimal(0) if sale.tax_included else sum((tax.amount for tax in sale.taxes), Decimal(0))
    tenders = sum((tender.amount for tender in sale.tenders), Decimal(0))
    yield from _compare("$.total", "lines", sale.total, lines + tax, sale.currency)
    yield from _compare("$.tenders", "tenders", sale.total + sale.rounding, tenders, sale.currency)


def _compare(path: str, name: str, stated: Decimal, computed: Decimal, currency: str) -> Iterator[Finding]:
    if round_amount(stated, currency) != round_amount(computed, currency):
        yield _difference(path, name, stated, computed)


def _difference(path: str, name: str, stated: Decimal, computed: Decimal) -> Finding:
    return Finding(
        code=f"{name}_differ",
        level="warning",
        location=Location(path=path),
        message=f"{name}: stated {stated}, computed {computed}, difference {stated - computed}",
    )
