"""XML from strangers, element by element: no DOCTYPE, no entities, no network, bounded depth and size.

Memory holds one element at a time, so that a journal may be of any size.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from hub.errors import LimitExceeded, UnreadableInput

MAX_BYTES = 20_000_000
MAX_CHILD_BYTES = 1_000_000
"""Of one child: it is held whole."""
_MAX_PROLOG = 65_536
_CHUNK = 65_536
_HARDENED: dict[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "huge_tree": False,  # libxml2 then refuses more than 256 levels and texts over 10 MB
    "remove_comments": True,
    "remove_pis": True,
}


def elements(
    data: bytes | Iterable[bytes], root: str, child: str, *, max_bytes: int = MAX_BYTES
) -> Iterator[etree._Element]:
    """Yield each `child` directly under `root`, in the root's namespace; it is emptied when the next is asked for.

    Raises LimitExceeded for more than `max_bytes`, or `MAX_CHILD_BYTES` in one child, and
    UnreadableInput for what is no such XML, after the elements that stood before the fault.
    """
    chunks = _limited(data, max_bytes)
    prolog, name = _read_prolog(chunks)
    if name.localname != root:
        raise UnreadableInput(f"the root element is {name.localname}, expected {root}")
    parser = etree.XMLPullParser(events=("end",), tag=etree.QName(name.namespace, child).text, **_HARDENED)
    yield from _fed(parser, prolog)
    size = 0
    for chunk in chunks:
        size += len(chunk)
        for element in _fed(parser, chunk):
            size = 0
            yield element
        if size > MAX_CHILD_BYTES:
            raise LimitExceeded(f"more than {MAX_CHILD_BYTES} bytes without the end of a {child}")
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _unreadable(error) from error


def _limited(data: bytes | Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for chunk in _cut(data) if isinstance(data, bytes) else data:
        size += len(chunk)
        if size > max_bytes:
            raise LimitExceeded(f"more than {max_bytes} bytes of XML")
        yield chunk


def _cut(data: bytes) -> Iterator[bytes]:
    return (data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK))


def _read_prolog(chunks: Iterator[bytes]) -> tuple[bytes, etree.QName]:
    """Return the bytes up to the chunk in which the root begins, and the root's name; refuse a DOCTYPE."""
    parser = etree.XMLPullParser(events=("start",), **_HARDENED)
    prolog = b""
    for chunk in chunks:
        prolog += chunk
        fault = _feed(parser, chunk)
        for element in _reported(parser):
            if element.getroottree().docinfo.internalDTD is not None:
                raise UnreadableInput("a DOCTYPE is not allowed")
            return prolog, etree.QName(element)
        if fault:
            raise _unreadable(fault) from fault
        if len(prolog) > _MAX_PROLOG + _CHUNK:
            raise LimitExceeded("no root element within the first bytes")
    raise UnreadableInput("no XML: there is no root element")


def _fed(parser: etree.XMLPullParser, chunk: bytes) -> Iterator[etree._Element]:
    fault = _feed(parser, chunk)
    for element in _reported(parser):
        parent = element.getparent()
        if parent is not None and parent.getparent() is None:
            yield element
            element.clear()
            while element.getprevious() is not None:
                del parent[0]
    if fault:
        raise _unreadable(fault) from fault


def _reported(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    return (element for _, element in parser.read_events() if isinstance(element, etree._Element))  # noqa: SLF001 - the name that lxml gives its elements


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> etree.XMLSyntaxError | None:
    """Feed a chunk and return what is wrong with it, so that what came before the fault can still be read."""
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        return error
    return None


def _unreadable(error: etree.XMLSyntaxError) -> UnreadableInput:
    return UnreadableInput(f"no well-formed XML: {error.msg}", line=error.lineno)
