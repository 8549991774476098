"""A shop's loosely typed JSON, read field by field: what is odd becomes a finding with its path, never an exception.

Shops write numbers as texts and texts as numbers, leave fields out, or send null
and "" for nothing. A reader asks for what it needs and gets it in one type, or None.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.canonical.finding import Finding, Level, Location
from hub.canonical.numerals import decimal_of


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object, where it stands in the document, and the findings of the whole document."""

    value: dict[str, Any]
    path: str = "$"
    findings: list[Finding] = field(default_factory=list)

    def problem(self, code: str, name: str, message: str, level: Level = "error") -> None:
        """Keep a finding about the member `name`, or about the object itself if it is empty."""
        path = f"{self.path}.{name}" if name else self.path
        self.findings.append(Finding(code=code, level=level, location=Location(path=path), message=message))

    def object(self, name: str) -> "Fields":
        """Return the object in `name`, an empty one where there is none."""
        value = self.value.get(name)
        if value and not isinstance(value, dict):
            self.problem("wrong_type", name, "expected an object", "warning")
        return Fields(value if isinstance(value, dict) else {}, f"{self.path}.{name}", self.findings)

    def objects(self, name: str) -> Iterator["Fields"]:
        """Yield the objects in the list `name`."""
        values = self.value.get(name)
        if values and not isinstance(values, list):
            self.problem("wrong_type", name, "expected a list of objects")
        for index, value in enumerate(values if isinstance(values, list) else []):
            if isinstance(value, dict):
                yield Fields(value, f"{self.path}.{name}[{index}]", self.findings)
            else:
                self.problem("wrong_type", f"{name}[{index}]", "expected an object")

    def text(self, name: str) -> str | None:
        """Return the text or number in `name` as text without blanks around it, None if nothing is left."""
        value = self.value.get(name)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | None):
            self.problem("wrong_type", name, "expected a text", "warning")
            return None
        return str("" if value is None else value).strip() or None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts in the list `name`."""
        values = self.value.get(name)
        return tuple(str(value) for value in values if value) if isinstance(values, list) else ()

    def flag(self, name: str) -> bool:
        """Tell whether `name` is true; `"true"` and `"yes"` count, as plugins write them."""
        return str(self.value.get(name)).lower() in {"true", "yes", "1"}

    def number(self, name: str) -> Decimal | None:
        """Return the number in `name`, whether it is written as a number or as a text."""
        text = self.text(name)
        try:
            return decimal_of(text) if text else None
        except ValueError as error:
            self.problem("not_a_number", name, str(error))
            return None

    def required_number(self, name: str) -> Decimal:
        """Return the number in `name`; without one there is an error finding, and zero to go on with."""
        number = self.number(name)
        if number is None:
            self.problem("missing", name, "an amount or quantity is missing")
        return Decimal(0) if number is None else number

    def country(self, name: str) -> str | None:
        """Return the ISO 3166-1 alpha-2 code in `name`; anything else is only a warning."""
        text = self.text(name)
        if text and not (len(text) == 2 and text.isascii() and text.isalpha() and text.isupper()):  # noqa: PLR2004 - alpha-2
            self.problem("not_a_country", name, f"{text[:40]!r} is not a country code", "warning")
            return None
        return text

    def instant(self, name: str, *, utc: bool = False) -> datetime | None:
        """Return the instant in `name`; `utc` says that the platform leaves UTC unsaid, else a zone must be stated."""
        text = self.text(name)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
        except ValueError:
            self.problem("not_a_time", name, f"{text[:40]!r} is not an ISO 8601 time")
            return None
        if instant.tzinfo is None and not utc:
            self.problem("no_zone", name, f"{text[:40]!r} states no time zone", "warning")
            return None
        return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
