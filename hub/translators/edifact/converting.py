"""Orders between forms: EDIFACT to canonical JSON and back, and from one directory to another.

What was written is read again; where it says otherwise than the order did, that is lost,
and told by its path.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from hub.canonical.agreement import Agreement, DirectoryName, EdiAgreement, InterchangeAddress
from hub.canonical.finding import in_words
from hub.canonical.order import Order, OrderReceived
from hub.canonical.party import Party
from hub.canonical.validation import findings_of
from hub.canonical.values import Value
from hub.errors import UnreadableInput, Unusable
from hub.translators.edifact import orders_write
from hub.translators.edifact.checking import chunks_of
from hub.translators.edifact.interchange import Checked, check, split
from hub.translators.edifact.slices import FileBytes


class Converted(Value):
    """The orders of one interchange, and what is wrong with it, as JSON has it."""

    interchange: dict[str, Any]
    test: bool
    orders: tuple[OrderReceived, ...]


class Written(NamedTuple):
    """Interchanges of EDIFACT, and what of the orders they do not say: order number and path, with both values."""

    data: bytes
    lost: tuple[str, ...]


_FILE: TypeAdapter[list[Converted]] = TypeAdapter(list[Converted])


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
        orders=tuple(message.order for message in one.messages if message.order),
    )


def as_data(converted: Sequence[Converted]) -> list[dict[str, Any]]:
    """Return interchanges as JSON has them."""
    return [one.model_dump(mode="json", exclude_none=True) for one in converted]


def as_json(converted: Sequence[Converted]) -> str:
    """Return interchanges as JSON text."""
    return json.dumps(as_data(converted), indent=2, ensure_ascii=False) + "\n"


def from_json(data: bytes) -> list[Converted]:
    """Read what `as_json` has written. Raises UnreadableInput with the path to what is wrong."""
    try:
        return _FILE.validate_json(data)
    except ValidationError as error:
        raise UnreadableInput(f"no canonical orders: {in_words(findings_of(error))}") from error


def write_file(converted: Sequence[Converted], name: DirectoryName, now: datetime) -> Written:
    """Return the orders in a directory, an interchange each. Raises Unusable where there are none.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    data, lost = bytearray(), []
    number = 0
    for one in converted:
        agreement = _agreement(one, name)
        for received in one.orders:
            number += 1
            written = orders_write.write(received.order, agreement, reference=str(number), now=now, test=one.test)
            data += written + b"\n"
            lost += [f"{received.order.number}: {told}" for told in _lost(received.order, written)]
    if not number:
        raise Unusable("there is no order to write")
    return Written(bytes(data), tuple(lost))


def _agreement(one: Converted, name: DirectoryName) -> Agreement:
    """Return the terms between the sender and the recipient of an interchange, in another directory."""
    sides = [_address(str(one.interchange.get(side) or "unknown")) for side in ("sender", "recipient")]
    edi = EdiAgreement(us=sides[0], them=sides[1], directory=name, syntax_identifier="UNOC")
    return Agreement(partner="unknown", party=Party(name="unknown"), edi=edi)


def _address(text: str) -> InterchangeAddress:
    identifier, _, qualifier = text.partition(":")
    return InterchangeAddress(identifier=identifier, qualifier=qualifier.partition(":")[0] or None)


def _lost(order: Order, written: bytes) -> Iterator[str]:
    (message,) = check(written, None).messages
    if message.order is None:
        yield f"it cannot be read again: {in_words(message.verdict.findings)}"
        return
    before, after = (one.model_dump(exclude_none=True) for one in (order, message.order.order))
    yield from _differences(before, after, "")


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
