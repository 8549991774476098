"""One thing that must hold, and whether it does."""

from collections.abc import Iterable
from typing import Any, NamedTuple

MOST_NAMED = 5


class Check(NamedTuple):
    """A named check; `detail` is what was counted, or what differs."""

    name: str
    ok: bool
    detail: str


def equal(name: str, left: dict[Any, Any], right: dict[Any, Any], what: str, zero: Any = 0) -> Check:
    """Return whether both hold the same number for every key; what one does not have counts as nothing."""
    keys = sorted(left.keys() | right.keys(), key=str)
    wrong = [
        f"{_named(key)}: {left.get(key, zero)} against {right.get(key, zero)}"
        for key in keys
        if left.get(key, zero) != right.get(key, zero)
    ]
    return outcome(name, wrong, f"{len(keys)} {what}")


def outcome(name: str, wrong: Iterable[str], counted: str) -> Check:
    """Return a check that holds if nothing is wrong; else its detail names the first few."""
    found = list(wrong)
    if not found:
        return Check(name, ok=True, detail=counted)
    more = f" and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return Check(name, ok=False, detail="; ".join(found[:MOST_NAMED]) + more)


def _named(key: Any) -> str:
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
