"""What a service is: a name, and for each message that it takes a handler and what that handler needs.

    service = Service("stock")

    @service.on(AllocateStock, needs=lambda m: [lock(StockItem, line.sku, line.location) for line in m.data.lines])
    def allocate(message: Message[AllocateStock], work: Work) -> None:
        ...

A handler is a plain synchronous function without I/O. It returns (applied), or raises
what `hub.errors` sorts by what happens next; it never knows who calls it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from pydantic import TypeAdapter

from hub.canonical.envelope import Message, Payload, any_of, message_model, reader
from hub.canonical.order import OrderReference
from hub.store.statements import Job
from hub.store.work import Need, Work

P = TypeVar("P", bound=Payload)
Handler = Callable[[Message[P], Work], None]
Needs = Callable[[Message[P]], Iterable[Need]]
MoreNeeds = Callable[[Message[P], Work], Iterable[Need]]
KeyOf = Callable[[Message[P]], str]


def nothing(_: Message[Any]) -> Iterable[Need]:
    """Need nothing."""
    return ()


def subject(message: Message[Any]) -> str:
    """Return the business key of a message: the key by which most services keep its order."""
    return message.subject


def order_key(message: Message[OrderReference]) -> str:
    """Return the key of the order that a message is about: for services whose aggregate is the order."""
    return f"{message.data.buyer_key}/{message.data.buyers_number}"


class Beforehand(NamedTuple):
    """Long work on what never changes, for the runner to do before the transaction.

    `load` reads what it needs, `work` then runs on a thread. What it returns is the
    handler's `work.beforehand`; there is none where it failed or the message has waited.
    """

    load: Callable[[], Job[Any]]
    work: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Handling:
    """How a service handles one kind of message.

    `needs` are known from the message alone; `then` are those known once `needs` are
    loaded; `key` is the service's own key of the message: messages of one key keep their order.
    `holds` tells whether a parked message of this kind keeps back the later ones of its key.
    `beforehand` names what takes too long for a transaction.
    """

    payload: type[Payload]
    handler: "Handler[Any]"
    needs: "Needs[Any]"
    then: "MoreNeeds[Any] | None"
    key: "KeyOf[Any]"
    holds: bool = True
    beforehand: "Callable[[Message[Any]], Beforehand | None] | None" = None


class Service:
    """A named set of handlers with one queue.

    `documents` are the payloads whose books it closes. What a test message saves is
    dropped unless the service `keeps_tests`: those that answer for others do.
    """

    def __init__(self, name: str, *, documents: Sequence[type[Payload]] = (), keeps_tests: bool = False) -> None:
        self.name = name
        self.keeps_tests = keeps_tests
        self.documents = frozenset(payload.TYPE for payload in documents)
        self.handlings: dict[str, Handling] = {}

    def on(
        self,
        payload: type[P],
        *,
        needs: "Needs[P]" = nothing,
        then: "MoreNeeds[P] | None" = None,
        key: "KeyOf[P]" = subject,
        holds: bool = True,
        beforehand: "Callable[[Message[P]], Beforehand | None] | None" = None,
    ) -> "Callable[[Handler[P]], Handler[P]]":
        """Register the handler of a kind of message."""

        def register(handler: "Handler[P]") -> "Handler[P]":
            self.handlings[payload.TYPE] = Handling(payload, handler, needs, then, key, holds, beforehand)
            return handler

        return register

    @property
    def _payloads(self) -> list[type[Payload]]:
        return [handling.payload for handling in self.handlings.values()]

    @property
    def messages(self) -> Any:
        """The type of any message that the service takes."""
        return any_of(self._payloads)

    @cached_property
    def reader(self) -> TypeAdapter[Message[Any]]:
        """The adapter that reads any message of this service from its bytes in one pass."""
        return reader(self._payloads)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One service that takes a kind of message, and the service's own key of such a message.

    `tests`: it takes test messages of this kind too. A test document stops at the service
    that closes its books; what that answers goes only to those that answer for others.
    """

    service: str
    payload: type[Payload]
    key: "KeyOf[Any]"
    tests: bool = False

    def takes(self, message: Message[Any]) -> bool:
        """Tell whether this message is for the service."""
        return self.tests or not message.testindicator

    def reads(self, body: bytes) -> Message[Any]:
        """Return a message of this kind from its bytes."""
        return message_model(self.payload).model_validate_json(body)


def subscriptions(services: Iterable[Service]) -> Mapping[str, tuple[Subscription, ...]]:
    """Return, by wire type, who takes it. An event that nobody takes is history only."""
    found: dict[str, tuple[Subscription, ...]] = {}
    for service in services:
        for type_, handling in service.handlings.items():
            tests = service.keeps_tests or type_ in service.documents
            found[type_] = (*found.get(type_, ()), Subscription(service.name, handling.payload, handling.key, tests))
    return found
