"""The life of a document on its way to a partner: forward only, and when to try again.

An acknowledgement may come before the sending was recorded, so each move is
possible from every state that it can meet; what comes late changes nothing.

Source: Standard Webhooks 1.0, "Deliverability and reliability", for the schedule of webhooks.
"""

from datetime import datetime, timedelta

from hub.canonical.agreement import EdiAgreement
from hub.domain.life_cycle import LifeCycle

_SETTLED = ("delivered", "acknowledged", "refused", "dropped")
_OPEN = ("collected", "queued", "sent", "delivered", "parked")

TRANSMISSION = LifeCycle(
    "transmission",
    start="queued",
    moves={
        ("waiting", "collect"): "collected",
        ("waiting", "drop"): "dropped",
        ("collected", "send"): "sent",
        ("collected", "deliver"): "delivered",
        ("collected", "drop"): "dropped",
        ("queued", "send"): "sent",
        ("parked", "send"): "sent",
        ("queued", "deliver"): "delivered",
        ("sent", "deliver"): "delivered",
        ("parked", "deliver"): "delivered",
        **{(state, "acknowledge"): "acknowledged" for state in _OPEN},
        **{(state, "refuse"): "refused" for state in (*_OPEN, "acknowledged")},
        ("queued", "park"): "parked",
        ("parked", "queue"): "queued",
        ("sent", "resend"): "queued",
        ("delivered", "resend"): "queued",
        ("parked", "drop"): "dropped",
        ("queued", "drop"): "dropped",
        **{(state, move): state for state in _SETTLED for move in ("send", "deliver", "park")},
        ("sent", "park"): "sent",
        ("refused", "acknowledge"): "refused",
    },
)
"""queued, sent (handed over), delivered (taken), acknowledged; refused by the partner; parked; dropped by a person.

By agreement a document begins as `waiting`, and is `collected` into an interchange, which is then queued.
"""

WAITING = "waiting"
UNSENT = (WAITING, "collected", "queued", "parked")
"""States that hold back what comes after them on the same subject."""

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
WEBHOOK_DELAYS = (
    5 * _SECOND,
    5 * _MINUTE,
    30 * _MINUTE,
    2 * _HOUR,
    5 * _HOUR,
    10 * _HOUR,
    14 * _HOUR,
    20 * _HOUR,
    24 * _HOUR,
)
"""What lies between the ten attempts of a webhook."""
EDI_DELAYS = tuple(min(30 * _SECOND * 2**n, _HOUR) for n in range(11))
"""What lies between the twelve attempts of a document: doubling from 30 s, at most an hour."""


def outbound_series(partner: str) -> str:
    """Name the series that counts a partner's transmissions."""
    return f"outbound/{partner}"


def control_series(partner: str, *, test: bool) -> str:
    """Name the series of the control references (UNB 0020) of our interchanges to a partner."""
    return f"control-test/{partner}" if test else f"control/{partner}"


def control_reference(number: int, *, test: bool) -> str:
    """Return the control reference (UNB 0020) with this number of its series."""
    return f"T{number}" if test else str(number)


def ack_due(edi: EdiAgreement, now: datetime) -> datetime | None:
    """Return when the partner's CONTRL is due for what leaves now, None where none is agreed."""
    return None if edi.contrl == "never" else now + timedelta(minutes=edi.ack_deadline_minutes)


def retry_delay(transport: str, attempts: int, jitter: float) -> timedelta | None:
    """Return how long to wait after `attempts` failed ones, None if that was the last.

    `jitter` (0 to 1) spreads the delay by a fifth to either side.
    """
    delays = WEBHOOK_DELAYS if transport == "webhook" else EDI_DELAYS
    if attempts > len(delays):
        return None
    delay: timedelta = delays[attempts - 1] * (0.8 + 0.4 * jitter)
    return delay
