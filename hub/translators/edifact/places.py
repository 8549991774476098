"""Places in a message: `LIN/QTY+21 6060`, found in its tree and in its table.

The steps before the last are groups by their triggers, the last is a segment, each with
its first value where that matters; behind a blank stands a data element, with its
composite where several have it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from hub.translators.edifact.directory import Part
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node


class Step(NamedTuple):
    """A segment, or the trigger of a group, with the first value that it must have, if any."""

    tag: str
    qualifier: str = ""

    def fits(self, segment: Segment) -> bool:
        """Tell whether this is such a segment."""
        return segment.tag == self.tag and (not self.qualifier or segment.value(1) == self.qualifier)

    def __str__(self) -> str:
        return f"{self.tag}+{self.qualifier}" if self.qualifier else self.tag


class Spot(NamedTuple):
    """One value of a segment, counted as CONTRL counts; `component` is None in an element that is no composite."""

    element: int
    component: int | None
    value: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place; `element` is "" where a segment is meant, `composite` where it does not matter in which it stands."""

    groups: tuple[Step, ...]
    step: Step
    composite: str = ""
    element: str = ""

    def __str__(self) -> str:
        path = "/".join(map(str, (*self.groups, self.step)))
        element = f"{self.composite}.{self.element}" if self.composite else self.element
        return f"{path} {element}" if element else path

    def within(self, depth: int) -> "Place":
        """Return the place as it is called inside its first `depth` groups."""
        return Place(self.groups[depth:], self.step, self.composite, self.element)

    def owners(self, tree: Group) -> Iterator[Group]:
        """Yield the groups in which the segment could stand."""
        return groups_at(tree, self.groups)

    def segments(self, owner: Group) -> list[Segment]:
        """Return the segments in one of its owners: its own, and the triggers of the groups directly below it."""
        tag, qualifier = self.step
        own = owner.segments[1:] if owner.tag else owner.segments
        found = [segment for segment in own if segment.tag == tag]
        found += [below.segments[0] for below in owner.groups if below.tag == tag]
        return [segment for segment in found if segment.value(1) == qualifier] if qualifier else found

    def spots(self, segment: Segment, parts: Sequence[Part]) -> Iterator[Spot]:
        """Yield the values of the data element in a segment, "" where nothing stands; `parts` are the segment's."""
        for number, part in enumerate(parts, 1):
            if self.composite in {"", part.code}:
                places = [at for at, form in enumerate(part.components) if form.element == self.element]
                for components in (segment.repetitions(number) or [[]]) if places else ():
                    for at in places:
                        value = components[at] if at < len(components) else ""
                        yield Spot(number + 1, at + 1 if len(part.components) > 1 else None, value)

    def nodes(self, table: Node) -> list[Node]:
        """Return the places of the table for the segment: its node, or that of the group that it opens."""
        above = [table]
        for step in self.groups:
            above = [node for parent in above for node in parent.content if node.content and node.tag == step.tag]
        found = [node for parent in above for node in parent.content if node.tag == self.step.tag]
        return [node for node in found if node.content or node.place or node.parent is table]


def groups_at(tree: Group, steps: Sequence[Step]) -> Iterator[Group]:
    """Yield the groups that the steps lead to from a group; itself, without any."""
    if not steps:
        yield tree
        return
    for below in tree.children(steps[0].tag):
        if steps[0].fits(below.trigger):
            yield from groups_at(below, steps[1:])


@lru_cache(maxsize=4096)
def place(text: str) -> Place:
    """Read a place in the form of `hub.canonical.guide`."""
    path, _, element = text.partition(" ")
    composite, _, element = element.rpartition(".")
    steps = [Step(*step.split("+", 1)) for step in path.split("/")]
    return Place(tuple(steps[:-1]), steps[-1], composite, element)


def shared_groups(one: Place, other: Place) -> int:
    """Return how many groups two places have in common, counted from the message."""
    for depth, (mine, its) in enumerate(zip(one.groups, other.groups, strict=False)):
        if mine != its:
            return depth
    return min(len(one.groups), len(other.groups))
