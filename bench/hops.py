"""Rows of the hop: the hub's order service against raw floors and the plain way, on both back ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bench import proof
from bench.house import BACK_ENDS, House, run
from bench.table import Gate, Row, against, plain, turns

Runs = dict[str, list[dict[str, Any]]]
SERVED, EMBEDDED = BACK_ENDS
MICROSECONDS = 1e6
WARM_UP = 500


def served(house: House, number: int, rounds: int, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield the rows on RabbitMQ and PostgreSQL."""
    runs = _contest(house, SERVED, {"hop": number, "floor": number, "plain": number // 3}, rounds, say)
    yield against("hop, served", _rates(runs["hop"]), "hops/s", _rates(runs["floor"]), Gate(0.55))
    yield against("hop, served, beside FastStream", _rates(runs["hop"]), "hops/s", _rates(runs["plain"]), Gate(3.0))
    yield against("hop, served, CPU", _cpu(runs["hop"]), "µs/hop", _cpu(runs["floor"]), Gate(1.6, "<="))
    for part in ("client", "postgres", "broker"):
        yield against(f"  of it {part}", _cpu(runs["hop"], [part]), "µs/hop", _cpu(runs["floor"], [part]))
    yield plain("  messages in a batch", [one["batch"] for one in runs["hop"]], "messages")


def embedded(house: House, number: int, rounds: int, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield the rows on SQLite and the embedded broker."""
    runs = _contest(house, EMBEDDED, {"hop": number, "floor_sqlite": number}, rounds, say)
    floor = runs["floor_sqlite"]
    yield against("hop, embedded", _rates(runs["hop"]), "hops/s", _rates(floor), Gate(0.4))
    yield against("hop, embedded, CPU", _cpu(runs["hop"], ["client"]), "µs/hop", _cpu(floor, ["client"]))


def _contest(house: House, back_end: str, numbers: Mapping[str, int], rounds: int, say: Callable[[str], None]) -> Runs:
    """Let all take turns, after the servers have warmed up, and prove what each has stored."""
    runs: Runs = {name: [] for name in numbers}
    if back_end == SERVED:
        run("floor", house.place(back_end) | {"number": WARM_UP})
    for order in turns(list(numbers), rounds):
        for name in order:
            settings = house.place(back_end) | {"number": numbers[name]}
            result = run(name, settings) | {"number": numbers[name]}
            result["proof"] = prove(settings["database"], numbers[name], result)
            runs[name].append(result)
            say(f"{back_end}: {name} {_rates([result])[0]:,.0f} hops/s, {told(result)}")
    return runs


def prove(database: str, number: int, result: Mapping[str, Any]) -> dict[str, Any]:
    """Assert that every hop left everything it must, and return what was counted."""
    found = proof.of(database)
    expected = dict.fromkeys(("inbox", "sales_order", "documents closed"), number)
    expected |= {"order_line": 5 * number, "outbox": 0}
    wrong = {name: found[name] for name, count in expected.items() if found[name] != count}
    assert not wrong, f"{wrong} where {expected} was expected"
    assert found["event_log"] >= number
    assert result["confirmed"] == number
    return found


def told(result: Mapping[str, Any]) -> str:
    """Return a run's proof in a line."""
    counted = ", ".join(f"{name} {value}" for name, value in result["proof"].items())
    return f"confirmed {result['confirmed']}; {counted}"


def _rates(runs: Sequence[Mapping[str, Any]]) -> list[float]:
    return [one["number"] / one["cost"]["wall"] for one in runs]


def _cpu(runs: Sequence[Mapping[str, Any]], parts: Sequence[str] = ("client", "postgres", "broker")) -> list[float]:
    return [MICROSECONDS * sum(one["cost"][part] for part in parts) / one["number"] for one in runs]
