"""Whether an interchange is missing: where a partner numbers them one by one, a gap is for a person.

Source: ISO 9735 UNB 0020, the interchange control reference. That it counts is agreed; the standard wants it unique.
"""

import re
from typing import Any

from hub.canonical.envelope import Message
from hub.store.messages import NumberSeries
from hub.store.work import Work

_NUMBER = re.compile(r"[0-9]{1,14}$")
_FIRST = 1


def counted_by(partner: str) -> str:
    """Return the name of the series that holds a partner's last reference."""
    return f"received/{partner}"


def notice_gap(reference: str, message: Message[Any], work: Work) -> None:
    """Ask a person about a reference that does not follow the last one; a counter may begin anew with 1."""
    partner = message.partner or ""
    found = _NUMBER.search(reference)
    held = work.get(NumberSeries, counted_by(partner))
    if found is None:
        work.task("out_of_sequence", f"{partner} {reference}", f"{reference} is no number, and they are to be counted")
        return
    number, last = int(found[0]), held.last if held is not None else None
    if last is not None and number not in {last + 1, _FIRST}:
        missing = f"{last + 1} is missing" if number == last + 2 else f"{last + 1} to {number - 1} are missing"
        told = f"after {last} came {number}: {missing if number > last else 'it is late, or their counter began anew'}"
        work.task("out_of_sequence", f"{partner} {reference}", told)
    if last is None or number > last or number == _FIRST:
        work.save(NumberSeries(counted_by(partner), number, held.version if held is not None else 0))
