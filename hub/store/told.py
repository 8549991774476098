"""Messages as the event log has them, a page at a time: what a recount works out once more."""

from uuid import UUID

from hub.store.statements import Job, Query

PAGE = 200
FIRST = UUID(int=0)
"""Before every id."""


def page(type_: str, last: UUID, *, applied_by: str | None = None) -> Job[list[tuple[UUID, bytes]]]:
    """Return the next messages of a type, ids and bodies in the order of ids; with a service, those it has applied."""
    settled = (
        " and exists (select 1 from inbox i where i.service = :service and i.message_id = e.id"
        " and i.outcome = 'applied')"
    )
    found: list[tuple[UUID, bytes]] = yield Query(
        f"select e.id, e.body from event_log e where e.type = :type and e.id > :last{settled if applied_by else ''}"
        " order by e.id limit :page",
        {"type": type_, "last": last, "page": PAGE} | ({"service": applied_by} if applied_by else {}),
        (UUID, bytes),
    )
    return found
