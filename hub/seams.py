"""The few places where the hub touches the world: clock, randomness, sleep, and the points a crash may fall on.

One `Seams` is made in `app` and handed down. Whatever commits, publishes, acks
or sends passes one function marked with `@failpoint`; the points are named by
those functions, so that a test can find all of them and kill the process at each.
"""

import asyncio
import functools
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

FAILPOINTS: list[str] = []
"""Names of all failpoints of the modules imported so far: `module.function:before` and `:after`."""

_hook: Callable[[str], None] | None = None


def install_failpoint_hook(hook: Callable[[str], None] | None) -> None:
    """Call `hook(name)` at each failpoint that is passed from now on; None removes it."""
    global _hook  # noqa: PLW0603 - one process-wide switch, as a crash is process-wide
    _hook = hook


def _names(function: Callable[..., object]) -> tuple[str, str]:
    name = f"{function.__module__}.{function.__qualname__}"
    points = f"{name}:before", f"{name}:after"
    FAILPOINTS.extend(points)
    return points


def failpoint(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a synchronous function as one that a crash may fall before or after."""
    before, after = _names(function)

    @functools.wraps(function)
    def passing(*args: P.args, **kwargs: P.kwargs) -> R:
        if _hook is None:
            return function(*args, **kwargs)
        _hook(before)
        result = function(*args, **kwargs)
        _hook(after)
        return result

    return passing


def async_failpoint(function: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Mark a coroutine function as one that a crash may fall before or after."""
    before, after = _names(function)

    @functools.wraps(function)
    async def passing(*args: P.args, **kwargs: P.kwargs) -> R:
        if _hook is None:
            return await function(*args, **kwargs)
        _hook(before)
        result = await function(*args, **kwargs)
        _hook(after)
        return result

    return passing


@dataclass(frozen=True, slots=True)
class Seams:
    """Clock, sleep and randomness. Replace a field in a test to replace the world."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    token_bytes: Callable[[int], bytes] = secrets.token_bytes
