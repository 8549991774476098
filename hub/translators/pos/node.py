"""An XML element read field by field: what is odd becomes a finding with its path, never an exception.

Names without a namespace are those of the document's own vocabulary; `acs:Name`
asks for an extension by the prefix that the document itself gives it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from lxml import etree

from hub.canonical.finding import Finding, Level, Location
from hub.canonical.numerals import decimal_of

_TRUE = frozenset({"true", "1"})


@dataclass(frozen=True, slots=True)
class Node:
    """An element, where it stands, the document's own namespace, and the findings of the whole transaction."""

    element: etree._Element
    path: str
    namespace: str | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The element's name: local in the vocabulary of the document, with its prefix otherwise."""
        return _name(self.element, self.namespace)

    def problem(self, code: str, name: str, message: str, level: Level = "error") -> None:
        """Keep a finding about the child `name`, or about the element itself if it is empty."""
        path = f"{self.path}/{name}" if name else self.path
        place = Location(path=path, line=self.element.sourceline)
        self.findings.append(Finding(code=code, level=level, location=place, message=message))

    def children(self, name: str | None = None) -> Iterator["Node"]:
        """Yield the children of that name, or all."""
        counts: dict[str, int] = {}
        local = "*" if name is None else name.rpartition(":")[2]
        for element in self.element.iterchildren(f"{{*}}{local}"):
            found = _name(element, self.namespace)
            counts[found] = counts.get(found, 0) + 1
            if name in {None, found}:
                yield Node(element, f"{self.path}/{found}[{counts[found]}]", self.namespace, self.findings)

    def child(self, name: str) -> "Node | None":
        """Return the first child of that name."""
        return next(self.children(name), None)

    def attribute(self, name: str) -> str | None:
        """Return the attribute of that name, in any namespace."""
        values = (str(text) for key, text in self.element.attrib.items() if _local(str(key)) == name)
        return next((value.strip() or None for value in values), None)

    def flag(self, name: str) -> bool:
        """Tell whether the attribute `name` is true."""
        return (self.attribute(name) or "").lower() in _TRUE

    def content(self) -> str | None:
        """Return the element's own text without blanks around it, None if nothing is left."""
        return (self.element.text or "").strip() or None

    def amount(self) -> Decimal | None:
        """Return the number that the element itself holds."""
        try:
            return decimal_of(text) if (text := self.content()) else None
        except ValueError as error:
            self.problem("not_a_number", "", str(error))
            return None

    def text(self, *names: str) -> str | None:
        """Return the text of the first of these children that has one."""
        nodes = (node for name in names for node in self.children(name))
        return next((text for node in nodes if (text := node.content())), None)

    def number(self, *names: str) -> Decimal | None:
        """Return the number in the first of these children that has a text."""
        text = self.text(*names)
        try:
            return decimal_of(text) if text else None
        except ValueError as error:
            self.problem("not_a_number", names[0], str(error))
            return None

    def required_number(self, name: str) -> Decimal:
        """Return the number in the child `name`; without one there is an error finding, and zero to go on with."""
        number = self.number(name)
        if number is None:
            self.problem("missing", name, "an amount is missing")
        return Decimal(0) if number is None else number

    def day(self, name: str) -> date | None:
        """Return the date in the child `name`."""
        text = self.text(name)
        try:
            return date.fromisoformat(text[:10]) if text else None
        except ValueError:
            self.problem("not_a_date", name, f"{(text or '')[:40]!r} is not a date")
            return None

    def instant(self, name: str, zone: ZoneInfo) -> datetime | None:
        """Return the instant in the child `name`; without a zone of its own it is a time of the store."""
        text = self.text(name)
        if text is None:
            return None
        try:
            instant = datetime.fromisoformat(text)
            return (instant if instant.tzinfo else instant.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.problem("not_a_time", name, f"{text[:40]!r} is not a time", "warning")
            return None

    def flattened(self, known: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
        """Yield path and text of every leaf and attribute, without those under the `known` children."""
        yield from _leaves(self.element, self.namespace, "", frozenset(known))


def _leaves(
    element: etree._Element, namespace: str | None, path: str, known: frozenset[str]
) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        if value:
            yield f"{path}@{_local(str(key))}", str(value)
    text = (element.text or "").strip()
    if path and text:
        yield path, text
    for child in element.iterchildren("*"):
        name = _name(child, namespace)
        if name not in known:
            yield from _leaves(child, namespace, f"{path}/{name}" if path else name, frozenset())


def _name(element: etree._Element, namespace: str | None) -> str:
    space, _, local = str(element.tag).rpartition("}")
    return local if space[1:] == (namespace or "") else f"{element.prefix or 'ext'}:{local}"


def _local(key: str) -> str:
    """Return an attribute's name without its namespace, or without a prefix that nobody has declared."""
    return key.rpartition("}")[2].rpartition(":")[2]
