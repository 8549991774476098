"""The table of a message as a tree of places, and the steps from each place to the next.

Source: UN/EDIFACT message design rules.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any


@dataclass(eq=False, slots=True, repr=False)
class Node:
    """A place in a message table: a segment, or a group with `content` whose first node is the trigger.

    `tag` of a group is its trigger's. `moves` remembers where each tag leads from here, `clean`
    the moves among them that miss nothing.
    """

    tag: str
    number: int
    mandatory: bool
    max: int
    order: int
    parent: "Node | None"
    place: int
    content: "list[Node]" = field(default_factory=list)
    moves: "dict[str, tuple[Move, ...]]" = field(default_factory=dict)
    clean: "dict[str, tuple[Move, ...]]" = field(default_factory=dict)
    by_tag: "dict[str, tuple[Node, ...]]" = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<Node {self.tag} {self.order}>"


@dataclass(frozen=True, eq=False, slots=True)
class Move:
    """A step of the reader: leave `leaves` groups, enter `enters` if it is one, stand on `to`.

    `counted` is the node whose repetitions the step uses up: the group entered, else the
    segment; `order` and `max` are its own. Only a step that is taken `again` finds it used
    before. `missing` are the mandatory places that it passes over.
    """

    to: Node
    leaves: int
    enters: Node | None
    missing: tuple[Node, ...]
    counted: Node
    again: bool = False
    order: int = field(init=False)
    max: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "order", self.counted.order)
        object.__setattr__(self, "max", self.counted.max)


def message_table(content: list[Any]) -> Node:
    """Build the tree of nodes from a message's content in the form of the tables."""
    root = Node("", 0, mandatory=True, max=1, order=0, parent=None, place=0)
    _fill(root, content, [0])
    by_tag: dict[str, list[Node]] = {}
    for node in _segments_of(root):
        by_tag.setdefault(node.tag, []).append(node)
    root.by_tag = {tag: tuple(nodes) for tag, nodes in by_tag.items()}
    return root


def _fill(parent: Node, content: list[Any], order: list[int]) -> None:
    for place, (_position, name, status, repetitions, *below) in enumerate(content):
        order[0] += 1
        is_group = bool(below)
        tag = below[0][0][1] if is_group else name
        node = Node(tag, name if is_group else 0, status == "M", repetitions, order[0], parent, place)
        parent.content.append(node)
        if is_group:
            _fill(node, below[0], order)


@lru_cache(maxsize=256)
def table_pattern(table: Node, after_tag: str, terminator: str) -> "re.Pattern[str]":
    """Return what a message looks like, whatever its elements are, if no terminator is released in it."""
    end = re.escape(terminator)
    return re.compile("".join(_times(node, f"(?:[{re.escape(after_tag)}][^{end}]*+)?+{end}") for node in table.content))


def _times(node: Node, after: str) -> str:
    inside = "".join(_times(child, after) for child in node.content) if node.content else node.tag + after
    return f"(?:{inside}){{{int(node.mandatory)},{node.max}}}+"


def _segments_of(node: Node) -> Iterator[Node]:
    for child in node.content:
        if child.content:
            yield from _segments_of(child)
        else:
            yield child


def moves(at: Node, tag: str) -> tuple[Move, ...]:
    """Return the steps from `at` that take a segment with `tag`, nearest first."""
    found = at.moves.get(tag)
    if found is None:
        found = tuple(_find_moves(at, tag))
        if found:
            at.moves[tag] = found
    return found


def clean_moves(at: Node, tag: str) -> tuple[Move, ...]:
    """Return those of the steps that pass over nothing mandatory."""
    found = tuple(move for move in moves(at, tag) if not move.missing)
    if found:
        at.clean[tag] = found
    return found


def _find_moves(at: Node, tag: str) -> Iterator[Move]:
    missing: list[Node] = []
    here: Node | None = at
    leaves = 0
    while here is not None and here.parent is not None:
        for node in here.parent.content[here.place :]:
            if node.tag == tag and not (node is here and _is_single_trigger(node)):
                to, enters = (node.content[0], node) if node.content else (node, None)
                yield Move(to, leaves, enters, tuple(missing), node, again=node is here)
            if node is not here and node.mandatory:
                missing.append(node)
        here = here.parent
        leaves += 1


def _is_single_trigger(node: Node) -> bool:
    """Tell whether a second segment like this one is the group's next repetition."""
    in_group = node.parent is not None and node.parent.parent is not None
    return in_group and node.place == 0 and node.max == 1 and not node.content
