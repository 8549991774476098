"""The documents that are found inside an input: a row of the books for each, whatever becomes of it."""

from hashlib import sha256
from typing import Any

from hub.canonical.envelope import Message, derive_id
from hub.store.messages import Document
from hub.store.work import Work
from hub.translators.edifact.message import MessageRead


def document_of(published: Message[Any], work: Work, *, kind: str) -> Document:
    """Return the document that a message is, published for the input under work."""
    found_in = work.message
    return Document(
        id=published.id,
        received_at=found_in.time,
        archive_id=found_in.data.archive_id,
        correlation_id=published.correlationid,
        channel=published.channel,
        partner=published.partner,
        kind=kind,
        business_key=published.subject,
        source_key=found_in.data.source_key,
        sha256=getattr(found_in.data, "sha256", ""),
        test=published.testindicator,
    )


def edi_document(one: MessageRead, body: bytes, work: Work, published: Message[Any]) -> Document:
    """Return the document that an EDIFACT message is; `body` are the bytes that it was read from."""
    return document_of(published, work, kind=one.type)._replace(
        source_key=f"{work.message.data.source_key}/{one.verdict.reference}",
        sha256=sha256(body[one.offset : one.offset + one.length]).hexdigest(),
    )


def ended_document(one: MessageRead, number: int, body: bytes, work: Work, end: str, reason: str) -> Document:
    """Return the document of the `number`-th message, for which nothing is published: it ends here."""
    identifier = derive_id(work.message.id, work.service, "document", number)
    unpublished = work.message.model_copy(update={"id": identifier})
    document = edi_document(one, body, work, unpublished)
    return ended(document._replace(business_key=None), work, end, reason)


def ended(document: Document, work: Work, end: str, reason: str) -> Document:
    """Return a document that ends with the input under work."""
    return document._replace(ended=end, reason=reason, ended_at=work.now)
