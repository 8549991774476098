"""What an order, or a line of it, states beside what services ask of it: read from what was kept, and written.

The reading of an order keeps what it has no field for. Of that, what days, quantities, amounts,
prices, measures, places, descriptions and terms of delivery say is read by the same forms as in other
documents; only what no form understands stays kept.

Source: UN/EDIFACT D.96A and D.01B ORDERS and ORDCHG: DTM, QTY, MOA, PRI, MEA, LOC, IMD, TOD.
"""

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from hub.canonical.trade import Details
from hub.translators.edifact.forms.form import Form, Part, Pen
from hub.translators.edifact.forms.pieces import (
    AMOUNTS,
    DATES,
    DELIVERY_TERMS,
    DESCRIPTIONS,
    LOCATIONS,
    MEASURES,
    PLAIN_QUANTITIES,
    PRICES,
)
from hub.translators.edifact.kept import Block
from hub.translators.edifact.reading import DEFAULT, Extensions, Reading
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

_FORM = Form(Details, DATES, PLAIN_QUANTITIES, AMOUNTS, PRICES, MEASURES, LOCATIONS, DESCRIPTIONS, DELIVERY_TERMS)
_TAGS = frozenset({"DTM", "QTY", "MOA", "PRI", "MEA", "LOC", "IMD", "TOD"})


def read_details(kept: Extensions, reading: Reading) -> tuple[Details | None, Mapping[str, tuple[str, ...]]]:
    """Return what of the kept segments details can say, None if nothing; and what is left of them.

    Nothing of it can spoil the order: where a value is none, all stays kept as it was.
    """
    extensions = kept.result()
    stated = [key for key in extensions if key.partition("+")[0] in _TAGS]
    if not stated:
        return None, extensions
    unheard = Reading(reading.agreement, reading.sender, reading.place, currency=reading.currency)
    groups = [_group(text) for key in stated for text in extensions[key]]
    try:
        values = {**_FORM.values(Part(groups), unheard)}
        left = values.pop("extensions")
        details = Details(**values) if values else None
    except ValidationError:
        return None, extensions
    if details is None:
        return None, extensions
    return details, {key: texts for key, texts in extensions.items() if key not in stated} | left


def detail_blocks(details: Details | None, pen: Pen) -> Iterator[Block]:
    """Yield the segments and groups of details."""
    if details is not None:
        yield from _FORM.blocks(details, pen)


def _group(text: str) -> Group:
    """Return a kept segment, or a group of segments, none of which opens another below it."""
    segments = [Segment(one, 0, DEFAULT) for one in DEFAULT.split(text, DEFAULT.terminator)]
    return Group(segments[0].tag, 0, segments)
