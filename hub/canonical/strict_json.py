"""JSON from strangers: bytes to Python values without anything that two readers could understand differently.

Numbers with a fraction become Decimal, never float. A name given twice in one
object, NaN, Infinity, half a surrogate pair and NUL are refused, since another
reader would drop, change or choke on them.

Source: RFC 8259; RFC 7493 (I-JSON) sections 2.1 to 2.3.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NoReturn

from hub.errors import LimitExceeded, UnreadableInput

MAX_BYTES = 5_000_000
MAX_DEPTH = 64
MAX_DIGITS = 38
SHOWN = 20
"""Characters of a wrong value by which a person finds it again."""

_SUSPICIOUS_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNUSABLE_CHARACTER = re.compile("[\x00\ud800-\udfff]")


def parse(data: bytes, *, max_bytes: int = MAX_BYTES) -> Any:
    """Return the value that `data` (UTF-8, a byte order mark is allowed) spells.

    Raises LimitExceeded for too many bytes, levels or digits, UnreadableInput for
    everything else; `context` holds `line` and `offset` where the place is known.
    """
    if len(data) > max_bytes:
        raise LimitExceeded(f"{len(data)} bytes of JSON, {max_bytes} are allowed")
    try:
        text = data.decode("utf-8-sig")
        value = _DECODER.decode(text)
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"not UTF-8 at byte {error.start}", offset=error.start) from error
    except json.JSONDecodeError as error:
        offset = len(text[: error.pos].encode())
        raise UnreadableInput(
            f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})", line=error.lineno, offset=offset
        ) from error
    except RecursionError as error:
        raise LimitExceeded(f"JSON deeper than {MAX_DEPTH} levels") from error
    _check_depth(value)
    if _SUSPICIOUS_ESCAPE.search(text):
        _check_characters(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise UnreadableInput(f"the name {twice[:80]!r} stands twice in one JSON object")
    return members


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > MAX_DIGITS:
        raise _too_long(text)
    return int(text)


def _decimal(text: str) -> Decimal:
    number = Decimal(text) if len(text) <= 2 * MAX_DIGITS else None
    if number is None or len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        raise _too_long(text)
    return number


def _too_long(number: str) -> LimitExceeded:
    return LimitExceeded(f"a number of more than {MAX_DIGITS} digits: {number[:SHOWN]}…")


def _refuse_constant(name: str) -> NoReturn:
    raise UnreadableInput(f"{name} is not JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_float=_decimal, parse_int=_integer, parse_constant=_refuse_constant
)


def _levels(value: Any) -> Iterator[list[Any]]:
    """Yield, level by level, what stands inside the containers: members' names and values, elements."""
    containers = [value]
    while containers := [node for node in containers if isinstance(node, dict | list)]:
        inside: list[Any] = []
        for node in containers:
            if isinstance(node, dict):
                inside += node
                inside += node.values()
            else:
                inside += node
        yield inside
        containers = inside


def _check_depth(value: Any) -> None:
    for depth, _ in enumerate(_levels(value), 1):
        if depth > MAX_DEPTH:
            raise LimitExceeded(f"JSON deeper than {MAX_DEPTH} levels")


def _check_characters(value: Any) -> None:
    for inside in ([value], *_levels(value)):
        for text in inside:
            if isinstance(text, str) and _UNUSABLE_CHARACTER.search(text):
                shown = _UNUSABLE_CHARACTER.sub("\ufffd", text)[:SHOWN]
                raise UnreadableInput(rf"a text holds \u0000 or half a surrogate pair: {shown!r}")
