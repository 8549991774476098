"""What the doors hand to intake, and what intake found out about it."""

from typing import ClassVar, Literal
from uuid import UUID

from hub.canonical.envelope import Payload
from hub.canonical.finding import Finding
from hub.canonical.values import Value

InputFormat = Literal["edifact", "shopify", "woocommerce"]


class InputReceived(Payload):
    """Bytes were archived and owe their sender an answer: one interchange or one notification.

    The bytes are `archive_id` from `offset` for `length` bytes. `topic` is the web shop's;
    `resource`, where it can be told before reading, keeps the notifications of one order in turn.
    """

    TYPE: ClassVar[str] = "input.received.v1"
    archive_id: UUID
    format: InputFormat
    endpoint: str
    source_key: str
    sha256: str
    offset: int = 0
    length: int
    topic: str | None = None
    resource: str | None = None

    @property
    def business_key(self) -> str:
        return self.source_key


class Span(Value):
    """Bytes of an interchange that hold whole messages: `length` bytes from `start` on."""

    start: int
    length: int


class ContinueInput(Payload):
    """Take in the next messages of an interchange that is too large for one transaction.

    The interchange is `archive_id` from `offset` on; its first `head` bytes are its opening
    segments. `spans` are what is still to be taken, the next one first; `refused` are the
    messages, counted from 0, that the reading of the whole interchange has refused.
    """

    TYPE: ClassVar[str] = "input.continue.v1"
    archive_id: UUID
    source_key: str
    offset: int
    head: int
    spans: tuple[Span, ...]
    refused: tuple[int, ...] = ()

    @property
    def business_key(self) -> str:
        return self.source_key


class MessageVerdict(Value):
    """What became of one message of an interchange. `identifier` is UNH S009 as received (`ORDERS:D:96A:UN:EAN008`).

    `document` is the number (BGM 1004) of a document that cannot be used.
    """

    reference: str
    group: str | None = None
    identifier: str
    accepted: bool
    findings: tuple[Finding, ...] = ()
    document: str | None = None

    @property
    def is_unusable(self) -> bool:
        """Tell whether the message is right as EDIFACT, and refused since it cannot be used."""
        errors = [finding for finding in self.findings if finding.level == "error"]
        return not self.accepted and bool(errors) and all(finding.application for finding in errors)


class GroupVerdict(Value):
    """What became of a functional group's own service segments."""

    reference: str
    sender: str
    recipient: str
    accepted: bool
    findings: tuple[Finding, ...] = ()


class InterchangeChecked(Payload):
    """An EDIFACT interchange was read: what CONTRL has to say about it.

    `sender` and `recipient` are S002 and S003 as received (`5412345000013:14`);
    `requested` tells whether UNB 0031 asks for an acknowledgement.
    """

    TYPE: ClassVar[str] = "interchange.checked.v1"
    reference: str
    sender: str
    recipient: str
    syntax_identifier: str
    syntax_version: int
    accepted: bool
    findings: tuple[Finding, ...] = ()
    groups: tuple[GroupVerdict, ...] = ()
    messages: tuple[MessageVerdict, ...] = ()
    requested: bool = False
    only_acknowledgements: bool = False

    @property
    def business_key(self) -> str:
        return f"{self.sender}/{self.reference}"


class RepeatAnswer(Payload):
    """An interchange came again, unchanged: its sender gets our first answer again, if there was one.

    The envelope's correlation is that of the first; `source_key` is the key that both have.
    """

    TYPE: ClassVar[str] = "answer.repeat.v1"
    source_key: str

    @property
    def business_key(self) -> str:
        return self.source_key


class AcknowledgementReceived(Payload):
    """A partner's CONTRL answered an interchange of ours: `reference` is UCI 0020, `action` UCI 0083."""

    TYPE: ClassVar[str] = "acknowledgement.received.v1"
    reference: str
    action: Literal["accepted", "rejected", "received"]
    findings: tuple[Finding, ...] = ()
    rejected_messages: tuple[str, ...] = ()

    @property
    def business_key(self) -> str:
        return self.reference
