"""Giving a command: written with its outbox rows, answered at once, or when its outcome is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header, Query, Response

from hub.canonical.envelope import Message, Payload
from hub.store.commands import commands, destinations, give, outcomes
from hub.store.messages import InboxRow
from hub.store.tokens import Credential
from hub.web.asking import Commander, The
from hub.web.backend import Backend
from hub.web.models import Answer

FIRST_LOOK_SECONDS = 0.02
LAST_LOOK_SECONDS = 0.25
MOST_SECONDS = 60.0
EVERYBODY = "everybody"


class OutcomeAnswer(Answer):
    """What one service made of a command."""

    service: str
    outcome: str
    reason: str | None


class CommandAnswer(Answer):
    """A command was taken. `outcomes` are those known so far; `repeated`: it was given before."""

    id: UUID
    correlation_id: UUID
    messages: list[UUID]
    repeated: bool
    outcomes: list[OutcomeAnswer]


@dataclass(frozen=True, slots=True)
class Giving:
    """How one request gives its commands: who, under which key, why, and how long it waits for the outcome."""

    backend: Backend
    who: Credential
    response: Response
    key: str | None
    reason: str | None
    wait: float

    async def give(self, *payloads: Payload, once: str | None = None, reason: str | None = None) -> CommandAnswer:
        """Write the commands, wake the relay, wait for what becomes of them: 202, or 200 if it is known.

        A key that the request states is its giver's own; `once` stands for one that is not
        stated and is the same for everybody. `reason` stands for a reason that is not stated.
        """
        backend, actor, why = self.backend, self.who.actor, self.reason or reason
        key = (self.who.key_id, self.key) if self.key else (EVERYBODY, once) if once else None
        messages = commands(payloads, actor=self.who.key_id, key=key, seams=backend.seams)
        fresh = await backend.database.run(
            lambda: give(messages, backend.subscriptions, actor=actor, reason=why), lane="door"
        )
        backend.published()
        keys = destinations(messages, backend.subscriptions)
        known = await _outcomes(backend, keys, self.wait)
        self.response.status_code = 200 if _settled(keys, known) else 202
        return _answer(messages, known, repeated=not fresh)


def _giving(
    backend: The,
    who: Commander,
    response: Response,
    key: Annotated[
        str | None, Header(alias="Idempotency-Key", max_length=255, description="Same key, same command.")
    ] = None,
    reason: Annotated[str | None, Query(max_length=500, description="Why; kept in the audit log.")] = None,
    wait: Annotated[float, Query(ge=0, le=MOST_SECONDS, description="Seconds to wait for the outcome.")] = 0,
) -> Giving:
    return Giving(backend, who, response, key, reason, wait)


Gives = Annotated[Giving, Depends(_giving)]


async def _outcomes(backend: Backend, keys: Sequence[tuple[Any, ...]], seconds: float) -> list[InboxRow]:
    clock, pause = backend.seams.monotonic, FIRST_LOOK_SECONDS
    until = clock() + seconds
    while True:
        known = await backend.database.read(lambda: outcomes(keys))
        if _settled(keys, known) or clock() >= until:
            return known
        await backend.seams.sleep(pause)
        pause = min(LAST_LOOK_SECONDS, 2 * pause)


def _settled(keys: Sequence[tuple[Any, ...]], known: Sequence[InboxRow]) -> bool:
    return len(known) == len(keys) and all(row.outcome != "waiting" for row in known)


def _answer(messages: Sequence[Message[Any]], known: Sequence[InboxRow], *, repeated: bool) -> CommandAnswer:
    return CommandAnswer(
        id=messages[0].id,
        correlation_id=messages[0].correlationid,
        messages=[one.id for one in messages],
        repeated=repeated,
        outcomes=[OutcomeAnswer.of(row) for row in known],
    )
