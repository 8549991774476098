"""Lines of an order that say what most lines say, read at a stroke.

A line with a GTIN, perhaps the seller's and the buyer's number, a name, a quantity in
pieces, a wanted day, an amount, a net price and a reference, each as EANCOM writes it, is
taken by one expression, without looking at its segments. Any other line is read by
`order_lines`, and so is one of these in which something is odd: what is read here is what
is read there, at a sixth of the time.

Source: UN/EDIFACT D.96A and D.01B ORDERS, group of LIN; EANCOM 1997 and 2002.
"""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.catalogue import ItemIdentification, Price
from hub.canonical.document import Period, Reference
from hub.canonical.order import OrderLine
from hub.canonical.values import Quantity, has_check_digit
from hub.translators.edifact.reading import DEFAULT
from hub.translators.edifact.run import Run
from hub.translators.edifact.structure import Group

_VALUE = r"[^+:'?*\x00-\x1f\x7f-\x9f]{1,35}"
_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"
_LINE = re.compile(
    rf"LIN\+(?P<line>{_VALUE})\+\+(?P<gtin>[0-9]{{8}}|[0-9]{{12,14}}):(?:EN|SRV)"
    rf"(?:'PIA\+[15](?:\+(?P<sellers>{_VALUE}):SA)?(?:\+(?P<buyers>{_VALUE}):IN)?)?"
    rf"(?:'IMD\+F\+\+:::(?P<name>{_VALUE}))?"
    rf"'QTY\+21:(?P<quantity>{_NUMBER})"
    r"(?:'DTM\+2:(?P<wanted>[0-9]{8}):102)?"
    rf"(?:'MOA\+203:(?P<amount>{_NUMBER}))?"
    rf"(?:'PRI\+AAA:(?P<price>{_NUMBER}))?"
    rf"(?:'RFF\+(?P<kind>[A-Z]{{2,3}}):(?P<number>{_VALUE})(?::(?P<at>{_VALUE}))?)?(?:'|\Z)"
)


_PLAIN_REST = re.compile(r"UNH,BGM,(?:DTM,)*(?:FTX,)*(?:RFF,)*(?:NAD,)*(?:CUX,)?UNS,(?:MOA,)*(?:CNT,)*UNT")
"""The tags around the lines of most orders. In this order nothing can stand below another segment."""
_TRIGGERS = frozenset({"RFF", "NAD", "CUX"})


class PlainLines(NamedTuple):
    """The lines of a message that has plain ones alone: they are its segments from `first` to before `behind`."""

    lines: list[OrderLine]
    first: int
    behind: int


def read_plain_lines(run: Run) -> PlainLines | None:
    """Return the lines of a message, UNH to UNT, None where one of them is no plain one or has another's number."""
    first = next((index for index, text in enumerate(run.texts) if text.startswith("LIN+")), None)
    behind = next((index for index in range(len(run) - 1, 0, -1) if run.texts[index].startswith("UNS")), 0)
    if first is None or behind <= first or run.chars != DEFAULT:
        return None
    text = "'".join(run.texts[first:behind])
    lines, at = [], 0
    while at < len(text):
        found = _LINE.match(text, at)
        line = _line(found) if found else None
        if found is None or line is None:
            return None
        lines.append(line)
        at = found.end()
    return PlainLines(lines, first, behind) if len({line.line_id for line in lines}) == len(lines) else None


def plain_rest(run: Run, plain: PlainLines) -> Group | None:
    """Return the tree of a message without its plain lines, None where segments may stand below others."""
    indexes = [*range(plain.first), *range(plain.behind, len(run))]
    tags = [run.texts[index][:3] for index in indexes]
    if not _PLAIN_REST.fullmatch(",".join(tags)):
        return None
    tree = Group("", 0)
    for tag, index in zip(tags, indexes, strict=True):
        if tag in _TRIGGERS:
            tree.groups.append(Group(tag, 0, [run.segment(index)]))
        else:
            tree.segments.append(run.segment(index))
    return tree


def read_plain_line(group: Group) -> OrderLine | None:
    """Return the line of a LIN group in the default service characters, None where it is no plain one."""
    texts = [segment.text for segment in group.segments]
    for below in group.groups:
        if len(below.segments) > 1 or below.groups:
            return None
        texts.append(below.segments[0].text)
    found = _LINE.fullmatch("'".join(texts))
    return _line(found) if found else None


def _line(found: "re.Match[str]") -> OrderLine | None:
    """Return the line that was found, None where a number is no GTIN, or a day no day."""
    line, gtin, sellers, buyers, name, quantity, wanted, amount, price, kind, number, at = found.groups()
    if not has_check_digit(gtin):
        return None
    period = None
    if wanted is not None:
        try:
            day = date(int(wanted[:4]), int(wanted[4:6]), int(wanted[6:]))
        except ValueError:
            return None
        period = Period.trusted(start=day, end=day)
    return OrderLine.trusted(
        line_id=line,
        item=ItemIdentification.trusted(gtin=gtin, sellers=sellers, buyers=buyers, name=name),
        quantity=Quantity.trusted(value=Decimal(quantity)),
        price=None if price is None else Price.trusted(amount=Decimal(price), qualifier="AAA"),
        stated_amount=None if amount is None else Decimal(amount),
        requested_delivery=period,
        references=() if kind is None else (Reference.trusted(kind=kind, number=number, line=at),),
    )
