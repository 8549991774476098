"""Texts, references and allowances on their way back into a message, with what was kept beside them.

Where a kept segment says the same as a field and more (an allowance with its own
conditions, a text with a code), it stands for it.

Source: UN/EDIFACT D.96A and D.01B: FTX, RFF with DTM, ALC with PCD, MOA and TAX.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, takewhile

from hub.canonical.catalogue import AllowanceCharge
from hub.canonical.document import Note, Reference
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.kept import Block, Kept, merged, value
from hub.translators.edifact.writer import Plain, segment

_REASON_WIDTH = 35
_AMOUNTS = frozenset({"8", "23", "204"})


def note_blocks(notes: Iterable[Note], kept: Kept, tongue: Dialect) -> Iterator[Block]:
    """Yield FTX, each as a kept one that has the same text and code, and says more."""
    own = [tuple(_note(note, tongue)) for note in notes]
    yield from merged(own, kept.take("FTX"), lambda ftx: (value(ftx[0], 1), value(ftx[0], 3), _components(ftx[0], 4)))


def _note(note: Note, tongue: Dialect) -> Iterator[Plain]:
    """Yield FTX of a note; a code stands in the first of several."""
    texts = list(blocks.note(note.subject or "", note.text, tongue)) or [segment("FTX", note.subject)]
    if note.code is not None:
        first, *lines = texts[0].elements[0], *texts[0].elements[3:4]
        texts[0] = segment("FTX", first, "", (note.code, note.code_list, note.agency), *lines)
    yield from texts


def reference_blocks(references: Sequence[Reference], kept: Kept) -> Iterator[Block]:
    """Yield RFF with their dates; what else was kept below one goes below the first of its kind."""
    below: dict[str, list[Block]] = defaultdict(list)
    whole: dict[Hashable, list[Block]] = defaultdict(list)
    for key, blocks_ in kept.take_each("RFF"):
        kind, slash, _ = key.removeprefix("+").partition("/")
        for one in blocks_:
            (below[kind] if slash else whole[_document(one[0])]).append(one)
    for each in references:
        rff, *dates = blocks.reference(each.kind, each.number, each.line, each.issued)
        fuller = whole[_document(rff)]
        (first, *_) = fuller.pop(0) if fuller else (rff,)
        others = sorted((*dates, *chain.from_iterable(below.pop(each.kind, ()))), key=_after_parties)
        yield first, *others
    yield from chain.from_iterable((*below.values(), *whole.values()))


def _after_parties(plain: Plain) -> bool:
    """Tell what stands behind the parties of a reference: all but they, as in DESADV of D.01B, which alone has them."""
    return plain.tag not in {"NAD", "CTA"}


def _document(rff: Plain) -> Hashable:
    """Return what a reference is to: its kind, number and line."""
    return value(rff, 1), value(rff, 1, 2), value(rff, 1, 3)


def allowance_blocks(allowances: Iterable[AllowanceCharge], kept: Kept, tongue: Dialect) -> Iterator[Block]:
    """Yield ALC with what stands below, each as a kept group that says the same and more; then those that were kept."""
    yield from merged([_allowance(each, tongue) for each in allowances], kept.take("ALC/"), _alike_allowances)
    yield from kept.take("ALC+")


def _allowance(one: AllowanceCharge, tongue: Dialect) -> Block:
    reason = blocks.continued(one.reason or "", _REASON_WIDTH, tongue)
    kind = "C" if one.charge else "A"
    sequence = "" if one.sequence is None else str(one.sequence)
    plains = [segment("ALC", kind, "", "", sequence, (one.reason_code, None, None, *reason))]
    if one.percentage is not None:
        plains.append(segment("PCD", ("2" if one.charge else "1", blocks.number(one.percentage))))
    if one.amount is not None:
        plains.append(blocks.money("8", one.amount))
    if one.base is not None:
        plains.append(blocks.money("25", one.base))
    if one.tax_rate is not None:
        plains.append(segment("TAX", "7", "VAT", "", "", (None, None, None, blocks.number(one.tax_rate))))
    return tuple(plains)


def _alike_allowances(group: Block) -> Hashable:
    """Return what makes two allowances one: kind, reason, percentage, amount."""
    before_tax = tuple(takewhile(lambda plain: plain.tag != "TAX", group))
    found = {plain.tag: plain for plain in reversed(before_tax)}
    amounts = (plain for plain in before_tax if plain.tag == "MOA" and value(plain, 1) in _AMOUNTS)
    amount = next((value(plain, 1, 2) for plain in amounts), "")
    return value(group[0], 5), blocks.same(amount), blocks.same(value(found["PCD"], 1, 2) if "PCD" in found else "")


def _components(plain: Plain, element: int) -> tuple[str, ...]:
    """Return the components of an element without those at the end that say nothing."""
    if element > len(plain.elements):
        return ()
    components = plain.elements[element - 1]
    found = list(components) if isinstance(components, tuple) else [components]
    while found and not found[-1]:
        found.pop()
    return tuple(found)
