"""The door for EDIFACT over HTTP: `POST /edi`, raw bytes, one file with any number of interchanges.

A partner's credential speaks for the interchange addresses of its agreement; an
operator's for whoever the file names, as when a file is put through again. What names
another sender is kept apart, whole, and nobody is answered but who sent it.
"""

import asyncio
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.canonical.envelope import Channel
from hub.canonical.problem import Rejected, rejected
from hub.connectors.body import by_size, read_body
from hub.connectors.door import Dock, answer, delivery_of, one_of, route
from hub.connectors.interchanges import parts_of
from hub.store.arrivals import Input, Taken
from hub.store.tokens import Credential
from hub.translators.edifact.slices import split

CHANNEL: Channel = "edi"


def routes(dock: Dock) -> list[Route]:
    """Return the door for EDIFACT."""
    return [route("/edi", partial(_edi, dock))]


async def _edi(dock: Dock, request: Request) -> Response:
    credential = await dock.credential(request, CHANNEL)
    if not credential.operator and not credential.partners:
        raise await _no_partner(dock, request)
    body = await read_body(request, await _limit(dock, request, credential))
    if not body or body.isspace():
        raise rejected(400, "there is nothing in this request", "Send an EDIFACT file as the body.")
    slices = await asyncio.to_thread(split, body)
    senders = sorted({one.header.sender for one in slices if one.header})
    addresses = {str(one.header.sender_address) for one in slices if one.header}
    owners = {address: await dock.partners.of("edi", address) for address in sorted(addresses)}
    partner = _claimed(request, credential) if not owners else one_of(owners.values())
    source = f"edi:{senders[0]}" if senders else f"edi:{partner or credential.label}"
    delivered = partial(delivery_of, request, body, channel=CHANNEL, source=source, partner=partner)
    delivery = await by_size(body, delivered)
    for address, owner in owners.items():
        if owner is None or not _speaks_for(request, credential, owner):
            raise await dock.refuse(delivery, credential.key_id, f"sender {address}")
    agreement = await dock.partners.agreement(partner) if partner else None
    parts = await asyncio.to_thread(parts_of, body, slices, agreement.edi if agreement else None)
    received = await dock.receiver.receive(Input(delivery, "edifact", parts))
    return answer(202, {"id": str(received.archive_id), "interchanges": [_told(one) for one in received.parts]})


async def _limit(dock: Dock, request: Request, credential: Credential) -> int:
    """Return how many bytes are taken: the door's limit, or more where the partner that sends has agreed on more."""
    named = request.query_params.get("partner")
    partners = {named} if named and credential.operator else credential.partners
    agreed = [await dock.partners.agreement(partner) for partner in sorted(partners)]
    return max([dock.limits.edi, *(one.edi.http_limit_bytes for one in agreed if one and one.edi)])


async def _no_partner(dock: Dock, request: Request) -> Rejected:
    """Count what a credential sends that speaks for no partner, such as a till's; return the 403."""
    reason = "this credential speaks for no partner"
    await dock.turn_away(delivery_of(request, b"", channel=CHANNEL, source="unknown", partner=None), reason)
    return rejected(403, reason, "Use one with the scope partner:<id>.")


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


def _told(one: Taken) -> dict[str, Any]:
    """Return what the sender hears of one interchange."""
    told: dict[str, Any] = {"reference": one.reference or None, "id": str(one.document_id)}
    if one.outcome == "duplicate":
        told["duplicate_of"] = str(one.first_id)
    if one.outcome == "conflict":
        told["conflict"] = str(one.first_id)
    return told
