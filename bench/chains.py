"""Rows of the whole chain, and of intake: rates beside the same services one by one, latency, workers, growth."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.chain import STEP
from bench.house import BACK_ENDS, House, run
from bench.table import Gate, Row, against, plain, turns

SERVED, EMBEDDED = BACK_ENDS
SHORT = {SERVED: "served", EMBEDDED: "embedded"}
SERVERS = ("client", "postgres", "broker", "second")
MILLISECONDS = 1_000
MEGABYTE = 1_000_000
TENTHS = 10
SLOW_SHARE = 10
"""The baseline takes so many times fewer orders through, as it takes so much longer."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is done: orders in a run, orders of the long one (what half an hour allows for), rounds."""

    orders: int = 2_000
    paced: int = 1_000
    long: int = 10_000
    interchange: int = 1_000
    rounds: int = 3


def rows(house: House, sizes: Sizes, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield all rows of the chain, on both back ends."""
    for back_end in BACK_ENDS:
        short = SHORT[back_end]
        fast = yield from _rates(house, back_end, short, sizes, say)
        yield from _latency(house, back_end, short, sizes, median(fast) / 2)
        if back_end == SERVED:
            yield from _workers(house, sizes, say)
        yield from _growth(house, back_end, short, sizes.long)
        yield from _intake(house, back_end, short, sizes)


def _rates(
    house: House, back_end: str, short: str, sizes: Sizes, say: Callable[[str], None]
) -> Any:  # a generator of rows that returns the hub's rates
    numbers = {"hub": sizes.orders, "one by one": sizes.orders // SLOW_SHARE}
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in numbers}
    for names in turns(list(numbers), sizes.rounds):
        for name in names:
            told = {"mode": "all at once", "number": numbers[name], "slow": name == "one by one"}
            runs[name].append(_run(house, back_end, told))
            say(f"{back_end}: chain, {name} {_rate(runs[name][-1]):,.0f} orders/s")
    rates = {name: [_rate(one) for one in made] for name, made in runs.items()}
    costs = {name: [_milliseconds(one["cost"], one["number"]) for one in made] for name, made in runs.items()}
    yield against(f"chain, {short}", rates["hub"], "orders/s", rates["one by one"], Gate(3.0))
    yield against(f"chain, {short}, CPU", costs["hub"], "ms/order", costs["one by one"])
    return rates["hub"]


def _latency(house: House, back_end: str, short: str, sizes: Sizes, rate: float) -> Iterator[Row]:
    result = _run(house, back_end, {"mode": "paced", "number": sizes.paced, "rate": rate})
    for part in ("p50", "p99"):
        yield plain(f"chain, {short}, {part} at {rate:.0f} orders/s", [result[part]], "ms")


def _workers(house: House, sizes: Sizes, say: Callable[[str], None]) -> Iterator[Row]:
    rates: dict[int, list[float]] = {1: [], 2: []}
    for names in turns(["1", "2"], sizes.rounds):
        for workers in map(int, names):
            told = {"mode": "all at once", "number": sizes.orders, "workers": workers}
            rates[workers].append(_rate(_run(house, SERVED, told)))
            say(f"chain, workers {workers}: {rates[workers][-1]:,.0f} orders/s")
    yield against("chain, served, two workers beside one", rates[2], "orders/s", rates[1], Gate(1.05))


def growth(house: House, number: int, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield what so many orders leave behind in cost and memory, on both back ends."""
    for back_end in BACK_ENDS:
        say(f"{back_end}: {number:,} orders, one after another")
        yield from _growth(house, back_end, SHORT[back_end], number)


def _growth(house: House, back_end: str, short: str, number: int) -> Iterator[Row]:
    """Compare the last tenth of a long run with as many orders after the first thousand."""
    result = _run(house, back_end, {"mode": "stream", "number": number})
    costs = [_milliseconds(cost, STEP) for cost in result["costs"]]
    memory = [size / MEGABYTE for size in result["memory"]]
    part = max(1, len(costs) // TENTHS)
    yield against(f"chain, {short}, CPU of the last of {number:,}", costs[-part:], "ms/order", costs[1 : 1 + part])
    yield against(f"chain, {short}, memory after {number:,}", memory[-1:], "MB", memory[part : part + 1])


def _intake(house: House, back_end: str, short: str, sizes: Sizes) -> Iterator[Row]:
    told = {"number": sizes.interchange, "folder": str(house.folder())}
    results = [run("intake", house.place(back_end) | told) for _ in range(sizes.rounds)]
    seconds = [one["cost"]["wall"] for one in results]
    yield plain(f"intake of {sizes.interchange:,} orders in one interchange, {short}", seconds, "s")


def _run(house: House, back_end: str, told: Mapping[str, Any]) -> dict[str, Any]:
    return run("chain", house.place(back_end) | {"folder": str(house.folder())} | told) | {"number": told["number"]}


def _rate(result: Mapping[str, Any]) -> float:
    rate: float = result["number"] / result["cost"]["wall"]
    return rate


def _milliseconds(cost: Mapping[str, float], number: int) -> float:
    return MILLISECONDS * sum(cost[part] for part in SERVERS if part in cost) / number
