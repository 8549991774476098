"""The lines of an order: LIN groups to order lines.

Groups are found by the tag of their trigger, so the same reading serves D.96A (LIN is SG25)
and D.01B (SG28).

Source: UN/EDIFACT D.96A and D.01B ORDERS, group of LIN: QTY, DTM, MOA, FTX, PRI, RFF, TAX, NAD,
ALC; EANCOM 1997 and 2002 for the qualifiers.
"""

from collections.abc import Iterable
from decimal import Decimal

from hub.canonical.catalogue import Price
from hub.canonical.order import OrderLine
from hub.canonical.party import Party
from hub.canonical.values import Quantity
from hub.translators.edifact.details import read_details
from hub.translators.edifact.items import read_item
from hub.translators.edifact.parties import path_of, read_party
from hub.translators.edifact.reading import Extensions, Reading
from hub.translators.edifact.stated import (
    read_allowances,
    read_money,
    read_notes,
    read_percentage,
    read_references,
    read_wanted,
)
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

_PRICES = ("AAA", "INV", "CAL", "AAF", "AAB")
"""5125 of prices without tax, the one to take first."""
_STATED = ("203", "66", "38")
_DELIVERY = ("DP", "ST", "CN")
_DELETED = "2"
_NONE = Quantity(value=Decimal(0), unit="C62")


def read_line(group: Group, ordinal: int, reading: Reading, *, changes: bool = False) -> OrderLine | None:
    """Return one line, None where its quantity cannot be read. One that `changes` delete may have none."""
    kept = Extensions()
    lin = group.trigger
    own: dict[str, list[Segment]] = {}
    for segment in group.segments[1:]:
        own.setdefault(segment.tag, []).append(segment)
    if lin.value(2):
        kept.keep_text("LIN+1229", lin.value(2))
    item = read_item(lin, own, reading, kept)
    counts = own.pop("QTY", ())
    is_deleted = changes and lin.value(2) == _DELETED and not counts
    quantity = _NONE if is_deleted else _quantity(group, counts, reading, kept)
    stated = read_money(own.pop("MOA", ()), _STATED, reading, kept)
    wanted = read_wanted(own.pop("DTM", ()), reading, kept)
    notes = read_notes(own.pop("FTX", ()), kept)
    for others in own.values():
        kept.keep_all(others)
    below: dict[str, list[Group]] = {}
    for child in group.groups:
        below.setdefault(child.tag, []).append(child)
    price = _price(below.pop("PRI", ()), reading, kept)
    references = read_references(below.pop("RFF", ()), reading, kept)
    tax_rate, tax_amount = _tax(below.pop("TAX", ()), reading, kept)
    delivery = _delivery(below.pop("NAD", ()), reading, kept)
    allowances = read_allowances(below.pop("ALC", ()), reading, kept)
    _check_split(below.get("LOC", ()), quantity, reading)
    for groups in below.values():
        for other in groups:
            kept.keep_group(other)
    if quantity is None:
        return None
    details, extensions = read_details(kept, reading)
    return OrderLine(
        line_id=lin.value(1) or str(ordinal),
        parent_line=lin.value(4, 2) or None,
        item=item,
        quantity=quantity,
        price=price,
        stated_amount=stated,
        tax_rate=tax_rate,
        tax_amount=tax_amount,
        requested_delivery=wanted,
        delivery=delivery,
        allowances=allowances,
        references=references,
        notes=notes,
        details=details,
        extensions=extensions,
    )


def _quantity(group: Group, segments: Iterable[Segment], reading: Reading, kept: Extensions) -> Quantity | None:
    segments = list(segments)
    ordered = next((qty for qty in segments if qty.value(1) == "21"), None)
    if ordered is None and (ordered := next((qty for qty in segments if qty.value(1) == "1"), None)):
        reading.warn("14", "A discrete quantity (1) is taken as the ordered one (21)", ordered, 1, 1)
    kept.keep_all(qty for qty in segments if qty is not ordered)
    if ordered is None:
        before = [segment for segment in group.segments if segment.tag in {"LIN", "PIA", "IMD", "MEA"}]
        reading.report("13", "QTY with the ordered quantity (21) is missing", before[-1], tag="QTY")
        return None
    value, unit = reading.number(ordered, 1, 2), reading.unit(ordered, 1, 3)
    if value is not None and value < 0:
        reading.report("12", "A quantity less than nothing cannot be ordered", ordered, 1, 2)
        return None
    return None if value is None or unit is None else Quantity(value=value, unit=unit)


def _check_split(groups: Iterable[Group], quantity: Quantity | None, reading: Reading) -> None:
    """Warn where a line is split over places (LOC with QTY 11), and the parts are not the whole."""
    parts = [qty for group in groups for qty in group.all("QTY") if qty.value(1) == "11"]
    amounts = [reading.number(qty, 1, 2) for qty in parts]
    total = sum((amount for amount in amounts if amount is not None), Decimal(0))
    if parts and quantity is not None and total != quantity.value:
        reading.warn("12", f"The places get {total} of {quantity.value}", parts[-1], 1, 2)


def _price(groups: Iterable[Group], reading: Reading, kept: Extensions) -> Price | None:
    """Return the price to be charged; the others, and what qualifies it, are kept."""
    best: Group | None = None
    for group in groups:
        other: Group | None = group
        qualifier = group.trigger.value(1)
        if qualifier in _PRICES and (best is None or _PRICES.index(qualifier) < _PRICES.index(best.trigger.value(1))):
            other, best = best, group
        if other is not None:
            kept.keep_group(other)
    if best is None:
        return None
    pri = best.trigger
    if len(best.segments) > 1 or pri.value(1, 3) or pri.value(1, 4) or pri.value(2):
        kept.keep_group(best)
    amount, base = reading.number(pri, 1, 2), reading.number(pri, 1, 5)
    if amount is None:
        return None
    if base is not None and base <= 0:
        reading.report("12", "A price per nothing", pri, 1, 5)
        return None
    unit = reading.unit(pri, 1, 6) if pri.value(1, 6) else None
    return Price(amount=amount, base_quantity=Decimal(1) if base is None else base, unit=unit, qualifier=pri.value(1))


def _tax(groups: Iterable[Group], reading: Reading, kept: Extensions) -> tuple[Decimal | None, Decimal | None]:
    """Return VAT rate and amount of a line; other taxes, and categories other than standard, are kept."""
    rate = amount = None
    for group in groups:
        tax = group.trigger
        is_vat = tax.value(1) == "7" and tax.value(2) in {"VAT", "GST", ""}
        if not is_vat or rate is not None or tax.value(6) not in {"", "S"} or not tax.value(5, 4):
            kept.keep_group(group)
            continue
        rate = read_percentage(tax, 5, 4, reading)
        amount = read_money(group.all("MOA"), ("124",), reading, kept)
        kept.keep_all(other for other in group.segments[1:] if other.tag != "MOA")
    return rate, amount


def _delivery(groups: Iterable[Group], reading: Reading, kept: Extensions) -> Party | None:
    """Return where this line goes, if elsewhere than the order; other roles than DP, and other parties, are kept."""
    found = None
    for group in groups:
        role = group.trigger.value(1)
        if found is None and role in _DELIVERY:
            found = read_party(group, reading, kept, path_of(role))
            if role != _DELIVERY[0]:
                kept.keep_text("NAD+delivery", role)
        else:
            kept.keep_group(group)
    return found
