"""What is wrong where a segment does not fit: of all that may be, what lets the next segments fit best.

Each way to go on has a cost: the faults that it says there are. What follows is then
walked through as if that were so, and each segment that does not fit costs one more. Of
ways that cost the same, the one is taken that is the likeliest by itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from hub.translators.edifact.table import Move, Node, moves

Kind = Literal["step", "opened", "aside", "instead"]


class State(NamedTuple):
    """A place in a table, and how often each place of the groups around it was used, the message's own first.

    In a group that is read apart, `outside` is where the message goes on.
    """

    at: Node
    counts: tuple[Mapping[int, int], ...]
    outside: "State | None" = None


class Way(NamedTuple):
    """A way to go on: by a step, into a group without its trigger, past the segment, or with it instead of another.

    Before a step something may be missing, or it may be one too many.
    """

    kind: Kind
    move: Move | None
    cost: int
    state: State


def best(state: State, table: Node, tag: str, following: Sequence[str]) -> Way:
    """Return the way to go on with a segment that does not fit, before those that follow."""
    end = table.content[-1].tag
    return min(_ways(state, table, tag), key=lambda way: way.cost + _trouble(way, following, end))


def _ways(state: State, table: Node, tag: str) -> Iterator[Way]:
    """Yield the ways, the likeliest first."""
    yield from sorted(_steps(state, tag), key=lambda way: _is_full(state, way.move))
    if tag == table.content[-1].tag:  # nothing comes after it
        return
    opened = list(_opened(state, tag))
    late = _belongs_to_open_group(state, tag)
    yield from () if late else opened
    yield Way("aside", None, 1, _apart(state, table, tag))
    yield from opened if late else ()
    yield from sorted(_instead(state), key=lambda way: way.move is None or not way.move.counted.mandatory)


def _steps(state: State, tag: str) -> Iterator[Way]:
    for move in moves(state.at, tag):
        if move.leaves < len(state.counts):
            yield Way("step", move, len(move.missing) + _is_full(state, move), _after(state, move))


def _is_full(state: State, move: Move | None) -> bool:
    """Tell whether a step is one too many, and the first of them: only that is a fault of its own."""
    return move is not None and state.counts[-1 - move.leaves].get(move.counted.order, 0) == move.counted.max


def _after(state: State, move: Move) -> State:
    kept = state.counts[: len(state.counts) - move.leaves]
    counts = (*kept[:-1], {**kept[-1], move.counted.order: kept[-1].get(move.counted.order, 0) + 1})
    if move.enters is not None:
        counts = (*counts, {move.to.order: 1})
    return State(move.to, counts, state.outside)


def _opened(state: State, tag: str) -> Iterator[Way]:
    """Yield the groups ahead, or again, that hold the segment, those first in which it stands by itself."""
    groups = [move for move in _ahead(state) if move.enters is not None]
    for deeper in (False, True):
        for move in groups:
            if _holds(move.enters, tag, groups=deeper):
                inside = _after(state, move)
                step = _clean(inside, tag)
                if step is not None:
                    cost = len(move.missing) + 1 + _is_full(state, move)
                    yield Way("opened", move, cost, _after(inside, step))


def _ahead(state: State) -> Iterator[Move]:
    """Yield a step to each place ahead that must be used or begins a group, those around included: they begin again."""
    missing: list[Node] = []
    here: Node | None = state.at
    for leaves in range(len(state.counts)):
        if here is None or here.parent is None:
            return
        for node in here.parent.content[here.place :]:
            if node.content and (node is not here or leaves):
                yield Move(node.content[0], leaves, node, tuple(missing), node)
            elif node.mandatory and node is not here:
                yield Move(node, leaves, None, tuple(missing), node)
            if node.mandatory and node is not here:
                missing.append(node)
        here = here.parent


def _holds(group: Node | None, tag: str, *, groups: bool) -> bool:
    """Tell whether `tag` follows the trigger in a group, as a segment or as the trigger of a group below."""
    return group is not None and any(node.tag == tag and bool(node.content) == groups for node in group.content[1:])


def _belongs_to_open_group(state: State, tag: str) -> bool:
    """Tell whether the segment had its place in a group that is open: then it stands too late."""
    here = state.at.parent
    for _ in state.counts:
        if here is not None:
            if any(node.tag == tag for node in here.content[here.parent is not None :]):
                return True
            here = here.parent
    return False


def _apart(state: State, table: Node, tag: str) -> State:
    """Return the state with the segment left out: in its own group, read apart, if it is the trigger of one."""
    places = table.by_tag.get(tag, ())
    if not places or state.outside is not None:
        return state
    earlier = [node for node in places if node.order < state.at.order]
    node = earlier[-1] if earlier else places[0]
    if node.place == 0 and node.parent is not None and node.parent.parent is not None:
        return State(node, ({node.order: 1},), state)
    return state


def _instead(state: State) -> Iterator[Way]:
    """Yield the steps to what must or may begin here, for a segment that stands in its place."""
    for move in _ahead(state):
        if not move.missing and not _is_full(state, move):
            yield Way("instead", move, 1, _after(state, move))


def _trouble(way: Way, following: Sequence[str], end: str) -> int:
    """Return how many faults the segments that follow make; what was missing and comes late is no second one.

    One that does not fit is one, but before the end of the message all that is missing counts.
    """
    state, faults = way.state, 0
    late = [node.tag for node in way.move.missing] if way.move is not None else []
    for tag in following:
        move = _clean(state, tag)
        if move is None and state.outside is not None:
            state = state.outside
            move = _clean(state, tag)
        if move is not None:
            state = _after(state, move)
        elif tag in late:
            late.remove(tag)
        else:
            faults += next((step.cost for step in _steps(state, tag)), 1) if tag == end else 1
    return faults


def _clean(state: State, tag: str) -> Move | None:
    for move in moves(state.at, tag):
        if move.leaves < len(state.counts) and not move.missing and not _is_full(state, move):
            return move
    return None
