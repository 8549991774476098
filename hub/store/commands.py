"""Commands of people and programs: they go the way of all messages, and the audit log keeps who gave them and why."""

from collections.abc import Sequence
from typing import Any

import orjson

from hub.canonical.envelope import Message, Payload, derive_id, message_model, named_id, new_id
from hub.errors import PartnerError
from hub.seams import Seams
from hub.store.messages import Audit, Event, InboxRow
from hub.store.outbox import Subscribers, publish
from hub.store.records import SPECS
from hub.store.statements import Insert, Job, Load


def commands(
    payloads: Sequence[Payload], *, actor: str, key: tuple[str, str] | None, seams: Seams
) -> list[Message[Any]]:
    """Return the payloads as messages of one conversation.

    With an idempotency `key`, which is whose it is and what it says, their ids are always the same.
    """
    now = seams.now()
    root = named_id("command", *key) if key else new_id(now, seams.token_bytes(10))
    return [
        message_model(type(payload)).trusted(
            id=derive_id(root, "api", payload.TYPE, ordinal),
            type=payload.TYPE,
            source=f"api:{actor}",
            subject=payload.business_key,
            time=now,
            correlationid=root,
            channel="api",
            data=payload,
        )
        for ordinal, payload in enumerate(payloads)
    ]


def give(messages: Sequence[Message[Any]], subscriptions: Subscribers, *, actor: str, reason: str | None) -> Job[bool]:
    """Publish commands and write them into the audit log; False if they were given before.

    Raises PartnerError where their idempotency key was used for another command.
    """
    held = yield Load(SPECS[Event], sorted((one.id,) for one in messages))
    before = {row.id: row for row in held}
    for one in messages:
        if one.id in before and _said(before[one.id].body) != _said(one.to_json()):
            raise PartnerError("this idempotency key was used for another command", field="Idempotency-Key")
    if len(before) == len(messages):
        return False
    yield from publish(messages, subscriptions)
    audits = [
        Audit(derive_id(one.id, "audit", one.type), one.time, actor, one.type, one.subject, reason, str(one.id))
        for one in messages
    ]
    yield Insert(SPECS[Audit], audits, skip_existing=True)
    return True


def destinations(messages: Sequence[Message[Any]], subscriptions: Subscribers) -> list[tuple[Any, ...]]:
    """Return the keys of the inbox rows that tell what became of these messages."""
    return sorted((one.service, message.id) for message in messages for one in subscriptions.get(message.type, ()))


def outcomes(keys: Sequence[tuple[Any, ...]]) -> Job[list[InboxRow]]:
    """Return what became of these messages, as far as it is known."""
    rows: list[InboxRow] = yield Load(SPECS[InboxRow], keys)
    return rows


def _said(body: bytes) -> tuple[Any, Any]:
    envelope = orjson.loads(body)
    return envelope["type"], envelope["data"]
