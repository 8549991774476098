"""What a message must keep to upon its directory: the edition that both sides build on, then the partner's own guide.

The editions (`schemas/edifact/EANCOM.1997.toml`, …) are guides like any other.

Source: GS1 EANCOM 1997 and 2002, what is public of them.
"""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType

from hub.canonical.agreement import Agreement, EdiAgreement, Edition
from hub.canonical.guide import MessageGuide, in_force
from hub.translators.edifact.charsets import charset
from hub.translators.edifact.directory import directory, held_directory, held_names, service_directory, tables
from hub.translators.edifact.guiding import Layer
from hub.translators.edifact.places import place
from hub.translators.edifact.syntax import ServiceCharacters
from hub.translators.edifact.table import Node
from hub.translators.edifact.validate import parts_of
from hub.translators.edifact.wide import CODEC

EDITIONS: Mapping[Edition, str] = MappingProxyType({"EANCOM.1997": "D.96A", "EANCOM.2002": "D.01B"})

_ASSOCIATION = "UNH 0057"
_BY_CODEC, _WIDE = "UNOX", "UNOY"
"""The sets that are what the agreement says."""


@cache
def edition_guides(name: str) -> Mapping[str, MessageGuide]:
    """Return the guides of an edition by message type."""
    told = tomllib.loads((tables() / f"{name}.toml").read_text("utf-8"))
    return {type_: MessageGuide.model_validate(guide) for type_, guide in told.items()}


def association_code(edi: EdiAgreement, type_: str) -> str:
    """Return the association code (UNH 0057) under which our messages of a type go, "" for none."""
    agreed = edi.association_codes.get(type_)
    if agreed is None and edi.edition is not None:
        return next(reversed(association_codes(edi.edition, type_)), "")
    return agreed or ""


def association_codes(name: Edition, type_: str) -> tuple[str, ...]:
    """Return the association codes under which messages of a type go in an edition, the newest last."""
    guide = edition_guides(name).get(type_)
    return guide.codes.get(_ASSOCIATION, ()) if guide else ()


def layers_of(agreement: Agreement, type_: str, name: str, version: int, day: date | None) -> tuple[Layer, ...]:
    """Return what a message of a type, directory and syntax version must keep to on a day, upon its directory."""
    edi = agreement.edi
    if edi is None:
        return ()
    found: list[Layer] = []
    if edi.edition is not None and name == EDITIONS[edi.edition]:
        found += layers_of_edition(edi.edition, type_, version)
    if name == edi.directory and (own := in_force(edi.guides.get(type_, ()), day)):
        found.append(Layer(f"the guide of {agreement.partner}", own, name, version))
    return tuple(found)


def layers_of_edition(name: Edition, type_: str, version: int) -> tuple[Layer, ...]:
    """Return what an edition says of a message type."""
    guide = edition_guides(name).get(type_)
    return (Layer(name, guide, EDITIONS[name], version),) if guide else ()


def message_table_of(edi: EdiAgreement, type_: str) -> Node | None:
    """Return the table of a message type under an agreement, None where there is none."""
    return service_directory(edi.syntax_version).message(type_) or directory(edi.directory).message(type_)


Mistake = tuple[tuple[str | int, ...], str]
"""The path to what is wrong in an agreement's terms on EDIFACT, and what is wrong with it."""


def mistakes(edi: EdiAgreement) -> Iterator[Mistake]:
    """Yield what cannot be meant in an agreement: directory, messages, editions, elements and places that are none."""
    if held_directory(edi.directory) is None:
        names = ", ".join(held_names())
        yield ("directory",), f"{edi.directory} is not held; there are {names}; hub edi directory import adds others"
        return
    yield from _characters(edi)
    for number, type_ in enumerate(edi.receives):
        if message_table_of(edi, type_) is None:
            yield ("receives", number), f"{type_} is no message of {edi.directory} that is held"
    if edi.edition is not None:
        yield from _against_edition(edi, edi.edition)
    for element in edi.codes:
        if element not in directory(edi.directory).elements:
            yield ("codes", element), f"{element} is no data element of {edi.directory}"
    yield from _left_out(edi)
    yield from _guided(edi)


def _characters(edi: EdiAgreement) -> Iterator[Mistake]:
    """Yield what is wrong with the set and the codec: UNOX needs one, UNOY that of two bytes, which no other has."""
    identifier = edi.syntax_identifier
    if (identifier == _WIDE) != (edi.codec == CODEC):
        yield ("syntax_identifier",), f"{_WIDE} and the codec {CODEC} go together"
    elif charset(identifier) is None and identifier != _WIDE and (identifier != _BY_CODEC or edi.codec is None):
        yield ("syntax_identifier",), f"{identifier} is no character set that is read here; {_BY_CODEC} needs a codec"
    if identifier == _WIDE and edi.collects:
        yield ("collects",), f"documents in {_WIDE} leave each alone"


def _guided(edi: EdiAgreement) -> Iterator[Mistake]:
    for type_, guides in edi.guides.items():
        table = message_table_of(edi, type_)
        if table is None:
            yield ("guides", type_), f"{type_} is no message of {edi.directory} that is held"
            continue
        for number, guide in enumerate(guides):
            for path, text in _places(guide):
                wrong = _mistake(text, table, edi)
                if wrong:
                    yield ("guides", type_, number, *path), wrong


def _left_out(edi: EdiAgreement) -> Iterator[Mistake]:
    for kind, texts in edi.leaves_out.items():
        table = directory(edi.directory).message(kind)
        if table is None:
            yield ("leaves_out", kind), f"{kind} answers what was sent, so nothing of it can be left out"
            continue
        for number, text in enumerate(texts):
            wrong = _mistake(text, table, edi)
            if wrong is None and any(node.mandatory for node in place(text).nodes(table)):
                wrong = f"{text}: the directory asks for it, so it cannot be left out"
            if wrong:
                yield ("leaves_out", kind, number), wrong


def _against_edition(edi: EdiAgreement, edition: Edition) -> Iterator[Mistake]:
    if EDITIONS[edition] != edi.directory:
        yield ("edition",), f"{edition} is an edition of {EDITIONS[edition]}, agreed is {edi.directory}"
    for type_, code in edi.association_codes.items():
        allowed = association_codes(edition, type_)
        if allowed and code not in allowed:
            yield ("association_codes", type_), f"{type_} goes under {' or '.join(allowed)} in {edition}, not {code}"


def _places(guide: MessageGuide) -> Iterator[Mistake]:
    """Yield the places that a guide names, each behind its path."""
    for name in ("required", "forbidden"):
        for at, text in enumerate(getattr(guide, name)):
            yield (name, at), text
    for at, texts in enumerate(guide.one_of):
        for text in texts:
            yield ("one_of", at), text
    for name in ("most", "codes", "fixed", "longest"):
        for text in getattr(guide, name):
            yield (name, text), text
    for at, rule in enumerate(guide.rules):
        yield ("rules", at, "when"), rule.when.partition(" = ")[0]
        for text in (*rule.required, *rule.forbidden):
            yield ("rules", at), text


def _mistake(text: str, table: Node, edi: EdiAgreement) -> str | None:
    """Return why there is no such place in a message, None where there is one."""
    wanted = place(text)
    if not wanted.nodes(table):
        return f"{text}: no such segment in the message; groups are named by their triggers, as LIN/PRI"
    if not wanted.element:
        return None
    parts = parts_of(wanted.step.tag, edi.directory, edi.syntax_version, ServiceCharacters()) or ()
    if any(
        wanted.composite in {"", part.code} and form.element == wanted.element
        for part in parts
        for form in part.components
    ):
        return None
    return f"{text}: {wanted.step.tag} has no such element in {edi.directory}"
