"""Every error of the hub, sorted by what happens next.

HubError
├── PartnerError           the partner's data is wrong: answer and keep, never retry
│   ├── UnreadableInput    the bytes are not of the format they claim
│   └── LimitExceeded      larger, deeper or longer than the door allows
├── BusinessRefusal        the business says no: a reply, not a fault
│   ├── IllegalTransition  the life cycle has no such move
│   └── VersionConflict    decided on a state that is no longer the current one
├── NeedsDecision          a person must decide: parked at once, with the reason
├── TemporaryError         again later, with back-off
│   ├── MustWait           its counterpart or its turn has not come yet
│   └── DatabaseAway       nobody's failure: nothing is counted, the same again when it answers
├── KeyTaken               a row with this key is there already
├── AccessDenied           unknown credential, or one that may not speak for this identity
└── Unusable               set up wrongly: nobody's message is at fault
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any


class HubError(Exception):
    """Something went wrong in the hub."""

    def __init__(self, message: str | None = None, **context: Any) -> None:
        super().__init__(message or type(self).__doc__ or type(self).__name__)
        self.context = context


class PartnerError(HubError):
    """The partner's data is wrong; the partner gets an answer that says where."""


class UnreadableInput(PartnerError):
    """The bytes are not of the format that they claim to be."""


class LimitExceeded(PartnerError):
    """The input is larger, deeper or longer than this door allows."""


class BusinessRefusal(HubError):
    """The business says no; the reason is sent back."""


class IllegalTransition(BusinessRefusal):
    """The life cycle has no such move from the present state."""

    def __init__(self, machine: str, state: str, move: str, allowed: Sequence[str] = ()) -> None:
        possible = ", ".join(allowed) or "nothing"
        super().__init__(
            f"{machine}: {move} is not possible in state {state}; possible: {possible}",
            machine=machine,
            state=state,
            move=move,
        )


class VersionConflict(BusinessRefusal):
    """The decision was taken on a version that is no longer the current one."""


class NeedsDecision(HubError):
    """A person must decide what is to happen; the message is parked with this reason."""


class TemporaryError(HubError):
    """Temporarily impossible; it is tried again with back-off."""


class MustWait(TemporaryError):
    """The message cannot run yet.

    `awaits` is the meeting place whose arrival wakes it; `blocks` tells whether later
    messages of the message's own key must queue up behind it; after `within` it is parked.
    """

    def __init__(
        self, reason: str, *, awaits: str | None = None, blocks: bool = False, within: timedelta = timedelta(days=3)
    ) -> None:
        super().__init__(reason)
        self.awaits = awaits
        self.blocks = blocks
        self.within = within


class DatabaseAway(TemporaryError):
    """The database does not answer; what was asked may or may not be done, and is safe to ask again."""


class KeyTaken(HubError):
    """A row with this key is there already."""


class AccessDenied(HubError):
    """The credential is unknown or may not speak for this identity."""


class Unusable(HubError):
    """The installation is set up in a way that cannot work; the text says what to change."""
