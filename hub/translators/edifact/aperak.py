"""APERAK from a partner: what its application says about a document of ours.

Error codes (9321) are of no list of the UN: they are told as they stand, with the partner's
own words.

Source: UN/EDIFACT D.96A and D.01B APERAK: BGM 1225 and 4343, RFF, ERC with FTX and RFF.
"""

from collections.abc import Iterator
from typing import NamedTuple

from hub.translators.edifact.labels import code_label
from hub.translators.edifact.structure import Group
from hub.translators.edifact.syntax import Segment

_REFUSED = frozenset({"27", "RE"})


class Remark(NamedTuple):
    """What is said about `documents` of ours (`invoice 2026-000001`), and the `errors` in words."""

    documents: tuple[str, ...]
    accepted: bool
    errors: tuple[str, ...]

    def in_words(self) -> str:
        """Return the remark as a sentence for people."""
        about = ", ".join(self.documents) or "a document that is not named"
        if self.accepted:
            return f"their application accepts {about}"
        return f"their application refuses {about}: {'; '.join(self.errors) or 'no reason given'}"


def read(tree: Group) -> Remark:
    """Return what an APERAK says. Without an error, and without "not accepted" in BGM, it accepts."""
    bgm = tree.first("BGM")
    refused = bgm is not None and bool({bgm.value(3), bgm.value(4)} & _REFUSED)
    errors = tuple(_error(group) for group in tree.children("ERC"))
    documents = tuple(_reference(group.trigger) for group in tree.children("RFF"))
    texts = () if errors else tuple(_text(ftx) for ftx in tree.all("FTX"))
    return Remark(documents, not refused and not errors, errors or (texts if refused else ()))


def _error(group: Group) -> str:
    code = group.trigger.value(1)
    texts = [_text(ftx) for below in (group, *group.children("RFF")) for ftx in below.all("FTX")]
    places = [place for below in group.children("RFF") for place in _places(below.trigger)]
    said = ": ".join(part for part in (f"error {code}", " ".join(texts)) if part)
    return f"{said} ({', '.join(places)})" if places else said


def _places(rff: Segment) -> Iterator[str]:
    if rff.value(1, 2):
        yield _reference(rff)
    if rff.value(1, 3):
        yield f"line {rff.value(1, 3)}"


def _reference(rff: Segment) -> str:
    kind = rff.value(1)
    return f"{code_label('1153', kind) or kind} {rff.value(1, 2)}"


def _text(ftx: Segment) -> str:
    return " ".join(line for line in ftx.components(4) if line)
