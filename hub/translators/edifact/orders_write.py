"""An order back to ORDERS: what `orders.read` made of a message becomes a message that reads the same.

What the order states is written from its fields; what the reading only kept
(`extensions`) is put back at its place.

Source: UN/EDIFACT D.96A and D.01B ORDERS.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from hub.canonical.agreement import Agreement
from hub.canonical.catalogue import Price
from hub.canonical.finding import Location
from hub.canonical.order import Order, OrderLine
from hub.canonical.party import Party
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.details import detail_blocks
from hub.translators.edifact.directory import directory
from hub.translators.edifact.forms.form import Pen
from hub.translators.edifact.items import item_blocks
from hub.translators.edifact.kept import Block, Kept, in_order
from hub.translators.edifact.parties import party_group, path_of
from hub.translators.edifact.reading import Reading
from hub.translators.edifact.restated import allowance_blocks, note_blocks, reference_blocks
from hub.translators.edifact.table import Node
from hub.translators.edifact.writer import Plain, document, edi, interchange, segment

_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {
        "original": "9",
        "replace": "5",
        "change": "4",
        "cancellation": "1",
        "duplicate": "7",
        "proposal": "16",
        "confirmation": "6",
    }
)
_ROLES = MappingProxyType({"buyer": "BY", "seller": "SU", "delivery": "DP", "invoicee": "IV"})


def write(
    order: Order,
    agreement: Agreement,
    *,
    type_: str = "ORDERS",
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with the order, from `edi.us` to `edi.them`. `reference` is UNB 0020.

    As an ORDCHG it says what of an order known already is to be otherwise.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    envelope = document(type_, agreement, reference=reference, message_reference=message_reference, now=now, test=test)
    table = directory(edi(agreement).directory).message(type_)
    if table is None:
        raise AssertionError(f"every directory has {type_}")
    pen = Pen(blocks.dialect(agreement), Reading(agreement, "", Location()), table.content, Kept(order.extensions))
    return interchange(envelope, in_order(_order(order, pen, table), table.content))


def _order(order: Order, pen: Pen, table: Node) -> Iterator[Block]:
    """Yield all blocks of the message, UNH and UNT apart, in any order but that of equals."""
    kept, tongue = pen.kept, pen.tongue
    yield _bgm(order, kept)
    yield from _each(blocks.day("137", order.issued))
    yield from _each(blocks.wanted(order.requested_delivery))
    yield from note_blocks(order.notes, kept, tongue)
    yield from reference_blocks(order.references, kept)
    yield from _parties(order, kept, tongue, table)
    yield (segment("CUX", ("2", order.currency, "9")),)
    if order.payment_terms_days is not None:
        yield tuple(blocks.payment_days(order.payment_terms_days))
    yield from allowance_blocks(order.allowances, kept, tongue)
    group = _group(table, "LIN")
    for line in order.lines:
        yield tuple(in_order(_line(line, pen.inside(group, line.extensions)), group.content))
    yield (segment("UNS", "S"),)
    yield from _totals(order)
    yield from detail_blocks(order.details, pen)
    yield from kept.rest()


def _bgm(order: Order, kept: Kept) -> Block:
    full = kept.take("BGM")
    return full[0] if full else (segment("BGM", order.kind, order.number, _FUNCTIONS[order.function]),)


def _parties(order: Order, kept: Kept, tongue: Dialect, table: Node) -> Iterator[Block]:
    group = _group(table, "NAD")
    for field, code in _ROLES.items():
        party: Party | None = getattr(order, field)
        if party is not None:
            role = kept.text(f"NAD+{field}") or code
            yield party_group(role, party, kept, path_of(role), tongue, group.content)
    for other in order.other_parties:
        yield party_group(other.role, other.party, kept, path_of(other.role), tongue, group.content)


def _line(line: OrderLine, pen: Pen) -> Iterator[Block]:
    kept, tongue = pen.kept, pen.tongue
    action = kept.text("LIN+1229")
    yield from item_blocks(line.line_id, action, line.parent_line, line.item, kept, tongue)
    yield (blocks.whole_quantity("21", line.quantity, tongue),)
    yield from _each(blocks.wanted(line.requested_delivery))
    if line.stated_amount is not None:
        yield (blocks.money("203", line.stated_amount),)
    yield from note_blocks(line.notes, kept, tongue)
    if line.price is not None:
        yield (_price(line.price, tongue),)
    yield from reference_blocks(line.references, kept)
    if line.tax_rate is not None:
        yield _tax(line.tax_rate, line.tax_amount)
    if line.delivery is not None:
        role = kept.text("NAD+delivery") or _ROLES["delivery"]
        places = next(node for node in pen.nodes("NAD")).content
        yield party_group(role, line.delivery, kept, path_of(role), tongue, places)
    yield from allowance_blocks(line.allowances, kept, tongue)
    yield from detail_blocks(line.details, pen)
    yield from kept.rest()


def _price(price: Price, tongue: Dialect) -> Plain:
    base = blocks.number(price.base_quantity) if price.base_quantity != 1 or price.unit else None
    unit = tongue.units.get(price.unit, price.unit) if price.unit else None
    return segment("PRI", (price.qualifier or "AAA", blocks.number(price.amount), None, None, base, unit))


def _tax(rate: Decimal, amount: Decimal | None) -> Block:
    tax = segment("TAX", "7", "VAT", "", "", (None, None, None, blocks.number(rate)))
    return (tax,) if amount is None else (tax, blocks.money("124", amount))


def _totals(order: Order) -> Iterator[Block]:
    stated = order.stated
    sums = {"79": stated.lines, "259": stated.charges, "260": stated.allowances, "176": stated.tax, "9": stated.payable}
    for qualifier, amount in sums.items():
        if amount is not None:
            yield (blocks.money(qualifier, amount),)
    if stated.quantity is not None:
        yield (segment("CNT", ("1", blocks.number(stated.quantity))),)
    if stated.line_count is not None:
        yield (segment("CNT", ("2", str(stated.line_count))),)


def _group(table: Node, tag: str) -> Node:
    return next(node for node in table.content if node.tag == tag and node.content)


def _each(plains: Iterable[Plain]) -> Iterator[Block]:
    for plain in plains:
        yield (plain,)
