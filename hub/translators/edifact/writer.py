"""Messages to bytes: one interchange with one message, fit for its charset and directory.

A mapping says what it means as `Plain` segments: values as they are, nothing escaped.
Here each value is brought into the charset and into its element, in this order:
control characters become blanks, letters of text are transliterated, text is cut to the
element's length, and only then is the segment encoded. So no text can be cut inside an
escape, end its value or open a segment. What identifies something is never altered: a
number that does not fit, or a character that has no likeness, is for a person.

Source: ISO 9735 syntax 3 and 4: UNA, UNB, UNH, UNT, UNZ.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import NamedTuple

from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.errors import NeedsDecision, Unusable
from hub.translators.edifact.charsets import Charset, agreed, charset
from hub.translators.edifact.directory import Directory, Format, directory, service_directory
from hub.translators.edifact.layers import association_code
from hub.translators.edifact.recoding import Tables, written_as_theirs
from hub.translators.edifact.syntax import ServiceCharacters, encode_segment

_VERSION_4 = 4
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_TEXT = frozenset({"3036", "3042", "3124", "3128", "3148", "3164", "3229", "3412", "4440", "7008", "7160", "8212"})
"""Elements that are read by people: names, streets, towns, free text. These may be transliterated and cut."""

_UNCOUNTED = str.maketrans("", "", "-.")


class Plain(NamedTuple):
    """A segment as it is meant: each element a value or the values of a composite, "" where nothing stands."""

    tag: str
    elements: tuple[str | tuple[str, ...], ...]


def segment(tag: str, *elements: str | tuple[str | None, ...] | None) -> Plain:
    """Return a plain segment; None stands for nothing."""
    return Plain(
        tag,
        tuple(
            tuple(value or "" for value in element) if isinstance(element, tuple) else element or ""
            for element in elements
        ),
    )


@dataclass(frozen=True)
class Envelope:
    """What stands around a message. `identifier` is UNH S009, `now` the time of UNB in UTC.

    `fit` tells that values must keep to the directory; a CONTRL copies what it was sent,
    right or wrong. `wants_receipt` asks for a CONTRL (UNB 0031). `codes` are, by data
    element, our codes with the partner's.
    """

    identifier: tuple[str, ...]
    directory: Directory
    sender: InterchangeAddress
    recipient: InterchangeAddress
    charset: Charset
    syntax_version: int
    una: bool
    reference: str
    message_reference: str
    now: datetime
    test: bool
    fit: bool = True
    wants_receipt: bool = True
    codes: Tables = field(default_factory=dict)


def edi(agreement: Agreement) -> EdiAgreement:
    """Return the EDIFACT part of an agreement. Raises Unusable where there is none."""
    if agreement.edi is None:
        raise Unusable(f"The agreement with {agreement.partner} says nothing about EDIFACT, so none can be written")
    return agreement.edi


def agreed_charset(agreement: Agreement) -> Charset:
    """Return the character set that we write to a partner in. Raises Unusable where we do not have it."""
    terms = edi(agreement)
    found = charset(terms.syntax_identifier)
    if found is None and terms.codec is not None:
        found = agreed(terms.syntax_identifier, terms.codec)
    if found is None:
        identifier = terms.syntax_identifier
        raise Unusable(f"The agreement with {agreement.partner} names the character set {identifier}, which we lack")
    return found if terms.transliterates else replace(found, likens=False)


def document(
    kind: str,
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str,
    now: datetime,
    test: bool,
) -> Envelope:
    """Return the envelope of one of our documents to a partner, in the directory agreed."""
    terms = edi(agreement)
    version, release = terms.directory_in_unh.split(".")
    return Envelope(
        identifier=(kind, version, release, "UN", association_code(terms, kind)),
        directory=directory(terms.directory),
        sender=terms.us,
        recipient=terms.them,
        charset=agreed_charset(agreement),
        syntax_version=terms.syntax_version,
        una=terms.una,
        reference=reference,
        message_reference=message_reference,
        now=now,
        test=test,
        codes=written_as_theirs(terms.codes),
    )


def interchange(envelope: Envelope, body: Iterable[Plain]) -> bytes:
    """Return the interchange with one message made of `body`, the segments between UNH and UNT.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    chars = service_characters(envelope.syntax_version)
    pen = _Pen(envelope.charset, chars, envelope)
    text = "".join(pen.write(each) for each in chain(_head(envelope), _message(envelope, body), _tail(envelope)))
    una = chars.una if envelope.una else ""
    return (una + text).encode(envelope.charset.codec)


@cache
def service_characters(version: int) -> ServiceCharacters:
    """Return the characters that we write with in a syntax version: the defaults."""
    chars = ServiceCharacters()
    return replace(chars, repetition="*") if version >= _VERSION_4 else chars


def _head(envelope: Envelope) -> Iterator[Plain]:
    century = "%Y" if envelope.syntax_version >= _VERSION_4 else "%y"
    now = envelope.now.astimezone(UTC)
    yield segment(
        "UNB",
        (envelope.charset.identifier, str(envelope.syntax_version)),
        (envelope.sender.identifier, envelope.sender.qualifier),
        (envelope.recipient.identifier, envelope.recipient.qualifier),
        (now.strftime(f"{century}%m%d"), now.strftime("%H%M")),
        envelope.reference,
        "",
        "",
        "",
        "1" if envelope.wants_receipt else "",
        "",
        "1" if envelope.test else "",
    )
    yield segment("UNH", envelope.message_reference, envelope.identifier)


def _message(envelope: Envelope, body: Iterable[Plain]) -> Iterator[Plain]:
    count = 2
    for each in body:
        yield each
        count += 1
    yield segment("UNT", str(count), envelope.message_reference)


def _tail(envelope: Envelope) -> Iterator[Plain]:
    yield segment("UNZ", "1", envelope.reference)


class _Pen:
    """Writes plain segments in one charset and directory."""

    def __init__(self, declared: Charset, chars: ServiceCharacters, envelope: Envelope) -> None:
        self._charset = declared
        self._chars = chars
        self._fit = envelope.fit
        self._codes = envelope.codes
        self._directories = (service_directory(envelope.syntax_version), envelope.directory)

    def write(self, plain: Plain) -> str:
        formats = _formats(self._directories, plain.tag)
        if len(plain.elements) > len(formats):
            raise Unusable(f"{plain.tag} has {len(formats)} elements, not {len(plain.elements)}")
        elements = [
            self._value(plain.tag, element, forms[0])
            if isinstance(element, str)
            else self._element(plain.tag, element, forms)
            for element, forms in zip(plain.elements, formats, strict=False)
        ]
        return encode_segment(plain.tag, elements, self._chars)

    def _element(self, tag: str, values: tuple[str, ...], forms: tuple[Format, ...]) -> tuple[str, ...]:
        if self._fit and len(values) > len(forms):
            raise Unusable(f"{tag} {forms[0].element} has {len(forms)} components, not {len(values)}")
        return tuple(self._value(tag, value, form) for value, form in zip(values, forms, strict=False))

    def _value(self, tag: str, value: str, form: Format) -> str:
        if not value:
            return value
        if not self._fit:
            return self._copied(tag, value)
        if form.element in self._codes:
            value = self._codes[form.element].get(value, value)
        written = _CONTROL.sub(" ", value)
        stranger = self._charset.stranger(written)
        if stranger is not None and form.element in _TEXT:
            written = self._charset.transliterate(written)
            stranger = self._charset.stranger(written)
        if stranger is not None:
            raise NeedsDecision(
                f"{tag} {form.element}: {stranger!r} of {value!r} cannot be written in {self._charset.identifier}"
            )
        if _length(written, form) <= form.longest:
            return written
        if form.element in _TEXT:
            return written[: form.longest].rstrip()
        raise NeedsDecision(f"{tag} {form.element}: {value!r} is longer than the {form.longest} characters it may have")

    def _copied(self, tag: str, value: str) -> str:
        """Return what a partner sent as it was, if the charset has the characters at all."""
        try:
            value.encode(self._charset.codec)
        except UnicodeEncodeError as error:
            raise NeedsDecision(f"{tag}: {value!r} cannot be copied in {self._charset.identifier}") from error
        if _CONTROL.search(value):
            raise NeedsDecision(f"{tag}: {value!r} holds control characters, so that it cannot be copied")
        return value


@cache
def _formats(directories: tuple[Directory, Directory], tag: str) -> list[tuple[Format, ...]]:
    """Return the components of each element as it stands on the wire, repeated elements written out."""
    for each in directories:
        parts = each.segment(tag)
        if parts is not None:
            return [part.components for part in parts for _ in range(part.max)]
    raise Unusable(f"{tag} is no segment of {directories[1].name}")


def _length(value: str, form: Format) -> int:
    """Count characters as ISO 9735 does: the sign and the decimal mark of a number are not counted."""
    return len(value.translate(_UNCOUNTED)) if form.kind == "n" else len(value)
