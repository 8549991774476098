"""The documents that partners are owed in EDIFACT, and who writes each."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from hub.canonical.agreement import Agreement, DocumentKind
from hub.canonical.envelope import Message
from hub.translators.edifact import aperak, contrl, desadv, invoic, ordrsp


class Writer(Protocol):
    """Writes one message as one whole interchange from `edi.us` to `edi.them` of the agreement.

    `reference` (UNB 0020) has at most 14 characters; `now` is the time that UNB states;
    `test` sets its test flag. Raises NeedsDecision where a value cannot be written
    without changing what it says.
    """

    def __call__(
        self,
        message: Message[Any],
        agreement: Agreement,
        /,
        *,
        reference: str,
        message_reference: str = "1",
        now: datetime,
        test: bool,
    ) -> bytes: ...


WRITERS: Mapping[DocumentKind, Writer] = MappingProxyType(
    {
        "CONTRL": contrl.write,
        "APERAK": aperak.write,
        "ORDRSP": ordrsp.write,
        "DESADV": desadv.write,
        "INVOIC": invoic.write,
    }
)
"""Each kind of document with the function that writes it."""
