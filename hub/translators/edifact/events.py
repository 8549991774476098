"""What the envelope tells: what opens, what closes, and what is wrong with each level.

Source: ISO 9735: UNB, UNG, UNH, UNT, UNE, UNZ.
"""

from dataclasses import dataclass, field

from hub.canonical.finding import Finding, Level, Location
from hub.translators.edifact.found import has_room
from hub.translators.edifact.opening import Fault
from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import Segment

_TAG_SHOWN = 12


@dataclass(slots=True)
class Place:
    """Where a level is: the references around it, and what is wrong with it."""

    interchange: str
    group: str | None = None
    message: str | None = None
    findings: list[Finding] = field(default_factory=list)

    def report(
        self,
        code: str,
        message: str,
        *,
        tag: str | None = None,
        segment: Segment | None = None,
        element: int | None = None,
        component: int | None = None,
        offset: int | None = None,
        level: Level = "error",
    ) -> None:
        """Add a finding about `segment`, or about a service segment `tag` that is not there."""
        if not has_room(len(self.findings), level):
            return
        location = Location(
            interchange=self.interchange,
            group=self.group,
            message=self.message,
            tag=segment.tag[:_TAG_SHOWN] if segment else tag,
            segment=(segment.position or None) if segment else None,
            element=element,
            component=component,
            offset=segment.offset if segment else offset,
        )
        self.findings.append(Finding(code=code, level=level, location=location, message=message))


@dataclass(slots=True)
class Opened:
    """An interchange begins. `unb` is None where none could be read."""

    unb: Segment | None
    place: Place


@dataclass(slots=True)
class GroupOpened:
    """A functional group begins."""

    ung: Segment
    place: Place
    messages: int = 0
    type: str = ""


@dataclass(slots=True)
class MessageOpened:
    """A message begins; its segments follow in runs, UNH first and UNT last; security segments come alone."""

    unh: Segment
    place: Place


@dataclass(slots=True)
class MessageClosed:
    """A message has ended; `complete` tells whether with its UNT."""

    opened: MessageOpened
    complete: bool


@dataclass(slots=True)
class GroupClosed:
    """A group has ended, with its UNE or without one."""

    opened: GroupOpened
    une: Segment | None


@dataclass(slots=True)
class Closed:
    """An interchange has ended, with its UNZ or without one."""

    opened: Opened
    unz: Segment | None


Event = Run | Fault | Opened | GroupOpened | MessageOpened | MessageClosed | GroupClosed | Closed
