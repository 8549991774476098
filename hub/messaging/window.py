"""What the relay knows of one destination: which rows wait, and which keys must not be published now. No I/O."""

from collections import deque
from collections.abc import Iterable, Sequence

from hub.store.outbox import Outgoing

GROUP = 200
GROUP_BYTES = 4_000_000
WINDOW = 1_000
"""Rows of a destination that are read ahead; twice as many are known at most, with those on their way."""


class Window:
    """Rows of one destination in id order. A key is passed over while a group with it is on its way, or it is held.

    `complete` tells that every committed row is known, as far as anybody could see: only
    then may rows be offered after their commit, since none before them can be missing.
    """

    def __init__(self, destination: str) -> None:
        self.destination = destination
        self.complete = False
        self.known: set[int] = set()
        self.held: set[str] = set()
        self._waiting: deque[Outgoing] = deque()
        self._on_their_way: set[str] = set()
        self._missed = False
        self._gone: set[int] = set()

    @property
    def waits(self) -> bool:
        """Whether it holds rows that nobody has taken."""
        return bool(self._waiting)

    @property
    def wants_more(self) -> bool:
        """Whether the outbox should be looked at: it holds rows that are not known, and there is room."""
        return not self.complete and len(self._waiting) < WINDOW // 2 and len(self.known) < 2 * WINDOW

    def offer(self, row: Outgoing) -> None:
        """Take a row that was just committed, or remember that one was missed."""
        if self.complete and len(self.known) < 2 * WINDOW:
            if row.id not in self.known:
                self.known.add(row.id)
                self._waiting.append(row)
        else:
            self.complete, self._missed = False, True

    def look(self) -> frozenset[int]:
        """Begin to look at the outbox; return the rows that need not be found."""
        self._missed = False
        self._gone.clear()
        return frozenset(self.known)

    def found(self, rows: Sequence[Outgoing], *, whole: bool) -> None:
        """Take what a look has found, and whether there was nothing else."""
        new = [row for row in rows if row.id not in self.known and row.id not in self._gone]
        self.known.update(row.id for row in new)
        self.complete = whole and not self._missed and not self.held
        if new:
            self._waiting = deque(sorted((*self._waiting, *new)))

    def group(self) -> list[Outgoing]:
        """Take the next rows to publish; their keys wait until `settled`."""
        taken: list[Outgoing] = []
        passed: list[Outgoing] = []
        size = 0
        while self._waiting and len(taken) < GROUP and size < GROUP_BYTES:
            row = self._waiting.popleft()
            if row.okey in self._on_their_way or row.okey in self.held:
                passed.append(row)
            else:
                taken.append(row)
                size += len(row.body)
        self._waiting.extendleft(reversed(passed))
        self._on_their_way.update(row.okey for row in taken)
        return taken

    def settled(self, group: Iterable[Outgoing], refused: Sequence[Outgoing]) -> None:
        """Free the keys of a group; those of rows that were refused are held, and the rows put back."""
        self._on_their_way.difference_update(row.okey for row in group)
        if refused:
            self.held.update(row.okey for row in refused)
            self._waiting = deque(sorted((*refused, *self._waiting)))

    def free(self, rows: Iterable[Outgoing]) -> None:
        """Let the keys of refused rows be published again; what was passed over for them must be looked for."""
        self.held.difference_update(row.okey for row in rows)
        self.complete = False

    def deleted(self, row: Outgoing) -> None:
        """Forget a row; a look that is under way may still find it."""
        self.known.discard(row.id)
        self._gone.add(row.id)
