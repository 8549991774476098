"""An interchange, read: the one entry that intake uses.

    for item in read(chunks, agreement):
        MessageRead       one message: its verdict, and its order if it is one and is sound
        InterchangeRead   after the last message of each interchange: what CONTRL has to say

Nothing is raised for what a partner sent. The whole verdict on the interchange comes last:
only then is it known whether UNZ agrees, so who acts on messages before must be able to
take it back.

Source: ISO 9735 UNB and the rules of its envelope; 0085 for the codes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from hub.canonical.agreement import Agreement, EdiAgreement, Edition, InterchangeAddress
from hub.canonical.finding import Finding, Level, Location
from hub.canonical.intake import GroupVerdict, InterchangeChecked, MessageVerdict
from hub.errors import Unusable
from hub.translators.edifact import wide
from hub.translators.edifact.envelope import Envelope
from hub.translators.edifact.events import Closed, GroupClosed, GroupOpened, MessageClosed, MessageOpened, Opened
from hub.translators.edifact.found import any_error
from hub.translators.edifact.message import ACKNOWLEDGEMENTS, MessageRead, MessageReader, Setting
from hub.translators.edifact.opening import Fault
from hub.translators.edifact.run import Run
from hub.translators.edifact.slices import Header, InterchangeSlice, read_header, split
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.tokenizer import Tokenizer
from hub.translators.edifact.unagreed import agreement_with
from hub.translators.edifact.validate import Problem, Rules, validator

__all__ = ["Checked", "Header", "InterchangeRead", "InterchangeSlice", "MessageRead", "check", "read", "split"]

_VERSION_4 = 4
_DATE_ELEMENT = 5


@dataclass(frozen=True, slots=True)
class InterchangeRead:
    """What there is to say about an interchange as a whole, its service segments and groups.

    `header` is None where no UNB could be read: then no acknowledgement can be formed.
    `messages` counts the messages that were read.
    """

    header: Header | None
    accepted: bool
    findings: tuple[Finding, ...]
    groups: tuple[GroupVerdict, ...]
    messages: int
    only_acknowledgements: bool

    def checked(self, verdicts: Iterable[MessageVerdict]) -> InterchangeChecked:
        """Return the canonical message, with these verdicts on the interchange's messages."""
        header = self.header
        return InterchangeChecked(
            reference=header.reference if header else "",
            sender=header.sender if header else "",
            recipient=header.recipient if header else "",
            syntax_identifier=header.syntax_identifier if header else "",
            syntax_version=header.syntax_version if header else 3,
            accepted=self.accepted,
            findings=self.findings,
            groups=self.groups,
            messages=tuple(verdicts),
            requested=header is not None and header.requested,
            only_acknowledgements=self.only_acknowledgements,
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """One interchange with all its messages, in memory."""

    interchange: InterchangeChecked
    messages: tuple[MessageRead, ...]
    test: bool
    header: Header | None

    @property
    def all_sound(self) -> bool:
        """Whether nothing at all is wrong: what an agreement on all or nothing asks for."""
        return self.interchange.accepted and all(message.verdict.accepted for message in self.messages)


def check(data: bytes | Iterable[bytes], agreement: Agreement | None, edition: Edition | None = None) -> Checked:
    """Read the first interchange of `data` whole: the slice that a door has stored."""
    messages: list[MessageRead] = []
    for item in read(data, agreement, edition=edition):
        if isinstance(item, InterchangeRead):
            interchange = item.checked(message.verdict for message in messages)
            test = item.header is not None and item.header.test
            return Checked(interchange, tuple(messages), test, item.header)
        messages.append(item)
    raise AssertionError  # pragma: no cover - every input ends with an InterchangeRead


def read(
    data: bytes | Iterable[bytes],
    agreement: Agreement | None,
    *,
    edition: Edition | None = None,
    offset: int = 0,
    translated: bool = True,
) -> Iterator[MessageRead | InterchangeRead]:
    """Read bytes, whole or in chunks, as the agreement says. Raises Unusable where it does not speak of EDIFACT.

    Without an agreement, an interchange is read as if its sender had agreed to exactly what
    it says, and each message in the directory that it names, or the `edition` upon it. Memory holds one message, and
    of the interchange its references, never its bytes. `offset` is that of the first byte.
    What is not to be `translated` is only held against the directory, whatever its type, and
    memory holds a segment.
    """
    chunks = (data,) if isinstance(data, bytes) else data
    if agreement is None:
        return _Reader(None, Tokenizer(chunks, offset=offset), edition, translated=translated).read()
    edi = agreement.edi
    if edi is None:
        raise Unusable(f"The agreement with {agreement.partner} does not speak of EDIFACT")
    is_wide = edi.codec == wide.CODEC
    tokens = Tokenizer(
        wide.narrowed(chunks) if is_wide else chunks,
        strictness=edi.charset_strictness,
        fallback=edi.syntax_identifier,
        codec=wide.NARROW if is_wide else edi.codec,
        offset=offset,
    )
    return _Reader(agreement, tokens, None, translated=translated).read()


class _Reader:
    """Turns the envelope's events into what was read."""

    def __init__(
        self, agreement: Agreement | None, tokens: Tokenizer, edition: Edition | None, *, translated: bool
    ) -> None:
        self._edition = edition
        self._translated = translated
        self._agreement = agreement
        self._tokens = tokens
        self._setting: Setting | None = None
        self._header: Header | None = None
        self._groups: list[GroupVerdict] = []
        self._types: set[str] = set()
        self._messages = 0

    def read(self) -> Iterator[MessageRead | InterchangeRead]:
        message: MessageReader | None = None
        for event in Envelope().read(self._tokens.runs()):
            if isinstance(event, Run):
                if message is not None:
                    message.add(event)
            elif isinstance(event, MessageOpened):
                message = self._open_message(event)
            elif isinstance(event, MessageClosed):
                if message is not None:
                    yield message.close(event)
                message = None
            elif isinstance(event, Fault):
                if message is not None:
                    message.fault(event)
            elif isinstance(event, Closed):
                yield self._close(event)
            else:
                self._around(event)

    def _around(self, event: Opened | GroupOpened | GroupClosed) -> None:
        if isinstance(event, Opened):
            self._open(event)
        elif isinstance(event, GroupOpened):
            self._check_elements(event.ung, event.place.findings, event.place.interchange, event.place.group)
        else:
            self._close_group(event)

    def _open_message(self, event: MessageOpened) -> MessageReader | None:
        if self._setting is None:
            return None
        self._messages += 1
        self._types.add(event.unh.value(2))
        return MessageReader(event, self._setting, translated=self._translated)

    def _open(self, event: Opened) -> None:
        self._groups = []
        self._types = set()
        self._messages = 0
        self._header = self._setting = None
        unb = event.unb
        opening = self._tokens.opening
        if unb is None or opening is None:
            return
        header = self._header = read_header(unb, opening.syntax_identifier, opening.syntax_version)
        agreement = self._agreement or agreement_with(header, self._edition)
        edi = agreement.edi
        assert edi is not None, "an agreement on EDIFACT"  # noqa: S101 - narrows the type; `read` has looked
        strict = edi.charset_strictness == "strict"
        rules = Rules(edi.directory, header.syntax_version, unb.chars, opening.announced, strict)
        sender = header.sender_address.identifier if header.sender_address else ""
        self._setting = Setting(agreement, edi, rules, sender, header.date, agreed=self._agreement is not None)
        findings = event.place.findings
        self._check_elements(unb, findings, event.place.interchange)
        findings.extend(_against_agreement(unb, header, edi))

    def _check_elements(
        self, segment: Segment, findings: list[Finding], interchange: str, group: str | None = None
    ) -> None:
        if self._setting is None:
            return
        rules = self._setting.rules
        for problem in validator(rules).check(segment):
            code, level, message, element, component, occurrence, _ = _mild(problem, segment, rules.version)
            if any(finding.location.tag == segment.tag and finding.location.element == element for finding in findings):
                continue
            location = Location(
                interchange=interchange,
                group=group,
                tag=segment.tag,
                element=element,
                component=component,
                occurrence=occurrence,
                offset=segment.offset,
            )
            findings.append(Finding(code=code, level=level, location=location, message=message))

    def _close_group(self, event: GroupClosed) -> None:
        ung, place = event.opened.ung, event.opened.place
        if event.une is not None:
            self._check_elements(event.une, place.findings, place.interchange, place.group)
        self._groups.append(
            GroupVerdict(
                reference=place.group or "",
                sender=":".join(ung.components(2)),
                recipient=":".join(ung.components(3)),
                accepted=not any_error(place.findings),
                findings=tuple(place.findings),
            )
        )

    def _close(self, event: Closed) -> InterchangeRead:
        place = event.opened.place
        if event.unz is not None:
            self._check_elements(event.unz, place.findings, place.interchange)
        return InterchangeRead(
            header=self._header,
            accepted=not any_error(place.findings),
            findings=tuple(place.findings),
            groups=tuple(self._groups),
            messages=self._messages,
            only_acknowledgements=bool(self._types) and self._types <= ACKNOWLEDGEMENTS,
        )


def _mild(problem: Problem, segment: Segment, version: int) -> Problem:
    """Take six digits for eight in UNB's date, or eight for six: many write the other syntax's form."""
    is_date = segment.tag == "UNB" and problem.element == _DATE_ELEMENT and problem.component == 1
    other = "6" if version >= _VERSION_4 else "8"
    if is_date and problem.code in {"39", "40"} and str(len(segment.value(4))) == other:
        return problem._replace(code="12", level="warning")
    return problem


def _against_agreement(unb: Segment, header: Header, edi: EdiAgreement) -> Iterator[Finding]:
    """Yield what the agreement says against UNB: whose it is, for whom, and whether tests are agreed."""
    if header.sender_address:
        yield from _address(header.sender_address, edi.them, unb, 3, "23", "Unknown sender")
    if header.recipient_address:
        yield from _address(header.recipient_address, edi.us, unb, 4, "7", "We are not the recipient")
    if edi.test == "production" and header.test:
        yield _of_unb(unb, "25", "Test interchanges are not agreed", 12)
    if edi.test == "test" and not header.test:
        yield _of_unb(unb, "25", "Only test interchanges are agreed", 12)


def _address(
    stated: InterchangeAddress, agreed: InterchangeAddress, unb: Segment, element: int, code: str, what: str
) -> Iterator[Finding]:
    if stated.identifier != agreed.identifier:
        yield _of_unb(unb, code, f"{what}: {stated}, the agreement says {agreed}", element, 1)
    elif agreed.qualifier and stated.qualifier != agreed.qualifier:
        message = f"The qualifier of {stated} differs from the agreement's {agreed}"
        yield _of_unb(unb, "14", message, element, 2, "warning")


def _of_unb(
    unb: Segment, code: str, message: str, element: int, component: int | None = None, level: Level = "error"
) -> Finding:
    location = Location(interchange=unb.value(5), tag="UNB", element=element, component=component, offset=unb.offset)
    return Finding(code=code, level=level, location=location, message=message)
