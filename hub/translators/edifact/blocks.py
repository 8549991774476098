"""The building blocks of every document we write: numbers, dates, parties, items, references.

A `Dialect` holds what differs between partners: how GTINs are qualified, how long text
may be, in which words our units are known there.

Source: UN/EDIFACT D.96A and D.01B: DTM, RFF, NAD, CTA, COM, PIA, IMD, QTY, PRI, TAX;
EANCOM 1997 and 2002 for the qualifiers.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from itertools import islice

from hub.canonical.agreement import Agreement
from hub.canonical.catalogue import ItemIdentification
from hub.canonical.document import Period, Reference
from hub.canonical.party import Party
from hub.canonical.values import Quantity
from hub.translators.edifact.charsets import Charset
from hub.translators.edifact.directory import family
from hub.translators.edifact.writer import Plain, agreed_charset, edi, segment

PIECE = "C62"
_LINE = 35
_NAME_LINES = 5
_STREET_LINES = 4
_LOOSE_LINES = 5
"""Lines of C058, which take what a street has more."""
_NOTE_LINES = 5
_NOTES = 5
_PRICE_DIGITS = 15
_PRECISION = 120


@dataclass(frozen=True)
class Dialect:
    """How one partner is written to.

    `gtin` is the code (7143) of a GTIN, `name_width` the length of an item's name (7008),
    `note_width` that of a line of free text (4440), `units` our unit codes in the partner's,
    `numbers` by SKU the partner's number of an item, `texts` by reason code its words in `language`.
    """

    gtin: str
    name_width: int
    note_width: int
    charset: Charset
    units: Mapping[str, str]
    numbers: Mapping[str, str]
    texts: Mapping[str, str]
    language: str

    def unit(self, code: str) -> str:
        """Return a unit (6411) in the partner's code; "" for pieces, which EANCOM leaves out."""
        return "" if code == PIECE else self.units.get(code, code)

    def lines(self, text: str, width: int, count: int) -> tuple[str, ...]:
        """Return text as at most `count` lines of at most `width` characters, broken between words."""
        whole = self.charset.transliterate(text)
        parts = [line.strip() for line in whole.splitlines()]
        wrapped = (piece for part in parts for piece in _wrap(part, width))
        return tuple(wrapped)[:count]


def continued(text: str, width: int, tongue: Dialect) -> tuple[str, ...]:
    """Return text as two parts that make it when joined; none ends in a blank, which would be lost on the way."""
    whole = tongue.charset.transliterate(" ".join(text.splitlines()))
    first = whole[:width].rstrip(" ")
    return first, whole[len(first) :][:width]


def dialect(agreement: Agreement) -> Dialect:
    """Return how a partner is written to."""
    terms = edi(agreement)
    modern = family(terms.directory) == "D.01B"
    return Dialect(
        gtin="SRV" if modern else "EN",
        name_width=256 if modern else _LINE,
        note_width=512 if modern else 70,
        charset=agreed_charset(agreement),
        units={ours: theirs for theirs, ours in agreement.unit_codes.items()},
        numbers={sku: number for number, sku in agreement.item_numbers.items()},
        texts={str(code): words for code, words in terms.texts.items()},
        language=(terms.language or "").upper(),
    )


def _wrap(line: str, width: int) -> list[str]:
    return [line] if 0 < len(line) <= width else textwrap.wrap(line, width)


def number(value: Decimal) -> str:
    """Return a number as EDIFACT wants it: no exponent, no zeros after the last digit that counts."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in {"-0", ""} else text


def same(text: str) -> Decimal | str:
    """Return what two texts share if they state one amount: its absolute value, or the text that is no number."""
    return abs(Decimal(text.replace(",", "."))) if re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", text) else text


def day(qualifier: str, on: date | None) -> Iterator[Plain]:
    """Yield DTM with a calendar day, if there is one."""
    if on is not None:
        yield segment("DTM", (qualifier, on.strftime("%Y%m%d"), "102"))


def minute(qualifier: str, at: datetime | None) -> Iterator[Plain]:
    """Yield DTM with a time of day in UTC, if there is one."""
    if at is not None:
        yield segment("DTM", (qualifier, at.astimezone(UTC).strftime("%Y%m%d%H%M"), "203"))


def wanted(period: Period | None) -> Iterator[Plain]:
    """Yield when the goods are wanted: one day (2), or from (64) and to (63)."""
    if period is None:
        return
    if period.start == period.end:
        yield from day("2", period.start)
        return
    yield from day("64", period.start)
    yield from day("63", period.end)


def reference(kind: str, to: str | None, line: str | None = None, issued: date | None = None) -> Iterator[Plain]:
    """Yield RFF to a document or to one of its lines, with the document's date, if there is one."""
    if to:
        yield segment("RFF", (kind, to, line))
        yield from day("171", issued)


def references(known: Iterable[Reference], *, but: frozenset[str], room: int) -> Iterator[Plain]:
    """Yield RFF for the first `room` references that are not of a kind in `but`, which the document writes itself."""
    for each in islice((each for each in known if each.kind not in but), room):
        yield from reference(each.kind, each.number, each.line, each.issued)


def party(role: str, one: Party | None, tongue: Dialect) -> Iterator[Plain]:
    """Yield a party in a role (3035): NAD, its tax numbers, its contact."""
    if one is None:
        return
    identification: tuple[str | None, ...] = (one.gln, None, "9") if one.gln else ()
    if not one.gln and one.identifier:
        identification = (one.identifier, None, one.scheme)
    address = one.address
    name = tongue.lines(one.name or "", _LINE, _NAME_LINES)
    lines = tongue.lines((address and address.street) or "", _LINE, _STREET_LINES + _LOOSE_LINES)
    street, loose = lines[:_STREET_LINES], lines[_STREET_LINES:]
    rest = (address.city, address.region, address.postcode, address.country) if address else ()
    yield segment("NAD", role, identification, loose if name else "", name, street, *rest)
    yield from reference("VA", one.vat_id)
    yield from reference("FC", one.tax_registration)
    yield from _contact(one)


def _contact(one: Party) -> Iterator[Plain]:
    contact = one.contact
    if contact is None:
        return
    yield segment("CTA", "IC", (None, contact.name))
    if contact.telephone:
        yield segment("COM", (contact.telephone, "TE"))
    if contact.email:
        yield segment("COM", (contact.email, "EM"))


def line(
    position: str, status: str, item: ItemIdentification, tongue: Dialect, sku: str | None = None
) -> Iterator[Plain]:
    """Yield LIN, PIA and IMD of a line: its number, its status (1229) and everything that names the item.

    `sku` is our own number where the document did not state it.
    """
    gtin = (item.gtin, tongue.gtin) if item.gtin else ()
    yield segment("LIN", position, status, gtin)
    ours = sku or item.sellers
    theirs = item.buyers or tongue.numbers.get(ours or "")
    others = [(code, kind) for code, kind in ((ours, "SA"), (theirs, "IN"), (item.manufacturers, "MF")) if code]
    if others:
        yield segment("PIA", "1" if item.gtin else "5", *others)
    if item.name:
        yield name(item.name, tongue)


def name(text: str, tongue: Dialect) -> Plain:
    """Return IMD with a name in free text."""
    return segment("IMD", "F", "", (None, None, None, *continued(text, tongue.name_width, tongue)))


def quantity(qualifier: str, amount: Decimal, unit: str, tongue: Dialect) -> Plain:
    """Return QTY."""
    return segment("QTY", (qualifier, number(amount), tongue.unit(unit)))


def whole_quantity(qualifier: str, stated: Quantity, tongue: Dialect) -> Plain:
    """Return QTY of a quantity with its unit."""
    return quantity(qualifier, stated.value, stated.unit, tongue)


def price(amount: Decimal) -> Plain:
    """Return PRI with a net unit price, rounded to the 15 digits that it may have."""
    before_the_mark = max(amount.adjusted(), 0) + 1
    with localcontext() as context:
        context.prec = _PRECISION
        return segment("PRI", ("AAA", number(round(amount, max(_PRICE_DIGITS - before_the_mark, 0)))))


def money(qualifier: str, amount: Decimal) -> Plain:
    """Return MOA in the document's currency."""
    return segment("MOA", (qualifier, number(amount)))


def vat(rate: Decimal, category: str) -> Plain:
    """Return TAX with a VAT rate and its category (5305)."""
    return segment("TAX", "7", "VAT", "", "", (None, None, None, number(rate)), category)


def payment_days(days: int | None, due: date | None = None) -> Iterator[Plain]:
    """Yield PAT: payable so many days after the invoice, or on a day."""
    if days is not None:
        yield segment("PAT", "1", "", ("5", "3", "D", str(days)))
        yield from day("13", due)
    elif due is not None:
        yield segment("PAT", "3")
        yield from day("13", due)


def reason(told: str, tongue: Dialect) -> Iterator[Plain]:
    """Yield FTX with why a line is not as ordered (`code: sentence`), in the partner's words if those are agreed."""
    words = tongue.texts.get(told.partition(":")[0])
    yield from note("AAI", words or told, tongue, tongue.language if words else "")


def note(subject: str, text: str, tongue: Dialect, language: str = "") -> Iterator[Plain]:
    """Yield FTX with a text, as often as its length needs, up to 25 lines; 3453 names its language, if it is known."""
    lines = tongue.lines(text, tongue.note_width, _NOTES * _NOTE_LINES)
    for start in range(0, len(lines), _NOTE_LINES):
        yield segment("FTX", subject, "", "", lines[start : start + _NOTE_LINES], language)
