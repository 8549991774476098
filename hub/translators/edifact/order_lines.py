"""The lines of an order: LIN groups to order lines.

Groups are found by the tag of their trigger, so the same reading serves D.96A (LIN is SG25)
and D.01B (SG28).

Source: UN/EDIFACT D.96A and D.01B ORDERS, group of LIN: PIA, IMD, QTY, DTM, MOA, FTX, PRI, RFF,
TAX, NAD, ALC; EANCOM 1997 and 2002 for the qualifiers.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from hub.canonical.catalogue import AllowanceCharge, ItemIdentification, Price
from hub.canonical.order import Note, OrderLine, Period, Reference
from hub.canonical.party import Party
from hub.canonical.values import Quantity, check_digit, has_check_digit
from hub.translators.edifact.parties import read_party
from hub.translators.edifact.reading import Extensions, Reading, wire
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

GTIN_CODES = frozenset({"EN", "SRV", "UP", "IB", "EU", "UA"})
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_ITEM_FIELDS = {"SA": "sellers", "VP": "sellers", "IN": "buyers", "BP": "buyers", "MF": "manufacturers"}
_NAMES = frozenset({"", "8", "050", "BTI"})
"""7081 of IMD that say what the item is called: nothing, product, and in the book trade the title."""
_PRICES = ("AAA", "INV", "CAL", "AAF", "AAB")
"""5125 of prices without tax, the one to take first."""
_STATED = ("203", "66", "38")
_WANTED = frozenset({"2", "64", "358", "63", "359"})
_DELIVERY = ("DP", "ST", "CN")
_ISBN_10 = re.compile(r"[0-9]{9}[0-9Xx]")
_FULL = 100


def read_line(group: Group, ordinal: int, reading: Reading) -> OrderLine | None:
    """Return one line, None where its quantity cannot be read."""
    kept = Extensions()
    lin = group.trigger
    own: dict[str, list[Segment]] = {}
    for segment in group.segments[1:]:
        own.setdefault(segment.tag, []).append(segment)
    item = _item(lin, own, reading, kept)
    quantity = _quantity(group, own.pop("QTY", ()), reading, kept)
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
        extensions=kept.result(),
    )


def _item(lin: Segment, own: dict[str, list[Segment]], reading: Reading, kept: Extensions) -> ItemIdentification:
    found: dict[str, str] = {}
    number, kind = lin.value(3), lin.value(3, 2)
    if number and not _identify(number, kind, found, lin, 3, reading):
        kept.keep_text(f"LIN+{kind}", wire(lin))
    if lin.value(2):
        kept.keep_text("LIN+1229", lin.value(2))
    for pia in own.pop("PIA", ()):
        for element in range(2, len(pia.raw_elements)):
            number, kind = pia.value(element), pia.value(element, 2)
            if number and not _identify(number, kind, found, pia, element, reading):
                kept.keep_text(f"PIA+{kind}", f"PIA+{pia.value(1)}+{pia.raw_elements[element]}")
    name, description = _names(own.pop("IMD", ()), kept)
    return ItemIdentification(
        gtin=found.get("gtin"),
        sellers=found.get("sellers"),
        buyers=found.get("buyers"),
        manufacturers=found.get("manufacturers"),
        name=name,
        description=description,
    )


def _identify(number: str, kind: str, found: dict[str, str], segment: Segment, element: int, reading: Reading) -> bool:
    """Place one number of an item; tell whether it has a place, where it stands as it came."""
    if kind in GTIN_CODES or (not kind and segment.tag == "LIN"):
        gtin = _gtin(number, kind)
        if gtin:
            return found.setdefault("gtin", gtin) == number
        if kind:
            reading.warn("12", f"{number!r} is no GTIN; the item is known by its other numbers", segment, element, 1)
        return False
    field = _ITEM_FIELDS.get(kind)
    return field is not None and found.setdefault(field, number) == number


def _gtin(number: str, kind: str) -> str | None:
    """Return the GTIN that a number is, or that an ISBN of ten characters has become; None where it is none."""
    if len(number) in _GTIN_LENGTHS and has_check_digit(number):
        return number
    if kind == "IB" and _ISBN_10.fullmatch(number):
        twelve = f"978{number[:9]}"
        return twelve + check_digit(twelve)
    return None


def _names(imds: Iterable[Segment], kept: Extensions) -> tuple[str | None, str | None]:
    texts: list[str] = []
    for imd in imds:
        text = "".join(imd.components(3)[3:5])
        is_name = bool(text) and imd.value(2) in _NAMES
        if is_name and text not in texts:
            texts.append(text)
        if not is_name or imd.value(2) or imd.value(3):
            kept.keep(imd)
    return (texts[0] if texts else None), ("\n".join(texts[1:]) or None)


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


def read_money(
    segments: Iterable[Segment], wanted: tuple[str, ...], reading: Reading, kept: Extensions
) -> Decimal | None:
    """Return the amount of the first of these qualifiers (5025) that is there; the other MOA are kept.

    So is one in another currency than the order's.
    """
    by_qualifier: dict[str, Segment] = {}
    for moa in segments:
        is_ours = moa.value(1, 3) in {"", reading.currency}
        if is_ours and moa.value(1) in wanted and moa.value(1) not in by_qualifier and moa.value(1, 2):
            by_qualifier[moa.value(1)] = moa
        else:
            kept.keep(moa)
    chosen = next((by_qualifier.pop(qualifier) for qualifier in wanted if qualifier in by_qualifier), None)
    kept.keep_all(by_qualifier.values())
    return reading.number(chosen, 1, 2) if chosen else None


def read_wanted(segments: Iterable[Segment], reading: Reading, kept: Extensions) -> Period | None:
    """Return when delivery is wanted: DTM 2, or 64 and 63 (EANCOM), or 358 and 359; the other DTM are kept."""
    start = end = None
    for dtm in segments:
        qualifier = dtm.value(1)
        period = reading.period(dtm) if qualifier in _WANTED else None
        if period is None:
            kept.keep(dtm)
            continue
        if qualifier not in {"63", "359"}:
            start = period.start
        if qualifier not in {"64", "358"}:
            end = period.end
        if has_time_of_day(dtm):
            kept.keep(dtm)
    return Period(start=start, end=end) if start or end else None


def has_time_of_day(dtm: Segment) -> bool:
    """Tell whether a DTM says more than a day."""
    return dtm.value(1, 3) in {"203", "204", "201", "303", "719"} and bool(dtm.value(1, 2)[8:].strip("0"))


def read_notes(segments: Iterable[Segment], kept: Extensions) -> tuple[Note, ...]:
    """Return free texts; codes beside a text, or instead of one, are kept."""
    notes = []
    for ftx in segments:
        text = "\n".join(line for line in ftx.components(4) if line)
        if text:
            notes.append(Note(subject=ftx.value(1) or None, text=text))
        if not text or ftx.value(2) or ftx.value(3):
            kept.keep(ftx)
    return tuple(notes)


def read_references(groups: Iterable[Group], reading: Reading, kept: Extensions) -> tuple[Reference, ...]:
    """Return references with their dates (DTM 171); what names no document, and other dates, are kept."""
    found = []
    for group in groups:
        rff = group.trigger
        if not rff.value(1, 2):
            kept.keep_group(group)
            continue
        issued = None
        for dtm in group.segments[1:]:
            if dtm.tag == "DTM" and dtm.value(1) == "171" and issued is None and (issued := reading.day(dtm)):
                continue
            kept.keep(dtm, f"RFF+{rff.value(1)}/")
        if rff.value(1, 4):
            kept.keep(rff)
        line = rff.value(1, 3) or None
        found.append(Reference(kind=rff.value(1), number=rff.value(1, 2), line=line, issued=issued))
    return tuple(found)


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


def read_percentage(segment: Segment, element: int, component: int, reading: Reading) -> Decimal | None:
    """Return a percentage from 0 to 100, None for none; another one is told."""
    text = segment.value(element, component)
    if not text.strip():
        return None
    value = reading.number(segment, element, component)
    if value is not None and not 0 <= value <= _FULL:
        reading.report("12", f"{text} is no percentage from 0 to 100", segment, element, component)
        return None
    return value


def _delivery(groups: Iterable[Group], reading: Reading, kept: Extensions) -> Party | None:
    """Return where this line goes, if elsewhere than the order; other parties of the line are kept."""
    found = None
    for group in groups:
        if found is None and group.trigger.value(1) in _DELIVERY:
            found = read_party(group, reading, kept)
        else:
            kept.keep_group(group)
    return found


def read_allowances(groups: Iterable[Group], reading: Reading, kept: Extensions) -> tuple[AllowanceCharge, ...]:
    """Return allowances and charges; of those that are no plain amount or percentage the whole group is kept too."""
    found = []
    for group in groups:
        one = _allowance(group, reading, kept)
        if one is None:
            kept.keep_group(group)
        else:
            found.append(one)
    return tuple(found)


def _allowance(group: Group, reading: Reading, kept: Extensions) -> AllowanceCharge | None:
    alc = group.trigger
    kind = alc.value(1)
    moas = [moa for below in group.children("MOA") for moa in below.all("MOA")] + group.all("MOA")
    pcds = [below.trigger for below in group.children("PCD")]
    amount_at = next((moa for moa in moas if moa.value(1) in {"8", "23", "204"}), None)
    base_at = next((moa for moa in moas if moa.value(1) == "25"), None)
    amount = reading.number(amount_at, 1, 2) if amount_at else None
    percentage = read_percentage(pcds[0], 1, 2, reading) if pcds else None
    if kind not in {"A", "C"} or (amount is None and percentage is None):
        return None
    known = {amount_at, base_at, alc, *pcds[:1]}
    taxes = [below.trigger for below in group.children("TAX") if len(below.segments) == 1]
    rate = read_percentage(taxes[0], 5, 4, reading) if taxes else None
    if (
        any(segment not in known and segment not in taxes[:1] for segment in group.walk())
        or alc.value(2)
        or alc.value(3)
    ):
        kept.keep_group(group, "ALC/")
    charge = kind == "C"
    sequence = alc.value(4)
    return AllowanceCharge(
        charge=charge if amount is None or amount >= 0 else not charge,
        amount=None if amount is None else abs(amount),
        percentage=percentage,
        base=reading.number(base_at, 1, 2) if base_at else None,
        reason_code=alc.value(5) or None,
        reason="".join(alc.components(5)[3:5]) or None,
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() else None,
        tax_rate=rate,
    )
