"""A problem in a partner's document: what, how bad, and exactly where.

Positions are counted as CONTRL counts them, so that a list of findings is the
acknowledgement. Other formats use `path` (a JSON or XML path) or `line`.

Source: ISO 9735 service directory, elements 0085, 0096, 0098, 0104, 0136.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from hub.canonical.values import Value

Level = Literal["error", "warning"]


class Location(Value):
    """Where in the input. What does not apply is None.

    `interchange` and `message` are control references; `group` a functional group's;
    `segment` is the position in the message, UNH being 1 (0096); `element` counts the
    tag as 1, so the first element is 2 (0098); `component` counts from 1 (0104);
    `offset` is the byte offset in the input, `line` its line, from 1; `path` is a
    JSON or XML path for formats without segments. `document_line` is the line of the
    document that this is about, as its sender numbers it (LIN 1082).
    """

    interchange: str | None = None
    group: str | None = None
    message: str | None = None
    segment: int | None = None
    tag: str | None = None
    element: int | None = None
    component: int | None = None
    occurrence: int | None = None
    offset: int | None = None
    line: int | None = None
    path: str | None = None
    document_line: str | None = None


class Finding(Value):
    """One problem. `code` is of element 0085 for EDIFACT, a word elsewhere; `message` says what to do.

    `application` tells that the input is right in its own form, and cannot be used all the same.
    """

    code: str
    level: Level = "error"
    location: Location = Location()
    message: str
    application: bool = False


def in_words(findings: Iterable[Finding]) -> str:
    """Return the first error with its place, as one line for people."""
    first = next((one for one in findings if one.level == "error"), None)
    if first is None:
        return "nothing in it can be used"
    place = " ".join(_place(first.location))
    return f"{place}: {first.message}" if place else first.message


def _place(at: Location) -> Iterator[str]:
    if at.path is not None:
        yield at.path
    if at.tag is not None:
        yield at.tag
    for name, value in (("line", at.line), ("segment", at.segment), ("element", at.element)):
        if value is not None:
            yield f"{name} {value}"
