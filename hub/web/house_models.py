"""What the API answers about the books, and about what a person must look at."""

from datetime import datetime
from uuid import UUID

from hub.store.messages import Ring
from hub.store.queries.figures import Figures
from hub.web.models import Answer

BEGINNING = 1_000


class ParkedAnswer(Answer):
    """A message that a person must decide on."""

    service: str
    message_id: UUID
    at: datetime
    okey: str
    type: str
    error_class: str
    error: str
    state: str
    note: str | None


class ParkedDetail(ParkedAnswer):
    """A parked message with what it says, and where our program failed on it, if it did."""

    traceback: str | None
    content: str


class TaskAnswer(Answer):
    """Something odd about what was applied all the same."""

    id: UUID
    at: datetime
    service: str
    kind: str
    subject: str
    order_id: str | None
    reason: str
    state: str
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


class UnknownAnswer(Answer):
    """What somebody unknown tried at an endpoint; `beginning` is text, cut short."""

    endpoint: str
    at: datetime
    reason: str
    headers: dict[str, str]
    beginning: str

    @classmethod
    def of_ring(cls, row: Ring) -> "UnknownAnswer":
        """Return what is shown of it."""
        return cls.of(row, beginning=row.body[:BEGINNING].decode(errors="replace"))


class QuarantineAnswer(Answer):
    """What a known sender sent in the name of somebody it may not speak for."""

    id: UUID
    at: datetime
    credential: str
    claimed: str
    endpoint: str
    archive_id: UUID


class TurnedAwayAnswer(Answer):
    """What was not taken in, the newest first."""

    unknown: list[UnknownAnswer]
    quarantined: list[QuarantineAnswer]


class CheckAnswer(Answer):
    """One thing that must hold, and whether it does."""

    name: str
    ok: bool
    detail: str


class VerifyAnswer(Answer):
    """A recount of the books from rows and archived bytes."""

    balanced: bool
    checks: list[CheckAnswer]


class SummaryAnswer(Answer):
    """What came, per channel, what became of it, and whether the documents agree with the counters."""

    received: dict[str, int]
    unauthenticated: int
    outcomes: dict[str, int]
    documents_sent: dict[str, int]
    orders_complete: int
    under_way: int
    balanced: bool

    @classmethod
    def of_figures(cls, counted: Figures, *, balanced: bool) -> "SummaryAnswer":
        """Return the figures as the summary tells them."""
        total = counted.total
        ends = ("applied", "duplicates", "refused", "parked", "in_flight")
        return cls(
            received={row.channel: row.received for row in counted.books if row.received},
            unauthenticated=total.unauthenticated,
            outcomes={end: getattr(total, end) for end in ends},
            documents_sent=counted.documents_sent,
            orders_complete=counted.orders_complete,
            under_way=counted.under_way,
            balanced=balanced,
        )
