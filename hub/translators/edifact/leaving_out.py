"""What we could say and a partner does not want: left out of our documents before they are encoded.

Source: the partner's agreement, `edi.leaves_out`.
"""

from collections.abc import Iterable, Iterator, Sequence

from hub.canonical.agreement import Agreement, DocumentKind
from hub.translators.edifact.directory import directory
from hub.translators.edifact.kept import value
from hub.translators.edifact.places import Place, place
from hub.translators.edifact.run import Run
from hub.translators.edifact.structure import Group, StructureReader
from hub.translators.edifact.syntax import ServiceCharacters
from hub.translators.edifact.table import Node
from hub.translators.edifact.writer import Plain, edi

_CHARS = ServiceCharacters()
_FIRST = 2
"""The position of the first segment behind UNH."""


def as_wanted(kind: DocumentKind, body: Iterable[Plain], agreement: Agreement) -> Iterable[Plain]:
    """Return the segments of a document, between UNH and UNT, that the partner wants to have."""
    terms = edi(agreement)
    places = terms.leaves_out.get(kind, ())
    table = directory(terms.directory).message(kind)
    return _without(list(body), table, places) if places and table is not None else body


def _without(body: Sequence[Plain], table: Node, places: Sequence[str]) -> Iterator[Plain]:
    unwanted = {position for text in places for position in _positions(_tree(body, table), place(text))}
    return (plain for position, plain in enumerate(body, _FIRST) if position not in unwanted)


def _tree(body: Sequence[Plain], table: Node) -> Group:
    """Return the message's tree; of each segment it has the tag and the first value, which places speak of."""
    inside = [f"{plain.tag}+{_CHARS.escape(value(plain, 1))}" for plain in body]
    texts = ["UNH", *inside, "UNT"]
    structure = StructureReader(table)
    structure.add(Run(texts, [0] * len(texts), _CHARS, 0, 1))
    structure.finish()
    return structure.tree


def _positions(tree: Group, unwanted: Place) -> Iterator[int]:
    for owner in unwanted.owners(tree):
        for segment in unwanted.segments(owner):
            opened = next((below for below in owner.groups if below.segments[0] is segment), None)
            yield from (each.position for each in (opened.walk() if opened else [segment]))
