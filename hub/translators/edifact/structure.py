"""The structure of a message: a greedy reader over its table, and the tree of groups that it finds.

Strategy: each segment is taken at the nearest place at or after the present one: the
same segment again, further on in the group, the group again, further on in the groups
around it. Where it does not fit without fault, a few more segments are awaited, and of all
that may be wrong the reader takes what makes these fit best (`recovery`), so that one
fault makes one finding: something mandatory is missing before it (13); it belongs
elsewhere (15) and is set aside together with the segments of its group; a group whose
trigger is missing (13) is read as if the trigger had been there; it stands in the place of
another segment (15); what is there too often (35, 36) stays in the tree.

`Group` is what mappings walk: they find groups by the tag of the trigger, never by number.

Source: UN/EDIFACT message design rules; ISO 9735 for the codes of element 0085.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hub.canonical.finding import Finding, Location
from hub.translators.edifact.found import has_room
from hub.translators.edifact.recovery import State, Way, best
from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Move, Node, clean_moves, moves, table_pattern

LOOK_AHEAD = 6
"""Segments that are awaited before one is placed that does not fit."""
_LAST = "UNT"


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


Counts = dict[int, int]
"""How often each place of a group was used."""


class StructureReader:
    """Takes the segments of one message, UNH to UNT, run after run; `finish` ends it.

    `findings` are those so far; a surplus of segments is reported once for each place and
    group. A message that comes whole is held against the pattern of the table; its `tree`, if it is
    to be `kept`, is made when somebody asks for it. Else it grows as segments come.
    """

    def __init__(self, table: Node, *, kept: bool = True) -> None:
        self._tree = Group("", 0)
        self._whole: Run | None = None
        self.findings: list[Finding] = []
        self._kept = kept
        self._table = table
        self._at = table.content[0]
        self._counts: list[Counts] = [{}]
        self._groups = [self._tree]
        self._last: Segment | None = None
        self._missing: dict[str, list[int]] = {}
        self._aside: tuple[Node, list[Counts], list[Group]] | None = None
        self._doubtful: list[Segment] = []

    @property
    def tree(self) -> Group:
        """The tree of the segments so far."""
        whole = self._whole
        if whole is not None and not self._tree.segments and self._advance(whole, 0) != len(whole):
            raise AssertionError("what fits the table's pattern has a place in the table")
        return self._tree

    @property
    def whole(self) -> Run | None:
        """All segments of a message that came whole, each in its place; else None."""
        return self._whole

    def tree_without(self, first: int, behind: int) -> Group | None:
        """Return the tree of a whole message but for some segments, None where something must stand there."""
        rest = StructureReader(self._table)
        whole = self._whole
        if whole is None:
            return None
        before, after = whole.part(0, first, 1), whole.part(behind, len(whole), behind + 1)
        is_right = rest._advance(before, 0) == len(before) and rest._advance(after, 0) == len(after)
        return rest.tree if is_right else None

    @property
    def depth(self) -> int:
        """How many groups the last segment stands in that has found its place."""
        return len(self._counts) - 1

    def add(self, run: Run) -> None:
        """Place the next segments, or wait for those behind them."""
        if self._is_whole(run):
            self._whole = run if self._kept else None
            return
        begun = 0
        while begun < len(run):
            fitting = begun if self._doubtful or self._aside else self._advance(run, begun)
            if fitting > begun:
                self._last = run.segment(fitting - 1)
            if fitting < len(run):
                self._place(run.segment(fitting))
            begun = fitting + 1

    def _is_whole(self, run: Run) -> bool:
        """Tell whether this is the whole message, each segment in its place."""
        if self._counts[0] or not run.texts[-1].startswith(_LAST):
            return False
        chars = run.chars
        text = chars.terminator.join(run.texts) + chars.terminator
        if chars.release is not None and chars.release + chars.terminator in text:
            text = "".join([text[:4] + chars.terminator for text in run.texts])
        return table_pattern(self._table, chars.after_tag, chars.terminator).fullmatch(text) is not None

    def finish(self) -> None:
        """Place what still waits: nothing follows."""
        while self._doubtful:
            self._decide()

    def _advance(self, run: Run, start: int) -> int:
        """Place segments as long as each fits; return where that ends."""
        at, counts, kept = self._at, self._counts, self._kept
        texts, after_tag = run.texts, run.chars.after_tag
        here, own = counts[-1], self._groups[-1].segments
        index = start
        for index in range(start, len(texts)):
            text = texts[index]
            tag = text[:3]
            for move in at.clean.get(tag) or clean_moves(at, tag):
                if not move.again or counts[-1 - move.leaves].get(move.order) != move.max:
                    break
            else:
                break
            if text[3:4] not in after_tag:
                break
            if move.leaves:
                del counts[-move.leaves :]
                here = counts[-1]
            at = move.to
            here[move.order] = here.get(move.order, 0) + 1 if move.again else 1
            if move.enters is not None:
                here = {at.order: 1}
                counts.append(here)
            if kept:
                if move.leaves or move.enters is not None:
                    own = self._enter(move)
                own.append(run.segment(index))
        else:
            index = len(texts)
        self._at = at
        return index

    def _place(self, segment: Segment) -> None:
        """Place a segment that does not fit, or that comes while others wait."""
        if self._doubtful:
            self._doubtful.append(segment)
            if len(self._doubtful) > LOOK_AHEAD or segment.tag == _LAST:
                self._decide()
            return
        move = self._clean(segment.tag)
        if move is None and self._aside is not None:
            self._at, self._counts, self._groups = self._aside
            self._aside = None
            move = self._clean(segment.tag)
        if move is not None:
            self._take(move, segment)
            self._last = segment
        elif has_room(len(self.findings), "error"):  # without room for what is wrong, its place is of no use
            self._doubtful.append(segment)
            if segment.tag == _LAST:
                self._decide()

    def _clean(self, tag: str) -> Move | None:
        """Return the nearest step that nothing is wrong with, or nothing that has not been said."""
        counts = self._counts
        for move in moves(self._at, tag):
            if (
                move.leaves < len(counts)
                and not move.missing
                and counts[-1 - move.leaves].get(move.order, 0) != move.max
            ):
                return move
        return None

    def _take(self, move: Move, segment: Segment) -> None:
        self._count(move)
        self._at = move.to
        if self._kept:
            self._enter(move).append(segment)

    def _count(self, move: Move) -> None:
        del self._counts[len(self._counts) - move.leaves :]
        counts = self._counts[-1]
        counts[move.order] = counts.get(move.order, 0) + 1
        if move.enters is not None:
            self._counts.append({move.to.order: 1})

    def _enter(self, move: Move) -> list[Segment]:
        """Leave and enter groups of the tree, and return the segments of the one where this ends."""
        groups = self._groups
        if move.leaves:
            del groups[-move.leaves :]
        if move.enters is not None:
            group = Group(move.enters.tag, move.enters.number)
            groups[-1].groups.append(group)
            groups.append(group)
        return groups[-1].segments

    def _decide(self) -> None:
        """Place the first of the doubtful segments by what the others tell, and go on with these."""
        (segment, *following), self._doubtful = self._doubtful, []
        state = State(self._at, tuple(self._counts))
        self._follow(best(state, self._table, segment.tag, [one.tag for one in following]), segment)
        self._last = segment
        for one in following:
            self._place(one)

    def _follow(self, way: Way, segment: Segment) -> None:
        move = way.move
        if move is None:
            self._leave_out(way, segment)
            return
        for node in move.missing:
            self._report_missing(node)
        if way.kind == "opened" and move.enters is not None:
            self._open_without_trigger(move, move.enters, segment)
            return
        if way.kind == "instead":
            self._report("15", segment, f"{_named(segment)} stands in the place of {move.to.tag}")
        self._report_surplus(move, segment)
        self._take(move, segment)

    def _leave_out(self, way: Way, segment: Segment) -> None:
        """Say that a segment does not belong here; a group is read apart until a segment does not belong to it."""
        if segment.tag not in self._table.by_tag:
            self._report("15", segment, f"{_named(segment)} does not occur in this message")
        elif not self._was_missed(segment):
            self._report("15", segment, f"{segment.tag} may not stand here")
        trigger = way.state.at
        if way.state.outside is not None and trigger.parent is not None:
            self._aside = (self._at, self._counts, self._groups)
            self._at, self._counts = trigger, [{trigger.order: 1}]
            self._groups = [Group(trigger.parent.tag, trigger.parent.number, [segment])]

    def _open_without_trigger(self, move: Move, group: Node, segment: Segment) -> None:
        """Enter a group whose trigger is missing, and place the segment in it."""
        self._report_missing(group)
        self._count(move)
        self._at = move.to
        if self._kept:
            self._enter(move)
        inside = self._clean(segment.tag)
        if inside is not None:
            self._take(inside, segment)

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
        if self._counts[-1 - move.leaves].get(node.order, 0) != node.max:
            return
        code, what = ("36", f"the group of {node.tag}") if node.content else ("35", node.tag)
        self._report(code, segment, f"{what} may stand here {node.max} times at most")

    def _report(self, code: str, segment: Segment, message: str) -> None:
        if has_room(len(self.findings), "error"):
            self.findings.append(_finding(code, segment, message))


def _named(segment: Segment) -> str:
    return segment.tag[:12] or "A segment without tag"


def _finding(code: str, segment: Segment, message: str) -> Finding:
    location = Location(segment=segment.position, tag=segment.tag[:12], offset=segment.offset)
    return Finding(code=code, location=location, message=message)
