"""What becomes of an input: canonical messages, or findings that its sender hears of.

An input counts as one document until it is split; then each message of it is a document
of its own, known by the id of what is published for it. What is refused is a document
too, with its reason. Nothing here talks to anybody: what is wrong with an interchange is
published, and status answers it.

An interchange of more than `MESSAGES_AT_ONCE` messages is read once to its end, since
only UNZ tells whether any of it counts; then it is taken in span by span, each published
as the cause of the next, so that others have their turn. The sender's own next
interchange waits for the last span, after which the one acknowledgement goes out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Message, Payload, derive_id, named_id
from hub.canonical.finding import in_words
from hub.canonical.intake import ContinueInput, InputReceived, InterchangeChecked, Span
from hub.errors import LimitExceeded, MustWait, NeedsDecision
from hub.handlers.intake import reading
from hub.handlers.intake.counting import counted_by, notice_gap
from hub.handlers.intake.reading import (
    LARGEST_INTERCHANGE,
    Reading,
    judged,
    read_beforehand,
    reading_of,
    span_beforehand,
    whole_beforehand,
)
from hub.handlers.service import Service
from hub.store.archive_needs import archived_bytes, chunk_needs
from hub.store.found_documents import document_of, edi_document, ended, ended_document
from hub.store.master import AgreementRow
from hub.store.messages import Archive, Progress
from hub.store.work import Need, Work, lock, meeting, peek, series
from hub.translators.edifact.interchange import MessageRead
from hub.translators.edifact.message import ACKNOWLEDGEMENTS
from hub.translators.webshop import shopify, woocommerce
from hub.translators.webshop.result import Result

service = Service("intake", documents=(InputReceived,), keeps_tests=True)

SHOPS: Mapping[str, Callable[[bytes, Agreement, str], Result]] = MappingProxyType(
    {"shopify": shopify.read, "woocommerce": woocommerce.read}
)


def sender(message: Message[InputReceived]) -> str:
    """Return whose turn it is: the sender's, of a shop the resource's where the door could tell it."""
    resource = message.data.resource
    return f"{message.source}/{resource}" if resource else message.source


def _common_needs(message: Message[Any]) -> list[Need]:
    agreement = [peek(AgreementRow, message.partner)] if message.partner else []
    return [peek(Archive, message.data.archive_id), *agreement]


def _input_needs(message: Message[InputReceived]) -> Iterable[Need]:
    needs = _common_needs(message)
    return [*needs, *_turn(message)] if message.data.format == "edifact" else needs


def _span_needs(message: Message[ContinueInput]) -> Iterable[Need]:
    last = len(message.data.spans) == 1
    answer = [lock(Progress, service.name, message.correlationid)] if last else []
    return [*_common_needs(message), *_turn(message), *answer]


def _turn(message: Message[Any]) -> list[Need]:
    """Want the place where the sender's next interchange waits for the one under way, and the row that tells of it."""
    return [meeting(_meeting(message)), lock(Progress, *_under_way(message))]


def _meeting(message: Message[Any]) -> str:
    return f"{service.name}/under_way/{message.source}"


def _under_way(message: Message[Any]) -> tuple[str, UUID]:
    return service.name, named_id("interchange under way", message.source)


def _input_chunks(message: Message[InputReceived], work: Work) -> Iterable[Need]:
    data = message.data
    chunks = () if work.beforehand else chunk_needs(data.archive_id, data.offset, data.length, work)
    row = work.get(AgreementRow, message.partner) if message.partner else None
    counted = row is not None and row.agreement.edi is not None and row.agreement.edi.in_sequence
    return [*chunks, series(counted_by(message.partner or ""))] if counted and data.format == "edifact" else chunks


def _span_chunks(message: Message[ContinueInput], work: Work) -> Iterable[Need]:
    data, span = message.data, message.data.spans[0]
    if work.beforehand:
        return ()
    head = chunk_needs(data.archive_id, data.offset, data.head, work)
    return [*head, *chunk_needs(data.archive_id, data.offset + span.start, span.length, work)]


def _agreed(message: Message[Any], work: Work) -> AgreementRow:
    row = work.get(AgreementRow, message.partner) if message.partner else None
    if row is None:
        raise NeedsDecision(f"there is no agreement with {message.partner or message.source}")
    return row


@service.on(InputReceived, needs=_input_needs, then=_input_chunks, beforehand=whole_beforehand, key=sender, holds=False)
def take_in(message: Message[InputReceived], work: Work) -> None:
    """Read an input and publish what it says."""
    data, agreed = message.data, _agreed(message, work)
    if data.length > LARGEST_INTERCHANGE:
        raise LimitExceeded(f"{data.length} bytes in one interchange, {LARGEST_INTERCHANGE} are allowed")
    if data.format == "edifact":
        _interchange(agreed, message, work)
    else:
        body = archived_bytes(data.archive_id, data.offset, data.length, work)
        _notification(SHOPS[data.format](body, agreed.agreement, data.topic or ""), message, work)


@service.on(ContinueInput, needs=_span_needs, then=_span_chunks, beforehand=span_beforehand, key=_meeting, holds=False)
def take_in_more(message: Message[ContinueInput], work: Work) -> None:
    """Take in the next span of a large interchange; after the last one its sender is answered."""
    data, span = message.data, message.data.spans[0]
    turn = work.get(Progress, *_under_way(message))
    if turn is None or not turn.state:
        raise NeedsDecision("the interchange is not under way")
    read = read_beforehand(work, _agreed(message, work)) or _read_span(message, work)
    refused = {number - turn.done for number in data.refused}
    _publish_all([judged(one, refused=n in refused) for n, one in enumerate(read.messages)], read.body, message, work)
    over = not data.spans[1:]
    work.save(
        turn._replace(
            done=turn.done + len(read.messages), offset=span.start + span.length, state=b"" if over else turn.state
        )
    )
    if over:
        _answer(message, work)
    else:
        work.publish(data.model_copy(update={"spans": data.spans[1:]}))


def _read_span(message: Message[ContinueInput], work: Work) -> Reading:
    data, span = message.data, message.data.spans[0]
    head = archived_bytes(data.archive_id, data.offset, data.head, work)
    rest = archived_bytes(data.archive_id, data.offset + span.start, span.length, work)
    return reading_of(head + rest, _agreed(message, work))


def _answer(message: Message[ContinueInput], work: Work) -> None:
    """Publish what was found out about a large interchange at its first reading, and let the sender's next one run."""
    kept = work.get(Progress, service.name, message.correlationid)
    if kept is None:
        raise NeedsDecision("what was found out about the interchange is not there")
    work.publish(InterchangeChecked.model_validate_json(kept.state))
    work.here(_meeting(message))


def _interchange(agreed: AgreementRow, message: Message[InputReceived], work: Work) -> None:
    """Read an interchange whole, and take it in if it may count.

    Acknowledgements in it are not acknowledged; what is wrong with one is for a person.
    """
    progress = work.get(Progress, *_under_way(message))
    if progress is not None and progress.state:
        raise MustWait("an earlier interchange of this sender is under way", awaits=_meeting(message), blocks=True)
    body, _, messages, interchange = read_beforehand(work, agreed) or _read_whole(message, work)
    verdicts = [one.verdict for one in messages if one.type not in ACKNOWLEDGEMENTS]
    checked = interchange.checked(verdicts)
    edi = agreed.agreement.edi
    all_or_nothing = edi is not None and edi.all_or_nothing
    spoiled = all_or_nothing and not all(verdict.accepted for verdict in verdicts)
    checked = checked.model_copy(update={"accepted": checked.accepted and not spoiled})
    if edi is not None and edi.in_sequence and interchange.header is not None and not interchange.header.test:
        notice_gap(interchange.header.reference, message, work)
    if interchange.header is None or (interchange.only_acknowledgements and not interchange.accepted):
        work.task("unreadable_interchange", f"{message.partner} {message.data.source_key}", in_words(checked.findings))
        work.end("refused", in_words(checked.findings))
    elif not interchange.accepted:
        work.publish(checked)
        work.end("refused", in_words(checked.findings))
    elif spoiled:
        work.publish(checked)
        _refuse_all(messages, body, work)
    elif len(messages) <= reading.MESSAGES_AT_ONCE:
        work.publish(checked)
        _publish_all(messages, body, message, work)
        work.end("split", f"{len(messages)} documents")
    else:
        _begin(checked, messages, body, message, work)


def _read_whole(message: Message[InputReceived], work: Work) -> Reading:
    data = message.data
    return reading_of(archived_bytes(data.archive_id, data.offset, data.length, work), _agreed(message, work))


def _begin(
    checked: InterchangeChecked, messages: Sequence[MessageRead], body: bytes, message: Message[Any], work: Work
) -> None:
    """Keep what will be said of a large interchange, and have its first span taken in."""
    held = work.get(Progress, *_under_way(message))
    work.save(Progress(*_under_way(message), 0, 0, b"under way", held.version if held else 0))
    work.save(Progress(service.name, message.correlationid, 0, 0, checked.model_dump_json(exclude_none=True).encode()))
    starts = [one.offset for one in messages[:: reading.MESSAGES_AT_ONCE]]
    ends = [*starts[1:], len(body)]
    data = message.data
    work.publish(
        ContinueInput(
            archive_id=data.archive_id,
            source_key=data.source_key,
            offset=data.offset,
            head=starts[0],
            spans=tuple(Span(start=start, length=end - start) for start, end in zip(starts, ends, strict=True)),
            refused=tuple(number for number, one in enumerate(messages) if not one.verdict.accepted),
        )
    )
    work.end("split", f"{len(messages)} documents in {len(starts)} spans")


def _publish_all(messages: Sequence[MessageRead], body: bytes, message: Message[Any], work: Work) -> None:
    """Publish what the messages say, each a document of its own; those with errors are documents that were refused."""
    alone = len(messages) == 1 and isinstance(message.data, InputReceived)
    for number, one in enumerate(messages):
        payload = (one.order or one.acknowledgement) if one.verdict.accepted else None
        if payload is not None:
            correlation = None if alone else _conversation(payload, work)
            published = work.publish(payload, correlation=correlation)
            work.save(edi_document(one, body, work, published))
        elif one.verdict.accepted and (one.document or one.remark):
            _tell(one, number, body, work, alone=alone)
        else:
            reason = in_words(one.verdict.findings)
            if one.type in ACKNOWLEDGEMENTS:
                work.task("unreadable_acknowledgement", f"{message.partner} {one.verdict.reference}", reason)
            work.save(ended_document(one, number, body, work, "refused", reason))


def _tell(one: MessageRead, number: int, body: bytes, work: Work, *, alone: bool) -> None:
    """Publish a document that no service acts on, and tell a person what it asks for. It ends here."""
    message = work.message
    said = "published; no service acts on it"
    if one.remark is not None:
        said = f"as a test, {one.remark.said}" if message.testindicator else one.remark.said
        if one.remark.asks:
            work.task(one.remark.kind, f"{message.partner} {one.verdict.reference}", said)
    if one.document is None:
        work.save(ended_document(one, number, body, work, "applied", said))
        return
    correlation = None if alone else _conversation(one.document, work)
    published = work.publish(one.document, correlation=correlation)
    work.save(ended(edi_document(one, body, work, published), work, "applied", said))


def _refuse_all(messages: Sequence[MessageRead], body: bytes, work: Work) -> None:
    """Refuse every message, since the agreement is on all or nothing."""
    for number, one in enumerate(messages):
        reason = "another message is wrong: all or nothing" if one.verdict.accepted else in_words(one.verdict.findings)
        work.save(ended_document(one, number, body, work, "refused", reason))
    work.end("split", f"{len(messages)} documents, all refused")


def _conversation(payload: Payload, work: Work) -> UUID:
    """Return the id that the payload's message will have: each of several documents is a conversation of its own."""
    ordinal = sum(1 for one in work.published if type(one.data) is type(payload))
    return derive_id(work.message.id, service.name, payload.TYPE, ordinal)


def _notification(result: Result, message: Message[InputReceived], work: Work) -> None:
    """Publish the order that a shop's notification holds, or say why there is none."""
    if result.order is not None:
        published = work.publish(result.order, test=result.test or message.testindicator)
        work.save(document_of(published, work, kind=message.data.topic or "order"))
        work.end("split", "1 document")
    elif result.deleted is not None:
        reason = f"the shop has deleted order {result.deleted}: cancel it here if it is still open"
        work.task("order_deleted_by_shop", f"{message.partner} {result.deleted}", reason)
        work.end("applied", reason)
    elif result.not_handled is not None:
        work.end("applied", result.not_handled)
    else:
        reason = in_words(result.findings)
        work.task("notification_refused", f"{message.partner} {message.data.topic}", reason)
        work.end("refused", reason)
