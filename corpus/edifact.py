"""EDIFACT: every interchange of a file against an agreement made from its own UNB.

Orders become canonical orders, are tied out, and are written and read again; pydifact
reads what was written too. Other messages of our directories are checked. A message
that no table of ours knows is refused by its name, if nothing else is wrong with it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from corpus.outcome import Outcome, Tally
from hub.canonical.agreement import Agreement, EdiAgreement, InterchangeAddress
from hub.canonical.finding import Finding
from hub.canonical.order import OrderReceived
from hub.canonical.party import Party
from hub.domain import tie_out
from hub.errors import NeedsDecision
from hub.translators.edifact import interchange, orders_write
from hub.translators.edifact.directory import DIRECTORIES, directory
from hub.translators.edifact.interchange import Checked, Header, MessageRead
from hub.translators.edifact.second_reader import differences

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_NOBODY = InterchangeAddress(identifier="unknown")
_NOT_AGREED = frozenset({"14", "17"})
_TYPES = tuple(sorted({"CONTRL"}.union(*(directory(name).messages for name in DIRECTORIES))))


@dataclass(frozen=True, slots=True)
class _Message:
    """One message as its own directory reads it; `terms` is the agreement that said so."""

    read: MessageRead
    terms: EdiAgreement

    @property
    def order(self) -> OrderReceived | None:
        """The order that it is."""
        return self.read.order

    @property
    def is_held(self) -> bool:
        """Whether we have a table for it."""
        return self.read.type == "CONTRL" or self.read.type in _tables(self.read)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with it; without a table, of its header and trailer alone, apart from there being none."""
        found = self.read.verdict.findings
        return [each for each in found if self.is_held or _needs_no_table(each)]


def read(data: bytes) -> Outcome:
    """Read a file of one or more interchanges."""
    messages: list[_Message] = []
    found: list[Finding] = []
    for one in interchange.split(data):
        checked, own = _interchange(data[one.offset : one.offset + one.length], one.header)
        found += checked.interchange.findings
        messages += own
    found += [finding for message in messages for finding in message.findings]
    orders = [(message.order, message.terms) for message in messages if message.order]
    outcome = Outcome(
        format="edifact",
        verdict="read",
        messages=len(messages),
        documents=len(orders) + sum(message.read.acknowledgement is not None for message in messages),
        tie_out=Tally.count(not tie_out.differences(order.order) for order, _ in orders),
        round_trip=Tally.count(_comes_back(order, terms) for order, terms in orders),
        differences=tuple(difference.message for order, _ in orders for difference in tie_out.differences(order.order)),
    ).with_findings(found)
    if outcome.errors:
        return replace(outcome, verdict="answered")
    strange = sorted({message.read.verdict.identifier for message in messages if not message.is_held})
    if strange:
        return replace(outcome, verdict="refused by name", reason=f"no table for {', '.join(strange)}")
    return outcome


def _interchange(data: bytes, header: Header | None) -> tuple[Checked, list[_Message]]:
    """Read an interchange in each directory, and take each message from its own."""
    sender = (header.sender_address if header else None) or _NOBODY
    recipient = (header.recipient_address if header else None) or _NOBODY
    readings = {}
    for name in DIRECTORIES:
        terms = EdiAgreement(us=recipient, them=sender, directory=name, receives=_TYPES)
        readings[name] = terms, interchange.check(data, _agreement(terms))
    _, first = readings[DIRECTORIES[0]]
    messages = []
    for number, message in enumerate(first.messages):
        terms, checked = readings.get(_directory(message), readings[DIRECTORIES[0]])
        messages.append(_Message(checked.messages[number], terms))
    return first, messages


def _agreement(terms: EdiAgreement) -> Agreement:
    return Agreement(partner="corpus", party=Party(name="whoever sent it"), edi=terms)


def _directory(message: MessageRead) -> str:
    """Return the directory that UNH names (`D.96A`)."""
    return ".".join(message.verdict.identifier.split(":")[1:3])


def _tables(message: MessageRead) -> frozenset[str]:
    name = _directory(message)
    return directory(name).messages if name in DIRECTORIES else frozenset()


def _needs_no_table(finding: Finding) -> bool:
    return finding.location.tag in {"UNH", "UNT"} and finding.code not in _NOT_AGREED


def _comes_back(order: OrderReceived, terms: EdiAgreement) -> bool:
    """Tell whether the order, written, is read as the same order by us, and alike by pydifact."""
    turned = {"us": terms.them, "them": terms.us, "syntax_identifier": "UNOW"}
    try:
        written = orders_write.write(
            order.order, _agreement(terms.model_copy(update=turned)), reference="1", now=_NOW, test=False
        )
    except NeedsDecision:
        return False
    again = interchange.check(written, _agreement(terms))
    return [message.order for message in again.messages] == [order] and not differences(written)
