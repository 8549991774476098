"""The door for EDIFACT over HTTP: `POST /edi`, raw bytes, one file with any number of interchanges.

A partner's credential speaks for the interchange addresses of its agreement; an
operator's for whoever the file names, as when a file is put through again. What names
another sender is kept apart, whole, and nobody is answered but who sent it.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.canonical.agreement import EdiAgreement
from hub.canonical.envelope import Channel
from hub.canonical.finding import Finding, Location
from hub.canonical.intake import InterchangeChecked
from hub.canonical.problem import rejected
from hub.connectors.body import read_body
from hub.connectors.door import Dock, answer, delivery_of, one_of, route
from hub.store.receiving import Delivery, Input, Part, Taken
from hub.store.tokens import Credential
from hub.translators.edifact.slices import Header, InterchangeSlice, split

CHANNEL: Channel = "edi"
DUPLICATE = "26"
"""0085: duplicate detected."""


def routes(dock: Dock) -> list[Route]:
    """Return the door for EDIFACT."""
    return [route("/edi", partial(_edi, dock))]


async def _edi(dock: Dock, request: Request) -> Response:
    credential = await dock.credential(request, CHANNEL)
    body = await read_body(request, dock.limits.edi)
    if not body.strip():
        raise rejected(400, "there is nothing in this request", "Send an EDIFACT file as the body.")
    slices = await asyncio.to_thread(split, body)
    senders = sorted({one.header.sender for one in slices if one.header})
    owners = {_address(one): await dock.partners.of("edi", _address(one)) for one in slices if one.header}
    partner = _claimed(request, credential) if not owners else one_of(owners.values())
    source = f"edi:{senders[0]}" if senders else f"edi:{partner or credential.label}"
    delivery = delivery_of(request, body, channel=CHANNEL, source=source, partner=partner)
    for address, owner in owners.items():
        if owner is None or not _speaks_for(request, credential, owner):
            raise await dock.refuse(delivery, credential.key_id, f"sender {address}")
    parts = await _parts(dock, delivery, slices)
    received = await dock.receiver.receive(Input(delivery, "edifact", parts))
    return answer(202, {"id": str(received.archive_id), "interchanges": [_told(one) for one in received.parts]})


def _address(one: InterchangeSlice) -> str:
    return str(one.header.sender_address) if one.header else ""


def _claimed(request: Request, credential: Credential) -> str | None:
    """Return who has sent a file that names nobody: the partner that the request or the credential names."""
    named = request.query_params.get("partner")
    if named and (credential.operator or named in credential.partners):
        return named
    return min(credential.partners) if len(credential.partners) == 1 else None


def _speaks_for(request: Request, credential: Credential, partner: str) -> bool:
    if request.query_params.get("partner", partner) != partner:
        return False
    return credential.operator or partner in credential.partners


async def _parts(dock: Dock, delivery: Delivery, slices: Sequence[InterchangeSlice]) -> tuple[Part, ...]:
    agreement = await dock.partners.agreement(delivery.partner) if delivery.partner else None
    edi = agreement.edi if agreement else None
    return await asyncio.to_thread(lambda: tuple(_part(delivery.body, one, edi) for one in slices))


def _part(body: bytes, one: InterchangeSlice, edi: EdiAgreement | None) -> Part:
    """Return an interchange under its source key; without a readable UNB its bytes are the key."""
    sha256 = hashlib.sha256(memoryview(body)[one.offset : one.offset + one.length]).hexdigest()
    key = one.source_key(with_date=edi is not None and edi.reference_includes_date)
    return Part(
        source_key=key or f"sha256:{sha256}",
        sha256=sha256,
        length=one.length,
        offset=one.offset,
        reference=one.header.reference if one.header else "",
        test=one.header is not None and one.header.test,
        rejection=_rejection(one.header) if one.header else None,
        reject_duplicates=edi is not None and edi.duplicate_answer == "reject",
    )


def _rejection(header: Header) -> InterchangeChecked:
    """Return what the sender is told of an interchange whose reference was used before.

    Source: CONTRL UCI 0083 = 4, 0085 = 26.
    """
    place = Location(interchange=header.reference, tag="UNB", segment=1)
    return InterchangeChecked(
        reference=header.reference,
        sender=header.sender,
        recipient=header.recipient,
        syntax_identifier=header.syntax_identifier,
        syntax_version=header.syntax_version,
        accepted=False,
        findings=(Finding(code=DUPLICATE, location=place, message="this control reference was used before"),),
        requested=header.requested,
    )


def _told(one: Taken) -> dict[str, Any]:
    """Return what the sender hears of one interchange."""
    told: dict[str, Any] = {"reference": one.reference or None, "id": str(one.document_id)}
    if one.outcome == "duplicate":
        told["duplicate_of"] = str(one.first_id)
    if one.outcome == "conflict":
        told["conflict"] = str(one.first_id)
    return told
