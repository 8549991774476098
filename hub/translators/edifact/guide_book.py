"""The implementation guide of an agreement: what is exchanged, how each message looks, an example of each.

It is made from what the hub checks by, so it says nothing else: the directory's table, the
edition, the partner's guide. Places that no one names are left out; they are counted.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from hub.canonical.agreement import Agreement, EdiAgreement
from hub.canonical.guide import MessageGuide
from hub.canonical.values import Value
from hub.errors import Unusable
from hub.translators.edifact.directory import Format
from hub.translators.edifact.examples import agreed_example, edi_of, needed_layers
from hub.translators.edifact.labels import code_label, element_label, segment_label
from hub.translators.edifact.layers import association_code, message_table_of
from hub.translators.edifact.narrowing import ElementSaid, Narrowed, Path, Said
from hub.translators.edifact.places import Step
from hub.translators.edifact.sampling import CHARS
from hub.translators.edifact.table import Node
from hub.translators.edifact.validate import parts_of

Status = Literal["mandatory", "required", "optional", "not used"]
_CONTRL = {
    "never": "nobody acknowledges",
    "on_request": "we acknowledge where UNB asks for it",
    "always": "we acknowledge every interchange",
    "errors_only": "we acknowledge what we refuse",
}


class CodeTold(Value):
    """A code that may be used, and what it means ("" where there is no label)."""

    code: str
    meaning: str


class ElementTold(Value):
    """A data element that must be there, or of which something is agreed; `codes` None where any value may stand."""

    element: str
    composite: str | None
    label: str
    format: str
    status: Status
    codes: tuple[CodeTold, ...] | None


class PlaceTold(Value):
    """A segment at its place: `path` as in rules, `depth` the groups around it, `most` how often it may stand there."""

    path: str
    depth: int
    tag: str
    label: str
    status: Status
    most: int
    elements: tuple[ElementTold, ...]


class MessageTold(Value):
    """One message type. `others` counts the places of the directory that may be used and that nobody names."""

    type: str
    from_partner: bool
    association: str
    since: str | None
    places: tuple[PlaceTold, ...]
    others: int
    rules: tuple[str, ...]
    example: tuple[str, ...]


class GuideBook(Value):
    """All that is agreed with a partner on EDIFACT."""

    partner: str
    name: str | None
    us: str
    them: str
    syntax: str
    directory: str
    edition: str | None
    acknowledgement: str
    test: str
    messages: tuple[MessageTold, ...]


def guide_book(agreement: Agreement) -> GuideBook:
    """Return the guide of an agreement. Raises Unusable where it does not speak of EDIFACT."""
    edi = edi_of(agreement)
    messages = [_message(agreement, type_, from_partner=True) for type_ in edi.receives]
    answers = [*([] if edi.contrl == "never" else ["CONTRL"]), *(kind for kind in edi.owed if kind != "CONTRL")]
    messages += [_message(agreement, type_, from_partner=False) for type_ in answers]
    return GuideBook(
        partner=agreement.partner,
        name=agreement.party.name,
        us=str(edi.us),
        them=str(edi.them),
        syntax=f"{edi.syntax_identifier}, version {edi.syntax_version}{', with UNA' if edi.una else ''}",
        directory=edi.directory_in_unh,
        edition=edi.edition,
        acknowledgement=_CONTRL[edi.contrl],
        test={"both": "production and test", "production": "production only", "test": "test only"}[edi.test],
        messages=tuple(messages),
    )


def _message(agreement: Agreement, type_: str, *, from_partner: bool) -> MessageTold:
    edi, layers = edi_of(agreement), needed_layers(agreement, type_)
    table = message_table_of(edi, type_)
    if table is None:
        raise Unusable(f"{type_} of {edi.directory} is not held")
    told = list(_places(table, (), Narrowed(layers), edi))
    named = tuple(place for place in told if place.status != "optional" or place.elements)
    began = [layer.guide.since for layer in layers if layer.guide.since]
    return MessageTold(
        type=type_,
        from_partner=from_partner,
        association=association_code(edi, type_),
        since=began[-1].isoformat() if began else None,
        places=named,
        others=len(told) - len(named),
        rules=tuple(sentence for layer in layers for sentence in _rules(layer.guide)),
        example=() if type_ == "CONTRL" else _lines(agreed_example(type_, agreement)),
    )


def _lines(interchange: bytes) -> tuple[str, ...]:
    return tuple(f"{segment}'" for segment in interchange.decode("ascii").split("'")[:-1])


def _rules(guide: MessageGuide) -> Iterator[str]:
    for places in guide.one_of:
        yield f"{' or '.join(places)} must be there."
    for rule in guide.rules:
        wants = [f"{place} must be there" for place in rule.required]
        wants += [f"{place} must not be there" for place in rule.forbidden]
        because = f" ({rule.says})" if rule.says else ""
        yield f"Where there is {rule.when}: {', '.join(wants)}{because}."


def _places(node: Node, path: Path, narrowed: Narrowed, edi: EdiAgreement, *, used: bool = True) -> Iterator[PlaceTold]:
    """Yield the segments of a group, each qualifier that is named by itself; `used` tells that the group is named."""
    served: set[str] = set()
    for child in node.content:
        if path and child.place == 0:
            continue
        steps = [] if child.tag in served else narrowed.named(path, child.tag)
        served.add(child.tag)
        for step in steps or [Step(child.tag)]:
            here = (*path, step)
            said = narrowed.of(here)
            told = _place(here, said, edi, most=child.max, must=child.mandatory and used and not step.qualifier)
            yield told
            if child.content and not said.forbidden:
                inside = used and (told.status != "optional" or bool(steps))
                yield from _places(child, here, narrowed, edi, used=inside)


def _place(path: Path, said: Said, edi: EdiAgreement, *, most: int, must: bool) -> PlaceTold:
    tag = path[-1].tag
    status = _status(must=must, required=said.required, forbidden=said.forbidden)
    named = status != "optional" or bool(said.elements) or said.most is not None
    return PlaceTold(
        path="/".join(map(str, path)),
        depth=len(path) - 1,
        tag=tag,
        label=segment_label(tag),
        status=status,
        most=min(most, said.most or most),
        elements=tuple(_elements(tag, said, edi)) if named and status != "not used" else (),
    )


def _elements(tag: str, said: Said, edi: EdiAgreement) -> Iterator[ElementTold]:
    for part in parts_of(tag, edi.directory, edi.syntax_version, CHARS) or ():
        alone = len(part.components) == 1
        for form in part.components:
            wish = said.element(part.code, form.element)
            must = part.mandatory and (alone or form.mandatory)
            if must or wish != ElementSaid():
                yield _element(form, None if alone else part.code, wish, must=must)


def _element(form: Format, composite: str | None, wish: ElementSaid, *, must: bool) -> ElementTold:
    longest = min(form.longest, wish.longest or form.longest)
    exact = form.shortest == form.longest
    return ElementTold(
        element=form.element,
        composite=composite,
        label=element_label(form.element),
        format=f"{form.kind}{'' if exact else '..'}{longest}",
        status=_status(must=must, required=wish.required, forbidden=wish.forbidden),
        codes=_codes(form.element, wish.codes),
    )


def _status(*, must: bool, required: bool, forbidden: bool) -> Status:
    if forbidden:
        return "not used"
    if must:
        return "mandatory"
    return "required" if required else "optional"


def _codes(element: str, codes: Sequence[str] | None) -> tuple[CodeTold, ...] | None:
    if codes is None:
        return None
    return tuple(CodeTold(code=code, meaning=code_label(element, code)) for code in codes)
