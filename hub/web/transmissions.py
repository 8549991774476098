"""What is on its way to partners, and what a person decides about what does not leave by itself."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Query

from hub.canonical.problem import rejected
from hub.canonical.values import Value
from hub.store.audit import By
from hub.store.statements import Job
from hub.store.status import Transmission
from hub.store.tokens import Credential
from hub.store.transmission_decisions import drop, listed, release, requeue, with_body
from hub.web.asking import Commander, Inside, The
from hub.web.backend import Backend
from hub.web.bounds import BoundedRoute
from hub.web.models import Answer, TransmissionAnswer

router = APIRouter(prefix="/transmissions", tags=["edi"], route_class=BoundedRoute)

State = Literal["waiting", "collected", "queued", "sent", "delivered", "acknowledged", "refused", "parked", "dropped"]
STATES: tuple[State, ...] = get_args(State)


class TransmissionDetail(TransmissionAnswer):
    """A transmission with what it carries, as text; `next_at` is when it is sent, or was to be sent, next."""

    order_id: str | None
    next_at: datetime
    ack_due: datetime | None
    content_type: str | None
    sha256: str
    content: str


class TransmissionList(Answer):
    """Transmissions, the newest first."""

    transmissions: list[TransmissionAnswer]


class Because(Value):
    """Why a person decides so; kept in the audit log."""

    reason: str | None = None


@router.get("", summary="Documents and events on their way to partners")
async def transmissions(
    backend: The,
    _: Inside,
    partner: str | None = None,
    state: State | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> TransmissionList:
    """Answer the newest transmissions, of one partner or of all, in one state or in any."""
    found = await backend.database.read(lambda: listed(partner, (state,) if state else STATES, limit))
    return TransmissionList(transmissions=[TransmissionAnswer.of(one) for one in found])


@router.get("/{transmission_id}", summary="One document or event on its way, with its bytes")
async def transmission_by_id(backend: The, _: Inside, transmission_id: UUID) -> TransmissionDetail:
    """Answer where it stands, why, and what it says."""
    found = await backend.database.read(lambda: with_body(transmission_id))
    if found is None:
        raise rejected(404, f"there is no transmission {transmission_id}", "Look at GET /transmissions.")
    row, archive, body = found
    content = body.decode(errors="replace")
    return TransmissionDetail.of(row, content_type=archive.content_type, sha256=archive.sha256, content=content)


@router.post("/{transmission_id}/requeue", summary="Send a parked transmission again")
async def requeue_parked(
    backend: The, who: Commander, transmission_id: UUID, body: Because | None = None
) -> TransmissionAnswer:
    """Send the same bytes again, now."""
    return await _decide(backend, who, body, lambda by: requeue(transmission_id, by))


@router.post("/{transmission_id}/drop", summary="Give a transmission up")
async def drop_unsent(backend: The, who: Commander, transmission_id: UUID, body: Because) -> TransmissionAnswer:
    """Close it unsent, with a reason; what waited behind it on its subject leaves."""
    if not body.reason:
        raise rejected(422, "a reason is needed to drop a transmission", 'Send {"reason": "..."}.')
    return await _decide(backend, who, body, lambda by: drop(transmission_id, by))


@router.post("/{transmission_id}/release", summary="Let a document leave that was held back")
async def release_held(
    backend: The, who: Commander, transmission_id: UUID, body: Because | None = None
) -> TransmissionAnswer:
    """Let a document leave that the second reader read otherwise than we do: a person has looked at it."""
    return await _decide(backend, who, body, lambda by: release(transmission_id, by))


async def _decide(
    backend: Backend, who: Credential, body: Because | None, job: Callable[[By], Job[Transmission]]
) -> TransmissionAnswer:
    by = By(who.actor, body.reason if body else None, backend.seams.now())
    return TransmissionAnswer.of(await backend.database.run(lambda: job(by), lane="door"))
