"""One order's life: every event of it and what caused it, and every document that was sent because of it."""

from dataclasses import dataclass
from itertools import count
from uuid import UUID

from hub.store.messages import Event
from hub.store.queries.view import Selection, View, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load
from hub.store.status import Transmission

MOST_CAUSES = 16


@dataclass(frozen=True, slots=True)
class Timeline:
    """Events in the order of their times, a cause before its effects; transmissions in the partner's order."""

    order_id: str
    events: tuple[Event, ...]
    transmissions: tuple[Transmission, ...]


def timeline(view: View, order_id: str) -> Job[Timeline | None]:
    """Return what happened to an order, from the archived bytes on; None if nothing of it may be seen."""
    events = yield from select(Event, Selection().visible(view).equal(order_id=order_id))
    if not events:
        return None
    causes = yield from _causes(events)
    sent = yield from select(
        Transmission, Selection().visible(view).equal(order_id=order_id), order="created_at, position"
    )
    return Timeline(order_id, _in_order([*(one for one in causes if view.sees(one.partner)), *events]), tuple(sent))


def _causes(events: list[Event]) -> Job[list[Event]]:
    """Return the events outside the order that led to these, back to what came in."""
    known = {event.id for event in events}
    wanted = {event.causation_id for event in events if event.causation_id} - known
    found: list[Event] = []
    for _ in range(MOST_CAUSES):
        if not wanted:
            break
        rows = yield Load(SPECS[Event], sorted((one,) for one in wanted))
        found += rows
        known |= wanted
        wanted = {row.causation_id for row in rows if row.causation_id} - known
    return found


def _in_order(events: list[Event]) -> tuple[Event, ...]:
    by_id = {event.id: event for event in events}
    depths: dict[UUID, int] = {}

    def depth(event: Event) -> int:
        chain = []
        one: Event | None = event
        while one is not None and one.id not in depths:
            chain.append(one.id)
            one = by_id.get(one.causation_id) if one.causation_id else None
        start = depths[one.id] if one is not None else 0
        depths.update(zip(reversed(chain), count(start + 1), strict=False))
        return depths[event.id]

    return tuple(sorted(events, key=lambda event: (event.at, depth(event), event.id)))
