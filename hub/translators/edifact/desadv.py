"""DESADV: what left the house, package by package.

The shipment is CPS 1; every handling unit is a CPS of its own that names its carrier
(CPS 1 for what stands on nothing), with its SSCC. A line stands below the unit that it
lies in, so a line of the delivery that lies in three units is three LIN. Lines number
the message from 1; the buyer finds his order line by RFF+ON.

Source: UN/EDIFACT D.96A DESADV, SG10 to SG16; D.01B SG10 to SG18; EANCOM for PCI 33E,
GIN BJ and package code 201.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count

from hub.canonical.agreement import Agreement
from hub.canonical.delivery import DespatchedLine, HandlingUnit, ShipmentDespatched
from hub.canonical.envelope import Message
from hub.translators.edifact import blocks
from hub.translators.edifact.blocks import Dialect
from hub.translators.edifact.leaving_out import as_wanted
from hub.translators.edifact.writer import Plain, document, interchange, segment

_SHIPMENT = "1"
_GS1 = "9"
_ROAD = "30"
_WRITTEN_HERE = frozenset({"ON", "VN", "AAJ", "AAS"})
_REFERENCES = 10


def write(
    shipped: Message[ShipmentDespatched],
    agreement: Agreement,
    *,
    reference: str,
    message_reference: str = "1",
    now: datetime,
    test: bool,
) -> bytes:
    """Return the interchange with the despatch advice. `reference` is UNB 0020, `now` the time of writing.

    Times of day are UTC. Raises NeedsDecision where a value cannot be written without
    changing what it says.
    """
    envelope = document(
        "DESADV", agreement, reference=reference, message_reference=message_reference, now=now, test=test
    )
    body = _body(shipped, blocks.dialect(agreement))
    return interchange(envelope, as_wanted("DESADV", body, agreement))


def _body(shipped: Message[ShipmentDespatched], tongue: Dialect) -> Iterator[Plain]:
    data = shipped.data
    yield segment("BGM", "351", data.despatch_number, "9")
    yield from blocks.day("137", shipped.time.date())
    yield from blocks.minute("11", data.despatched_at)
    yield from blocks.minute("17", data.estimated_arrival)
    yield from blocks.reference("ON", data.buyers_number)
    yield from blocks.reference("VN", data.order_number)
    yield from blocks.reference("AAJ", data.delivery_number)
    yield from blocks.reference("AAS", data.tracking)
    yield from blocks.references(data.references, but=_WRITTEN_HERE, room=_REFERENCES - len(_WRITTEN_HERE))
    yield from blocks.party("BY", data.buyer, tongue)
    yield from blocks.party("SU", data.seller, tongue)
    yield from blocks.party("DP", data.delivery, tongue)
    yield from _transport(data)
    lines = _Lines(data, tongue)
    yield from _shipment(data)
    yield from lines.loose()
    yield from _units(data.units, lines)
    yield segment("CNT", ("2", str(lines.written)))


def _transport(data: ShipmentDespatched) -> Iterator[Plain]:
    if data.carrier or data.vehicle:
        mode = _ROAD if data.vehicle else ""
        carrier, vehicle = (None, None, None, data.carrier), (None, None, None, data.vehicle)
        yield segment("TDT", "20", "", mode, "", carrier, "", "", vehicle)


def _shipment(data: ShipmentDespatched) -> Iterator[Plain]:
    """Yield the node of the shipment: how many packages of each type stand on nothing."""
    yield segment("CPS", _SHIPMENT)
    outermost = Counter(unit.package_type for unit in data.units if unit.parent is None)
    for package_type, number in outermost.items():
        yield segment("PAC", str(number), "", _package_type(package_type))


def _units(units: tuple[HandlingUnit, ...], lines: "_Lines") -> Iterator[Plain]:
    nodes = {unit.sscc: str(node) for node, unit in enumerate(units, start=2)}
    for unit in units:
        yield segment("CPS", nodes[unit.sscc], nodes[unit.parent] if unit.parent else _SHIPMENT)
        yield segment("PAC", "1", "", _package_type(unit.package_type))
        if unit.gross_weight_kg is not None:
            yield segment("MEA", "PD", "AAB", ("KGM", blocks.number(unit.gross_weight_kg)))
        yield segment("PCI", "33E")
        yield segment("GIN", "BJ", unit.sscc)
        for content in unit.content:
            yield from lines.of(content.delivery_line, content.quantity)


def _package_type(code: str) -> tuple[str, ...]:
    """Return C202: GS1's own codes are numbers and need to be named as GS1's."""
    return (code, "", _GS1) if code.isdigit() else (code,)


class _Lines:
    """Writes the lines of a shipment, numbered through the message."""

    def __init__(self, data: ShipmentDespatched, tongue: Dialect) -> None:
        self.written = 0
        self._tongue = tongue
        self._order = data.buyers_number
        self._lines: Mapping[str, DespatchedLine] = {line.delivery_line: line for line in data.lines}
        self._packed = _packed(data.units)
        self._numbers = count(1)

    def loose(self) -> Iterator[Plain]:
        """Yield what lies in no unit: below the shipment itself."""
        for line in self._lines.values():
            rest = line.quantity.value - self._packed[line.delivery_line]
            if rest > 0:
                yield from self.of(line.delivery_line, rest)

    def of(self, delivery_line: str, quantity: Decimal) -> Iterator[Plain]:
        """Yield a quantity of one delivery line."""
        line = self._lines[delivery_line]
        self.written += 1
        yield from blocks.line(str(next(self._numbers)), "", line.item, self._tongue, line.sku)
        yield blocks.quantity("12", quantity, line.quantity.unit, self._tongue)
        yield from blocks.reference("ON", self._order, line.line_id)


def _packed(units: tuple[HandlingUnit, ...]) -> Mapping[str, Decimal]:
    packed: defaultdict[str, Decimal] = defaultdict(Decimal)
    for unit in units:
        for content in unit.content:
            packed[content.delivery_line] += content.quantity
    return packed
