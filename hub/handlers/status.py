"""The status service: what partners are owed becomes frozen bytes in their turn, and their acknowledgements find them.

Each partner-facing event gets its place in the feed; by agreement it becomes an EDIFACT
document, a webhook, or both. The bytes and their control reference are made here, once,
in the transaction of the event; a sender only carries them.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hub.canonical.agreement import Agreement, DocumentKind, EdiAgreement
from hub.canonical.delivery import DeliveryReleased, ShipmentDespatched
from hub.canonical.envelope import Message, derive_id, named_id
from hub.canonical.finding import Finding, in_words
from hub.canonical.intake import AcknowledgementReceived, InterchangeChecked, RepeatAnswer
from hub.canonical.invoice import InvoiceIssued
from hub.canonical.order import (
    OrderAccepted,
    OrderCancelled,
    OrderChanged,
    OrderCompleted,
    OrderPartlyAccepted,
    OrderReference,
    OrderRejected,
)
from hub.canonical.payment import InvoicePaid
from hub.domain.owed import aperaks_owed, contrl_owed, document_owed, event_owed
from hub.domain.transmission import TRANSMISSION, WAITING, ack_due, control_reference, control_series, outbound_series
from hub.errors import NeedsDecision
from hub.handlers.service import Service
from hub.store.archive import archived
from hub.store.master import AgreementRow
from hub.store.messages import Archive, NumberSeries
from hub.store.status import BY_INTERCHANGE, Collected, FeedEntry, Transmission
from hub.store.work import Need, Work, group, lock, peek, series
from hub.translators.edifact.documents import WRITERS
from hub.translators.edifact.leaving import refusal
from hub.translators.edifact.pointing import pointed_out
from hub.translators.edifact.second_reader import differences

service = Service("status", documents=(AcknowledgementReceived,), keeps_tests=True)

PARTNER_FACING = (
    OrderAccepted,
    OrderPartlyAccepted,
    OrderRejected,
    OrderChanged,
    OrderCancelled,
    OrderCompleted,
    DeliveryReleased,
    ShipmentDespatched,
    InvoiceIssued,
    InvoicePaid,
)
FEED = "feed"
APERAKS_REPEATED = 20
"""Of an interchange that comes again: so many of its APERAKs go out again."""
MOST_REASONS = 5
"""Errors of a refusal that are told; its CONTRL is archived with all of them."""
_DUPLICATE = "26"
_UNNUMBERED = "0"
"""What stands for the control reference in a document that waits for its interchange."""
_EDIFACT = "application/edifact"
_CLOUD_EVENT = "application/cloudevents+json"


def transmission_id(partner: str, reference: str) -> UUID:
    """Return the id of the document that we sent a partner under a control reference."""
    return named_id("transmission", partner, reference)


def aperak_id(correlation: UUID, number: int) -> UUID:
    """Return the archive id of an APERAK for the interchange of this correlation, counted from 0."""
    return derive_id(correlation, "status", "archive/APERAK", number)


def answer_id(correlation: UUID) -> UUID:
    """Return the archive id of the CONTRL that answers the interchange of this correlation."""
    return derive_id(correlation, "status", "archive/CONTRL")


def _partner_and_subject(message: Message[Any]) -> str:
    return f"{message.partner}:{message.subject}"


def _agreement_of(message: Message[Any]) -> Iterable[Need]:
    return [peek(AgreementRow, message.partner)] if message.partner else []


def _agreement(message: Message[Any], work: Work) -> AgreementRow | None:
    return work.get(AgreementRow, message.partner) if message.partner else None


def _numbers(message: Message[Any], work: Work) -> Iterator[Need]:
    """Name every series that an answer may take numbers of."""
    if message.type in _FEED_TYPES:
        yield series(FEED)
    row = _agreement(message, work)
    if row is None:
        return
    yield series(outbound_series(row.partner))
    if row.agreement.edi is not None:
        yield series(control_series(row.partner, test=message.testindicator))
        yield series(_read_back(row))


def _read_back(row: AgreementRow) -> str:
    """Name the series that counts the documents written under this very agreement."""
    return f"read_back/{row.partner}/{row.sha256[:16]}"


def tell(message: Message[Any], work: Work) -> None:
    """Put an event into the feed and send the partner what it is owed of it."""
    work.save(_feed_entry(message, work))
    row = _agreement(message, work)
    if row is None:
        return
    kind = document_owed(row.agreement, message.type, message.channel)
    if kind is not None:
        _send_document(kind, row, work)
    if event_owed(row.agreement, message.type):
        _send_event(row.agreement, work)


for _payload in PARTNER_FACING:
    service.on(_payload, needs=_agreement_of, then=_numbers, key=_partner_and_subject)(tell)
_FEED_TYPES = frozenset(payload.TYPE for payload in PARTNER_FACING)


@service.on(InterchangeChecked, needs=_agreement_of, then=_numbers, key=_partner_and_subject)
def acknowledge(message: Message[InterchangeChecked], work: Work) -> None:
    """Send the CONTRL that is asked for, and by agreement an APERAK for each message that is of no use."""
    row = _agreement(message, work)
    if row is None or row.agreement.edi is None:
        return
    if contrl_owed(row.agreement.edi, message.data):
        _send_document("CONTRL", row, work)
    for number, verdict in enumerate(aperaks_owed(row.agreement.edi, message.data)):
        about = message.changed(data=message.data.changed(messages=(verdict,)))
        _send_document("APERAK", row, work, about, aperak_id(message.correlationid, number))


def _first_answers(message: Message[RepeatAnswer]) -> Iterable[Need]:
    correlation = message.correlationid
    first = (answer_id(correlation), *(aperak_id(correlation, number) for number in range(APERAKS_REPEATED)))
    return [*_agreement_of(message), *(peek(Archive, one) for one in first)]


def _answers_and_numbers(message: Message[RepeatAnswer], work: Work) -> Iterator[Need]:
    yield from _numbers(message, work)
    for number in range(APERAKS_REPEATED):
        aperak = work.get(Archive, aperak_id(message.correlationid, number))
        if aperak is not None:
            yield peek(Transmission, transmission_id(message.partner or "", aperak.headers["reference"]))


@service.on(RepeatAnswer, needs=_first_answers, then=_answers_and_numbers, key=_partner_and_subject)
def repeat_answer(message: Message[RepeatAnswer], work: Work) -> None:
    """Send the first CONTRL and its APERAKs again, the same bytes; what is still to come will answer both.

    An APERAK that waits for a person is left to that person.
    """
    row, first = _agreement(message, work), work.get(Archive, answer_id(message.correlationid))
    if row is None or row.agreement.edi is None:
        return
    if first is not None:
        _send_again("CONTRL", first, 0, row.agreement, row.agreement.edi, work)
    for number in range(APERAKS_REPEATED):
        aperak = work.get(Archive, aperak_id(message.correlationid, number))
        if aperak is None:
            return
        sent = work.get(Transmission, transmission_id(row.partner, aperak.headers["reference"]))
        if sent is not None and sent.held is None:
            _send_again("APERAK", aperak, number, row.agreement, row.agreement.edi, work)


def _send_again(
    kind: DocumentKind, first: Archive, number: int, agreement: Agreement, edi: EdiAgreement, work: Work
) -> None:
    identifier = derive_id(work.message.id, service.name, f"transmission/{kind}", number)
    work.save(_transmission(work, agreement, identifier, kind, first.headers["reference"], first.id, edi.answer_by))


def _answered(message: Message[AcknowledgementReceived]) -> UUID:
    return transmission_id(message.partner or "", message.data.reference)


def _what_was_sent(message: Message[AcknowledgementReceived], work: Work) -> Iterator[Need]:
    sent = work.get(Transmission, _answered(message))
    if sent is not None and message.data.findings:
        yield peek(Archive, sent.archive_id)
    for one in work.group(Collected, _answered(message)):
        yield lock(Transmission, one.document_id)


@service.on(
    AcknowledgementReceived,
    needs=lambda m: [lock(Transmission, _answered(m)), group(Collected, _answered(m))],
    then=_what_was_sent,
    key=_partner_and_subject,
)
def acknowledged(message: Message[AcknowledgementReceived], work: Work) -> None:
    """Match a partner's CONTRL with what it answers, whether or not that is known to be sent.

    Of an interchange of collected documents it may refuse some: then each of these is refused by itself.
    """
    answer = message.data
    sent = work.get(Transmission, _answered(message))
    if sent is None:
        raise NeedsDecision(f"{message.partner} acknowledges {answer.reference}, which we did not send")
    if answer.action == "received":
        work.save(sent._replace(acknowledged="received"))
        return
    documents = {str(one.number): work.get(Transmission, one.document_id) for one in work.group(Collected, sent.id)}
    refused = _is_refusal(answer, sent)
    in_part = bool(documents) and answer.action != "rejected"
    if refused and not in_part:
        _refuse(sent, answer.findings, sent, work)
        _ask_about(sent, work)
    else:
        _accept(sent, work)
    for name, document in documents.items():
        assert document is not None, "it is never deleted"  # noqa: S101 - narrows the type
        if not refused or (in_part and name not in answer.rejected_messages):
            _accept(document, work)
            continue
        own = tuple(finding for finding in answer.findings if finding.location.message == name)
        _refuse(document, own or answer.findings, sent, work)
        if in_part:
            _ask_about(document, work)


def _accept(row: Transmission, work: Work) -> None:
    state = TRANSMISSION.step(row.state, "acknowledge").state
    work.save(row._replace(state=state, acknowledged="accepted", ack_due=None))


def _refuse(row: Transmission, findings: Sequence[Finding], sent: Transmission, work: Work) -> None:
    """Record why a partner refuses a document, with our own bytes at the places that it names."""
    archive = work.get(Archive, sent.archive_id) if findings else None
    if archive is None:
        told = [finding.message for finding in findings]
    else:
        told = list(pointed_out(archive.body, findings[:MOST_REASONS]))
    more = len(findings) - MOST_REASONS
    reason = "; ".join([*told[:MOST_REASONS], *([f"and {more} more"] if more > 0 else [])]) or "no reason given"
    state = TRANSMISSION.step(row.state, "refuse").state
    work.save(row._replace(state=state, acknowledged="rejected", ack_due=None, last_error=reason))


def _ask_about(refused: Transmission, work: Work) -> None:
    row = work.get(Transmission, refused.id) or refused
    work.task("document_refused", f"{row.partner} {row.kind} {row.reference}", row.last_error or "", row.order_id)


def _is_refusal(answer: AcknowledgementReceived, sent: Transmission) -> bool:
    """Tell a refusal from "I have it already" in answer to our own second sending."""
    if answer.action != "rejected":
        return bool(answer.rejected_messages)
    only_duplicate = bool(answer.findings) and all(finding.code == _DUPLICATE for finding in answer.findings)
    return not (only_duplicate and sent.attempts > 1)


def _feed_entry(message: Message[Any], work: Work) -> FeedEntry:
    return FeedEntry(
        position=work.number(FEED),
        event_id=message.id,
        partner=message.partner or "",
        type=message.type,
        order_id=_order_id(message),
        at=work.now,
    )


def _order_id(message: Message[Any]) -> str | None:
    return message.data.order_id if isinstance(message.data, OrderReference) else None


def _send_document(
    kind: DocumentKind,
    row: AgreementRow,
    work: Work,
    about: Message[Any] | None = None,
    archive_id: UUID | None = None,
) -> None:
    """Write a document, and queue it under the partner's next control reference or let it wait to be collected.

    Where a message makes several, each is `about` a part of it, under an archive id of its own.
    """
    message, agreement, edi = about or work.message, row.agreement, row.agreement.edi
    assert edi is not None, "callers have looked"  # noqa: S101 - narrows the type
    together, test = edi.collecting(kind), message.testindicator
    reference = _UNNUMBERED if together else _next_reference(row.partner, work, test=test)
    body = WRITERS[kind](message, agreement, reference=reference, now=work.now, test=test)
    archive_id = archive_id or _archive_id(message, kind)
    _freeze(work, archive_id, body, _EDIFACT, reference)
    held = _held(kind, body, row, work)
    if together:
        identifier = derive_id(archive_id, service.name, "transmission")
        waiting = _transmission(work, agreement, identifier, kind, "", archive_id, BY_INTERCHANGE)
        due = work.now + timedelta(minutes=together.minutes)
        work.save(waiting._replace(state=WAITING, held=held, next_at=due))
        return
    identifier = transmission_id(row.partner, reference)
    queued = _transmission(work, agreement, identifier, kind, reference, archive_id, edi.answer_by)
    answered = kind not in {"CONTRL", "APERAK"}
    work.save(queued._replace(held=held, ack_due=ack_due(edi, work.now) if answered else None))


def _next_reference(partner: str, work: Work, *, test: bool) -> str:
    return control_reference(work.number(control_series(partner, test=test)), test=test)


def _archive_id(message: Message[Any], kind: DocumentKind) -> UUID:
    """Return the archive id of a document.

    The CONTRL that answers an interchange is known by its correlation; one that only says
    that a reference is taken is not that answer, which may still come if a person replays it.
    """
    data = message.data
    if kind == "CONTRL" and not any(finding.code == _DUPLICATE for finding in data.findings):
        return answer_id(message.correlationid)
    return derive_id(message.id, service.name, f"archive/{kind}")


def _send_event(agreement: Agreement, work: Work) -> None:
    """Queue the event itself for the partner's webhook."""
    message = work.message
    archive_id = derive_id(message.id, service.name, "archive/event")
    _freeze(work, archive_id, message.to_json(), _CLOUD_EVENT, str(message.id))
    identifier = derive_id(message.id, service.name, "transmission/event")
    work.save(_transmission(work, agreement, identifier, "event", str(message.id), archive_id, "webhook"))


def _transmission(
    work: Work, agreement: Agreement, identifier: UUID, kind: str, reference: str, archive_id: UUID, transport: str
) -> Transmission:
    message = work.message
    return Transmission(
        id=identifier,
        partner=agreement.partner,
        position=work.number(outbound_series(agreement.partner)),
        kind=kind,
        event_id=message.id,
        event_type=message.type,
        order_id=_order_id(message),
        subject=message.subject,
        reference=reference,
        archive_id=archive_id,
        transport=transport,
        test=message.testindicator,
        state=TRANSMISSION.start,
        held=None,
        attempts=0,
        next_at=work.now,
        created_at=work.now,
    )


def _freeze(work: Work, archive_id: UUID, body: bytes, content_type: str, reference: str) -> None:
    message = work.message
    work.save(
        *archived(
            body,
            id=archive_id,
            at=work.now,
            direction="out",
            channel=message.channel,
            endpoint=service.name,
            partner=message.partner,
            content_type=content_type,
            headers={"reference": reference, "correlation": str(message.correlationid)},
        )
    )


def _held(kind: str, body: bytes, row: AgreementRow, work: Work) -> str | None:
    """Say why a document must not leave: directory or guide refuse it, or the second reader reads it otherwise.

    A CONTRL repeats what was wrong in the partner's own interchange, so it is not held against the directory.
    """
    wrong = refusal(body, row.agreement) if kind != "CONTRL" else None
    reason = f"the partner would refuse it: {in_words([wrong])}" if wrong else _read_otherwise(body, row, work)
    if reason is not None:
        work.task("document_held", f"{row.partner} {work.message.subject}", reason, _order_id(work.message))
    return reason


def _read_otherwise(body: bytes, row: AgreementRow, work: Work) -> str | None:
    """Read the first documents of a new agreement with the second reader."""
    assert row.agreement.edi is not None, "callers have looked"  # noqa: S101 - narrows the type
    counted = work.get(NumberSeries, _read_back(row))
    if counted is not None and counted.last >= row.agreement.edi.read_back:
        return None
    work.number(_read_back(row))
    found = differences(body, row.agreement.edi.codec)
    return f"the second reader reads it otherwise: {found[0].message}" if found else None
