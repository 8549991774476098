"""How deep a document was read: what is only kept of it, and whether its totals follow from its lines.

What is kept in `extensions` although its qualifier is one that we have a word for counts as
unmapped: a field for it is missing, or says less than the segment. Keys with `=` are of
segments that fields say a part of; numbers of items are kept where they are none, and told.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from hub.canonical.trade import TradeDocument, TradeLine
from hub.canonical.values import Value
from hub.translators.edifact.labels import code_label

_QUALIFIERS = {
    "ALC": "5463",
    "CNT": "6069",
    "DTM": "2005",
    "FTX": "4451",
    "GIN": "7405",
    "IMD": "7077",
    "LOC": "3227",
    "MEA": "6311",
    "MOA": "5025",
    "NAD": "3035",
    "PAT": "4279",
    "PCI": "4233",
    "PRI": "5125",
    "QTY": "6063",
    "RFF": "1153",
    "TAX": "5283",
    "TOD": "4055",
}
"""The element by whose codes segments of a tag are told apart."""
_LINES, _QUANTITY = "2", "1"
_SUM, _OF_LINE = "79", "203"


def unmapped(document: Value) -> list[str]:
    """Return what is kept of a document that has a known qualifier, sorted."""
    return sorted(key for key in _kept(document) if _is_known(key.rpartition("/")[2]))


def differences(document: TradeDocument) -> list[str]:
    """Return which of a document's totals do not follow from its lines; of what it does not state, nothing."""
    lines = [one for one in _values(document) if isinstance(one, TradeLine)]
    counts = {one.kind: one.value for one in document.counts}
    totals = {one.kind: one.amount for one in getattr(document, "totals", ())}
    amounts = [one.amount for line in lines for one in line.amounts if one.kind == _OF_LINE]
    firsts = [line.quantities[0].quantity.value for line in lines if line.quantities]
    summed = totals.get(_SUM) if len(amounts) == len(lines) else None
    pairs = [
        ("lines", counts.get(_LINES), Decimal(len(lines))),
        ("quantities", counts.get(_QUANTITY), sum(firsts, Decimal(0))),
        ("amounts", summed, sum(amounts, Decimal(0))),
    ]
    return [f"{what}: stated {told}, {found} in the lines" for what, told, found in pairs if told not in {None, found}]


def _is_known(key: str) -> bool:
    tag, _, qualifier = key.partition("+")
    return tag in _QUALIFIERS and bool(code_label(_QUALIFIERS[tag], qualifier))


def _kept(document: Value) -> Iterator[str]:
    for one in _values(document):
        yield from getattr(one, "extensions", ())


def _values(value: Any) -> Iterator[Value]:
    """Yield a value and all values below it."""
    if isinstance(value, Value):
        yield value
        for name in type(value).model_fields:
            yield from _values(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from _values(one)
