"""Dependency notes: which elements of a segment, or components of a composite, may stand together.

The tables have each as `[kind, code, …]`, `kind` in the notation of the standard. Only
the service directory of syntax 4 has any: the older ones say such things in words or not at all.

Source: ISO 9735:1998 and later, dependency identifiers D1, D2, D4, D5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "D1": "exactly one of {all} must stand",
        "D2": "{all} stand together or not at all",
        "D4": "at most one of {all} may stand",
        "D5": "{first} stands only with {others}",
    }
)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A note: its kind (`D2`), and the codes of the elements that it is about."""

    kind: str
    codes: tuple[str, ...]

    @classmethod
    def parse(cls, entry: Sequence[Any]) -> "Dependency":
        """Read an entry of the tables. Raises KeyError for a kind that is not known here."""
        kind, *codes = entry
        _WORDS[kind]
        return cls(kind, tuple(codes))

    def broken_at(self, present: Sequence[bool]) -> int | None:
        """Return which of its elements, from 0, stands or is missing against the note; None where it is kept.

        `present` tells of each of them whether it has a value.
        """
        count = sum(present)
        if self.kind in {"D1", "D4"} and count > 1:
            return present.index(True, present.index(True) + 1)
        if self.kind == "D1" and not count:
            return 0
        if count < len(present) and ((self.kind == "D2" and count) or (self.kind == "D5" and present[0])):
            return present.index(False)
        return None

    @property
    def words(self) -> str:
        """What the note asks for."""
        first, *others = self.codes
        return _WORDS[self.kind].format(first=first, others=_listed(others), all=_listed(self.codes))


def _listed(codes: Sequence[str]) -> str:
    *most, last = codes
    return f"{', '.join(most)} and {last}" if most else last
