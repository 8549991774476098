"""An agreement with a sender that nobody knows yet, drafted from one of its files: what a person then looks over."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from hub.canonical.agreement import DirectoryName, Edition, InterchangeAddress
from hub.canonical.values import MINOR_UNITS, has_check_digit
from hub.errors import UnreadableInput, Unusable
from hub.translators.edifact.checking import chunks_of, examine
from hub.translators.edifact.directory import DIRECTORIES, directory, family, held_directory, stated_directory
from hub.translators.edifact.layers import EDITIONS, edition_guides
from hub.translators.edifact.message import ACKNOWLEDGEMENTS
from hub.translators.edifact.opening import NEEDED, Opening, read_opening
from hub.translators.edifact.slices import FileBytes, Header, split
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer

_BUYER = ("BY", "MS")
_OWN_PLACES = frozenset({"BY", "DP", "IV", "UC"})
_GLN = 13
_STATED = re.compile(r"[A-Z0-9]{1,3}\.[A-Z0-9]{1,3}")
_CONTROL = re.compile(r"[\x7f-\x9f]")
_MOST_SEGMENTS = 100_000
"""That are looked at: what a partner is like shows before."""


def draft(data: FileBytes, partner: str) -> str:
    """Return the agreement as TOML, with what the file cannot tell left as it is by default.

    Raises UnreadableInput for what is no interchange, Unusable where it has no message that is held.
    """
    one = split(data)[0]
    opening = read_opening(data[one.offset : one.offset + NEEDED], one.offset)
    if one.header is None or not isinstance(opening, Opening):
        raise UnreadableInput("no UNB that names a sender and a reference can be read")
    tokens = Tokenizer(chunks_of(data, one), offset=one.offset).read()
    segments = list(islice((item for item in tokens if isinstance(item, Segment)), _MOST_SEGMENTS))
    names = [segment for segment in segments if segment.tag == "UNH"]
    stated = next(iter(map(stated_directory, names)), DIRECTORIES[0])
    nearest = _nearest(stated)
    edition = _edition(names, nearest)
    if edition is not None and examine(data, None, edition).verdict != "valid":
        edition = None
    lines = [
        "# Drafted from one of their files: look it over, then `hub partner check` and `hub partner import`.",
        f"partner = {_text(partner)}",
        *_parties(partner, one.header, segments),
        *_terms(one.header, opening, nearest, stated),
        *([f"edition = {_text(edition)}"] if edition else []),
        f"receives = [{', '.join(map(_text, _types(names, nearest)))}]",
        'owed = ["ORDRSP", "DESADV", "INVOIC"]  # what this partner gets',
        'contrl = "on_request"  # or always, errors_only, never',
        'answer_by = "folder"  # or http with a url, pull',
    ]
    return "\n".join(lines) + "\n"


def _parties(partner: str, header: Header, segments: Sequence[Segment]) -> Iterator[str]:
    currency = next((cux.value(1, 2) for cux in segments if cux.tag == "CUX"), "")
    if currency in MINOR_UNITS:
        yield f"currency = {_text(currency)}"
    parties = [segment for segment in segments if segment.tag == "NAD"]
    own = header.sender_address.identifier if header.sender_address else ""
    places = dict.fromkeys(gln for nad in parties if nad.value(1) in _OWN_PLACES and (gln := _gln(nad)) and gln != own)
    if places:
        yield f"glns = [{', '.join(map(_text, places))}]  # strike out those that are not theirs"
    buyer = next((nad for nad in parties if nad.value(1) in _BUYER), None)
    yield ""
    yield "[party]"
    if buyer is not None and _gln(buyer):
        yield f"gln = {_text(_gln(buyer))}"
    yield f"name = {_text((buyer.value(4) if buyer is not None else '') or partner)}"


def _terms(header: Header, opening: Opening, nearest: str, stated: str) -> Iterator[str]:
    yield ""
    yield "[edi]"
    yield f"us = {_address(header.recipient_address)}"
    yield f"them = {_address(header.sender_address)}"
    yield f"directory = {_text(nearest)}"
    if stated != nearest and _STATED.fullmatch(stated):
        yield f"stated_directory = {_text(stated)}  # not held: read and written as {nearest}"
    yield f"syntax_identifier = {_text(opening.charset.identifier)}"
    yield f"syntax_version = {opening.syntax_version}"
    yield f"una = {'true' if opening.announced else 'false'}"


def _types(names: Iterable[Segment], name: DirectoryName) -> list[str]:
    """Return the message types that are held. Raises Unusable where none is."""
    stated = dict.fromkeys(unh.value(2) for unh in names)
    held = [type_ for type_ in stated if type_ in directory(name).messages - ACKNOWLEDGEMENTS]
    if not held:
        raise Unusable(f"no agreement can be drafted from messages of type {', '.join(stated) or 'none'}")
    return held


def _nearest(stated: str) -> DirectoryName:
    """Return the held directory that a stated one is, or the shipped one that it is like."""
    return stated if held_directory(stated) else family(stated)


def _edition(names: Sequence[Segment], name: DirectoryName) -> Edition | None:
    """Return the edition under whose association codes all messages go, None where one goes under another."""
    for edition, of in EDITIONS.items():
        guides = edition_guides(edition)
        codes = [(unh.value(2, 5), guides.get(unh.value(2))) for unh in names]
        if of == name and all(guide and code in guide.codes.get("UNH 0057", ()) for code, guide in codes):
            return edition
    return None


def _gln(nad: Segment) -> str:
    code = nad.value(2)
    return code if len(code) == _GLN and nad.value(2, 3) in {"", "9"} and has_check_digit(code) else ""


def _address(address: InterchangeAddress | None) -> str:
    identifier = address.identifier if address else "unknown"
    qualifier = f", qualifier = {_text(address.qualifier)}" if address and address.qualifier else ""
    return f"{{ identifier = {_text(identifier)}{qualifier} }}"


def _text(value: str) -> str:
    """Return a TOML string: the escapes of JSON are among TOML's; what JSON leaves of control characters is escaped."""
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
