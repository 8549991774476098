"""APERAK: a message of the partner's is right as EDIFACT, and cannot be used; this is why.

One APERAK answers one message, with all its errors: each with our code (that of element 0085 which says it
best), the text, and the line of the document that it is about.

Source: UN/EDIFACT D.96A and D.01B APERAK; EANCOM 1997 and 2002 for BGM and RFF.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from types import MappingProxyType

from hub.canonical.agreement import Agreement, InterchangeAddress
from hub.canonical.envelope import Message
from hub.canonical.finding import Finding
from hub.canonical.intake import InterchangeChecked, MessageVerdict
from hub.canonical.values import has_check_digit
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.directory import family
from hub.translators.edifact.leaving_out import as_wanted
from hub.translators.edifact.writer import Plain, document, edi, interchange, segment

_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType({"D.96A": ("12E", "", "9"), "D.01B": ("313",)})
"""1001 of an application error: D.96A has no code of its own, EANCOM 1997 brings one."""
_REFERENCES: Mapping[str, str] = MappingProxyType(
    {"ORDERS": "ON", "ORDCHG": "PP", "ORDRSP": "POR", "INVOIC": "IV", "DESADV": "AAK", "RECADV": "ALO", "PRICAT": "PL"}
)
"""1153 that names a document of each type; of others, the message itself is named."""
_MESSAGE = "ACW"
_OURS = "ZZZ"
_ERRORS = 999
_GLN = 13


def write(
    checked: Message[InterchangeChecked],
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with the APERAK for the one message whose verdict stands in `checked`.

    Raises NeedsDecision where a value cannot be written without changing what it says.
    """
    envelope = document(
        "APERAK", agreement, reference=reference, message_reference=message_reference, now=now, test=test
    )
    (verdict,) = checked.data.messages
    body = _body(checked, verdict, agreement, blocks.dialect(agreement))
    return interchange(replace(envelope, wants_receipt=False), as_wanted("APERAK", body, agreement))


def _body(
    checked: Message[InterchangeChecked], verdict: MessageVerdict, agreement: Agreement, tongue: Dialect
) -> Iterator[Plain]:
    terms = edi(agreement)
    yield segment("BGM", _KINDS[family(terms.directory)], f"{checked.data.reference}-{verdict.reference}", "9")
    yield from blocks.day("137", checked.time.date())
    kind = _REFERENCES.get(verdict.identifier.partition(":")[0])
    if kind is not None:
        yield from blocks.reference(kind, verdict.document)
    yield from blocks.reference(_MESSAGE, verdict.reference)
    yield _party("MS", terms.us)
    yield _party("MR", terms.them)
    errors = (finding for finding in verdict.findings if finding.level == "error")
    for finding in islice(errors, _ERRORS):
        yield from _error(finding, kind or _MESSAGE, verdict, tongue)


def _error(finding: Finding, kind: str, verdict: MessageVerdict, tongue: Dialect) -> Iterator[Plain]:
    yield segment("ERC", (finding.code, "", _OURS))
    yield from islice(blocks.note("AAO", finding.message, tongue), 1)
    yield from blocks.reference(kind, verdict.document or verdict.reference, finding.location.document_line)


def _party(role: str, address: InterchangeAddress) -> Plain:
    identifier = address.identifier
    is_gln = len(identifier) == _GLN and has_check_digit(identifier)
    return segment("NAD", role, (identifier, "", "9") if is_gln else (identifier,))
