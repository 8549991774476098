"""What the head of an order and its lines state alike: amounts, days, texts, references, allowances.

Source: UN/EDIFACT D.96A and D.01B: MOA, DTM, FTX, RFF, ALC with PCD, MOA and TAX; EANCOM for the qualifiers.
"""

from collections.abc import Iterable
from decimal import Decimal

from hub.canonical.catalogue import AllowanceCharge
from hub.canonical.document import Note, Period, Reference
from hub.canonical.finding import Level
from hub.translators.edifact.reading import Extensions, Reading
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

_WANTED = frozenset({"2", "64", "358", "63", "359"})
_FULL = 100


def read_money(
    segments: Iterable[Segment], wanted: tuple[str, ...], reading: Reading, kept: Extensions
) -> Decimal | None:
    """Return the amount of the first of these qualifiers (5025) that is there; the other MOA are kept.

    So is one in another currency than the order's.
    """
    by_qualifier: dict[str, Segment] = {}
    for moa in segments:
        is_ours = moa.value(1, 3) in {"", reading.currency}
        if is_ours and moa.value(1) in wanted and moa.value(1) not in by_qualifier and moa.value(1, 2):
            by_qualifier[moa.value(1)] = moa
        else:
            kept.keep(moa)
    chosen = next((by_qualifier.pop(qualifier) for qualifier in wanted if qualifier in by_qualifier), None)
    kept.keep_all(by_qualifier.values())
    return reading.number(chosen, 1, 2) if chosen else None


def read_wanted(segments: Iterable[Segment], reading: Reading, kept: Extensions) -> Period | None:
    """Return when delivery is wanted: DTM 2, or 64 and 63 (EANCOM), or 358 and 359; the other DTM are kept."""
    start = end = None
    for dtm in segments:
        qualifier = dtm.value(1)
        period = reading.period(dtm) if qualifier in _WANTED else None
        if period is None:
            kept.keep(dtm)
            continue
        if qualifier not in {"63", "359"}:
            start = period.start
        if qualifier not in {"64", "358"}:
            end = period.end
        if has_time_of_day(dtm):
            kept.keep(dtm)
    return Period.trusted(start=start, end=end) if start or end else None


def has_time_of_day(dtm: Segment) -> bool:
    """Tell whether a DTM says more than a day."""
    return dtm.value(1, 3) in {"203", "204", "201", "303", "719"} and bool(dtm.value(1, 2)[8:].strip("0"))


def read_notes(segments: Iterable[Segment], kept: Extensions) -> tuple[Note, ...]:
    """Return free texts and the codes beside them, or instead of them; what else an FTX says is kept."""
    notes = []
    for ftx in segments:
        text = "\n".join(line for line in ftx.components(4) if line)
        code, code_list, agency = (ftx.value(3, component) or None for component in (1, 2, 3))
        if text or code:
            subject = ftx.value(1) or None
            notes.append(Note(subject=subject, text=text, code=code, code_list=code_list, agency=agency))
        if not (text or code) or ftx.value(2) or any(ftx.components(3)[3:]):
            kept.keep(ftx)
    return tuple(notes)


def read_references(groups: Iterable[Group], reading: Reading, kept: Extensions) -> tuple[Reference, ...]:
    """Return references with their dates (DTM 171); what names no document, and other dates, are kept."""
    found = []
    for group in groups:
        rff = group.trigger
        if not rff.value(1, 2):
            kept.keep_group(group)
            continue
        issued = None
        for dtm in group.segments[1:]:
            if dtm.tag == "DTM" and dtm.value(1) == "171" and issued is None and (issued := reading.day(dtm)):
                continue
            kept.keep(dtm, f"RFF+{rff.value(1)}/")
        for below in group.groups:
            kept.keep_group(below, f"RFF+{rff.value(1)}/")
        if rff.value(1, 4):
            kept.keep(rff)
        line = rff.value(1, 3) or None
        found.append(Reference.trusted(kind=rff.value(1), number=rff.value(1, 2), line=line, issued=issued))
    return tuple(found)


def read_percentage(
    segment: Segment, element: int, component: int, reading: Reading, level: Level = "error"
) -> Decimal | None:
    """Return a percentage from 0 to 100, None for none; another one is told."""
    text = segment.value(element, component)
    if not text.strip():
        return None
    value = reading.number(segment, element, component, level)
    if value is not None and not 0 <= value <= _FULL:
        reading.report("12", f"{text} is no percentage from 0 to 100", segment, element, component, level=level)
        return None
    return value


def read_allowances(groups: Iterable[Group], reading: Reading, kept: Extensions) -> tuple[AllowanceCharge, ...]:
    """Return allowances and charges; of those that are no plain amount or percentage the whole group is kept too."""
    found = []
    for group in groups:
        one = _allowance(group, reading, kept)
        if one is None:
            kept.keep_group(group)
        else:
            found.append(one)
    return tuple(found)


def _allowance(group: Group, reading: Reading, kept: Extensions) -> AllowanceCharge | None:
    alc = group.trigger
    kind = alc.value(1)
    moas = [moa for below in group.children("MOA") for moa in below.all("MOA")] + group.all("MOA")
    pcds = [below.trigger for below in group.children("PCD")]
    amount_at = next((moa for moa in moas if moa.value(1) in {"8", "23", "204"}), None)
    base_at = next((moa for moa in moas if moa.value(1) == "25"), None)
    amount = reading.number(amount_at, 1, 2) if amount_at else None
    percentage = read_percentage(pcds[0], 1, 2, reading) if pcds else None
    if kind not in {"A", "C"} or (amount is None and percentage is None):
        return None
    known = {amount_at, base_at, alc, *pcds[:1]}
    taxes = [below.trigger for below in group.children("TAX") if len(below.segments) == 1]
    rate = read_percentage(taxes[0], 5, 4, reading) if taxes else None
    if (
        any(segment not in known and segment not in taxes[:1] for segment in group.walk())
        or alc.value(2)
        or alc.value(3)
    ):
        kept.keep_group(group, "ALC/")
    charge = kind == "C"
    sequence = alc.value(4)
    return AllowanceCharge(
        charge=charge if amount is None or amount >= 0 else not charge,
        amount=None if amount is None else abs(amount),
        percentage=percentage,
        base=reading.number(base_at, 1, 2) if base_at else None,
        reason_code=alc.value(5) or None,
        reason="".join(alc.components(5)[3:5]) or None,
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() else None,
        tax_rate=rate,
    )
