"""Interchanges in characters of two bytes (UNOY), which are read as what they say in UTF-8.

Separators have two bytes there, too, so no reader of bytes would find any. Offsets of what is
found are those in UTF-8.

Source: ISO 9735 from version 4 on, element 0001; ISO 10646.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain

CODEC = "utf-16-be"
NARROW = "utf-8"
_START = re.compile(rb"(?:\xfe\xff)?\x00U\x00N\x00[AB]")
_NEEDED = 8
_HOLE = "hub.hole"
codecs.register_error(_HOLE, lambda error: ("\udcff", error.end) if isinstance(error, UnicodeDecodeError) else ("", 0))


def is_wide(head: bytes) -> bool:
    """Tell whether an interchange begins with UNA or UNB in characters of two bytes."""
    return _START.match(head) is not None


def narrowed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield an interchange in UTF-8, if it is a wide one, else as it is; what is no character becomes the byte 255."""
    rest = iter(chunks)
    head = b""
    for chunk in rest:
        head += chunk
        if len(head) >= _NEEDED:
            break
    if not is_wide(head):
        yield from chain([head], rest)
        return
    decoder = codecs.getincrementaldecoder(CODEC)(_HOLE)
    for chunk in chain([head], rest):
        yield decoder.decode(chunk).encode(NARROW, "surrogateescape")
    yield decoder.decode(b"", final=True).encode(NARROW, "surrogateescape")
