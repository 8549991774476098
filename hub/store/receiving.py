"""What a door does in its one transaction: bytes, source keys, documents, messages; only then the sender hears 2xx.

Strategy: whatever came in (interchanges, notifications, receipts) is a list of
candidates, each a message that would be published under a source key. One pass over
all of them, for many requests at once, tells which are new, repeated or in conflict
with what came first under their key, and writes the rows of each.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from hub.canonical.envelope import Message, Payload, derive_id, message_model
from hub.canonical.finding import in_words
from hub.canonical.intake import InputReceived, RepeatAnswer
from hub.canonical.sale import SaleRecorded
from hub.store.archive import keep
from hub.store.arrivals import (
    DOOR,
    ENDS,
    Delivery,
    Entropy,
    Input,
    Outcome,
    Part,
    Received,
    Sales,
    Taken,
    archived_delivery,
)
from hub.store.books import count
from hub.store.messages import Document, Parked, SourceKey
from hub.store.outbox import Subscribers, publish
from hub.store.records import SPECS
from hub.store.source_keys import claim
from hub.store.statements import Insert, Job
from hub.translators.pos.receipt import Receipt

_FIRST_ID = re.compile(rb'\s*\{\s*"id"\s*:\s*"?([0-9]{1,30})\b')


class _Candidate(NamedTuple):
    """A document that came in: what is published if it is new, and what its books say."""

    message: Message[Any]
    key: SourceKey
    document: Document
    part: Part | None = None


def receive(inputs: Sequence[Input], subscribers: Subscribers, now: datetime, entropy: Entropy) -> Job[list[Received]]:
    """Take in what intake is to read, for many requests in one transaction; the answers are in their order."""
    archive_ids = yield from _archive([one.delivery for one in inputs], now, entropy)
    candidates = [
        [_part(one, part, number, archive_id, now) for number, part in enumerate(one.parts)]
        for one, archive_id in zip(inputs, archive_ids, strict=True)
    ]
    taken = iter((yield from _settle([one for group in candidates for one in group], subscribers, now)))
    return [
        Received(archive_id, tuple(next(taken) for _ in group))
        for archive_id, group in zip(archive_ids, candidates, strict=True)
    ]


def record_sales(
    deliveries: Sequence[Sales], subscribers: Subscribers, now: datetime, entropy: Entropy
) -> Job[list[Received]]:
    """Take in tills' deliveries: a sale that is new is published at once, one that cannot be read is refused."""
    archive_ids = yield from _archive([one.delivery for one in deliveries], now, entropy)
    pairs = [
        (one.delivery, receipt, archive_id)
        for one, archive_id in zip(deliveries, archive_ids, strict=True)
        for receipt in one.receipts
    ]
    sales = [_sale(*pair, now) for pair in pairs if pair[1].sale is not None]
    taken = iter((yield from _settle(sales, subscribers, now)))
    refused = [_refused(*pair, now) for pair in pairs if pair[1].sale is None]
    yield from _keep_refused(refused, now)
    invalid = iter(refused)
    answers = [
        next(taken)._replace(findings=receipt.findings) if receipt.sale else _invalid(next(invalid), receipt)
        for _, receipt, _ in pairs
    ]
    numbered = iter(answers)
    return [
        Received(archive_id, tuple(next(numbered) for _ in one.receipts))
        for one, archive_id in zip(deliveries, archive_ids, strict=True)
    ]


def _archive(deliveries: Sequence[Delivery], now: datetime, entropy: Entropy) -> Job[list[UUID]]:
    rows = [(archived_delivery(one, now, entropy), one.body) for one in deliveries]
    yield from keep(rows)
    return [row.id for row, _ in rows]


def _part(one: Input, part: Part, number: int, archive_id: UUID, now: datetime) -> _Candidate:
    payload = InputReceived.trusted(
        archive_id=archive_id,
        format=one.format,
        endpoint=one.delivery.endpoint,
        source_key=part.source_key,
        sha256=part.sha256,
        offset=part.offset,
        length=part.length,
        topic=one.topic,
        resource=_resource(one),
    )
    identifier = derive_id(archive_id, DOOR, InputReceived.TYPE, number)
    message = _message(payload, identifier, one.delivery, now, test=part.test)
    kind = "interchange" if one.format == "edifact" else one.topic or "notification"
    document = _document(message, archive_id, kind, part.source_key, part.sha256)
    source = one.delivery.partner or one.delivery.source
    return _Candidate(message, _source_key(one.format, document, source), document, part)


def _resource(one: Input) -> str | None:
    """Return the id of the resource that a shop's notification is about: platforms write it first."""
    found = None if one.format == "edifact" else _FIRST_ID.match(one.delivery.body)
    return found[1].decode() if found else None


def _sale(delivery: Delivery, receipt: Receipt, archive_id: UUID, now: datetime) -> _Candidate:
    assert receipt.sale is not None, "the caller sorts out what could not be read"  # noqa: S101 - narrows the type
    payload = SaleRecorded(sale=receipt.sale)
    identifier = derive_id(archive_id, DOOR, SaleRecorded.TYPE, receipt.ordinal)
    message = _message(payload, identifier, delivery, now, source=f"pos:{receipt.sale.store}:{receipt.sale.terminal}")
    document = _document(message, archive_id, "sale", receipt.key or "", receipt.sha256 or "", receipt.key)
    return _Candidate(message, _source_key("pos", document, receipt.sale.store), document)


def _message(
    payload: Payload, identifier: UUID, one: Delivery, now: datetime, *, test: bool = False, source: str | None = None
) -> Message[Any]:
    return message_model(type(payload)).trusted(
        id=identifier,
        type=payload.TYPE,
        source=source or one.source,
        subject=payload.business_key,
        time=now,
        correlationid=identifier,
        partner=one.partner,
        channel=one.channel,
        testindicator=test,
        data=payload,
    )


def _document(
    message: Message[Any], archive_id: UUID, kind: str, source_key: str, sha256: str, business_key: str | None = None
) -> Document:
    return Document(
        id=message.id,
        received_at=message.time,
        archive_id=archive_id,
        correlation_id=message.correlationid,
        channel=message.channel,
        partner=message.partner,
        kind=kind,
        business_key=business_key,
        source_key=source_key,
        sha256=sha256,
        test=message.testindicator,
    )


def _source_key(kind: str, document: Document, source: str) -> SourceKey:
    return SourceKey(
        kind=kind,
        source=source,
        key=document.source_key,
        sha256=document.sha256,
        archive_id=document.archive_id,
        document_id=document.id,
    )


def _settle(candidates: Sequence[_Candidate], subscribers: Subscribers, now: datetime) -> Job[list[Taken]]:
    """Tell which candidates are new, and write what each of them calls for."""
    holders = yield from claim([one.key for one in candidates])
    outcomes = [_outcome(one, holder) for one, holder in zip(candidates, holders, strict=True)]
    judged = list(zip(candidates, holders, outcomes, strict=True))
    yield Insert(SPECS[Document], [_ended(one, holder, end) for one, holder, end in judged])
    yield Insert(SPECS[Parked], sorted(_parked(one, now) for one, _, end in judged if end == "conflict"))
    yield from publish([message for one in judged for message in _messages(*one)], subscribers, may_be_known=False)
    yield from _counted([(one.document, end) for one, _, end in judged], now)
    return [Taken(_reference(one), end, one.document.id, holder.document_id) for one, holder, end in judged]


def _reference(one: _Candidate) -> str:
    return one.part.reference if one.part else one.document.source_key


def _outcome(one: _Candidate, holder: SourceKey) -> Outcome:
    if holder.document_id == one.document.id:
        return "stored"
    return "duplicate" if holder.sha256 == one.key.sha256 else "conflict"


def _ended(one: _Candidate, holder: SourceKey, outcome: Outcome) -> Document:
    if outcome == "stored":
        return one.document
    if outcome == "duplicate":
        return _end(one.document, "duplicate", f"the same as document {holder.document_id}")
    return _end(one.document, "parked", _conflict(one, holder))


def _end(document: Document, end: str, reason: str) -> Document:
    return document._replace(ended=end, reason=reason, ended_at=document.received_at)


def _conflict(one: _Candidate, holder: SourceKey) -> str:
    return f"{one.key.key} came with other content before, as document {holder.document_id}"


def _parked(one: _Candidate, now: datetime) -> Parked:
    """Return what a person sees of a conflict; the message stands in it, as it was published nowhere."""
    return Parked(
        service=DOOR,
        message_id=one.message.id,
        at=now,
        okey=one.key.key,
        type=one.message.type,
        error_class="conflict",
        error=f"{one.key.key} came with other content before",
        traceback=None,
        state="parked",
        note=None,
        body=one.message.to_json(),
        version=1,
    )


def _messages(one: _Candidate, holder: SourceKey, outcome: Outcome) -> list[Message[Any]]:
    """Return what is published: the new document, or the answer that an EDI partner is owed all the same."""
    if outcome == "stored":
        return [one.message]
    if one.part is None or one.part.rejection is None:
        return []
    reject = outcome == "conflict" or one.part.reject_duplicates
    payload = one.part.rejection if reject else RepeatAnswer(source_key=one.key.key)
    return [
        message_model(type(payload)).trusted(
            id=derive_id(one.message.id, DOOR, payload.TYPE),
            type=payload.TYPE,
            source=one.message.source,
            subject=payload.business_key,
            time=one.message.time,
            correlationid=one.message.id if reject else holder.document_id,
            causationid=one.message.id,
            partner=one.message.partner,
            channel=one.message.channel,
            testindicator=one.message.testindicator,
            data=payload,
        )
    ]


def _refused(delivery: Delivery, receipt: Receipt, archive_id: UUID, now: datetime) -> Document:
    return Document(
        id=derive_id(archive_id, DOOR, SaleRecorded.TYPE, receipt.ordinal),
        received_at=now,
        archive_id=archive_id,
        correlation_id=derive_id(archive_id, DOOR, SaleRecorded.TYPE, receipt.ordinal),
        channel=delivery.channel,
        partner=delivery.partner,
        kind="sale",
        business_key=None,
        source_key="",
        sha256=delivery.sha256,
        test=False,
        ended="refused",
        reason=in_words(receipt.findings),
        ended_at=now,
    )


def _keep_refused(documents: Sequence[Document], now: datetime) -> Job[None]:
    yield Insert(SPECS[Document], sorted(documents))
    yield from _counted([(one, "invalid") for one in documents], now)


def _invalid(document: Document, receipt: Receipt) -> Taken:
    return Taken("", "invalid", document.id, document.id, receipt.findings)


def _counted(documents: Sequence[tuple[Document, Outcome]], now: datetime) -> Job[None]:
    received = [(document.channel, "received") for document, _ in documents]
    ended = [(document.channel, ENDS[end]) for document, end in documents if end in ENDS]
    yield from count(DOOR, now, [*received, *ended])
