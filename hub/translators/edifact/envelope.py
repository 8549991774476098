"""The envelope: UNB to UNZ, groups, messages; counts and references.

Strategy: runs of segments and faults go in, the segments of messages come out, in runs with
their positions, between events that say what opens and what closes. What is wrong with a
level's own service segments, or stands between messages, is told by the event that closes
the level; faults in a message's segments pass through. Nothing is kept but the references
of the messages.

One fault makes one finding: of a run of stray segments the first is told, of what was cut
off the end.

Source: ISO 9735: UNB, UNG, UNH, UNT, UNE, UNZ; 0085 for the codes.
"""

from collections.abc import Iterable, Iterator

from hub.translators.edifact.events import (
    Closed,
    Event,
    GroupClosed,
    GroupOpened,
    MessageClosed,
    MessageOpened,
    Opened,
    Place,
)
from hub.translators.edifact.opening import Fault
from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import Segment

_SERVICE = frozenset({"UNB", "UNG", "UNH", "UNT", "UNE", "UNZ"})
SECURITY = frozenset({"USA", "USB", "USC", "USD", "USE", "USF", "USH", "USL", "USR", "UST", "USU", "USX", "USY"})
_ALONE = _SERVICE | SECURITY
_PACKAGE = frozenset({"UNO", "UNP"})
_TAG_SHOWN = 12
_NEXT = frozenset({"UNA", "UNB"})


class Envelope:
    """Turns the tokenizer's segments and faults into events; see the module's docstring."""

    def __init__(self) -> None:
        self._interchange: Opened | None = None
        self._group: GroupOpened | None = None
        self._message: MessageOpened | None = None
        self._in_message = False
        self._position = 0
        self._references: set[str] = set()
        self._messages = 0
        self._groups = 0
        self._unz: Segment | None = None
        self._une: Segment | None = None
        self._cut_off = False
        self._stray = False
        self._of_next: list[Fault] = []

    def read(self, items: Iterable[Run | Fault]) -> Iterator[Event]:
        """Yield the events of all interchanges of the input."""
        for item in items:
            if isinstance(item, Fault):
                yield from self._fault(item)
            else:
                yield from self._run(item)
        if self._of_next:
            yield from self._end_interchange()
            yield self._begin(None)
        yield from self._end_interchange()

    def _run(self, run: Run) -> Iterator[Event]:
        """Yield the events of segments that follow one another; security segments come alone."""
        begun = 0
        for index in [index for index, text in enumerate(run.texts) if text[:1] == "U" and text[:3] in _ALONE]:
            segment = run.segment(index)
            if segment.tag == "UNT" and self._in_message:
                yield from self._inner(run, begun, index + 1)
                self._close_message(segment)
                begun = index + 1
                continue
            yield from self._inner(run, begun, index)
            begun = index + 1
            if segment.tag in _SERVICE:
                yield from self._service(segment)
                if segment.tag == "UNH" and self._in_message:
                    begun = index
            else:
                yield from self._inner(run, index, index + 1)
        yield from self._inner(run, begun, len(run))

    def _inner(self, run: Run, start: int, end: int) -> Iterator[Event]:
        """Yield segments of a message, or note that they stand where none may."""
        if start == end:
            return
        if self._in_message:
            yield run.part(start, end, self._position + 1)
            self._position += end - start
            return
        yield from self._end_message()
        for index in range(start, end):
            self._report_stray(run.segment(index))

    def _service(self, segment: Segment) -> Iterator[Event]:
        tag = segment.tag
        if tag == "UNB":
            yield from self._end_interchange()
            yield self._begin(segment)
        elif tag == "UNH":
            yield from self._open_message(segment)
        elif tag == "UNT":
            yield from self._end_message()
            self._report_stray(segment)
        elif tag == "UNZ":
            yield from self._end_group()
            self._unz = segment
            self._check_interchange(segment)
        elif tag == "UNG":
            yield from self._open_group(segment)
        else:
            yield from self._close_group(segment)

    def _begin(self, unb: Segment | None) -> Opened:
        place = Place(unb.value(5) if unb else "")
        opened = self._interchange = Opened(unb, place)
        self._references = set()
        self._messages = self._groups = 0
        self._unz = None
        self._cut_off = self._stray = False
        for fault in self._of_next:
            self._place_fault(fault, place)
        self._of_next = []
        return opened

    def _open_message(self, unh: Segment) -> Iterator[Event]:
        yield from self._end_group() if self._une else self._end_message()
        interchange = self._interchange
        if interchange is None:
            return
        reference = unh.value(1)
        group = self._group.place.group if self._group else None
        self._message = MessageOpened(unh, Place(interchange.place.interchange, group, reference))
        self._in_message = True
        self._stray = False
        self._position, unh.position = 0, 1
        self._count_message(unh, reference)
        yield self._message

    def _count_message(self, unh: Segment, reference: str) -> None:
        self._messages += 1
        if self._group:
            self._group.messages += 1
            self._check_type(self._group, unh)
        elif self._groups:
            self._report_mixed("A message stands outside the groups", unh)
        if reference and reference in self._references and self._message:
            where = "group" if self._group else "interchange"
            message = f"The message reference {reference} occurs twice in the {where}"
            self._message.place.report("26", message, segment=unh, element=2)
        self._references.add(reference)

    def _report_mixed(self, message: str, segment: Segment) -> None:
        """Tell once that an interchange has groups and messages side by side."""
        if self._interchange and not any(found.code == "30" for found in self._interchange.place.findings):
            self._interchange.place.report("30", message, segment=segment)

    def _check_type(self, group: GroupOpened, unh: Segment) -> None:
        """In syntax 1 to 3 a group holds messages of one type; the first other one is told."""
        type_ = unh.value(2)
        if not group.type:
            group.type = type_
        elif type_ != group.type and self._is_old() and not any(found.code == "31" for found in group.place.findings):
            group.place.report("31", f"A group of {group.type} holds a message of type {type_}", segment=unh)

    def _is_old(self) -> bool:
        unb = self._interchange.unb if self._interchange else None
        return unb is None or unb.value(1, 2) != "4"

    def _close_message(self, unt: Segment) -> None:
        """Hold the counts of UNT, which was passed on already, against what was read."""
        self._in_message = False
        unt.position = self._position
        if self._message is not None:
            place = self._message.place
            _check_count(place, unt, self._position, "segments from UNH to UNT")
            _check_reference(place, unt, place.message or "", "UNH")

    def _end_message(self) -> Iterator[Event]:
        """Close the message that is open, with what is wrong if its UNT has not come."""
        opened = self._message
        if opened is None:
            return
        complete = not self._in_message
        if not complete:
            opened.place.report("13", "UNT is missing at the end of the message", tag="UNT", offset=opened.unh.offset)
        self._message = None
        self._in_message = False
        yield MessageClosed(opened, complete)

    def _open_group(self, ung: Segment) -> Iterator[Event]:
        yield from self._end_group()
        interchange = self._interchange
        if interchange is None:
            return
        if self._messages and not self._groups:
            self._report_mixed("A group stands beside messages without a group", ung)
        self._groups += 1
        self._references = set()
        self._stray = False
        self._group = GroupOpened(ung, Place(interchange.place.interchange, ung.value(5)))
        yield self._group

    def _close_group(self, une: Segment) -> Iterator[Event]:
        yield from self._end_message()
        if self._group is None:
            self._report_stray(une)
            return
        self._une = une
        place = self._group.place
        _check_count(place, une, self._group.messages, "messages in the group")
        _check_reference(place, une, place.group or "", "UNG")
        if not self._group.messages:
            place.report("32", "The group holds no message", segment=une)

    def _end_group(self) -> Iterator[Event]:
        yield from self._end_message()
        opened, une = self._group, self._une
        self._group = self._une = None
        if opened is None:
            return
        if une is None:
            opened.place.report("13", "UNE is missing at the end of the group", tag="UNE", offset=opened.ung.offset)
        yield GroupClosed(opened, une)

    def _check_interchange(self, unz: Segment) -> None:
        if self._interchange is None:
            return
        place = self._interchange.place
        what = "groups" if self._groups else "messages"
        _check_count(place, unz, self._groups or self._messages, f"{what} in the interchange")
        _check_reference(place, unz, place.interchange, "UNB")

    def _end_interchange(self) -> Iterator[Event]:
        yield from self._end_group()
        opened, unz = self._interchange, self._unz
        if opened is None:
            return
        place = opened.place
        if opened.unb and not self._messages and not self._groups and not self._cut_off:
            place.report("32", "The interchange holds no message", segment=unz or opened.unb)
        if opened.unb and unz is None and not self._cut_off:
            place.report("13", "UNZ is missing at the end of the interchange", tag="UNZ", offset=opened.unb.offset)
        self._interchange = self._unz = None
        yield Closed(opened, unz)

    def _report_stray(self, segment: Segment) -> None:
        if self._stray or self._interchange is None or segment.tag in _PACKAGE:
            return
        self._stray = True
        place = self._group.place if self._group and self._une is None else self._interchange.place
        place.report("33", f"{segment.tag[:_TAG_SHOWN] or 'A segment'} stands outside any message", segment=segment)

    def _fault(self, fault: Fault) -> Iterator[Event]:
        if fault.tag in _NEXT:
            self._of_next.append(fault)
            return
        self._cut_off = self._cut_off or fault.fatal or (fault.code == "22" and fault.level == "error")
        if self._message is not None and fault.segment is not None:
            fault.segment.position = self._position
            yield fault
        elif self._interchange is None:
            self._of_next.append(fault)
        else:
            in_group = fault.segment is not None and fault.segment.tag in {"UNG", "UNE"} and self._group
            self._place_fault(fault, in_group.place if in_group else self._interchange.place)

    @staticmethod
    def _place_fault(fault: Fault, place: Place) -> None:
        place.report(
            fault.code,
            fault.message,
            tag=fault.tag,
            segment=fault.segment,
            element=fault.element,
            component=fault.component,
            offset=fault.offset,
            level=fault.level,
        )


def _check_count(place: Place, segment: Segment, counted: int, what: str) -> None:
    stated = segment.value(1)
    if stated.isascii() and stated.isdigit() and stated.lstrip("0") != str(counted).lstrip("0"):
        place.report("29", f"{segment.tag} counts {stated}, there are {counted} {what}", segment=segment, element=2)


def _check_reference(place: Place, segment: Segment, opening: str, opened_by: str) -> None:
    stated = segment.value(2)
    if stated and stated != opening:
        message = f"{segment.tag} has the reference {stated}, {opened_by} has {opening or 'none'}"
        place.report("28", message, segment=segment, element=3)
