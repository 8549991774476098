"""The structure of a message: a greedy reader over its table, and the tree of groups that it finds.

Strategy: each segment is taken at the nearest place at or after the present one: the
same segment again, further on in the group, the group again, further on in the groups
around it. What stands between and is mandatory is missing (13). Where nothing fits, the
reader repairs and goes on, so that one fault makes one finding: a segment that belongs
elsewhere (15) is set aside together with the segments of its group; a group whose
trigger is missing (13) is read as if the trigger had been there; what is there too
often (35, 36) stays in the tree.

`Group` is what mappings walk: they find groups by the tag of the trigger, never by number.

Source: UN/EDIFACT message design rules; ISO 9735 for the codes of element 0085.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.canonical.finding import Finding, Location
from hub.translators.edifact.found import has_room
from hub.translators.edifact.syntax import Segment


@dataclass(slots=True)
class Group:
    """A segment group as it was read: its own segments (the trigger first) and the groups below, each in wire order.

    The message is the group without a trigger: its tag is "" and its number 0. A trigger
    that was missing leaves `segments` without it.
    """

    tag: str
    number: int
    segments: list[Segment] = field(default_factory=list)
    groups: "list[Group]" = field(default_factory=list)

    @property
    def trigger(self) -> Segment:
        """The segment that opens the group."""
        return self.segments[0]

    def first(self, tag: str) -> Segment | None:
        """Return the group's own first segment with this tag."""
        return next((segment for segment in self.segments if segment.tag == tag), None)

    def all(self, tag: str) -> list[Segment]:
        """Return the group's own segments with this tag, in wire order."""
        return [segment for segment in self.segments if segment.tag == tag]

    def children(self, tag: str) -> "list[Group]":
        """Return the groups directly below that this tag opens, in wire order."""
        return [group for group in self.groups if group.tag == tag]

    def before(self, tag: str) -> "Group":
        """Return the part of this group that stands before its first own segment with `tag` (all of it if none)."""
        border = self.first(tag)
        return self._part(lambda position: border is None or position < border.position)

    def after(self, tag: str) -> "Group":
        """Return the part of this group that stands after its first own segment with `tag` (empty if none)."""
        border = self.first(tag)
        return self._part(lambda position: border is not None and position > border.position)

    def walk(self) -> Iterator[Segment]:
        """Yield every segment of the group and of all groups below, in wire order."""
        found = list(self.segments)
        for group in self.groups:
            found.extend(group.walk())
        return iter(sorted(found, key=lambda segment: segment.position))

    def _part(self, inside: Any) -> "Group":
        return Group(
            self.tag,
            self.number,
            [segment for segment in self.segments if inside(segment.position)],
            [group for group in self.groups if group.segments and inside(group.segments[0].position)],
        )


@dataclass(eq=False, slots=True)
class Node:
    """A place in a message table: a segment, or a group with `content` whose first node is the trigger.

    `tag` of a group is its trigger's. `moves` remembers where each tag leads from here.
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
    by_tag: "dict[str, tuple[Node, ...]]" = field(default_factory=dict)


@dataclass(frozen=True, eq=False, slots=True)
class Move:
    """A step of the reader: leave `leaves` groups, enter `enters` if it is one, stand on `to`.

    `counted` is the node whose repetitions the step uses up: the group entered, else the
    segment; `missing` are the mandatory places that it passes over.
    """

    to: Node
    leaves: int
    enters: Node | None
    missing: tuple[Node, ...]
    counted: Node


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
        found = at.moves[tag] = tuple(_find_moves(at, tag))
    return found


def _find_moves(at: Node, tag: str) -> Iterator[Move]:
    missing: list[Node] = []
    here: Node | None = at
    leaves = 0
    while here is not None and here.parent is not None:
        for node in here.parent.content[here.place :]:
            if node.tag == tag and not (node is here and _is_single_trigger(node)):
                to, enters = (node.content[0], node) if node.content else (node, None)
                yield Move(to, leaves, enters, tuple(missing), node)
            if node is not here and node.mandatory:
                missing.append(node)
        here = here.parent
        leaves += 1


def _is_single_trigger(node: Node) -> bool:
    """Tell whether a second segment like this one is the group's next repetition."""
    in_group = node.parent is not None and node.parent.parent is not None
    return in_group and node.place == 0 and node.max == 1 and not node.content


@dataclass(slots=True)
class _Frame:
    """A group being read and how often each of its places was used."""

    group: Group
    counts: dict[int, int] = field(default_factory=dict)


class StructureReader:
    """Takes the segments of one message, UNH to UNT, one after the other.

    `tree` grows as segments come; `findings` are those so far. A surplus of segments is
    reported once for each place and group.
    """

    def __init__(self, table: Node) -> None:
        self.tree = Group("", 0)
        self.findings: list[Finding] = []
        self._table = table
        self._at = table.content[0]
        self._frames = [_Frame(self.tree)]
        self._last: Segment | None = None
        self._missing: dict[str, list[int]] = {}
        self._aside: tuple[Node, list[_Frame]] | None = None

    @property
    def depth(self) -> int:
        """How many groups the last segment stands in."""
        return len(self._frames) - 1

    def add(self, segment: Segment) -> None:
        """Place the next segment."""
        if self._step(segment):
            self._last = segment
            return
        if self._aside is not None:
            self._at, self._frames = self._aside
            self._aside = None
            self.add(segment)
            return
        self._repair(segment)
        self._last = segment

    def _step(self, segment: Segment) -> bool:
        """Take the nearest step that is still free, or the nearest at all; tell whether there was one."""
        frames = self._frames
        depth = len(frames)
        nearest = None
        for move in self._at.moves.get(segment.tag) or moves(self._at, segment.tag):
            if move.leaves < depth:
                counted = move.counted
                if frames[-1 - move.leaves].counts.get(counted.order, 0) < counted.max:
                    break
                nearest = nearest or move
        else:
            if nearest is None:
                return False
            move = nearest
            self._report_surplus(move, segment)
        for node in move.missing:
            self._report_missing(node)
        self._take(move, segment)
        return True

    def _used(self, move: Move) -> int:
        return self._frames[-1 - move.leaves].counts.get(move.counted.order, 0)

    def _take(self, move: Move, segment: Segment) -> None:
        if move.leaves:
            del self._frames[-move.leaves :]
        frame = self._frames[-1]
        frame.counts[move.counted.order] = frame.counts.get(move.counted.order, 0) + 1
        if move.enters is not None:
            frame = self._enter(move.enters)
            frame.counts[move.to.order] = 1
        frame.group.segments.append(segment)
        self._at = move.to

    def _enter(self, node: Node) -> _Frame:
        group = Group(node.tag, node.number)
        self._frames[-1].group.groups.append(group)
        frame = _Frame(group)
        self._frames.append(frame)
        return frame

    def _repair(self, segment: Segment) -> None:
        """Say what is wrong with a segment that fits nowhere, and find a place to go on from.

        With as many errors as are kept, that place is of no more use.
        """
        if not has_room(len(self.findings), "error"):
            return
        if self._open_without_trigger(segment):
            return
        places = self._table.by_tag.get(segment.tag, ())
        if not places:
            self._report("15", segment, f"{segment.tag[:12] or 'A segment without tag'} does not occur in this message")
            return
        if not self._was_missed(segment):
            self._report("15", segment, f"{segment.tag} may not stand here")
        earlier = [node for node in places if node.order < self._at.order]
        node = earlier[-1] if earlier else places[0]
        if node.place == 0 and node.parent is not None and node.parent.parent is not None:
            self._set_aside(node, segment)

    def _set_aside(self, trigger: Node, segment: Segment) -> None:
        """Read a misplaced group apart from the tree, until a segment does not belong to it."""
        group = trigger.parent
        if group is None:
            return
        self._aside = (self._at, self._frames)
        apart = _Frame(Group(group.tag, group.number, [segment]), {trigger.order: 1})
        self._frames = [apart]
        self._at = trigger

    def _open_without_trigger(self, segment: Segment) -> bool:
        """Enter the nearest group ahead that holds the segment, if only its trigger is missing."""
        if self._belongs_to_open_group(segment.tag):
            return False
        ahead = list(self._groups_ahead())
        direct = (move for move in ahead if _holds(move.enters, segment.tag, groups=False))
        deeper = (move for move in ahead if _holds(move.enters, segment.tag, groups=True))
        move = next(direct, None) or next(deeper, None)
        if move is None or move.enters is None:
            return False
        for node in (*move.missing, move.enters):
            self._report_missing(node)
        del self._frames[len(self._frames) - move.leaves :]
        counts = self._frames[-1].counts
        counts[move.enters.order] = counts.get(move.enters.order, 0) + 1
        self._enter(move.enters).counts[move.to.order] = 1
        self._at = move.to
        return self._step(segment)

    def _belongs_to_open_group(self, tag: str) -> bool:
        """Tell whether the segment had its place in a group that is open: then it stands too late."""
        here = self._at.parent
        for _ in self._frames:
            if here is not None:
                if any(node.tag == tag for node in here.content[here.parent is not None :]):
                    return True
                here = here.parent
        return False

    def _groups_ahead(self) -> Iterator[Move]:
        missing: list[Node] = []
        here: Node | None = self._at
        for leaves in range(len(self._frames)):
            if here is None or here.parent is None:
                return
            for node in here.parent.content[here.place :]:
                if node is here:
                    continue
                if node.content:
                    yield Move(node.content[0], leaves, node, tuple(missing), node)
                if node.mandatory:
                    missing.append(node)
            here = here.parent

    def _was_missed(self, segment: Segment) -> bool:
        """Turn "missing" into "not here" where the missing segment comes late: one fault, one finding."""
        missed = self._missing.get(segment.tag)
        if not missed:
            return False
        self.findings[missed.pop()] = _finding("15", segment, f"{segment.tag} stands too late")
        return True

    def _report_missing(self, node: Node) -> None:
        if not has_room(len(self.findings), "error"):
            return
        what = f"the group of {node.tag}" if node.content else node.tag
        position = self._last.position if self._last else 0
        location = Location(segment=position, tag=node.tag, offset=self._last.offset if self._last else None)
        self._missing.setdefault(node.tag, []).append(len(self.findings))
        self.findings.append(
            Finding(code="13", location=location, message=f"{what} is missing after segment {position}")
        )

    def _report_surplus(self, move: Move, segment: Segment) -> None:
        node = move.counted
        if self._used(move) > node.max:
            return
        code, what = ("36", f"the group of {node.tag}") if node.content else ("35", node.tag)
        self._report(code, segment, f"{what} may stand here {node.max} times at most")

    def _report(self, code: str, segment: Segment, message: str) -> None:
        if has_room(len(self.findings), "error"):
            self.findings.append(_finding(code, segment, message))


def _holds(group: Node | None, tag: str, *, groups: bool) -> bool:
    """Tell whether `tag` follows the trigger in a group, as a segment or as the trigger of a group below."""
    return group is not None and any(node.tag == tag and bool(node.content) == groups for node in group.content[1:])


def _finding(code: str, segment: Segment, message: str) -> Finding:
    location = Location(segment=segment.position, tag=segment.tag[:12], offset=segment.offset)
    return Finding(code=code, location=location, message=message)


def read_structure(segments: Iterable[Segment], table: Node) -> tuple[Group, list[Finding]]:
    """Return the tree of groups of one message (UNH to UNT, positions set) and what is wrong with its structure."""
    reader = StructureReader(table)
    for segment in segments:
        reader.add(segment)
    return reader.tree, reader.findings
