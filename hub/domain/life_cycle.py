"""A life cycle is a table: which move leads from which state to which.

    DELIVERY = LifeCycle("delivery", start="planned", moves={
        ("planned", "release"): "released",
        ("released", "pick"): "picked",
        ("planned", "cancel"): "cancelled",
    })
    DELIVERY.step("planned", "release")    # Step(state="released", made=True)
    DELIVERY.step("picked", "release")     # Step(state="picked", made=False): it had been made before
    DELIVERY.step("cancelled", "release")  # raises IllegalTransition

A move that is not in the table raises; repeating a move already made changes nothing
and says so. A table can be printed, and is the documentation of its machine.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hub.errors import IllegalTransition


class Step(NamedTuple):
    """Where a move leads. `made` is False where the move had been made before: nothing is to be done."""

    state: str
    made: bool


@dataclass(frozen=True)
class LifeCycle:
    """A named machine: its first state, and for each state and move the next state."""

    name: str
    start: str
    moves: Mapping[tuple[str, str], str]

    def step(self, state: str, move: str) -> Step:
        """Return where `move` leads from `state`. Raises IllegalTransition where it leads nowhere."""
        target = self.moves.get((state, move))
        if target is not None:
            return Step(target, made=True)
        if self.has_been_made(state, move):
            return Step(state, made=False)
        raise IllegalTransition(self.name, state, move, self.allowed(state))

    def allowed(self, state: str) -> tuple[str, ...]:
        """Return the moves that are possible in `state`, in the table's order."""
        return tuple(move for origin, move in self.moves if origin == state)

    def has_been_made(self, state: str, move: str) -> bool:
        """Tell whether whoever stands in `state` has made `move`: it leads here, or no way here goes without it."""
        leads_here = any(target == state for (_, one), target in self.moves.items() if one == move)
        return leads_here or (state in self.states() and state not in self._reached(without=move))

    def states(self) -> tuple[str, ...]:
        """Return every state that can be reached, the first one first."""
        return tuple(self._reached())

    def _reached(self, without: str | None = None) -> Iterator[str]:
        seen = {self.start}
        waiting = [self.start]
        while waiting:
            state = waiting.pop(0)
            yield state
            for (origin, move), target in self.moves.items():
                if origin == state and move != without and target not in seen:
                    seen.add(target)
                    waiting.append(target)
