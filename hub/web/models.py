"""What the API answers: plain models for OpenAPI, made from records. Here messages, events and what is sent."""

import base64
import binascii
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

from hub.canonical.problem import rejected
from hub.store.messages import Document, Event
from hub.store.queries.timeline import Timeline


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def of(cls, record: Any, **more: Any) -> Self:
        """Return what is shown of a record."""
        return cls.model_validate(record._asdict() | more)


class DocumentAnswer(Answer):
    """One document of the books. `end` is null while it is under way."""

    id: UUID
    correlation_id: UUID
    channel: str
    partner: str | None
    kind: str
    business_key: str | None
    source_key: str
    sha256: str
    end: str | None
    reason: str | None
    received_at: datetime
    ended_at: datetime | None
    test: bool

    @classmethod
    def of_document(cls, document: Document) -> Self:
        """Return what is shown of a document."""
        return cls.of(document, end=document.ended)


class DocumentPage(Answer):
    """Documents, the newest first; `next` is the cursor of the following page."""

    messages: list[DocumentAnswer]
    next: str | None

    @classmethod
    def of_documents(cls, documents: list[Document], limit: int) -> Self:
        """Return a page; there may be a next one if this one is full."""
        last = documents[-1] if len(documents) == limit else None
        shown = [DocumentAnswer.of_document(one) for one in documents]
        return cls(messages=shown, next=cursor_of(last) if last else None)


class DocumentDetail(Answer):
    """One document, and what it says as a CloudEvent; null where nothing was made of it."""

    message: DocumentAnswer
    event: Any

    @classmethod
    def of_found(cls, document: Document, event: Event | None) -> Self:
        """Return what is shown of a document and the canonical message made of it."""
        return cls(message=DocumentAnswer.of_document(document), event=orjson.loads(event.body) if event else None)


class EventAnswer(Answer):
    """One event of an order: when, what, who sent it, which services took it, and what it says."""

    id: UUID
    at: datetime
    type: str
    subject: str
    source: str
    channel: str
    partner: str | None
    correlation_id: UUID
    causation_id: UUID | None
    services: list[str]
    data: Any

    @classmethod
    def of_event(cls, event: Event) -> Self:
        """Return what is shown of an event."""
        return cls.of(event, services=event.destinations.split(), data=orjson.loads(event.body).get("data"))


class TransmissionAnswer(Answer):
    """One document or event on its way to a partner."""

    id: UUID
    partner: str
    kind: str
    event_type: str
    event_id: UUID
    subject: str
    reference: str
    transport: str
    state: str
    held: str | None
    attempts: int
    created_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    acknowledged: str | None
    last_error: str | None


class TimelineAnswer(Answer):
    """One order's life, the oldest first."""

    order_id: str
    events: list[EventAnswer]
    documents: list[TransmissionAnswer]

    @classmethod
    def of_timeline(cls, found: Timeline) -> Self:
        """Return what is shown of a timeline."""
        return cls(
            order_id=found.order_id,
            events=[EventAnswer.of_event(event) for event in found.events],
            documents=[TransmissionAnswer.of(one) for one in found.transmissions],
        )


class FeedAnswer(Answer):
    """A partner-facing event as CloudEvents JSON, at its place in the feed."""

    position: int
    event: dict[str, Any]


class FeedPage(Answer):
    """Events in order; ask again after `next`."""

    events: list[FeedAnswer]
    next: int


def cursor_of(document: Document) -> str:
    """Return the place of a document in the list, as text."""
    return base64.urlsafe_b64encode(f"{document.received_at.isoformat()} {document.id}".encode()).decode()


def place_of(cursor: str) -> tuple[datetime, UUID]:
    """Return the place that a cursor names. Raises Rejected for one that we did not give."""
    try:
        at, _, identifier = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        return datetime.fromisoformat(at), UUID(identifier)
    except (ValueError, binascii.Error) as error:
        raise rejected(422, "the cursor is not one of ours", "Take `next` of the answer before.") from error
