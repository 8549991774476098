"""Items as LIN, PIA and IMD name them, read and written.

Source: UN/EDIFACT D.96A and D.01B: LIN C212, PIA, IMD; EANCOM for 7143; EDItEUR for books.
"""

import re
from collections.abc import Iterable, Iterator

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.values import check_digit, has_check_digit
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.kept import Block, Kept, value
from hub.translators.edifact.reading import Extensions, Reading, wire
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.writer import Plain, segment

_GTIN_CODES = frozenset({"EN", "SRV", "UP", "IB", "EU", "UA"})
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_FIELDS = {"SA": "sellers", "VP": "sellers", "IN": "buyers", "BP": "buyers", "MF": "manufacturers"}
_NAMES = frozenset({"", "8", "050", "BTI"})
"""7081 of IMD that say what the item is called: nothing, product, and in the book trade the title."""
_ISBN_10 = re.compile(r"[0-9]{9}[0-9Xx]")


def read_item(lin: Segment, own: dict[str, list[Segment]], reading: Reading, kept: Extensions) -> ItemIdentification:
    """Return how a line names its item; PIA and IMD are taken out of `own`, its other segments by tag.

    Of numbers of one kind the first has a place; the others, and numbers of other kinds, are kept.
    """
    found: dict[str, str] = {}
    number, kind = lin.value(3), lin.value(3, 2)
    has_place = not number or _identify(number, kind, found, lin, 3, reading)
    if not has_place or lin.value(3, 3) or lin.value(5) or lin.value(6):
        kept.keep_text(f"LIN+{kind}", wire(lin))
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
    if kind in _GTIN_CODES or (not kind and segment.tag == "LIN"):
        gtin = _gtin(number, kind)
        if gtin:
            return found.setdefault("gtin", gtin) == number
        if kind:
            reading.warn("12", f"{number!r} is no GTIN; the item is known by its other numbers", segment, element, 1)
        return False
    field = _FIELDS.get(kind)
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


def item_blocks(
    position: str, action: str, parent_line: str | None, item: ItemIdentification, kept: Kept, tongue: Dialect
) -> Iterator[Block]:
    """Yield LIN, PIA and IMD of a line, with what its item has no place for."""
    lin, *others = blocks.line(position, action, item, tongue)
    yield (_with_kept(lin, parent_line, kept),)
    for plain in others:
        yield (plain,)
    if item.description is not None:
        for text in item.description.split("\n"):
            yield (blocks.name(text, tongue),)


def _with_kept(lin: Plain, parent_line: str | None, kept: Kept) -> Plain:
    """Return LIN with its parent line, and with what was kept of it: a number that was no GTIN, a list."""
    position, action, numbers, *_ = lin.elements
    parent: str | tuple[str, ...] = ("1", parent_line) if parent_line else ()
    others: tuple[str | tuple[str, ...], ...] = ()
    for (whole,) in kept.take("LIN+"):
        _, _, numbers, *rest = whole.elements
        if rest and parent_line and value(whole, 4, 2) == parent_line:
            parent = rest[0]
        others = tuple(rest[1:])
    return segment("LIN", position, action, numbers, parent, *others)
