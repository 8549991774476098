"""Packing: every picked piece lies in exactly one labelled unit, and a unit stands on at most one other.

Source: GS1 General Specifications 3.2 (SSCC) and 7.9 (check digit); UN/ECE Recommendation 21 (package types).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from hub.canonical.delivery import HandlingUnit, PackedUnit, PickedLine, UnitContent
from hub.canonical.party import Party
from hub.canonical.values import check_digit
from hub.errors import BusinessRefusal, NeedsDecision

PREFIX_SCHEME = "gs1_prefix"
_PREFIX = re.compile("[0-9]{4,12}")
_USUAL_PREFIX = 7
_SSCC_DIGITS = 16
_PALLET, _CARTON = "PX", "CT"


def sscc(company_prefix: str, serial: int) -> str:
    """Return the serial shipping container code number `serial` of a company.

    The serial fills what prefix and check digit leave of 18 digits; once that is used
    up it goes on into the extension digit. Raises NeedsDecision when that is used up too.
    """
    width = _SSCC_DIGITS - len(company_prefix)
    extension, reference = divmod(serial, 10**width)
    if extension > 9:  # noqa: PLR2004 - the extension is one digit
        raise NeedsDecision(f"all SSCCs of the company prefix {company_prefix} are used up")
    digits = f"{extension}{company_prefix}{reference:0{width}d}"
    return digits + check_digit(digits)


def company_prefix(company: Party) -> str | None:
    """Return the GS1 company prefix that the company's SSCCs begin with, None if it has none.

    It is the company's identifier where its scheme is `gs1_prefix`, else the first 7 digits
    of its GLN, which is right for companies with a prefix of that length.
    """
    if company.scheme == PREFIX_SCHEME and _PREFIX.fullmatch(company.identifier or ""):
        return company.identifier
    return company.gln[:_USUAL_PREFIX] if company.gln else None


def one_pallet(picked: Mapping[str, Decimal]) -> tuple[PackedUnit, ...]:
    """Return the plainest packing: everything in one carton, which stands on one pallet."""
    content = tuple(PickedLine(line_id=line, quantity=quantity) for line, quantity in picked.items() if quantity)
    return (
        PackedUnit(unit="pallet", package_type=_PALLET),
        PackedUnit(unit="carton", parent="pallet", package_type=_CARTON, content=content),
    )


def labelled(units: Sequence[PackedUnit], labels: Sequence[str]) -> tuple[HandlingUnit, ...]:
    """Return the units with their SSCCs: `labels` stand in the order of the units."""
    by_mark = {unit.unit: label for unit, label in zip(units, labels, strict=True)}
    return tuple(
        HandlingUnit(
            sscc=by_mark[unit.unit],
            parent=by_mark[unit.parent] if unit.parent else None,
            package_type=unit.package_type,
            gross_weight_kg=unit.gross_weight_kg,
            content=tuple(UnitContent(delivery_line=part.line_id, quantity=part.quantity) for part in unit.content),
        )
        for unit in units
    )


def check(units: Sequence[PackedUnit], picked: Mapping[str, Decimal]) -> None:
    """Raise BusinessRefusal that names everything wrong with a packing of what was picked."""
    problems = [*_wrong_marks(units), *_wrong_content(units, picked)]
    if problems:
        raise BusinessRefusal("; ".join(problems), problems=problems)


def _wrong_marks(units: Sequence[PackedUnit]) -> Iterator[str]:
    parents = {unit.unit: unit.parent for unit in units}
    carrying = set(parents.values())
    for mark, times in Counter(unit.unit for unit in units).items():
        if times > 1:
            yield f"unit {mark} is given {times} times"
    for unit in units:
        if unit.parent is not None and unit.parent not in parents:
            yield f"unit {unit.unit} stands on {unit.parent}, which is not given"
        elif _stands_on_itself(unit.unit, parents):
            yield f"unit {unit.unit} stands on itself"
        if not unit.content and unit.unit not in carrying:
            yield f"unit {unit.unit} is empty"


def _stands_on_itself(mark: str, parents: Mapping[str, str | None]) -> bool:
    seen = {mark}
    below = parents.get(mark)
    while below is not None and below not in seen:
        seen.add(below)
        below = parents.get(below)
    return below == mark


def _wrong_content(units: Sequence[PackedUnit], picked: Mapping[str, Decimal]) -> Iterator[str]:
    packed = dict.fromkeys(picked, Decimal(0))
    for unit in units:
        for part in unit.content:
            if part.line_id not in picked:
                yield f"unit {unit.unit} holds line {part.line_id}, which was not picked"
            elif part.quantity <= 0:
                yield f"unit {unit.unit} holds {part.quantity} of line {part.line_id}"
            else:
                packed[part.line_id] += part.quantity
    for line, quantity in packed.items():
        if quantity != picked[line]:
            yield f"line {line}: {quantity} packed, {picked[line]} picked"
