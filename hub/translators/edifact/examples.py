"""Examples of messages that are right by an agreement, an edition, or a directory alone.

A sample keeps to what guides say of each place; what they say under a condition, or of one
place in exchange for another, shows when it is held against them. Then it is made again,
with what it broke asked for outright.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from hub.canonical.agreement import Agreement, DirectoryName, EdiAgreement, Edition
from hub.canonical.guide import MessageGuide
from hub.errors import Unusable
from hub.translators.edifact.directory import directory
from hub.translators.edifact.forms.messages import RECEIVED
from hub.translators.edifact.guiding import Layer
from hub.translators.edifact.layers import (
    EDITIONS,
    association_code,
    association_codes,
    layers_of,
    layers_of_edition,
    message_table_of,
)
from hub.translators.edifact.run import Run
from hub.translators.edifact.sampling import CHARS, sample
from hub.translators.edifact.structure import Group, StructureReader
from hub.translators.edifact.syntax import Segment
from hub.translators.edifact.table import Node
from hub.translators.edifact.tokenizer import Tokenizer

_LAST_SYNTAX = 3
_NEEDED: Mapping[str, MessageGuide] = MappingProxyType(
    {type_: MessageGuide(required=("BGM 1004",)) for type_ in RECEIVED}
    | {
        "ORDERS": MessageGuide(required=("BGM 1004", "DTM+137", "NAD+BY", "LIN/QTY+21")),
        "ORDCHG": MessageGuide(required=("RFF+ON", "DTM+137", "NAD+BY")),
    }
)
"""What must stand in a message for the hub to act on it; that it does is checked where the message is read."""


def example(
    type_: str,
    agreement: Agreement | None = None,
    edition: Edition | None = None,
    *,
    directory_name: DirectoryName = "D.96A",
    seed: str = "",
    full: bool = False,
) -> bytes:
    """Return an interchange with a message as an agreement, an edition, or else a directory alone wants it.

    Raises Unusable for a message that is not held.
    """
    if agreement is not None:
        return agreed_example(type_, agreement, seed=seed, full=full)
    if edition is None:
        return sample(type_, directory_name, seed=seed, full=full)
    layers = layers_of_edition(edition, type_, _LAST_SYNTAX)
    association = next(reversed(association_codes(edition, type_)), "")
    made = partial(sample, type_, EDITIONS[edition], seed=seed, full=full, association=association)
    return _kept(made, layers, directory(EDITIONS[edition]).message(type_))


def agreed_example(type_: str, agreement: Agreement, *, seed: str = "", full: bool = False) -> bytes:
    """Return an interchange with a message as an agreement wants it. Raises Unusable for one that is not held."""
    edi = edi_of(agreement)
    from_partner = type_ in edi.receives
    made = partial(
        sample,
        type_,
        edi.directory,
        seed=seed,
        full=full,
        stated=edi.directory_in_unh,
        association=association_code(edi, type_),
        sender=edi.them if from_partner else edi.us,
        recipient=edi.us if from_partner else edi.them,
    )
    return _kept(made, needed_layers(agreement, type_), message_table_of(edi, type_))


def edi_of(agreement: Agreement) -> EdiAgreement:
    """Return the EDIFACT part of an agreement. Raises Unusable where there is none."""
    if agreement.edi is None:
        raise Unusable(f"the agreement with {agreement.partner} does not speak of EDIFACT")
    return agreement.edi


def needed_layers(agreement: Agreement, type_: str) -> tuple[Layer, ...]:
    """Return what the hub itself cannot do without in a message, and what guides say of it."""
    edi = edi_of(agreement)
    needed = _NEEDED.get(type_) if type_ in edi.receives else None
    own = (Layer("the hub", needed, edi.directory, edi.syntax_version),) if needed else ()
    return own + layers_of(agreement, type_, edi.directory, edi.syntax_version, None)


def _kept(made: Callable[..., bytes], layers: tuple[Layer, ...], table: Node | None) -> bytes:
    """Return a sample that keeps all of its guides, but for rules that contradict each other."""
    asked = layers
    for _ in range(sum(len(layer.guide.rules) + len(layer.guide.one_of) for layer in layers)):
        tree = _tree(made(layers=asked), table) if table is not None else None
        wanted = next((one for layer in layers if tree is not None and (one := layer.demanded(tree))), None)
        if wanted is None:
            break
        asked = (*asked, replace(layers[0], guide=wanted))
    return made(layers=asked)


def _tree(interchange: bytes, table: Node) -> Group:
    """Return the tree of the one message of a sample."""
    texts = [item.text for item in Tokenizer([interchange]).read() if isinstance(item, Segment)][1:-1]
    structure = StructureReader(table)
    structure.add(Run(texts, [0] * len(texts), CHARS, 0, 1))
    return structure.tree
