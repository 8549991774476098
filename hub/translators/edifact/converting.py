"""Documents between forms: EDIFACT to canonical JSON and back, and from one directory to another.

What was written is read again; where it says otherwise than the document did, that is lost,
and told by its path.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from hub.canonical.agreement import Agreement, DirectoryName, EdiAgreement, InterchangeAddress
from hub.canonical.finding import in_words
from hub.canonical.order import OrderReceived
from hub.canonical.party import Party
from hub.canonical.received import DocumentReceived
from hub.canonical.validation import findings_of
from hub.canonical.values import Value
from hub.errors import UnreadableInput, Unusable
from hub.translators.edifact import orders_write
from hub.translators.edifact.checking import chunks_of
from hub.translators.edifact.forms import messages
from hub.translators.edifact.interchange import Checked, check, split
from hub.translators.edifact.message import MessageRead
from hub.translators.edifact.slices import FileBytes

_PAYLOADS: Mapping[str, type[OrderReceived | DocumentReceived]] = MappingProxyType(
    {"ORDERS": OrderReceived, "ORDCHG": OrderReceived, **messages.RECEIVED}
)


class ConvertedMessage(NamedTuple):
    """A message of EDIFACT, and what it says."""

    message: str
    data: OrderReceived | DocumentReceived


class Converted(NamedTuple):
    """The documents of one interchange, what is wrong with it as JSON has it, and which messages are no documents."""

    interchange: dict[str, Any]
    test: bool
    documents: tuple[ConvertedMessage, ...] = ()
    left_out: tuple[str, ...] = ()


class _Message(Value):
    """A message as JSON has it."""

    message: str
    data: dict[str, Any]


class _Interchange(Value):
    """An interchange as JSON has it."""

    interchange: dict[str, Any]
    test: bool
    documents: tuple[_Message, ...] = ()
    left_out: tuple[str, ...] = ()


class Written(NamedTuple):
    """Interchanges of EDIFACT, and what of the documents they do not say: number and path, with both values."""

    data: bytes
    lost: tuple[str, ...]


_FILE: TypeAdapter[list[_Interchange]] = TypeAdapter(list[_Interchange])


def read_any(data: bytes) -> tuple[list[Converted], bool]:
    """Return the interchanges of a file of EDIFACT or of our JSON, and whether nothing is wrong with any of them."""
    return (from_json(data), True) if data.lstrip()[:1] == b"[" else read_file(data)


def read_file(data: FileBytes) -> tuple[list[Converted], bool]:
    """Return the interchanges of an EDIFACT file, and whether nothing is wrong with any of them."""
    read = [check(chunks_of(data, one), None) for one in split(data)]
    return [_converted(one) for one in read], bool(read) and all(one.all_sound for one in read)


def _converted(one: Checked) -> Converted:
    return Converted(
        interchange=one.interchange.model_dump(mode="json", exclude_none=True),
        test=one.test,
        documents=tuple(
            ConvertedMessage(message=message.type, data=data)
            for message in one.messages
            if (data := _document(message)) is not None
        ),
        left_out=tuple(
            f"{message.verdict.reference} {message.verdict.identifier}"
            for message in one.messages
            if _document(message) is None
        ),
    )


def _document(message: MessageRead) -> OrderReceived | DocumentReceived | None:
    return message.order or message.document


def as_data(converted: Sequence[Converted]) -> list[dict[str, Any]]:
    """Return interchanges as JSON has them."""
    return [
        {
            "interchange": one.interchange,
            "test": one.test,
            "documents": [
                {"message": each.message, "data": each.data.model_dump(mode="json", exclude_defaults=True)}
                for each in one.documents
            ],
            "left_out": list(one.left_out),
        }
        for one in converted
    ]


def as_json(converted: Sequence[Converted]) -> str:
    """Return interchanges as JSON text."""
    return json.dumps(as_data(converted), indent=2, ensure_ascii=False) + "\n"


def from_json(data: bytes) -> list[Converted]:
    """Read what `as_json` has written. Raises UnreadableInput with the path to what is wrong."""
    path = "$"
    try:
        found = []
        for number, one in enumerate(_FILE.validate_json(data)):
            documents = []
            for place, each in enumerate(one.documents):
                path = f"$[{number}].documents[{place}].data"
                documents.append(_from_json(each, path))
            found.append(Converted(one.interchange, one.test, tuple(documents), one.left_out))
    except ValidationError as error:
        raise UnreadableInput(f"no canonical documents: {in_words(findings_of(error, path))}") from error
    return found


def _from_json(one: _Message, path: str) -> ConvertedMessage:
    payload = _PAYLOADS.get(one.message)
    if payload is None:
        raise UnreadableInput(f"no canonical documents: {path}: {one.message[:12]!r} is not converted")
    return ConvertedMessage(one.message, payload.model_validate(one.data))


def write_file(converted: Sequence[Converted], name: DirectoryName, now: datetime) -> Written:
    """Return the documents in a directory, an interchange each. Raises Unusable where there are none.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    data, lost = bytearray(), []
    number = 0
    for one in converted:
        for document in one.documents:
            number += 1
            agreement = _agreement(one, name)
            written = _write(document, agreement, str(number), now, test=one.test)
            data += written + b"\n"
            lost += [f"{_number(document)}: {told}" for told in _lost(document, written)]
    if not number:
        raise Unusable("there is no document to write")
    return Written(bytes(data), tuple(lost))


def _write(document: ConvertedMessage, agreement: Agreement, reference: str, now: datetime, *, test: bool) -> bytes:
    said = document.data
    if isinstance(said, OrderReceived):
        return orders_write.write(
            said.order, agreement, type_=document.message, reference=reference, now=now, test=test
        )
    return messages.write(document.message, said.document, agreement, reference=reference, now=now, test=test)


def _number(document: ConvertedMessage) -> str:
    said = document.data
    return said.order.number if isinstance(said, OrderReceived) else said.document.number


def _agreement(one: Converted, name: DirectoryName) -> Agreement:
    """Return the terms between the sender and the recipient of an interchange, in another directory."""
    sides = [_address(str(one.interchange.get(side) or "unknown")) for side in ("sender", "recipient")]
    edi = EdiAgreement(us=sides[0], them=sides[1], directory=name, syntax_identifier="UNOC")
    return Agreement(partner="unknown", party=Party(name="unknown"), edi=edi)


def _address(text: str) -> InterchangeAddress:
    identifier, _, qualifier = text.partition(":")
    return InterchangeAddress(identifier=identifier, qualifier=qualifier.partition(":")[0] or None)


def _lost(document: ConvertedMessage, written: bytes) -> Iterator[str]:
    (message,) = check(written, None).messages
    again = _document(message)
    if again is None:
        yield f"it cannot be read again: {in_words(message.verdict.findings)}"
        return
    before, after = (_stated(one) for one in (document.data, again))
    yield from _differences(before, after, "")


def _stated(data: OrderReceived | DocumentReceived) -> Any:
    """Return what a document states; whose it is stands in the interchange."""
    stated = data.order if isinstance(data, OrderReceived) else data.document
    return stated.model_dump(exclude_none=True)


def _differences(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {**before, **after}:
            yield from _differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
    elif isinstance(before, tuple) and isinstance(after, tuple) and len(before) == len(after):
        for place, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _differences(one, other, f"{path}[{place}]")
    elif before != after:
        yield f"{path}: {_shown(before)} becomes {_shown(after)}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, default=str)
