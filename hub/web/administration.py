"""The API of the house: master data tables, agreements and credentials, and what was parked."""

import asyncio
import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field

from hub.canonical.problem import rejected
from hub.canonical.values import Identifier, Value
from hub.store import agreements, tokens
from hub.store.audit import By
from hub.store.lost import resend
from hub.store.parking import Decision, drop, replay
from hub.store.queries.parking import parked_one
from hub.store.tokens import Credential
from hub.store.told import FIRST
from hub.translators import tables
from hub.web.asking import Administrator, Commander, Inside, The
from hub.web.backend import Backend
from hub.web.bounds import BoundedRoute, body_within
from hub.web.commanding import CommandAnswer, Gives
from hub.web.house_models import ParkedDetail
from hub.web.models import Answer

router = APIRouter(route_class=BoundedRoute)

Reason = Annotated[str | None, Query(max_length=500, description="Why; kept in the audit log.")]


class Checked(Answer):
    """A table was read without a problem and, being a trial, not taken."""

    commands: int


class AgreementAnswer(Answer):
    """An agreement as it was imported last."""

    partner: str
    sha256: str
    imported_at: datetime
    agreement: dict[str, Any]


class ImportedAnswer(Answer):
    """What importing an agreement did."""

    partner: str
    state: Literal["created", "changed", "unchanged"]
    sha256: str


class NewToken(Value):
    """A credential that is wanted. Scopes: operator, admin, partner:<id>, terminal:<store>:<till>."""

    label: Identifier
    scopes: tuple[str, ...] = Field(min_length=1)
    expires_at: AwareDatetime | None = None


class TokenAnswer(Answer):
    """A credential, without its secret."""

    key_id: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class IssuedAnswer(TokenAnswer):
    """A new credential. `token` is shown this once and kept nowhere."""

    token: str


class Decided(Answer):
    """What was decided about a parked message."""

    service: str
    message_id: UUID
    state: str


class ResentAnswer(Answer):
    """What one page of the event log gave: events sent again, by service. `next` is where to go on, null at the end."""

    next: UUID | None
    looked_at: int
    sent: dict[str, int]


class Why(Value):
    """A reason; kept in the audit log."""

    reason: str | None = Field(default=None, max_length=500)


@router.post("/imports/{kind}", tags=["master data"], status_code=202, summary="Take a table of master data (CSV)")
async def import_table(
    gives: Gives,
    _: Administrator,
    request: Request,
    kind: Literal["items", "prices", "vat", "stock", "parties", "stores"],
    dry_run: Annotated[bool, Query(description="Only read it and tell what is wrong.")] = False,  # noqa: FBT002 - a query parameter
) -> CommandAnswer | Checked:
    """Take all rows or, if anything is wrong, none. The same table of opening stock counts once."""
    data = await body_within(request, gives.backend.limit_import_bytes)
    payloads = await asyncio.to_thread(tables.read, kind, data)
    if dry_run:
        gives.response.status_code = 200
        return Checked(commands=len(payloads))
    same = f"sha256:{hashlib.sha256(data).hexdigest()}" if kind == "stock" else None
    return await gives.give(*payloads, once=same, reason=f"import of {kind}")


@router.post("/partners", tags=["partners"], summary="Import an agreement (TOML)")
async def import_agreement(backend: The, who: Administrator, request: Request, reason: Reason = None) -> ImportedAnswer:
    """Keep an agreement and bind the partner's identities to it; the same file again changes nothing."""
    data = await body_within(request, backend.limit_json_bytes)
    now, audit_id = backend.seams.now(), tokens.audit_id(backend.seams)
    imported = await backend.database.run(
        lambda: agreements.keep(data, at=now, actor=who.actor, reason=reason, audit_id=audit_id), lane="door"
    )
    backend.forget()
    return ImportedAnswer(partner=imported.partner, state=imported.state, sha256=imported.sha256)


@router.get("/partners", tags=["partners"], summary="All agreements")
async def agreement_list(backend: The, _: Inside) -> list[AgreementAnswer]:
    """Answer every agreement, its secrets masked."""
    return [_shown(row) for row in await backend.database.read(agreements.listed)]


@router.get("/partners/{partner}", tags=["partners"], summary="One agreement")
async def agreement(backend: The, _: Inside, partner: str) -> AgreementAnswer:
    """Answer the agreement with a partner, its secrets masked."""
    row = await backend.database.read(lambda: agreements.find(partner))
    if row is None:
        raise rejected(404, f"there is no partner {partner}", "Look at GET /partners.")
    return _shown(row)


@router.post("/tokens", tags=["credentials"], status_code=201, summary="Make a credential")
async def add_token(backend: The, who: Administrator, body: NewToken, reason: Reason = None) -> IssuedAnswer:
    """Make a credential. Its secret is in this answer and nowhere else."""
    issued = tokens.issue(body.label, body.scopes, seams=backend.seams, expires_at=body.expires_at)
    audit_id = tokens.audit_id(backend.seams)
    await backend.database.run(
        lambda: tokens.add(issued.token, actor=who.actor, reason=reason, audit_id=audit_id), lane="door"
    )
    backend.forget()
    return IssuedAnswer.of(issued.token, token=issued.text)


@router.get("/tokens", tags=["credentials"], summary="All credentials")
async def token_list(backend: The, _: Administrator) -> list[TokenAnswer]:
    """Answer every credential without its secret, the newest first."""
    return [TokenAnswer.of(row) for row in await backend.database.read(tokens.listed)]


@router.delete("/tokens/{key_id}", tags=["credentials"], status_code=204, summary="End a credential")
async def revoke_token(backend: The, who: Administrator, key_id: str, reason: Reason = None) -> None:
    """End a credential at once."""
    now, audit_id = backend.seams.now(), tokens.audit_id(backend.seams)
    ended = await backend.database.run(
        lambda: tokens.revoke(key_id, at=now, actor=who.actor, reason=reason, audit_id=audit_id), lane="door"
    )
    backend.forget()
    if not ended:
        raise rejected(404, f"there is no credential {key_id} that is still good", "Look at GET /tokens.")


@router.get("/parked/{service}/{message_id}", tags=["messages"], summary="One parked message with its content")
async def parked_message(backend: The, _: Inside, service: str, message_id: UUID) -> ParkedDetail:
    """Answer why it was parked and what it says, as text."""
    found = await backend.database.read(lambda: parked_one(service, message_id))
    if found is None:
        raise rejected(404, f"message {message_id} was never parked in {service}", "Look at GET /parked.")
    row, body = found
    return ParkedDetail.of(row, content=body.decode(errors="replace"))


@router.post("/parked/{service}/{message_id}/replay", tags=["messages"], summary="Run a parked message again")
async def replay_parked(
    backend: The, who: Commander, service: str, message_id: UUID, body: Why | None = None, reason: Reason = None
) -> Decided:
    """Let the service run the message again, now, at its old turn."""
    decision = _decision(backend, who, service, message_id, reason or (body.reason if body else None))
    await backend.database.run(lambda: replay(decision, backend.subscriptions), lane="door")
    backend.published()
    backend.look(service)
    return Decided(service=service, message_id=message_id, state="replayed")


@router.post("/parked/{service}/{message_id}/drop", tags=["messages"], summary="Leave a parked message as it is")
async def drop_parked(
    backend: The, who: Commander, service: str, message_id: UUID, body: Why | None = None, reason: Reason = None
) -> Decided:
    """Close it without effect, with a reason; what waited behind it goes on."""
    why = reason or (body.reason if body else None)
    if not why:
        raise rejected(422, "a reason is needed to drop a message", 'Send {"reason": "..."}.')
    decision = _decision(backend, who, service, message_id, why)
    await backend.database.run(lambda: drop(decision), lane="door")
    backend.look(service)
    return Decided(service=service, message_id=message_id, state="dropped")


@router.post("/events/resend", tags=["messages"], summary="Send again what the broker has lost")
async def resend_lost(
    backend: The,
    who: Commander,
    body: Why,
    older_than: Annotated[int, Query(ge=0, le=525_600, description="Minutes; younger ones may be on their way.")] = 15,
    after: Annotated[UUID, Query(description="The `next` of the answer before.")] = FIRST,
) -> ResentAnswer:
    """Queue events again that a service has not settled and no outbox holds. One that was not lost has no effect twice.

    One page of the log is looked through at a time.
    """
    if not body.reason:
        raise rejected(422, "a reason is needed to send events again", 'Send {"reason": "..."}.')
    now, cause = backend.seams.now(), tokens.audit_id(backend.seams)
    by, before = By(who.actor, body.reason, now), now - timedelta(minutes=older_than)
    resent = await backend.database.run(lambda: resend(after, before, backend.subscriptions, by, cause), lane="door")
    if resent.sent:
        backend.published()
    return ResentAnswer(next=resent.next, looked_at=resent.looked_at, sent=dict(resent.sent))


def _decision(backend: Backend, who: Credential, service: str, message_id: UUID, reason: str | None) -> Decision:
    return Decision(service, message_id, backend.seams.now(), who.actor, reason, backend.owners)


def _shown(row: Any) -> AgreementAnswer:
    return AgreementAnswer.of(row, agreement=agreements.shown(row.agreement))
