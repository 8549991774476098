"""Documents of the books, by what they are and what became of them."""

from datetime import datetime
from uuid import UUID

from hub.store.messages import Document, Event
from hub.store.queries.view import Selection, View, select
from hub.store.records import SPECS
from hub.store.statements import Job, Load

IN_FLIGHT = "in_flight"


def documents(
    view: View,
    *,
    end: str | None = None,
    channel: str | None = None,
    partner: str | None = None,
    kind: str | None = None,
    business_key: str | None = None,
    source_key: str | None = None,
    correlation: UUID | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int = 100,
) -> Job[list[Document]]:
    """Return documents, the newest first; `before` is the place of the last one of the page before.

    An input that was split is left out, since its documents count instead of it. The
    order is for looking through; what must miss nothing reads `GET /events`.
    """
    selection = (
        Selection()
        .visible(view)
        .equal(
            channel=channel,
            partner=partner,
            kind=kind,
            business_key=business_key,
            source_key=source_key,
            correlation_id=correlation,
        )
    )
    if end == IN_FLIGHT:
        selection.also("ended is null")
    elif end is not None:
        selection.equal(ended=end)
    else:
        selection.also("(ended is null or ended <> 'split')")
    if before is not None:
        selection.also(
            "(received_at < :before_at or (received_at = :before_at and id < :before_id))",
            before_at=before[0],
            before_id=before[1],
        )
    found = yield from select(Document, selection, order="received_at desc, id desc", limit=limit)
    return found


def document(view: View, document_id: UUID) -> Job[tuple[Document, Event | None] | None]:
    """Return a document with the canonical message that was made of it, None where there is none for this reader."""
    found: list[Document] = yield Load(SPECS[Document], [(document_id,)])
    if not found or not view.sees(found[0].partner):
        return None
    events: list[Event] = yield Load(SPECS[Event], [(document_id,)])
    return found[0], events[0] if events else None
