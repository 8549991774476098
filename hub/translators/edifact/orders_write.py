"""An order back to ORDERS: what `orders.read` made of a message becomes a message that reads the same.

What the order states is written from its fields; what the reading only kept
(`extensions`) is put back at its place. Where a kept segment says the same as a field
and more (an allowance with its own conditions, a text with a code), it stands for it.

Source: UN/EDIFACT D.96A and D.01B ORDERS.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from hub.canonical.agreement import Agreement
from hub.canonical.catalogue import AllowanceCharge, Price
from hub.canonical.order import Note, Order, OrderLine, Reference
from hub.canonical.party import Party
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.directory import directory
from hub.translators.edifact.kept import Block, Kept, block, in_order, merged, value
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
_REASON_WIDTH = 35
_AMOUNTS = frozenset({"8", "23", "204"})
_COUNTRY = 6
_REGION = 4
"""Elements of NAD between the party's number and its country."""


def write(
    order: Order,
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with the order, from `edi.us` to `edi.them`. `reference` is UNB 0020.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    envelope = document(
        "ORDERS", agreement, reference=reference, message_reference=message_reference, now=now, test=test
    )
    table = directory(edi(agreement).directory).message("ORDERS")
    if table is None:
        raise AssertionError("every directory has ORDERS")
    tongue = blocks.dialect(agreement)
    return interchange(envelope, in_order(_order(order, tongue, table), table))


def _order(order: Order, tongue: Dialect, table: Node) -> Iterator[Block]:
    """Yield all blocks of the message, UNH and UNT apart, in any order but that of equals."""
    kept = Kept(order.extensions)
    yield _bgm(order, kept)
    yield from _each(blocks.day("137", order.issued))
    yield from _each(blocks.wanted(order.requested_delivery))
    yield from _notes(order.notes, kept, tongue)
    yield from _references(order.references, kept)
    yield from _parties(order, kept, tongue, table)
    yield (segment("CUX", ("2", order.currency, "9")),)
    if order.payment_terms_days is not None:
        yield tuple(blocks.payment_days(order.payment_terms_days))
    yield from _allowances(order.allowances, kept, tongue)
    group = _group(table, "LIN")
    for line in order.lines:
        yield tuple(in_order(_line(line, tongue, group), group))
    yield (segment("UNS", "S"),)
    yield from _totals(order)
    yield from kept.rest()


def _bgm(order: Order, kept: Kept) -> Block:
    full = kept.take("BGM")
    return full[0] if full else (segment("BGM", order.kind, order.number, _FUNCTIONS[order.function]),)


def _parties(order: Order, kept: Kept, tongue: Dialect, table: Node) -> Iterator[Block]:
    group = _group(table, "NAD")
    for role, code in _ROLES.items():
        party: Party | None = getattr(order, role)
        if party is not None:
            yield _party(kept.text(f"NAD+{role}") or code, party, kept, tongue, group)
    for other in order.other_parties:
        yield _party(other.role, other.party, kept, tongue, group)


def _party(role: str, party: Party, kept: Kept, tongue: Dialect, group: Node) -> Block:
    """Return NAD with all that stands below it."""
    path = f"NAD+{role}/"
    nad, *below = blocks.party(role, party, tongue)
    list_, region, country = (kept.text(f"{path}{element}") for element in ("1131", "3229", "3207"))
    contact = [plain for plain in below if plain.tag in {"CTA", "COM"}]
    own: list[Block] = [(_amended(nad, list_, region, country),), *((plain,) for plain in below if plain.tag == "RFF")]
    cta = kept.text(f"{path}3139")
    if cta:
        contact[:1] = block(cta)
    full = kept.take(path)
    contact += [each[0] for each in full if each[0].tag == "COM"]
    if contact:
        own.append(tuple(contact))
    return tuple(in_order([*own, *(each for each in full if each[0].tag != "COM")], group))


def _amended(nad: Plain, list_: str, region: str, country: str) -> Plain:
    """Return NAD with a code list, a region's further parts and a country that the party has no place for."""
    role, identification, *address = nad.elements
    if list_ and isinstance(identification, tuple):
        identification = (value(nad, 2), list_, value(nad, 2, 3))
    if region:
        address[_REGION] = block(f"NAD+{region}")[0].elements[0]
    if country:
        address = [*address[:_COUNTRY], *[""] * (_COUNTRY - len(address)), country]
    return segment("NAD", role, identification, *address)


def _line(line: OrderLine, tongue: Dialect, group: Node) -> Iterator[Block]:
    kept = Kept(line.extensions)
    own = list(blocks.line(line.line_id, kept.text("LIN+1229"), line.item, tongue))
    yield (_lin(own[0], line, kept),)
    yield from _each(own[1:])
    if line.item.description is not None:
        for text in line.item.description.split("\n"):
            yield (blocks.name(text, tongue),)
    yield (blocks.whole_quantity("21", line.quantity, tongue),)
    yield from _each(blocks.wanted(line.requested_delivery))
    if line.stated_amount is not None:
        yield (blocks.money("203", line.stated_amount),)
    yield from _notes(line.notes, kept, tongue)
    if line.price is not None:
        yield (_price(line.price, tongue),)
    yield from _references(line.references, kept)
    if line.tax_rate is not None:
        yield _tax(line.tax_rate, line.tax_amount)
    if line.delivery is not None:
        yield _party("DP", line.delivery, kept, tongue, _group(group, "NAD"))
    yield from _allowances(line.allowances, kept, tongue)
    yield from kept.rest()


def _lin(lin: Plain, line: OrderLine, kept: Kept) -> Plain:
    """Return LIN with its parent line, and with what the line has no place for: a number that was no GTIN, a list."""
    lin_keys = [key for key in line.extensions if key.startswith("LIN+") and key not in kept.taken]
    numbers, others = lin.elements[2], lin.elements[4:]
    for key in lin_keys:
        whole = kept.take(key)[0][0]
        numbers, others = whole.elements[2], whole.elements[4:]
    parent = ("1", line.parent_line) if line.parent_line else ()
    return segment("LIN", lin.elements[0], lin.elements[1], numbers, parent, *others)


def _price(price: Price, tongue: Dialect) -> Plain:
    base = blocks.number(price.base_quantity) if price.base_quantity != 1 or price.unit else None
    unit = tongue.units.get(price.unit, price.unit) if price.unit else None
    return segment("PRI", (price.qualifier or "AAA", blocks.number(price.amount), None, None, base, unit))


def _tax(rate: Decimal, amount: Decimal | None) -> Block:
    tax = segment("TAX", "7", "VAT", "", "", (None, None, None, blocks.number(rate)))
    return (tax,) if amount is None else (tax, blocks.money("124", amount))


def _notes(notes: Iterable[Note], kept: Kept, tongue: Dialect) -> Iterator[Block]:
    own = [tuple(blocks.note(note.subject or "", note.text, tongue)) for note in notes]
    yield from merged(own, kept.take("FTX"), lambda ftx: (value(ftx[0], 1), _components(ftx[0], 4)))


def _references(references: Iterable[Reference], kept: Kept) -> Iterator[Block]:
    """Yield RFF with their dates; dates of another kind go below the first reference of theirs."""
    full = kept.take("RFF")
    dates = [each[0] for each in full if each[0].tag == "DTM"]
    whole = [each for each in full if each[0].tag == "RFF"]
    own = [tuple(blocks.reference(each.kind, each.number, each.line, each.issued)) for each in references]
    for number, one in enumerate(merged(own, whole, lambda rff: _components(rff[0], 1)[:3])):
        yield (*one, *dates) if number == 0 else one


def _allowances(allowances: Iterable[AllowanceCharge], kept: Kept, tongue: Dialect) -> Iterator[Block]:
    yield from merged([_allowance(each, tongue) for each in allowances], kept.take("ALC/"), _alike_allowances)
    yield from kept.take("ALC+")


def _allowance(one: AllowanceCharge, tongue: Dialect) -> Block:
    reason = blocks.continued(one.reason or "", _REASON_WIDTH, tongue)
    kind = "C" if one.charge else "A"
    sequence = "" if one.sequence is None else str(one.sequence)
    plains = [segment("ALC", kind, "", "", sequence, (one.reason_code, None, None, *reason))]
    if one.percentage is not None:
        plains.append(segment("PCD", ("2" if one.charge else "1", blocks.number(one.percentage))))
    if one.amount is not None:
        plains.append(blocks.money("8", one.amount))
    if one.base is not None:
        plains.append(blocks.money("25", one.base))
    if one.tax_rate is not None:
        plains.append(segment("TAX", "7", "VAT", "", "", (None, None, None, blocks.number(one.tax_rate))))
    return tuple(plains)


def _alike_allowances(group: Block) -> Hashable:
    """Return what makes two allowances one: kind, reason, percentage, amount."""
    found = {plain.tag: plain for plain in reversed(group)}
    amount = next((value(plain, 1, 2) for plain in group if plain.tag == "MOA" and value(plain, 1) in _AMOUNTS), "")
    return value(group[0], 5), blocks.same(amount), blocks.same(value(found["PCD"], 1, 2) if "PCD" in found else "")


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


def _components(plain: Plain, element: int) -> tuple[str, ...]:
    """Return the components of an element without those at the end that say nothing."""
    if element > len(plain.elements):
        return ()
    components = plain.elements[element - 1]
    found = list(components) if isinstance(components, tuple) else [components]
    while found and not found[-1]:
        found.pop()
    return tuple(found)
