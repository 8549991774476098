"""EDIFACT: every interchange of a file, read without an agreement.

Orders and other documents become canonical ones, are written and read again; pydifact reads
what was written too. Their totals are tied out, and what has no field of its own is counted.
A message that no table of ours knows is refused by
its name, if nothing else is wrong with it.
"""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from corpus import depth
from corpus.outcome import Outcome, Tally
from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.canonical.finding import Finding
from hub.canonical.order import Order
from hub.canonical.party import Party
from hub.canonical.trade import TradeDocument
from hub.domain import tie_out
from hub.errors import NeedsDecision
from hub.translators.edifact import interchange, orders_write
from hub.translators.edifact.forms import messages as forms
from hub.translators.edifact.interchange import Header, MessageRead
from hub.translators.edifact.second_reader import differences

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NOBODY = InterchangeAddress(identifier="unknown")
_NO_TABLE = frozenset({"14", "17"})


def read(data: bytes) -> Outcome:
    """Read a file of one or more interchanges."""
    messages: list[MessageRead] = []
    documents: list[tuple[MessageRead, EdiAgreement]] = []
    found: list[Finding] = []
    for one in interchange.split(data):
        checked = interchange.check(data[one.offset : one.offset + one.length], None)
        found += checked.interchange.findings
        messages += checked.messages
        documents += [
            (message, _terms(message, one.header)) for message in checked.messages if message.order or message.document
        ]
    found += [finding for message in messages for finding in message.verdict.findings if not _is_strange(finding)]
    differing = [_differences(message) for message, _ in documents]
    stated = [_stated(message) for message, _ in documents]
    outcome = Outcome(
        format="edifact",
        verdict="read",
        messages=len(messages),
        documents=len(documents) + sum(message.acknowledgement is not None for message in messages),
        tie_out=Tally.count(not one for one in differing),
        round_trip=Tally.count(_comes_back(message, terms) for message, terms in documents),
        differences=tuple(chain.from_iterable(differing)),
        unmapped=tuple(key for one in stated for key in depth.unmapped(one)),
    ).with_findings(found)
    if outcome.errors:
        return replace(outcome, verdict="answered")
    strange = sorted({message.verdict.identifier for message in messages if not message.has_table})
    if strange:
        return replace(outcome, verdict="refused by name", reason=f"no table for {', '.join(strange)}")
    return outcome


def _stated(message: MessageRead) -> Order | TradeDocument:
    """Return what a message says. Raises AssertionError for one that is no document."""
    if message.order is not None:
        return message.order.order
    if message.document is None:
        raise AssertionError(f"{message.type} is no document")
    return message.document.document


def _differences(message: MessageRead) -> list[str]:
    """Return which totals of a document are not those of its lines."""
    stated = _stated(message)
    if isinstance(stated, Order):
        return [difference.message for difference in tie_out.differences(stated)]
    return depth.differences(stated)


def _is_strange(finding: Finding) -> bool:
    """Tell whether a finding says that there is no table: the verdict says so."""
    return finding.level == "warning" and finding.location.tag == "UNH" and finding.code in _NO_TABLE


def _terms(message: MessageRead, header: Header | None) -> EdiAgreement:
    """Return terms on what a message and its interchange say."""
    sender = (header.sender_address if header else None) or _NOBODY
    recipient = (header.recipient_address if header else None) or _NOBODY
    stated: Any = ".".join(message.verdict.identifier.split(":")[1:3])
    return EdiAgreement(us=recipient, them=sender, directory=stated)


def _agreement(terms: EdiAgreement) -> Agreement:
    return Agreement(partner="corpus", party=Party(name="whoever sent it"), edi=terms)


def _comes_back(message: MessageRead, terms: EdiAgreement) -> bool:
    """Tell whether the document, written, is read as the same by us, and alike by pydifact."""
    turned = {"us": terms.them, "them": terms.us, "syntax_identifier": "UNOW"}
    agreement = _agreement(terms.model_copy(update=turned))
    try:
        written = _written(message, agreement)
    except NeedsDecision:
        return False
    again = interchange.check(written, _agreement(terms.model_copy(update={"receives": (message.type,)})))
    return [one.said for one in again.messages] == [message.said] and not differences(written)


def _written(message: MessageRead, agreement: Agreement) -> bytes:
    stated = _stated(message)
    if isinstance(stated, Order):
        return orders_write.write(stated, agreement, type_=message.type, reference="1", now=_NOW, test=False)
    return forms.write(message.type, stated, agreement, reference="1", now=_NOW, test=False)
