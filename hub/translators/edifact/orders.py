"""ORDERS and ORDCHG to the order that they say: D.96A and D.01B, EANCOM or plain.

What the buyer stated is kept as stated; what has no place of its own stands in
`extensions`, under the segment's tag and qualifier. An order that nobody could deliver
(without a number, a buyer, a line, a quantity) gets findings and is not returned.

A GTIN or GLN with a wrong check digit is a warning, not a refusal: the raw number is
kept in `extensions`, and whether the line can be delivered by its other numbers is for the
order service to say, line by line.

Source: UN/EDIFACT D.96A and D.01B ORDERS, ORDCHG; EANCOM 1997 and 2002.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType

from hub.canonical.finding import Level
from hub.canonical.order import Order, OrderFunction, OrderLine, OrderReceived, StatedTotals
from hub.canonical.party import OtherParty, Party
from hub.canonical.values import MINOR_UNITS
from hub.translators.edifact.details import read_details
from hub.translators.edifact.found import any_error
from hub.translators.edifact.order_lines import read_line
from hub.translators.edifact.parties import path_of, read_party
from hub.translators.edifact.plain_lines import plain_rest, read_plain_line, read_plain_lines
from hub.translators.edifact.reading import DEFAULT, Extensions, Reading, wire
from hub.translators.edifact.stated import (
    has_time_of_day,
    read_allowances,
    read_money,
    read_notes,
    read_references,
    read_wanted,
)
from hub.translators.edifact.structure import Group, StructureReader
from hub.translators.edifact.syntax import Segment

_FUNCTIONS: MappingProxyType[str, OrderFunction] = MappingProxyType(
    {
        "": "original",
        "9": "original",
        "5": "replace",
        "4": "change",
        "1": "cancellation",
        "7": "duplicate",
        "31": "duplicate",
        "35": "duplicate",
        "16": "proposal",
        "13": "proposal",
        "46": "proposal",
        "6": "confirmation",
        "42": "confirmation",
    }
)
_CHANGES: MappingProxyType[str, OrderFunction] = MappingProxyType(
    {
        "": "change",
        "1": "cancellation",
        "4": "change",
        "5": "replace",
        "9": "change",
        "20": "change",
        "21": "change",
        "22": "change",
        "36": "change",
    }
)
"""1225 of ORDCHG: all of it is off, all of it is said again, or some of it is to be otherwise."""
_ROLES = MappingProxyType(
    {
        "BY": "buyer",
        "SU": "seller",
        "SE": "seller",
        "DP": "delivery",
        "ST": "delivery",
        "CN": "delivery",
        "IV": "invoicee",
    }
)
_WANTED = MappingProxyType(
    {
        "lines": ("79",),
        "allowances": ("260",),
        "charges": ("259",),
        "tax": ("176", "124", "150"),
        "payable": ("9", "86", "77", "128"),
    }
)
"""5025 of each total, the one to take first."""
_TOTALS = MappingProxyType({code: total for total, codes in _WANTED.items() for code in codes})
_SUMMARY = frozenset({"UNS", "MOA", "CNT", "UNH", "UNT"})


def read(structure: StructureReader, reading: Reading, sent: date | None) -> OrderReceived | None:
    """Return the order of an ORDERS, None where findings say that it is none.

    `sent` is the day in UNB, taken where the document has no date of its own.
    """
    whole = structure.whole
    plain = read_plain_lines(whole) if whole is not None else None
    if whole is None or plain is None:
        return _read(structure.tree, reading, sent)
    rest = plain_rest(whole, plain) or structure.tree_without(plain.first, plain.behind)
    if rest is None:
        return _read(structure.tree, reading, sent)
    return _read(rest, reading, sent, plain.lines)


def read_change(structure: StructureReader, reading: Reading, sent: date | None) -> OrderReceived | None:
    """Return the order of an ORDCHG: that which it is about (RFF+ON), as the buyer wants it now.

    Of a `change` it has the lines that are spoken of, with LIN 1229 in their extensions; one
    that is deleted has no quantity. The change's own number is kept under `BGM`.
    """
    return _read(structure.tree, reading, sent, changes=True)


def _read(
    tree: Group, reading: Reading, sent: date | None, lines: list[OrderLine] | None = None, *, changes: bool = False
) -> OrderReceived | None:
    """Return the order of a tree; where its `lines` are known already, they do not stand in it."""
    kept = Extensions()
    bgm = tree.first("BGM")
    if bgm is None:
        return None
    function = _function(bgm, _CHANGES if changes else _FUNCTIONS, reading)
    number = _changed_number(tree, bgm, reading) if changes else _number(bgm, reading)
    if changes or bgm.value(4) or bgm.value(1, 2) or bgm.value(1, 3) or bgm.value(1, 4) or bgm.value(2, 2):
        kept.keep_text("BGM", wire(bgm))
    currency = reading.currency = _currency(tree.children("CUX"), reading, kept)
    issued = _issued(tree, bgm, sent, reading, kept)
    wanted = read_wanted([dtm for dtm in tree.all("DTM") if dtm.value(1) != "137"], reading, kept)
    parties, others = _parties(tree, reading, kept)
    references = read_references(tree.children("RFF"), reading, kept)
    days = _payment_days(tree.children("PAT"), kept)
    allowances = read_allowances(tree.children("ALC"), reading, kept)
    _keep_rest(tree, kept)
    groups = tree.children("LIN")
    count = len(groups if lines is None else lines)
    if lines is None:
        lines = _lines(groups, reading, changes=changes)
    if not count and function not in {"cancellation", None}:
        reading.report("13", "The order has no line", _last_of_head(tree), tag="LIN")
    stated = _totals(tree, count, reading, kept)
    notes = read_notes(tree.all("FTX"), kept)
    buyer = parties.get("buyer")
    if buyer is None:
        reading.report("13", "The buyer (NAD+BY) is missing", _last_of_head(tree), tag="NAD")
    if buyer is None or any_error(reading.findings):
        return None
    if function is None or issued is None:
        return None
    details, extensions = read_details(kept, reading)
    order = Order.trusted(
        number=number,
        function=function,
        kind=bgm.value(1) or "220",
        issued=issued,
        currency=currency,
        buyer=buyer,
        seller=parties.get("seller"),
        delivery=parties.get("delivery"),
        invoicee=parties.get("invoicee"),
        other_parties=tuple(others),
        requested_delivery=wanted,
        references=references,
        notes=notes,
        payment_terms_days=days,
        lines=tuple(lines),
        allowances=allowances,
        stated=stated,
        cancelled=function == "cancellation",
        details=details,
        extensions=extensions,
    )
    return OrderReceived.trusted(buyer_key=buyer.gln or buyer.identifier or reading.sender, order=order)


def _lines(groups: list[Group], reading: Reading, *, changes: bool) -> list[OrderLine]:
    """Return the lines that can be read, the plain ones at a stroke; two of one number no answer could tell apart."""
    may_be_plain = bool(groups) and groups[0].trigger.chars == DEFAULT
    found = []
    seen: set[str] = set()
    for ordinal, group in enumerate(groups, 1):
        line = read_plain_line(group) if may_be_plain else None
        number = line.line_id if line else _line_number(group.trigger, ordinal, reading)
        if number in seen:
            reading.report("26", f"Two lines have the number {number}", group.trigger, 1)
        seen.add(number)
        line = line or read_line(group, ordinal, reading, changes=changes)
        if line is not None:
            found.append(line)
    return found


def _line_number(lin: Segment, ordinal: int, reading: Reading) -> str:
    if not lin.value(1):
        reading.warn("13", f"A line without a number; it is counted as {ordinal}", lin, 1)
    return lin.value(1) or str(ordinal)


def _function(bgm: Segment, functions: Mapping[str, OrderFunction], reading: Reading) -> OrderFunction | None:
    code = bgm.value(3)
    function = functions.get(code)
    if function is None:
        reading.report("14", f"An order with the function {code} is not handled here", bgm, 3)
    return function


def _number(bgm: Segment, reading: Reading) -> str:
    number = bgm.value(2)
    if not number:
        reading.report("13", "The order has no number", bgm, 2)
    return number


def _changed_number(tree: Group, bgm: Segment, reading: Reading) -> str:
    """Return the number of the order that a change is about."""
    found = [group.trigger.value(1, 2) for group in tree.children("RFF") if group.trigger.value(1) == "ON"]
    number = next((number for number in found if number), "")
    if not number:
        reading.report("13", "Which order is to be changed (RFF+ON) is missing", bgm, tag="RFF")
    return number


def _issued(tree: Group, bgm: Segment, sent: date | None, reading: Reading, kept: Extensions) -> date | None:
    issued = None
    dated = [dtm for dtm in tree.all("DTM") if dtm.value(1) == "137"]
    for dtm in dated:
        day = reading.day(dtm)
        if issued is None and day is not None:
            issued = day
        if day is None or day != issued or has_time_of_day(dtm):
            kept.keep(dtm)
    if not any(dtm.value(1, 2).strip("0") for dtm in dated):
        level: Level = "error" if sent is None else "warning"
        reading.report("13", "The date of the order (DTM+137) is missing", bgm, tag="DTM", level=level)
    return issued or sent


def _currency(groups: Iterable[Group], reading: Reading, kept: Extensions) -> str:
    found = None
    for group in groups:
        cux = group.trigger
        code = cux.value(1, 2)
        if found is None and code and cux.value(1) in {"2", ""}:
            found = code.upper()
            if code != found:
                reading.warn("12", f"{code!r} is read as {found}", cux, 1, 2)
            if found not in MINOR_UNITS:
                reading.report("12", f"{code!r} is no currency of ISO 4217", cux, 1, 2)
                found = reading.agreement.currency
            if len(group.segments) > 1 or cux.value(1, 3) not in {"", "9"} or cux.value(2):
                kept.keep_group(group)
        else:
            kept.keep_group(group)
    return found or reading.agreement.currency


def _parties(tree: Group, reading: Reading, kept: Extensions) -> tuple[dict[str, Party], list[OtherParty]]:
    parties: dict[str, Party] = {}
    others = []
    for group in tree.children("NAD"):
        code = group.trigger.value(1)
        party = read_party(group, reading, kept, path_of(code))
        role = _ROLES.get(code)
        if role is None or role in parties:
            others.append(OtherParty(role=code, party=party))
        else:
            parties[role] = party
            if code in {"SE", "ST", "CN"}:
                kept.keep_text(f"NAD+{role}", code)
    return parties, others


def _payment_days(groups: Iterable[Group], kept: Extensions) -> int | None:
    """Return after how many days the order is payable (PAT 1 or 3, in days); all other terms are kept."""
    days = None
    for group in groups:
        pat = group.trigger
        count = pat.value(3, 4)
        is_plain = pat.value(1) in {"1", "3"} and pat.value(3, 3) == "D" and count.isascii() and count.isdigit()
        if is_plain and days is None and len(group.segments) == 1:
            days = int(count)
        else:
            kept.keep_group(group)
    return days


def _keep_rest(tree: Group, kept: Extensions) -> None:
    placed = {"BGM", "DTM", "FTX", *_SUMMARY}
    kept.keep_all(segment for segment in tree.segments if segment.tag not in placed)
    for group in tree.groups:
        if group.tag not in {"CUX", "NAD", "RFF", "PAT", "ALC", "LIN"}:
            kept.keep_group(group)


def _totals(tree: Group, lines: int, reading: Reading, kept: Extensions) -> StatedTotals:
    stated: dict[str, list[Segment]] = {}
    for moa in tree.all("MOA"):
        total = _TOTALS.get(moa.value(1))
        if total is None:
            kept.keep(moa)
        else:
            stated.setdefault(total, []).append(moa)
    amounts = {total: read_money(moas, _WANTED[total], reading, kept) for total, moas in stated.items()}
    counts = {}
    for cnt in tree.all("CNT"):
        kind = cnt.value(1)
        value = reading.number(cnt, 1, 2)
        if kind not in {"1", "2"} or kind in counts or value is None or (kind == "2" and value != int(value)):
            kept.keep(cnt)
            continue
        counts[kind] = value
        if kind == "2" and value != lines:
            reading.warn("29", f"CNT counts {value} lines, there are {lines}", cnt, 1, 2)
    count = counts.get("2")
    return StatedTotals.trusted(**amounts, line_count=None if count is None else int(count), quantity=counts.get("1"))


def _last_of_head(tree: Group) -> Segment:
    """Return the last segment before the lines, or before the summary: what is missing would follow it."""
    head = tree.segments[0]
    for segment in tree.walk():
        if segment.tag in {"LIN", "UNS", "UNT"}:
            break
        head = segment
    return head
