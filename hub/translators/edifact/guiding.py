"""A message against an implementation guide: what the directory allows and the partner does not.

Codes are those of element 0085: 13 what is required is missing, 15 a segment, 14 a value that
may not stand there, 35 a segment too often, 39 a value too long.

Source: ISO 9735, element 0085; the guide's form: `hub.canonical.guide`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hub.canonical.finding import Finding, Location
from hub.canonical.guide import MessageGuide, Rule
from hub.translators.edifact.places import Place, Spot, groups_at, place, shared_groups
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.validate import parts_of


@dataclass(frozen=True, slots=True)
class Layer:
    """The guide of somebody, for messages of one directory and syntax version: what `held` yields names its owner."""

    owner: str
    guide: MessageGuide
    directory: str
    version: int

    def held(self, tree: Group) -> Iterator[Finding]:
        """Yield what is wrong with a message whose structure is right; `tree` is kept whole."""
        guide = self.guide
        for text in guide.required:
            yield from self._required(tree, place(text), "")
        for text in guide.forbidden:
            yield from self._forbidden(tree, place(text), "")
        for texts in guide.one_of:
            yield from self._one_of(tree, [place(text) for text in texts])
        for text, most in guide.most.items():
            yield from self._most(tree, place(text), most)
        for text, value in guide.fixed.items():
            yield from self._required(tree, place(text), "")
            yield from self._values(tree, place(text), (value,))
        for text, values in guide.codes.items():
            yield from self._values(tree, place(text), values)
        for text, longest in guide.longest.items():
            yield from self._longest(tree, place(text), longest)
        for rule in guide.rules:
            yield from self._rule(tree, rule)

    def demanded(self, tree: Group) -> MessageGuide | None:
        """Return what a message must have, and must not, so that it keeps the first rule or alternative that it breaks.

        None where it keeps all. Such a guide asks for that everywhere, whatever the condition.
        """
        for texts in self.guide.one_of:
            if any(self._one_of(tree, [place(text) for text in texts])):
                return MessageGuide(required=texts[:1])
        for rule in self.guide.rules:
            if any(self._rule(tree, rule)):
                return MessageGuide(required=rule.required, forbidden=rule.forbidden)
        return None

    def _one_of(self, tree: Group, places: Sequence[Place]) -> Iterator[Finding]:
        first, *others = places
        depth = min(shared_groups(first, other) for other in others)
        for group in groups_at(tree, first.groups[:depth]):
            if not any(self._stands(group, at.within(depth), None) for at in places):
                yield self._missing(group, first, " or ".join(map(str, places)), "")

    def _required(self, tree: Group, wanted: Place, why: str) -> Iterator[Finding]:
        for owner in wanted.owners(tree):
            segments = wanted.segments(owner)
            if not wanted.element:
                if not segments:
                    yield self._missing(owner, wanted, str(wanted), why)
                continue
            for segment in segments:
                spots = list(self._spots(segment, wanted))
                if spots and not any(spot.value for spot in spots):
                    message = f"{wanted} is empty, {self.owner} requires it{why}"
                    yield _at(segment, "13", message, spots[0])

    def _forbidden(self, tree: Group, unwanted: Place, why: str) -> Iterator[Finding]:
        for owner in unwanted.owners(tree):
            for segment in unwanted.segments(owner):
                if not unwanted.element:
                    yield _at(segment, "15", f"{unwanted} is not used, says {self.owner}{why}")
                    continue
                for spot in self._filled(segment, unwanted):
                    yield _at(segment, "14", f"{unwanted} is not used, says {self.owner}{why}", spot)

    def _most(self, tree: Group, counted: Place, most: int) -> Iterator[Finding]:
        for owner in counted.owners(tree):
            for segment in counted.segments(owner)[most : most + 1]:
                yield _at(segment, "35", f"{counted} stands {most} times at most, says {self.owner}")

    def _values(self, tree: Group, at: Place, allowed: tuple[str, ...]) -> Iterator[Finding]:
        named = " or ".join(allowed)
        for segment, spot in self._all(tree, at):
            if spot.value not in allowed:
                yield _at(segment, "14", f"{at} is {spot.value[:80]!r}, {self.owner} allows {named}", spot)

    def _longest(self, tree: Group, at: Place, longest: int) -> Iterator[Finding]:
        for segment, spot in self._all(tree, at):
            if len(spot.value) > longest:
                message = f"{at} has {len(spot.value)} characters, {self.owner} allows {longest}"
                yield _at(segment, "39", message, spot)

    def _rule(self, tree: Group, rule: Rule) -> Iterator[Finding]:
        text, _, values = rule.when.partition(" = ")
        when, wanted = place(text), frozenset(values.split("|")) if values else None
        why = f": {rule.says}" if rule.says else f" where there is {rule.when}"
        for texts, judge in ((rule.required, self._required), (rule.forbidden, self._forbidden)):
            for target in map(place, texts):
                depth = shared_groups(when, target)
                for group in groups_at(tree, when.groups[:depth]):
                    if self._stands(group, when.within(depth), wanted):
                        yield from judge(group, target.within(depth), why)

    def _stands(self, tree: Group, at: Place, values: frozenset[str] | None) -> bool:
        for owner in at.owners(tree):
            for segment in at.segments(owner):
                if not at.element or any(values is None or spot.value in values for spot in self._filled(segment, at)):
                    return True
        return False

    def _all(self, tree: Group, at: Place) -> Iterator[tuple[Segment, Spot]]:
        for owner in at.owners(tree):
            for segment in at.segments(owner):
                for spot in self._filled(segment, at):
                    yield segment, spot

    def _filled(self, segment: Segment, at: Place) -> Iterator[Spot]:
        return (spot for spot in self._spots(segment, at) if spot.value)

    def _spots(self, segment: Segment, at: Place) -> Iterator[Spot]:
        return at.spots(segment, parts_of(segment.tag, self.directory, self.version, segment.chars) or ())

    def _missing(self, owner: Group, wanted: Place, named: str, why: str) -> Finding:
        before = owner.trigger
        location = Location(segment=before.position, tag=wanted.step.tag, offset=before.offset)
        where = f" in the group of {before.tag}" if owner.tag else ""
        return Finding(
            code="13", location=location, message=f"{named} is missing{where}, {self.owner} requires it{why}"
        )


def _at(segment: Segment, code: str, message: str, spot: Spot | None = None) -> Finding:
    location = Location(
        segment=segment.position,
        tag=segment.tag,
        element=spot.element if spot else None,
        component=spot.component if spot else None,
        offset=segment.offset,
    )
    return Finding(code=code, location=location, message=message)
