"""What the bytes of an interchange say, found out on a thread before the transaction where that takes long.

Archived bytes never change, and under one version of the agreement they always say the
same: so nobody has to wait for the reading, neither for the database's writer nor in the
event loop.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from hub.canonical.envelope import Message
from hub.canonical.finding import Finding, Location
from hub.canonical.intake import ContinueInput, InputReceived
from hub.handlers.service import Beforehand
from hub.store.archive import part
from hub.store.master import AgreementRow
from hub.store.records import SPECS
from hub.store.statements import Job, Load
from hub.store.work import Work
from hub.translators.edifact.interchange import InterchangeRead, MessageRead, read
from hub.translators.edifact.message import ACKNOWLEDGEMENTS

MESSAGES_AT_ONCE = 1_000
LARGEST_INTERCHANGE = 256_000_000
"""Bytes. A larger one is refused: it is held whole while it is read."""
LONG = 100_000
"""Bytes that take about 20 ms to read; up to here the transaction may wait for that."""
_NO_AGREEMENT = "17"


class Reading(NamedTuple):
    """What these bytes say under this version of the agreement; of a span, what ends it says nothing."""

    body: bytes
    agreement: int
    messages: Sequence[MessageRead]
    interchange: InterchangeRead


def whole_beforehand(message: Message[InputReceived]) -> Beforehand | None:
    """Have a long interchange read before the transaction."""
    data = message.data
    if data.format != "edifact" or not LONG < data.length <= LARGEST_INTERCHANGE:
        return None
    return _beforehand(message, data.archive_id, [(data.offset, data.length)])


def span_beforehand(message: Message[ContinueInput]) -> Beforehand | None:
    """Have the next span of a large interchange read before the transaction."""
    data, span = message.data, message.data.spans[0]
    parts = [(data.offset, data.head), (data.offset + span.start, span.length)]
    return _beforehand(message, data.archive_id, parts)


def reading_of(body: bytes, row: AgreementRow) -> Reading:
    """Read to the end. Of more messages than are taken in at once only the verdicts and places are kept."""
    messages: list[MessageRead] = []
    for item in read(body, row.agreement):
        if isinstance(item, InterchangeRead):
            return Reading(body, row.version, messages, item)
        one = judged(item)
        many = len(messages) >= MESSAGES_AT_ONCE
        messages.append(replace(one, said=None, remark=None) if many else one)
    raise AssertionError  # pragma: no cover - every input ends with an InterchangeRead


def _beforehand(message: Message[Any], archive_id: UUID, parts: Sequence[tuple[int, int]]) -> Beforehand:
    def load() -> Job[tuple[bytes, list[AgreementRow]]]:
        bodies: list[bytes] = []
        for offset, length in parts:
            bodies.append((yield from part(archive_id, offset, length)))
        rows: list[AgreementRow] = yield Load(SPECS[AgreementRow], [(message.partner,)])
        return b"".join(bodies), rows

    def work(loaded: tuple[bytes, list[AgreementRow]]) -> Reading | None:
        body, rows = loaded
        return reading_of(body, rows[0]) if rows else None

    return Beforehand(load, work)


def read_beforehand(work: Work, row: AgreementRow) -> Reading | None:
    """Return what was read before the transaction, unless the agreement has changed meanwhile."""
    reading: Reading | None = work.beforehand
    if reading is not None and reading.agreement != row.version:
        return reading_of(reading.body, row)
    return reading


def judged(one: MessageRead, *, refused: bool = False) -> MessageRead:
    """Refuse by name what was read without an error and yet says nothing that we act on.

    `refused` tells that the whole interchange showed more against it than the message itself does.
    """
    acted_on = one.said or one.remark or one.type in ACKNOWLEDGEMENTS
    if not one.verdict.accepted or (acted_on and not refused):
        return one
    place = Location(message=one.verdict.reference, group=one.verdict.group, segment=1, tag="UNH", element=3)
    why = "was refused with the whole interchange" if refused else f"is of type {one.type}, which is not acted on"
    finding = Finding(code=_NO_AGREEMENT, location=place, message=f"The message {why}")
    verdict = one.verdict.model_copy(update={"accepted": False, "findings": (*one.verdict.findings, finding)})
    return replace(one, verdict=verdict)
