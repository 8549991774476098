"""Rows of the webhook door: the hub's beside bare Starlette with one commit per request, on both databases."""

from collections.abc import Callable, Iterator

from bench import proof
from bench.house import BACK_ENDS, House, run
from bench.table import Gate, Row, against, plain, turns

CONTESTANTS = ("door", "door_plain")


def rows(house: House, number: int, rounds: int, say: Callable[[str], None]) -> Iterator[Row]:
    """Yield the rows of both databases; the broker takes no part."""
    for back_end, database in zip(BACK_ENDS, ("PostgreSQL", "SQLite"), strict=True):
        yield from _on(house, back_end, database, number, rounds, say)


def _on(
    house: House, back_end: str, database: str, number: int, rounds: int, say: Callable[[str], None]
) -> Iterator[Row]:
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTESTANTS}
    for names in turns(CONTESTANTS, rounds):
        for name in names:
            settings = house.place(back_end) | {"number": number, "folder": str(house.folder())}
            result = run(name, settings)
            kept = proof.of_door(settings["database"])
            assert set(kept.values()) == {result["taken"]}, f"{result['taken']} taken, kept {kept}"
            runs[name].append(result | {"rate": number / result["seconds"]})
            say(f"{database}: {name} {number / result['seconds']:,.0f} requests/s; {kept}")
    door, bare = ([one["rate"] for one in runs[name]] for name in CONTESTANTS)
    yield against(f"webhook door, {database}", door, "requests/s", bare, Gate(1.6))
    for part in ("p50", "p99"):
        yield plain(f"  {part} with 32 shops", [one[part] for one in runs["door"]], "ms")
