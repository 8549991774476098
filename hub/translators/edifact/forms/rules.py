"""Rules for what is more than one segment: items, parties, texts, references, allowances, marks.

They are the same readers and writers that orders have.

Source: UN/EDIFACT D.96A and D.01B: LIN with PIA and IMD, NAD, FTX, RFF, ALC, GIN; EANCOM for roles.
"""

from collections.abc import Iterator, Mapping
from datetime import time
from decimal import Decimal
from itertools import chain, groupby
from types import MappingProxyType
from typing import Any

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.party import Party
from hub.canonical.trade import Description, Identities, ItemNumber, StatedDate, StatedParty, StatedQuantity
from hub.canonical.values import Quantity
from hub.translators.edifact import blocks
from hub.translators.edifact.forms.form import Each, Form, Part, Pen
from hub.translators.edifact.forms.template import Template
from hub.translators.edifact.items import item_blocks, read_item
from hub.translators.edifact.kept import Block, Kept
from hub.translators.edifact.parties import party_blocks, party_group, path_of, read_party
from hub.translators.edifact.reading import DEFAULT, Extensions, Reading
from hub.translators.edifact.restated import allowance_blocks, note_blocks, reference_blocks
from hub.translators.edifact.stated import has_time_of_day, read_allowances, read_notes, read_references
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.writer import segment

_ROLES = MappingProxyType(
    {"BY": "buyer", "SU": "seller", "SE": "seller", "DP": "delivery", "ST": "delivery", "CN": "delivery"}
    | {"IV": "invoicee"}
)
DESCRIPTION = "IMD+{format}+{kind}+{code}::{agency}:{text:continued}"
_DESCRIPTION = Template(DESCRIPTION)
_UNITS = MappingProxyType({"801": "ANN", "802": "MON", "803": "WEE", "804": "DAY", "805": "HUR", "806": "MIN"})
"""Forms (2379) that are lengths of time, with their units in Recommendation 20."""
_STATUS = Template("SCC+{commitment}++{frequency}")
_OF_PARTY = "NAD/"
"""Below which key a group keeps what its party has no place for."""
_MINUTES = "203"
_DAYS = "%Y%m%d"
_USUAL = MappingProxyType({"buyer": "BY", "seller": "SU", "delivery": "DP", "invoicee": "IV"})


class Item:
    """LIN with PIA and IMD: the line's number, what it is about, and what is to happen to it (1229)."""

    tags = frozenset({"LIN"})

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all three."""
        lin, *more = part.take("LIN")
        own = {tag: [group.trigger for group in part.take(tag)] for tag in ("PIA", "IMD")}
        for group in more:
            kept.keep_group(group)
        beside = Extensions()
        item = read_item(lin.trigger, own, reading, beside)
        numbers, descriptions = [], []
        for key, texts in beside.result().items():
            for text in texts:
                segment = Segment(text, 0, DEFAULT)
                number = _number(segment)
                taken = _DESCRIPTION.take(segment, reading)
                if number is not None:
                    numbers.append(number)
                elif taken is not None and taken.whole:
                    descriptions.append(Description(**taken.values))
                else:
                    kept.keep_text(key, text)
        found = {
            "line_id": lin.trigger.value(1),
            "action": lin.trigger.value(2),
            "parent_line": lin.trigger.value(4, 2),
            "item": item,
            "item_numbers": tuple(numbers),
            "descriptions": tuple(descriptions),
        }
        return {name: value for name, value in found.items() if value}

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield all three; a name that is one of the descriptions stands there alone."""
        described = {each.text for each in value.descriptions}
        item: ItemIdentification = value.item
        lines = [line for line in (item.description or "").split("\n") if line and line not in described]
        item = item.changed(name=None if item.name in described else item.name, description="\n".join(lines) or None)
        yield from item_blocks(value.line_id or "", value.action or "", value.parent_line, item, pen.kept, pen.tongue)
        for number in value.item_numbers:
            yield (segment("PIA", number.function, (number.number, number.kind, None, number.agency)),)
        for each in value.descriptions:
            plain = _DESCRIPTION.put(each, pen.tongue)
            if plain is not None:
                yield (plain,)


def _number(pia: Segment) -> ItemNumber | None:
    """Return the one number of a PIA that was kept; None of other segments and of what says more."""
    number, kind, list_, agency, *more = [*pia.components(2), "", "", "", ""][:5]
    if pia.tag != "PIA" or not kind or list_ or any(more):
        return None
    return ItemNumber(function=pia.value(1) or None, kind=kind, number=number, agency=agency or None)


class Day:
    """DTM: a day, with its time or alone, days from … to, or how long something lasts."""

    tags = frozenset({"DTM"})

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take the segment."""
        dtm, *more = part.take("DTM")
        for group in more:
            kept.keep_group(group)
        kind, text, form = (dtm.trigger.value(1, component) for component in (1, 2, 3))
        found: dict[str, Any] = {"kind": kind}
        if form in _UNITS and text.isascii() and text.isdigit():
            found["duration"] = Quantity(value=Decimal(text), unit=_UNITS[form])
        else:
            found["period"] = period = reading.period(dtm.trigger, "warning")
            if period is None:
                return {}
            if has_time_of_day(dtm.trigger):
                found["time_of_day"] = _time(text, form)
                if found["time_of_day"] is None:
                    return {}
        return found if kind else {}

    def write(self, value: Any, _: Pen) -> Iterator[Block]:
        """Yield it."""
        yield (segment("DTM", (value.kind, *_stated(value))),)


def _time(text: str, form: str) -> time | None:
    try:
        return time.fromisoformat(f"{text[8:10]}:{text[10:12]}") if form == _MINUTES else None
    except ValueError:
        return None


def _stated(date: StatedDate) -> tuple[str, str]:
    """Return a date (2380) and its form (2379)."""
    if date.duration is not None:
        forms = [form for form, unit in _UNITS.items() if unit == date.duration.unit]
        return blocks.number(date.duration.value), next(iter(forms), "")
    start, end = (date.period.start, date.period.end) if date.period else (None, None)
    first, last = start or end, end or start
    if first is None or last is None:
        return "", ""
    if date.time_of_day is not None:
        return f"{first:{_DAYS}}{date.time_of_day:%H%M}", _MINUTES
    return (f"{first:{_DAYS}}", "102") if first == last else (f"{first:{_DAYS}}{last:{_DAYS}}", "718")


class PartyInRole:
    """NAD with its numbers and contacts: a party, and in which role."""

    tags = frozenset({"NAD"})

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take the party."""
        found = part.take("NAD")
        if not found:
            return {}
        nad = found[0].trigger
        group = Group("NAD", 0, [nad], part.take("RFF", "CTA"))
        return {"role": nad.value(1), "party": read_party(group, reading, kept, _OF_PARTY)}

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield the party with what was kept beside it."""
        if value.party is not None:
            yield from party_blocks(value.role or "", value.party, pen.kept, _OF_PARTY, pen.tongue)


PARTY = Form(StatedParty, PartyInRole(), tags=("NAD",))


class Parties:
    """NAD of a head: buyer, seller, where to deliver, whom to invoice; the others in a list."""

    def __init__(self) -> None:
        self._others = Each("other_parties", PARTY)
        self.tags = self._others.tags

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all of them; of two in one role the first is the named one."""
        named: dict[str, Party] = {}
        others = []
        for group in part.take("NAD"):
            code = group.trigger.value(1)
            field = _ROLES.get(code)
            if field is None or field in named:
                others.append(group)
                continue
            named[field] = read_party(group, reading, kept, path_of(code))
            if code != _USUAL[field]:
                kept.keep_text(f"NAD+{field}", code)
        return {**named, **self._others.read(Part(others), reading, kept)}

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield the named ones, then the others."""
        nodes = pen.nodes("NAD")
        if not nodes:
            return
        places = nodes[0].content or nodes
        for field, usual in _USUAL.items():
            party: Party | None = getattr(value, field)
            if party is not None:
                code = pen.kept.text(f"NAD+{field}") or usual
                yield party_group(code, party, pen.kept, path_of(code), pen.tongue, places)
        yield from self._others.write(value, pen)


class Notes:
    """FTX."""

    tags = frozenset({"FTX"})

    def read(self, part: Part, _: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all texts."""
        return _list("notes", read_notes([group.trigger for group in part.take("FTX")], kept))

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield them."""
        return note_blocks(value.notes, pen.kept, pen.tongue)


class References:
    """RFF with its date."""

    tags = frozenset({"RFF"})

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all references."""
        return _list("references", read_references(part.take("RFF"), reading, kept))

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield them."""
        return reference_blocks(value.references, pen.kept)


class Allowances:
    """ALC with what stands below it."""

    def __init__(self, field: str = "allowances") -> None:
        self._field = field
        self.tags = frozenset({"ALC"})

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all allowances and charges."""
        return _list(self._field, read_allowances(part.take("ALC"), reading, kept))

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield them."""
        return allowance_blocks(getattr(value, self._field), pen.kept, pen.tongue)


class Schedules:
    """Quantities below the status of a schedule (SCC), as D.01B has them; in D.96A the status stands below each."""

    def __init__(self, quantity: Form[StatedQuantity]) -> None:
        self._quantity = quantity
        self._plain = Each("quantities", quantity)
        self.tags = self._plain.tags | {"SCC"}

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all quantities, those of schedules with what their status says."""
        schedules = part.take("SCC")
        found = list(self._plain.read(part, reading, kept).get("quantities", ()))
        for schedule in schedules:
            status = _STATUS.take(schedule.trigger, reading)
            read = [self._quantity.read(Part.of_group(group), reading) for group in schedule.children("QTY")]
            quantities = [quantity for quantity in read if quantity is not None]
            others = len(schedule.segments) > 1 or len(schedule.groups) > len(quantities)
            if status is None or not status.whole or others or not quantities:
                kept.keep_group(schedule)
            else:
                found += [quantity.changed(**status.values) for quantity in quantities]
        return _list("quantities", tuple(found))

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield them all, where the table has schedules each below its status."""
        node = next((node for node in pen.nodes("SCC") if node.content), None)
        below = [node for node in node.content if node.tag == "QTY"] if node is not None else []
        scheduled = [one for one in value.quantities if below and one.commitment]
        others = tuple(one for one in value.quantities if not (below and one.commitment))
        yield from self._plain.write(value.changed(quantities=others), pen)
        for (commitment, frequency), quantities in groupby(scheduled, key=lambda one: (one.commitment, one.frequency)):
            status = segment("SCC", commitment, "", frequency)
            inside = Pen(pen.tongue, pen.reading, below, Kept({}))
            plain = [one.changed(commitment=None, frequency=None) for one in quantities]
            below_it = self._plain.write(value.changed(quantities=tuple(plain)), inside)
            yield status, *chain.from_iterable(below_it)


class Numbers:
    """GIN: identities of one kind, each alone or as the first and the last of several."""

    tags = frozenset({"GIN"})

    def read(self, part: Part, _: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take the segment."""
        gin, *more = part.take("GIN")
        for group in more:
            kept.keep_group(group)
        found = tuple(_identities(gin.trigger))
        kind = gin.trigger.value(1)
        return {"kind": kind, "identities": found} if kind and found else {}

    def write(self, value: Any, _: Pen) -> Iterator[Block]:
        """Yield it."""
        pairs = [(each.first, each.last) if each.last else (each.first,) for each in value.identities]
        yield (segment("GIN", value.kind, *pairs),)


def _identities(gin: Segment) -> Iterator[Identities]:
    for element in range(2, len(gin.raw_elements)):
        for first, *rest in gin.repetitions(element):
            if first:
                yield Identities(first=first, last=(rest[0] or None) if rest else None)


def _list(field: str, values: tuple[Any, ...]) -> Mapping[str, Any]:
    return {field: values} if values else {}
