"""A group, or a whole message, as a form: which of its segments fill which fields, both ways.

Strategy: a form is a list of rules. Reading, each rule takes out of the group what is its
own; what nobody has taken goes into the `extensions` of the value, so nothing is dropped.
Writing, each rule gives the segments of its fields, what stands in the extensions joins
them, and all of it is sorted into the places of the message's table. So a form knows
nothing of the order or the numbers of groups, and one form serves every directory.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from hub.canonical.trade import Stated
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.forms.template import Template
from hub.translators.edifact.kept import Block, Kept, block, in_order
from hub.translators.edifact.reading import DEFAULT, Extensions, Reading, key_of, wire
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node
from hub.translators.edifact.writer import Plain, segment

S = TypeVar("S", bound=Stated)
_SECTION = "UNS"
_DETAIL = "D"
_ENDS = frozenset({"UNH", "UNT", _SECTION})


class Part:
    """What of a group no rule has taken yet, by tag.

    `sections` are the parts of a message that stand behind each UNS, in their order.
    """

    def __init__(self, groups: Iterable[Group]) -> None:
        self._groups: dict[str, list[Group]] = defaultdict(list)
        for group in groups:
            self._groups[group.tag].append(group)
        self.sections: list[Part] = []

    @classmethod
    def of_group(cls, group: Group) -> "Part":
        """Return all of a group; a segment of its own is as a group without others."""
        return cls([*map(_alone, group.segments), *group.groups])

    @classmethod
    def of_message(cls, tree: Group) -> "Part":
        """Return all of a message: what stands before the first UNS, and as sections what stands behind each."""
        borders = [segment for segment in tree.segments if segment.tag == _SECTION]
        parts: list[list[Group]] = [[] for _ in range(len(borders) + 1)]
        groups = [_alone(segment) for segment in tree.segments if segment.tag not in _ENDS]
        for group in sorted([*groups, *tree.groups], key=_position):
            parts[sum(border.position < _position(group) for border in borders)].append(group)
        whole = cls(parts[0])
        whole.sections = [cls(behind) for behind in parts[1:]]
        return whole

    def lacks(self, tags: frozenset[str]) -> bool:
        """Tell whether nothing begins with one of the tags."""
        return self._groups.keys().isdisjoint(tags) and not (self.sections and _SECTION in tags)

    def take(self, *tags: str) -> list[Group]:
        """Take all that begins with one of the tags."""
        return [group for tag in tags for group in self._groups.pop(tag, ())]

    def put_back(self, tag: str, groups: list[Group]) -> None:
        """Give back what a rule has no use for."""
        if groups:
            self._groups[tag] = groups

    def keep_rest(self, kept: Extensions) -> None:
        """Keep what nobody has taken."""
        for groups in self._groups.values():
            for group in groups:
                kept.keep_group(group)
        for section in self.sections:
            section.keep_rest(kept)


@dataclass(frozen=True)
class Pen:
    """What a value is written with: in whose words, into which places, and what its extensions hold."""

    tongue: Dialect
    reading: Reading
    places: Sequence[Node]
    kept: Kept

    def inside(self, node: Node, extensions: Mapping[str, tuple[str, ...]]) -> "Pen":
        """Return the pen for a value that stands in a group of its own."""
        return Pen(self.tongue, self.reading, node.content or (node,), Kept(extensions))

    def nodes(self, *tags: str) -> list[Node]:
        """Return the places that the tags have here: groups before segments, in the order of the tags."""
        nodes = [node for tag in tags for node in self.places if node.tag == tag]
        return sorted(nodes, key=lambda node: not node.content)


class Rule(Protocol):
    """A part of a form; where nothing with one of its `tags` is left, it has nothing to read."""

    @property
    def tags(self) -> frozenset[str]: ...

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take what is this rule's own, and return its fields."""

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield the segments of this rule's fields."""


class Line:
    """A segment that stands once: the first that fits its template."""

    def __init__(self, text: str) -> None:
        self.template = Template(text)
        self.tags = frozenset({self.template.tag})

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take the first segment that fits; where it says more, or others stand below it, it is kept in full, too."""
        tag = self.template.tag
        groups = part.take(tag)
        for number, group in enumerate(groups):
            taken = self.template.take(group.trigger, reading)
            if taken is not None:
                del groups[number]
                part.put_back(tag, groups)
                if not taken.whole or len(group.segments) > 1 or group.groups:
                    kept.keep_text(_in_full(key_of(group.trigger)), "'".join(map(wire, group.walk())))
                return taken.values
        part.put_back(tag, groups)
        return {}

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield the segment; where it was kept in full, with all that it said."""
        plain = self.template.put(value, pen.tongue)
        if plain is None or not pen.nodes(plain.tag):
            return
        first = plain.elements[0] if plain.elements else ""
        qualifier = first[0] if isinstance(first, tuple) else first
        text = pen.kept.text(_in_full(f"{plain.tag}+{qualifier}" if qualifier else plain.tag))
        if not text:
            yield (plain,)
            return
        base = Segment(DEFAULT.split(text, DEFAULT.terminator)[0], 0, DEFAULT)
        yield self.template.put_over(base, value, pen.tongue, pen.reading), *block(text)[1:]


class Each:
    """All segments or groups that one of the forms begins with, each a value of its own in a list."""

    def __init__(self, field: str, *forms: "Form[Any]") -> None:
        self._field = field
        self._forms = forms
        self.tags = frozenset(tag for form in forms for tag in form.tags)

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Take all that a form can be read from; the others are kept."""
        found = []
        for form in self._forms:
            for group in part.take(*form.tags):
                value = form.read(Part.of_group(group), reading)
                if value is None:
                    kept.keep_group(group)
                else:
                    found.append(value)
        return {self._field: tuple(found)} if found else {}

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield the group of each value of the list."""
        for one in getattr(value, self._field):
            yield from self._blocks(one, pen)

    def _blocks(self, one: Any, pen: Pen) -> Iterator[Block]:
        """Yield the group of a value, by the first form and in the first place that begins as the value does.

        Where none does, the trigger has nothing to say: it stands there empty.
        """
        places = [(form, node) for form in self._forms for node in pen.nodes(*form.tags)]
        written = ((node, form.plains(one, pen.inside(node, one.extensions))) for form, node in places)
        fitting = next((block for node, block in written if block and block[0].tag == node.tag), None)
        if fitting is not None:
            yield fitting
        elif places:
            form, node = places[0]
            yield Plain(node.tag, ()), *form.plains(one, pen.inside(node, one.extensions))


class Section:
    """What stands behind UNS: behind the first (`D`, before the detail) or the last (`S`, before the summary).

    In a directory whose message has none, it stands with the rest.
    """

    def __init__(self, code: str, *rules: "Rule | str") -> None:
        self._code = code
        self._rules = _as_rules(rules)
        self.tags = frozenset({_SECTION}).union(*(rule.tags for rule in self._rules))

    def read(self, part: Part, reading: Reading, kept: Extensions) -> Mapping[str, Any]:
        """Return the fields of the rules."""
        if not part.sections:
            return _read(self._rules, part, reading, kept)
        section = part.sections.pop(0 if self._code == _DETAIL else -1)
        inner = Extensions()
        values = _read(self._rules, section, reading, inner)
        section.keep_rest(inner)
        kept.keep_below(_below(self._code), inner.result())
        return values

    def write(self, value: Any, pen: Pen) -> Iterator[Block]:
        """Yield UNS and all that stands behind it, or what stands behind it alone."""
        borders = [number for number, node in enumerate(pen.places) if node.tag == _SECTION]
        path = _below(self._code)
        if not borders:
            yield from _written(self._rules, value, pen)
            yield from pen.kept.take(path)
            return
        border = borders[0 if self._code == _DETAIL else -1]
        inner = Pen(pen.tongue, pen.reading, pen.places[border + 1 :], pen.kept.below(path))
        blocks = [*_written(self._rules, value, inner), *inner.kept.rest()]
        yield segment(_SECTION, self._code), *in_order(blocks, inner.places)


class Form(Generic[S]):
    """How a canonical value stands in a group or a message. A rule that is a text is a `Line`.

    `tags` are those of the segments that it may begin with; without them, that of the first rule.
    """

    def __init__(self, model: type[S], *rules: Rule | str, tags: tuple[str, ...] = ()) -> None:
        self.model = model
        self.tags = tags or tuple(rule.partition("+")[0] for rule in rules[:1] if isinstance(rule, str))
        self._rules = _as_rules(rules)
        self._needed = [name for name, field in model.model_fields.items() if field.is_required()]

    def missing(self, values: Mapping[str, Any]) -> list[str]:
        """Return the fields that a value must have and these do not."""
        return [name for name in self._needed if name not in values]

    def read(self, part: Part, reading: Reading) -> S | None:
        """Return the value, None where something is missing that it must have."""
        values = self.values(part, reading)
        return None if self.missing(values) else self.model(**values)

    def values(self, part: Part, reading: Reading) -> Mapping[str, Any]:
        """Return the fields that the rules find, and what is kept beside them."""
        kept = Extensions()
        values = _read(self._rules, part, reading, kept)
        part.keep_rest(kept)
        return {**values, "extensions": kept.result()}

    def plains(self, value: S, pen: Pen) -> Block:
        """Return the segments of a value in the order of the places that the pen writes into."""
        return tuple(in_order([*self.blocks(value, pen), *pen.kept.rest()], pen.places))

    def blocks(self, value: S, pen: Pen) -> Iterator[Block]:
        """Yield the segments and groups of a value's fields, rule by rule."""
        return _written(self._rules, value, pen)


def _as_rules(rules: Iterable[Rule | str]) -> tuple[Rule, ...]:
    return tuple(Line(rule) if isinstance(rule, str) else rule for rule in rules)


def _read(rules: Iterable[Rule], part: Part, reading: Reading, kept: Extensions) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for rule in rules:
        if not part.lacks(rule.tags):
            values.update(rule.read(part, reading, kept))
    return values


def _written(rules: Iterable[Rule], value: Any, pen: Pen) -> Iterator[Block]:
    for rule in rules:
        yield from rule.write(value, pen)


def _alone(segment: Segment) -> Group:
    return Group(segment.tag, 0, [segment])


def _position(group: Group) -> int:
    return next((segment.position for segment in group.walk()), 0)


def _in_full(key: str) -> str:
    return f"={key}"


def _below(code: str) -> str:
    return f"{_SECTION}+{code}/"
