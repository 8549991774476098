"""CONTRL from a partner: what it says about an interchange of ours.

Source: CONTRL D.3 (syntax 3) and 4.1 (syntax 4): UCI, UCM, UCF, UCS, UCD; elements 0083 and 0085.
"""

from typing import Literal

from hub.canonical.finding import Finding, Location
from hub.canonical.intake import AcknowledgementReceived
from hub.translators.edifact.labels import code_label
from hub.translators.edifact.reading import Reading
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

Action = Literal["accepted", "rejected", "received"]
_REJECTED = frozenset({"4", "6"})


def read(tree: Group, reading: Reading) -> AcknowledgementReceived | None:
    """Return the acknowledgement that the message is, None where it names no interchange.

    Messages that it rejects are named by their references, and what it found wrong is
    located in our interchange. A rejection of messages beside "received" (8) counts as one.
    """
    uci = tree.first("UCI")
    if uci is None or not uci.value(1):
        return None
    reference = uci.value(1)
    findings = _level(uci, 4, Location(interchange=reference))
    rejected: list[str] = []
    for ucm in tree.children("UCM"):
        _message(ucm, Location(interchange=reference), rejected, findings)
    for ucf in tree.children("UCF"):
        group = Location(interchange=reference, group=ucf.trigger.value(1))
        findings += _level(ucf.trigger, 4, group)
        for ucm in ucf.children("UCM"):
            _message(ucm, group, rejected, findings)
    return AcknowledgementReceived(
        reference=reference, action=_action(uci, reading), findings=tuple(findings), rejected_messages=tuple(rejected)
    )


def _action(uci: Segment, reading: Reading) -> Action:
    code = uci.value(4)
    if code in _REJECTED:
        return "rejected"
    if code == "8":
        return "received"
    if code not in {"7", "1", "2", "3", "5"}:
        reading.warn("12", f"{code!r} is no action of 0083; taken as acknowledged", uci, 4)
    return "accepted"


def _message(group: Group, place: Location, rejected: list[str], findings: list[Finding]) -> None:
    ucm = group.trigger
    here = place.model_copy(update={"message": ucm.value(1)})
    if ucm.value(3) in _REJECTED:
        rejected.append(ucm.value(1))
    findings += _level(ucm, 3, here)
    for ucs_group in group.children("UCS"):
        ucs = ucs_group.trigger
        at = here.model_copy(update={"segment": _count(ucs.value(1))})
        if ucs.value(2):
            findings.append(_finding(ucs.value(2), at))
        for ucd in ucs_group.all("UCD"):
            findings.append(_finding(ucd.value(1), at.model_copy(update=_element(ucd, 2))))


def _level(segment: Segment, action: int, place: Location) -> list[Finding]:
    """Return the error that UCI, UCF or UCM itself carries behind its action."""
    code = segment.value(action + 1)
    if not code:
        return []
    at = {"tag": segment.value(action + 2) or None, **_element(segment, action + 3)}
    return [_finding(code, place.model_copy(update=at))]


def _element(segment: Segment, element: int) -> dict[str, int | None]:
    return {
        "element": _count(segment.value(element)),
        "component": _count(segment.value(element, 2)),
        "occurrence": _count(segment.value(element, 3)),
    }


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None  # noqa: PLR2004 - beyond any count


def _finding(code: str, place: Location) -> Finding:
    meaning = code_label("0085", code)
    return Finding(code=code, location=place, message=f"error {code}, {meaning}" if meaning else f"error {code}")
