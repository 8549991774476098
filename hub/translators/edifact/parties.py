"""Parties as NAD and what stands below it name them, read and written.

Source: UN/EDIFACT D.96A and D.01B: NAD, RFF, CTA, COM; EANCOM for GLN (3055 = 9).
"""

import re
from collections.abc import Iterator, Sequence

from hub.canonical.party import Address, Contact, Party
from hub.canonical.values import has_check_digit
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.kept import Block, Kept, block, in_order, value
from hub.translators.edifact.reading import DEFAULT, Extensions, Reading, wire
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node
from hub.translators.edifact.writer import Plain, segment

_GLN = 13
_COUNTRY = re.compile(r"[A-Z]{2}")
_GLN_ALONE = re.compile(r"NAD\+[A-Z]{2,3}\+(?!0{13})([0-9]{13})::9")
"""How EANCOM names a party that the other side knows."""
_AGENCY_GS1 = "9"
_MEANS = {"TE": "telephone", "EM": "email"}
_COUNTRY_AT = 6
_REGION = 4
"""Elements of NAD between the party's number and its country."""


def path_of(role: str) -> str:
    """Return below which key a document keeps what a party in this role has no place for."""
    return f"NAD+{role}/"


def read_party(group: Group, reading: Reading, kept: Extensions, path: str) -> Party:
    """Return the party of a NAD group; what a party has no place for is kept below `path`."""
    nad = group.trigger
    known = _GLN_ALONE.fullmatch(nad.text) if nad.chars == DEFAULT and len(group.segments) == 1 else None
    if known and not group.groups and has_check_digit(known[1]):
        return Party.trusted(gln=known[1])
    gln, identifier, scheme = _identification(nad, reading, kept, path)
    name, street = _names(nad)
    references = _references(group, kept, path)
    for other in group.segments[1:]:
        kept.keep(other, path)
    for below in group.groups:
        if below.tag not in {"RFF", "CTA"}:
            kept.keep_group(below, path)
    return Party.trusted(
        gln=gln,
        identifier=identifier,
        scheme=scheme,
        name=name,
        vat_id=references.get("VA"),
        tax_registration=references.get("FC"),
        address=_address(nad, street, reading, kept, path),
        contact=_contact(group, kept, path),
    )


def _identification(
    nad: Segment, reading: Reading, kept: Extensions, path: str
) -> tuple[str | None, str | None, str | None]:
    code, list_, agency = nad.value(2), nad.value(2, 2), nad.value(2, 3)
    if list_:
        kept.keep_text(f"{path}1131", list_)
    if not code.strip("0"):
        return None, None, None
    if agency in {"", _AGENCY_GS1} and len(code) == _GLN and has_check_digit(code):
        return code, None, None
    if agency == _AGENCY_GS1:
        reading.warn("12", f"{code!r} is no GLN: 13 digits with a check digit; it is kept as it is", nad, 2, 1)
    return None, code, agency or None


def _names(nad: Segment) -> tuple[str | None, str | None]:
    """Return name and street: lines joined by newlines; without either, from the unstructured address."""
    name = _lines(nad.components(4)[:5])
    street = _lines(nad.components(5))
    loose = [line for line in nad.components(3) if line]
    if loose and name is None:
        return loose[0], street or _lines(loose[1:])
    if loose and street is None:
        return name, _lines(loose)
    return name, street if not loose else _lines([*(street or "").split("\n"), *loose])


def _lines(values: list[str]) -> str | None:
    return "\n".join(value for value in values if value) or None


def _address(nad: Segment, street: str | None, reading: Reading, kept: Extensions, path: str) -> Address | None:
    region = [value for value in nad.components(7) if value]
    if len(region) > 1:
        kept.keep_text(f"{path}3229", ":".join(map(DEFAULT.escape, nad.components(7))))
    country = nad.value(9)
    if country and not _COUNTRY.fullmatch(country):
        reading.warn("12", f"{country!r} is no country of ISO 3166", nad, 9)
        kept.keep_text(f"{path}3207", country)
        country = ""
    parts = {
        "street": street,
        "city": nad.value(6) or None,
        "region": region[0] if region else None,
        "postcode": nad.value(8) or None,
        "country": country or None,
    }
    return Address.trusted(**parts) if any(parts.values()) else None


def _references(group: Group, kept: Extensions, path: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for below in group.children("RFF"):
        kind, number = below.trigger.value(1), below.trigger.value(1, 2)
        if kind in {"VA", "FC"} and number and kind not in found and len(below.segments) == 1:
            found[kind] = number
        else:
            kept.keep_group(below, path)
    return found


def _contact(group: Group, kept: Extensions, path: str) -> Contact | None:
    """Return the first contact; the others, and its means that have no place, are kept."""
    contacts = group.children("CTA")
    for other in contacts[1:]:
        kept.keep_group(other, path)
    if not contacts:
        return None
    first = contacts[0]
    cta = first.trigger
    if cta.value(2) or cta.value(1) not in {"", "IC"}:
        kept.keep_text(f"{path}3139", wire(cta))
    means: dict[str, str] = {}
    for com in first.segments[1:]:
        for address, code in _communications(com):
            kind = _MEANS.get(code)
            if kind and kind not in means:
                means[kind] = address
            else:
                kept.keep_text(f"{path}COM+{code}", f"COM+{DEFAULT.escape(address)}:{DEFAULT.escape(code)}")
    name = cta.value(2, 2) or cta.value(2)
    if not name and not means:
        return None
    return Contact(name=name or None, telephone=means.get("telephone"), email=means.get("email"))


def _communications(com: Segment) -> Iterator[tuple[str, str]]:
    """Yield number and means of a COM: one, or several as elements (syntax 3) or repetitions (syntax 4)."""
    for element in range(1, len(com.raw_elements)):
        for components in com.repetitions(element):
            if components[0]:
                yield components[0], components[1] if len(components) > 1 else ""


def party_group(role: str, party: Party, kept: Kept, path: str, tongue: Dialect, places: Sequence[Node]) -> Block:
    """Return NAD with all that stands below it, in the order of its group's places."""
    return tuple(in_order(party_blocks(role, party, kept, path, tongue), places))


def party_blocks(role: str, party: Party, kept: Kept, path: str, tongue: Dialect) -> Iterator[Block]:
    """Yield NAD, its numbers and contacts, and what was kept below `path`."""
    nad, *below = blocks.party(role, party, tongue)
    list_, region, country = (kept.text(f"{path}{element}") for element in ("1131", "3229", "3207"))
    contact = [plain for plain in below if plain.tag in {"CTA", "COM"}]
    yield (_amended(nad, list_, region, country),)
    yield from ((plain,) for plain in below if plain.tag == "RFF")
    cta = kept.text(f"{path}3139")
    if cta:
        contact[:1] = block(cta)
    full = kept.take(path)
    contact += [each[0] for each in full if each[0].tag == "COM"]
    if contact:
        yield tuple(contact)
    yield from (each for each in full if each[0].tag != "COM")


def _amended(nad: Plain, list_: str, region: str, country: str) -> Plain:
    """Return NAD with a code list, a region's further parts and a country that the party has no place for."""
    role, identification, *address = nad.elements
    if list_ and isinstance(identification, tuple):
        identification = (value(nad, 2), list_, value(nad, 2, 3))
    if region:
        address[_REGION] = block(f"NAD+{region}")[0].elements[0]
    if country:
        address = [*address[:_COUNTRY_AT], *[""] * (_COUNTRY_AT - len(address)), country]
    return segment("NAD", role, identification, *address)
