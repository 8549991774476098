"""What a partner says about documents and goods of ours, in words for a person: APERAK, REMADV, RECADV, COMDIS.

Nothing moves by these messages: money moves when it comes, stock when goods come back. They
say what a person has to know or to decide, so each becomes a sentence, and a task where
something is wanted.

Source: UN/EDIFACT D.96A and D.01B APERAK, REMADV, RECADV, COMDIS; elements 4465, 4221, 6063, 5025.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from hub.translators.edifact.labels import code_label
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

Kind = Literal["aperak", "remittance", "receipt_differs", "dispute"]
_REFUSED = frozenset({"27", "RE"})
_MOST = 20
"""Lines that a sentence has room for; the archived message has them all."""


class Remark(NamedTuple):
    """What is said, and whether somebody must look at it: then `kind` is that of the task."""

    kind: Kind
    said: str
    asks: bool


def application_error(tree: Group) -> Remark:
    """Return what an APERAK says. Without an error, and without "not accepted" in BGM, it accepts."""
    bgm = tree.first("BGM")
    refused = bgm is not None and bool({bgm.value(3), bgm.value(4)} & _REFUSED)
    errors = [_error(group) for group in tree.children("ERC")]
    about = ", ".join(_reference(group.trigger) for group in tree.children("RFF")) or "a document that is not named"
    if not refused and not errors:
        return Remark("aperak", f"their application accepts {about}", asks=False)
    reasons = errors or [_text(ftx) for ftx in tree.all("FTX")]
    return Remark("aperak", f"their application refuses {about}: {_listed(reasons) or 'no reason given'}", asks=True)


def remittance(tree: Group) -> Remark:
    """Return what a REMADV says: what is paid by which reference, for which invoices, and what was taken off."""
    total = next((_money(moa) for moa in tree.after("UNS").all("MOA")), "an amount that is not named")
    by = ", ".join(_reference(rff) for rff in tree.all("RFF"))
    parts = [_document(group) for group in tree.children("DOC")]
    return Remark("remittance", f"they pay {total}{f' by {by}' if by else ''}: {_listed(parts)}", asks=True)


def receipt(tree: Group) -> Remark:
    """Return what a RECADV says: what came, and where that is not what was advised."""
    about = ", ".join(_reference(group.trigger) for group in tree.children("RFF")) or "a delivery that is not named"
    lines = [group for cps in tree.children("CPS") for group in cps.children("LIN")] + tree.children("LIN")
    differing = [_received(group) for group in lines if group.all("QVR")]
    if not differing:
        return Remark("receipt_differs", f"they have received {about}", asks=False)
    return Remark("receipt_differs", f"they have received {about}, but {_listed(differing)}", asks=True)


def dispute(tree: Group) -> Remark:
    """Return what a COMDIS says: which documents are disputed, and why."""
    parts = [_document(group) for group in tree.children("DOC")]
    return Remark("dispute", f"they dispute {_listed(parts)}", asks=True)


REMARKS: Mapping[str, Callable[[Group], Remark]] = MappingProxyType(
    {"APERAK": application_error, "REMADV": remittance, "RECADV": receipt, "COMDIS": dispute}
)
"""The message types that are told to a person, with who reads each."""


def _error(group: Group) -> str:
    texts = [_text(ftx) for below in (group, *group.children("RFF")) for ftx in below.all("FTX")]
    places = [place for below in group.children("RFF") for place in _places(below.trigger)]
    said = ": ".join(part for part in (f"error {group.trigger.value(1)}", " ".join(texts)) if part)
    return f"{said} ({', '.join(places)})" if places else said


def _places(rff: Segment) -> Iterator[str]:
    if rff.value(1, 2):
        yield _reference(rff)
    if rff.value(1, 3):
        yield f"line {rff.value(1, 3)}"


def _document(group: Group) -> str:
    """Return a document with its amounts, and what was taken off it or its lines, with the reasons."""
    doc = group.trigger
    named = f"{_word('1001', doc.value(1))} {doc.value(2)}"
    said = [*_amounts(group.all("MOA")), *map(_adjustment, group.children("AJT"))]
    for line in group.children("DLI"):
        reasons = [*_amounts(line.all("MOA")), *map(_adjustment, line.children("AJT"))]
        said.append(f"line {line.trigger.value(2)} {' '.join(reasons)}".rstrip())
    return f"{named} {', '.join(said)}".rstrip()


def _adjustment(group: Group) -> str:
    reason = _word("4465", group.trigger.value(1))
    texts = [_text(ftx) for ftx in group.all("FTX")]
    return " ".join(part for part in (reason, *_amounts(group.all("MOA")), *texts) if part)


def _received(group: Group) -> str:
    lin = group.trigger
    counts = [f"{_word('6063', qty.value(1))} {qty.value(1, 2)}" for qty in group.all("QTY")]
    differences = [
        " ".join(part for part in (qvr.value(1), _word("4221", qvr.value(2)), qvr.value(3, 4)) if part)
        for qvr in group.all("QVR")
    ]
    named = f"line {lin.value(1)}" + (f" ({lin.value(3)})" if lin.value(3) else "")
    return f"{named}: {', '.join([*counts, *differences])}"


def _amounts(moas: list[Segment]) -> Iterator[str]:
    return (f"{_word('5025', moa.value(1))} {_money(moa)}" for moa in moas)


def _money(moa: Segment) -> str:
    return f"{moa.value(1, 3)} {moa.value(1, 2)}".strip()


def _reference(rff: Segment) -> str:
    return f"{_word('1153', rff.value(1))} {rff.value(1, 2)}"


def _word(element: str, code: str) -> str:
    return code_label(element, code) or code


def _text(ftx: Segment) -> str:
    return " ".join(line for line in ftx.components(4) if line)


def _listed(parts: list[str]) -> str:
    more = f"; and {len(parts) - _MOST} more" if len(parts) > _MOST else ""
    return "; ".join(parts[:_MOST]) + more
