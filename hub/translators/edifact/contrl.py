"""CONTRL: an interchange was checked, and this is what its sender must know.

The findings are counted as CONTRL counts, so writing is sorting: those of UNA, UNB and
UNZ go into UCI, of UNG and UNE into UCF, of UNH and UNT into UCM, the rest into UCS and
UCD by segment and element. Each of the first three has room for one error: the first.
Warnings are ours alone. What is not mentioned is accepted.

Source: UN/EDIFACT CONTRL D.3 (syntax 1 to 3) and 4.1 (syntax 4); ISO 9735 element 0083, 0085.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

from hub.canonical.agreement import Agreement
from hub.canonical.envelope import Message
from hub.canonical.finding import Finding
from hub.canonical.intake import GroupVerdict, InterchangeChecked, MessageVerdict
from hub.translators.edifact.charsets import charset
from hub.translators.edifact.directory import service_directory
from hub.translators.edifact.layers import association_code
from hub.translators.edifact.writer import Envelope, Plain, agreed_charset, edi, interchange, segment

_TAKEN, _REJECTED = "7", "4"
_UNSPECIFIED = "18"
_VERSION_4 = 4
_SEGMENTS, _ELEMENTS = 999, 99
"""UCS in a message and UCD below a UCS, at most."""
_SERVICE_TAGS = frozenset({"UNA", "UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"})
_LIKEST: Mapping[str, str] = MappingProxyType(
    {"19": "37", "38": "37", "27": "47", "34": "12", "31": "12", "45": "16", "46": "2", "48": "12"}
)
"""Codes that only one of the two lists has, and what comes nearest to them in the other."""


def write(
    checked: Message[InterchangeChecked],
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with the acknowledgement, in the syntax version of the interchange that it answers.

    Raises NeedsDecision where the sender's own references cannot even be copied.
    """
    data = checked.data
    terms = edi(agreement)
    version = data.syntax_version if 1 <= data.syntax_version <= _VERSION_4 else terms.syntax_version
    identifier = ("CONTRL", "4", "1", "UN") if version == _VERSION_4 else ("CONTRL", "D", "3", "UN")
    envelope = Envelope(
        identifier=(*identifier, association_code(terms, "CONTRL")),
        directory=service_directory(version),
        sender=terms.us,
        recipient=terms.them,
        charset=charset(data.syntax_identifier) or agreed_charset(agreement),
        syntax_version=version,
        una=terms.una,
        reference=reference,
        message_reference=message_reference,
        now=now,
        test=test,
        fit=False,
        wants_receipt=False,
    )
    list_all = data.accepted and terms.contrl_positive_messages == "list"
    by_aperak = data.accepted and "APERAK" in terms.owed
    return interchange(envelope, _Acknowledgement(data, version, list_all=list_all, by_aperak=by_aperak).body())


class _Acknowledgement:
    """The segments of one CONTRL; `list_all` names accepted messages too.

    `by_aperak` tells that what cannot be used is refused elsewhere: here it counts as accepted.
    """

    def __init__(self, checked: InterchangeChecked, version: int, *, list_all: bool, by_aperak: bool) -> None:
        self._checked = checked
        self._version = version
        self._codes = service_directory(version).codes("0085") or frozenset()
        self._list_all = list_all
        self._by_aperak = by_aperak

    def body(self) -> Iterator[Plain]:
        checked = self._checked
        parties = (checked.reference, tuple(checked.sender.split(":")), tuple(checked.recipient.split(":")))
        own = _errors(checked.findings)
        yield segment("UCI", *parties, *self._outcome(own, accepted=checked.accepted))
        if not checked.groups:
            yield from self._messages(checked.messages)
        for group in checked.groups:
            yield from self._group(group, [each for each in checked.messages if each.group == group.reference])

    def _group(self, group: GroupVerdict, messages: Sequence[MessageVerdict]) -> Iterator[Plain]:
        below = list(self._messages(messages)) if group.accepted else []
        if group.accepted and not below:
            return
        parties = (group.reference, tuple(group.sender.split(":")), tuple(group.recipient.split(":")))
        yield segment("UCF", *parties, *self._outcome(_errors(group.findings), accepted=group.accepted))
        yield from below

    def _messages(self, messages: Iterable[MessageVerdict]) -> Iterator[Plain]:
        for message in messages:
            errors = _errors(message.findings)
            if (errors or not message.accepted) and not (self._by_aperak and message.is_unusable):
                yield from self._rejected(message, errors)
            elif self._list_all:
                yield segment("UCM", message.reference, tuple(message.identifier.split(":")), _TAKEN)

    def _rejected(self, message: MessageVerdict, errors: list[Finding]) -> Iterator[Plain]:
        own = [each for each in errors if _of_the_message_itself(each)]
        inside = [each for each in errors if not _of_the_message_itself(each)]
        named = (message.reference, tuple(message.identifier.split(":")))
        outcome = self._outcome(own, accepted=False) if own or not inside else (_REJECTED,)
        yield segment("UCM", *named, *outcome)
        yield from self._segments(inside)

    def _outcome(self, errors: list[Finding], *, accepted: bool) -> tuple[str | tuple[str, ...], ...]:
        """Return action, error, service segment and position of one level: 0083, 0085, 0013, S011."""
        if accepted:
            return (_TAKEN,)
        if not errors:
            return (_REJECTED, self._reason_elsewhere())
        first = errors[0]
        tag = first.location.tag or ""
        if tag not in _SERVICE_TAGS:
            return (_REJECTED, self._code(first))
        return (_REJECTED, self._code(first), tag, self._place(first))

    def _reason_elsewhere(self) -> str:
        """Return no code where a message below carries one: a rejection needs one somewhere."""
        return "" if any(_errors(each.findings) for each in self._checked.messages) else _UNSPECIFIED

    def _segments(self, errors: list[Finding]) -> Iterator[Plain]:
        ordered = sorted(errors, key=lambda each: each.location.segment or 0)
        room = _SEGMENTS
        for position, of_segment in groupby(ordered, key=lambda each: each.location.segment or 0):
            for block in self._segment(str(position), list(of_segment)):
                if room:
                    yield from block
                    room -= 1

    def _segment(self, position: str, errors: list[Finding]) -> Iterator[list[Plain]]:
        """Yield one UCS for each error of the segment as a whole, and one with UCD for those of its elements."""
        elements = [each for each in errors if each.location.element is not None]
        for each in errors:
            if each.location.element is None:
                yield [segment("UCS", position, self._code(each))]
        if elements:
            details = [segment("UCD", self._code(each), self._place(each)) for each in elements[:_ELEMENTS]]
            yield [segment("UCS", position), *details]

    def _code(self, finding: Finding) -> str:
        """Return the finding's code as this version's list knows it."""
        if finding.code in self._codes:
            return finding.code
        likest = _LIKEST.get(finding.code, _UNSPECIFIED)
        return likest if likest in self._codes else _UNSPECIFIED

    def _place(self, finding: Finding) -> tuple[str, ...]:
        """Return S011: element, counted with the tag as 1, component, and in syntax 4 the occurrence."""
        at = finding.location
        numbers = (at.element, at.component, *((at.occurrence,) if self._version == _VERSION_4 else ()))
        return tuple("" if each is None else str(each) for each in numbers)


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [each for each in findings if each.level == "error"]


def _of_the_message_itself(finding: Finding) -> bool:
    return finding.location.tag in {"UNH", "UNT"} or finding.location.segment is None
