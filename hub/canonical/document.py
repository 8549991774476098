"""What documents of all kinds state: days from and to, other documents, free text. Names after UBL 2.1."""

from datetime import date

from hub.canonical.values import Value


class Period(Value):
    """Days from `start` to `end`, both included; either may be open."""

    start: date | None = None
    end: date | None = None


class Reference(Value):
    """A reference to another document; `kind` is EDIFACT 1153 (`CT` contract, `ON` order …)."""

    kind: str
    number: str
    line: str | None = None
    issued: date | None = None


class Note(Value):
    """Free text, or a `code` (4441) of a `code_list` (1131) and `agency` (3055). `subject` is 4451.

    Neither decides anything.
    """

    subject: str | None = None
    text: str = ""
    code: str | None = None
    code_list: str | None = None
    agency: str | None = None
