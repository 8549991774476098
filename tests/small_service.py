"""Two small services for the tests of runner and relay: a teller that keeps accounts, an auditor that keeps a journal.

A `Deposit` says by its `wish` how its handler is to end. A `Claim` and its `Proof` look
for each other. `runs` counts what the handlers did.
"""

import threading
from collections import Counter
from datetime import timedelta
from typing import ClassVar, Literal, NamedTuple
from uuid import UUID

from hub.canonical.envelope import Message, Payload
from hub.errors import BusinessRefusal, MustWait, NeedsDecision, PartnerError, TemporaryError
from hub.handlers.service import Beforehand, Service, subscriptions
from hub.store.records import SPECS, Rank, table
from hub.store.statements import Job, Load
from hub.store.work import Need, Work, group, lock, meeting, series

Wish = Literal[
    "", "refuse", "partner", "decide", "later", "bug", "turn", "conflict", "number", "undeclared", "two steps", "sum",
    "study", "study in vain", "bug in needs", "bug in later needs",
]  # fmt: skip


@table("test_account", key=1, rank=Rank.AGGREGATE)
class Account(NamedTuple):
    """What lies on an account, and what it was told last."""

    name: str
    balance: int
    last: int
    version: int = 0


@table("test_movement", key=2, group=1)
class Movement(NamedTuple):
    """One change of an account; `number` is from a series without gaps."""

    account: str
    id: UUID
    amount: int
    number: int | None


@table("test_proof", key=1)
class Proof(NamedTuple):
    """A proof that arrived."""

    reference: str
    version: int = 0


@table("test_journal", key=1)
class Entry(NamedTuple):
    """What the auditor was told: `seq` rises in the order in which he was told."""

    id: UUID
    account: str
    amount: int
    order: int


@table("test_page", key=1)
class Page(NamedTuple):
    """How many entries an account has in the journal."""

    account: str
    entries: int
    version: int = 0


class Deposit(Payload):
    TYPE: ClassVar[str] = "test.deposit.v1"
    account: str
    amount: int = 1
    order: int = 0
    wish: Wish = ""
    also: str = ""

    @property
    def business_key(self) -> str:
        return self.account


class Claim(Payload):
    TYPE: ClassVar[str] = "test.claim.v1"
    account: str
    reference: str
    blocks: bool = False
    hours: float = 72

    @property
    def business_key(self) -> str:
        return self.account


class ProofArrived(Payload):
    TYPE: ClassVar[str] = "test.proof.v1"
    reference: str

    @property
    def business_key(self) -> str:
        return self.reference


class Deposited(Payload):
    TYPE: ClassVar[str] = "test.deposited.v1"
    account: str
    amount: int
    order: int

    @property
    def business_key(self) -> str:
        return self.account


runs: Counter[UUID] = Counter()
"""How often the handler of each message was begun."""

studied: dict[UUID, str | None] = {}
"""For each deposit that was to be studied beforehand, the thread that did it, as its handler has heard."""

cured: set[str] = set()
"""Wishes that no longer come true: what was broken is mended."""

teller = Service("teller", documents=[Deposit])
auditor = Service("auditor")
SERVICES = [teller, auditor]


def deposit_needs(message: Message[Deposit]) -> list[Need]:
    _fail_at("bug in needs", message)
    wanted = [lock(Account, message.data.account)]
    if message.data.also and message.data.wish != "undeclared":
        wanted.append(lock(Account, message.data.also))
    if message.data.wish == "number":
        wanted.append(series("test"))
    if message.data.wish == "sum":
        wanted.append(group(Movement, message.data.account))
    return wanted


def deposit_needs_then(message: Message[Deposit], work: Work) -> list[Need]:
    _fail_at("bug in later needs", message)
    account = work.get(Account, message.data.account)
    return [lock(Account, f"step {account.balance if account else 0}")] if message.data.wish == "two steps" else []


def _fail_at(wish: Wish, message: Message[Deposit]) -> None:
    if message.data.wish == wish and wish not in cured:
        raise ZeroDivisionError("a bug")


def study(message: Message[Deposit]) -> Beforehand | None:
    return Beforehand(lambda: _known(message), _study) if message.data.wish.startswith("study") else None


def _known(message: Message[Deposit]) -> Job[tuple[str, list[Account]]]:
    found = yield Load(SPECS[Account], [(message.data.account,)])
    return message.data.wish, found


def _study(known: tuple[str, list[Account]]) -> str:
    wish, _ = known
    if wish == "study in vain":
        raise ZeroDivisionError("a bug of the study")
    return threading.current_thread().name


@teller.on(Deposit, needs=deposit_needs, then=deposit_needs_then, beforehand=study)
def deposit(message: Message[Deposit], work: Work) -> None:
    runs[message.id] += 1
    told = message.data
    if told.wish.startswith("study"):
        studied[message.id] = work.beforehand
    account = work.get(Account, told.account) or Account(told.account, 0, 0)
    number = work.number("test") if told.wish == "number" else None
    work.save(account._replace(balance=account.balance + told.amount, last=told.order))
    work.save(Movement(told.account, message.id, told.amount, number))
    if told.also:
        other = work.get(Account, told.also) or Account(told.also, 0, 0)
        work.save(other._replace(balance=other.balance - told.amount))
    work.publish(Deposited(account=told.account, amount=told.amount, order=told.order))
    if told.wish == "sum":
        assert sum(row.amount for row in work.group(Movement, told.account)) == account.balance + told.amount
    if told.wish not in cured:
        _raise(told.wish, account, work)


def _raise(wish: Wish, account: Account, work: Work) -> None:
    match wish:
        case "refuse":
            raise BusinessRefusal("the account takes no more")
        case "partner":
            raise PartnerError("no such account")
        case "decide":
            raise NeedsDecision("somebody must look at this")
        case "later":
            raise TemporaryError("not now")
        case "turn":
            raise MustWait("not its turn", blocks=True, within=timedelta(hours=1))
        case "bug":
            raise ZeroDivisionError("a bug")
        case "conflict":
            work.save(account._replace(version=account.version + 7))
        case _:
            pass


@teller.on(
    Claim,
    needs=lambda m: [
        lock(Account, m.data.account),
        lock(Proof, m.data.reference),
        meeting(f"teller/proof/{m.data.reference}"),
    ],
)
def claim(message: Message[Claim], work: Work) -> None:
    runs[message.id] += 1
    told = message.data
    if work.get(Proof, told.reference) is None:
        raise MustWait(
            "no proof yet",
            awaits=f"teller/proof/{told.reference}",
            blocks=told.blocks,
            within=timedelta(hours=told.hours),
        )
    account = work.get(Account, told.account) or Account(told.account, 0, 0)
    work.save(account._replace(balance=account.balance + 1_000))


@teller.on(
    ProofArrived,
    needs=lambda m: [lock(Proof, m.data.reference), meeting(f"teller/proof/{m.data.reference}")],
)
def prove(message: Message[ProofArrived], work: Work) -> None:
    runs[message.id] += 1
    work.save(work.get(Proof, message.data.reference) or Proof(message.data.reference))
    work.here(f"teller/proof/{message.data.reference}")


@auditor.on(Deposited, needs=lambda m: [lock(Page, m.data.account)])
def note(message: Message[Deposited], work: Work) -> None:
    runs[message.id] += 1
    told = message.data
    page = work.get(Page, told.account) or Page(told.account, 0)
    work.save(page._replace(entries=page.entries + 1), Entry(message.id, told.account, told.amount, told.order))


SUBSCRIPTIONS = subscriptions(SERVICES)
