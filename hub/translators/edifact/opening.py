"""The first characters of an interchange: UNA, and in UNB the syntax identifier. They say how the rest is read.

Both are read as single bytes, before any character set is known.

Source: ISO 9735 versions 1 to 4: UNA, UNB S001.
"""

import re
from dataclasses import dataclass, replace

from hub.canonical.finding import Level
from hub.errors import UnreadableInput
from hub.translators.edifact.charsets import Charset, agreed, charset
from hub.translators.edifact.syntax import Segment, ServiceCharacters

NEEDED = 1024
"""Bytes that surely hold UNA and the syntax identifier in UNB."""
BLANK = b" \t\r\n\x00\x1a"
"""What may stand around an interchange: white space, fill, the end-of-file character of old systems."""
BOM = b"\xef\xbb\xbf"
START = re.compile(rb"UNA[^A-Za-z0-9\r\n]([^A-Za-z0-9\r\n])[^A-Za-z0-9\r\n]{3}[^A-Za-z0-9]\s*UNB\1|UNB[+\x1d]")
"""Where an interchange begins: UNB with its element separator, with or without UNA before it."""
INTERACTIVE = "Interactive EDI (UIB) is not supported"
OTHER_FORMATS = (
    (b"ISA", "This is X12, which is not supported"),
    (b"STX=", "This is TRADACOMS, which is not supported"),
    (b"UIB", INTERACTIVE),
    (b"U\x00N\x00", "This is EDIFACT in characters of two bytes (UNOY), which is read by agreement only"),
    (b"\xfe\xff\x00U", "This is EDIFACT in characters of two bytes (UNOY), which is read by agreement only"),
)

_LEVEL_A = ServiceCharacters()
_LEVEL_B = ServiceCharacters(component="\x1f", element="\x1d", release=None, terminator="\x1c")
_UNA = 9
_NEWEST = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """What the bytes themselves do wrong: an 0085 code, at a byte offset, in a segment or between segments.

    `tag` names a service segment or UNA where the fault is the interchange's, `element` and
    `component` the place in it, counted as CONTRL does; after a `fatal` one nothing more can be read.
    """

    code: str
    level: Level
    message: str
    offset: int
    segment: Segment | None = None
    tag: str | None = None
    element: int | None = None
    component: int | None = None
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """How an interchange is read: its characters, its set, its syntax; `start` is where UNB stands behind UNA.

    `announced` tells that there is a UNA that could be read.
    """

    chars: ServiceCharacters
    charset: Charset
    syntax_identifier: str
    syntax_version: int
    start: int
    announced: bool
    faults: tuple[Fault, ...] = ()


def read_opening(head: bytes, offset: int, codec: str | None = None) -> Opening | Fault:
    """Read UNA and the syntax identifier from the first `NEEDED` bytes of an interchange, or say why it cannot be.

    `codec` is what has been agreed on its bytes, if anything.
    """
    faults: list[Fault] = []
    start, announced = _read_una(head, offset, faults)
    unb = head[start : start + NEEDED].decode("latin-1")
    chars = announced or (_LEVEL_B if unb[3:4] == _LEVEL_B.element else _LEVEL_A)
    if unb.startswith("UIB"):
        return Fault("47", "error", INTERACTIVE, offset, tag="UNB", fatal=True)
    if not unb.startswith("UNB" + chars.element):
        return Fault("22", "error", "UNB does not follow with the service characters", offset, tag="UNB", fatal=True)
    identifier, version = _syntax(unb, chars, offset + start, faults)
    if announced is None and version == _NEWEST and chars is _LEVEL_A:
        chars = replace(chars, repetition="*")
    chars = chars.for_version(version)
    known = agreed(identifier, codec) if codec else _charset(identifier, version, offset + start, faults)
    return Opening(chars, known.with_marks(chars), identifier, version, start, announced is not None, tuple(faults))


def _read_una(head: bytes, offset: int, faults: list[Fault]) -> tuple[int, ServiceCharacters | None]:
    if not head.startswith(b"UNA"):
        return 0, None
    start = _UNA + len(head[_UNA:]) - len(head[_UNA:].lstrip(BLANK))
    try:
        return start, ServiceCharacters.from_una(head[3:_UNA].decode("latin-1"))
    except UnreadableInput as error:
        faults.append(Fault("20", "error", str(error), offset, tag="UNA"))
        return start, None


def _syntax(unb: str, chars: ServiceCharacters, offset: int, faults: list[Fault]) -> tuple[str, int]:
    composite = re.split(f"[{re.escape(chars.element + chars.terminator)}]", unb[4:], maxsplit=1)[0]
    values = re.sub("[\r\n]", "", composite).split(chars.component)
    identifier, version = values[0], values[1] if len(values) > 1 else ""
    if version in {"1", "2", "3", "4"}:
        return identifier, int(version)
    message = f"Syntax version {version or '(none)'} is not supported, 1 to 4 are"
    faults.append(Fault("2", "error", message, offset, tag="UNB", element=2, component=2))
    return identifier, 3


def _charset(identifier: str, version: int, offset: int, faults: list[Fault]) -> Charset:
    declared = charset(identifier)
    if declared is not None:
        return declared
    message = f"The character set {identifier or '(none)'} is not supported"
    code = "46" if version == _NEWEST else "2"
    faults.append(Fault(code, "error", message, offset, tag="UNB", element=2, component=1))
    return latin_1()


def latin_1() -> Charset:
    """Return UNOC, in which every byte can be read."""
    found = charset("UNOC")
    if found is None:  # pragma: no cover
        raise AssertionError
    return found
