"""Readers of the documents that we write, for the tests: what a document carries, put in the place of the original's.

Each takes the original and returns it with every field that the document carries as
the document says it, so that equality means: nothing that was written was lost or changed.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hub.canonical.delivery import HandlingUnit, ShipmentDespatched, UnitContent
from hub.canonical.finding import Finding, Location
from hub.canonical.invoice import InvoiceIssued, TaxSubtotal
from hub.canonical.order import OrderAnswer
from hub.canonical.values import Quantity
from hub.translators.edifact import items, stated
from hub.translators.edifact.directory import directory
from hub.translators.edifact.parties import read_party
from hub.translators.edifact.reading import DEFAULT, Extensions, Reading
from hub.translators.edifact.run import Run
from hub.translators.edifact.structure import Group, StructureReader
from hub.translators.edifact.syntax import Segment, ServiceCharacters
from hub.translators.edifact.table import Node
from hub.translators.edifact.tokenizer import Tokenizer
from tests.edifact_documents import agreement

_STATUS = {"5": "accepted", "3": "changed", "7": "rejected"}
_ROLES = {"BY": "buyer", "SU": "seller", "DP": "delivery", "IV": "invoicee"}


def read_structure(
    texts: Sequence[str], table: Node, chars: ServiceCharacters = DEFAULT
) -> tuple[Group, list[Finding]]:
    """Return the tree of groups of one message, UNH to UNT, and what is wrong with its structure."""
    reader = StructureReader(table)
    reader.add(Run([*texts], [0] * len(texts), chars, position=1))
    reader.finish()
    return reader.tree, reader.findings


def tree_of(data: bytes, directory_name: str) -> Group:
    """Return the tree of the one message of an interchange."""
    found = [each for each in Tokenizer([data], strictness="strict").read() if isinstance(each, Segment)]
    inside = [each for each in found if each.tag not in {"UNB", "UNZ"}]
    table = directory(directory_name).message(inside[0].value(2))
    assert table is not None
    tree, findings = read_structure([each.text for each in inside], table)
    assert findings == []
    return tree


def read_answer(tree: Group, original: OrderAnswer) -> OrderAnswer:
    lines = []
    for group, line in zip(tree.children("LIN"), original.lines, strict=True):
        ordered = _quantity(group, "21", line.ordered.unit)
        confirmed = _quantity(group, "113", line.ordered.unit) or ordered
        follows = _quantity(group, "83", line.ordered.unit)
        assert ordered is not None
        assert confirmed is not None
        backordered = follows.value if follows else Decimal(0)
        tax = group.children("TAX")[0].trigger
        carried = {
            "line_id": group.trigger.value(1),
            "status": _STATUS[group.trigger.value(2)],
            "item": _item(group).model_copy(update={"sellers": line.item.sellers}),
            "sku": _item(group).sellers if line.sku else None,
            "ordered": ordered,
            "confirmed": confirmed.value,
            "backordered": backordered,
            "rejected": ordered.value - confirmed.value - backordered,
            "price": Decimal(group.children("PRI")[0].trigger.value(1, 2)),
            "tax_rate": Decimal(tax.value(5, 4)),
            "tax_category": tax.value(6),
            "reasons": tuple("\n".join(ftx.components(4)) for ftx in group.all("FTX")),
        }
        assert group.children("RFF")[0].trigger.components(1) == ["ON", original.buyers_number, line.line_id]
        lines.append(line.model_copy(update=carried))
    bgm = tree.segments[1]
    carried = _head(tree, {"ON", "VN"}) | {
        "revision": int(bgm.value(2).rpartition("-")[2]),
        "requested_delivery": stated.read_wanted(
            [dtm for dtm in tree.all("DTM") if dtm.value(1) != "137"], _reading(), Extensions()
        ),
        "lines": tuple(lines),
    }
    return original.model_copy(update=carried)


def read_shipment(tree: Group, original: ShipmentDespatched) -> ShipmentDespatched:
    by_order_line = {line.line_id: line for line in original.lines}
    nodes = {group.trigger.value(1): group for group in tree.children("CPS")}
    codes = {node: _sscc(group) for node, group in nodes.items() if node != "1"}
    units = []
    shipped: dict[str, Decimal] = {}
    items: dict[str, Any] = {}
    for node, group in nodes.items():
        content = []
        for lin in group.children("LIN"):
            line = by_order_line[lin.children("RFF")[0].trigger.value(1, 3)]
            quantity = _quantity(lin, "12", line.quantity.unit)
            assert quantity is not None
            key = line.delivery_line
            items[key] = _item(lin)
            shipped[key] = shipped.get(key, Decimal(0)) + quantity.value
            content.append(UnitContent(delivery_line=key, quantity=quantity.value))
        if node == "1":
            continue
        pac = group.children("PAC")[0]
        weight = pac.first("MEA")
        parent = group.trigger.value(2)
        units.append(
            HandlingUnit(
                sscc=codes[node],
                parent=codes.get(parent),
                package_type=pac.trigger.value(3),
                gross_weight_kg=Decimal(weight.value(3, 2)) if weight else None,
                content=tuple(content),
            )
        )
    lines = [
        line.model_copy(
            update={
                "quantity": Quantity(value=shipped[line.delivery_line], unit=line.quantity.unit),
                "sku": items[line.delivery_line].sellers,
                "item": items[line.delivery_line].model_copy(update={"sellers": line.item.sellers}),
            }
        )
        for line in original.lines
    ]
    numbers = {group.trigger.value(1): group.trigger.value(1, 2) for group in tree.children("RFF")}
    transport = [group.trigger for group in tree.children("TDT")]
    carried = _head(tree, {"ON", "VN", "AAJ", "AAS"}) | {
        "despatch_number": tree.segments[1].value(2),
        "delivery_number": numbers["AAJ"],
        "tracking": numbers.get("AAS"),
        "carrier": next((tdt.value(5, 4) or None for tdt in transport), None),
        "vehicle": next((tdt.value(8, 4) or None for tdt in transport), None),
        "despatched_at": _instant(tree, "11"),
        "estimated_arrival": _instant(tree, "17"),
        "lines": tuple(lines),
        "units": tuple(units),
    }
    return original.model_copy(update=carried)


def read_invoice(tree: Group, original: InvoiceIssued) -> InvoiceIssued:
    lines = []
    for group, line in zip(tree.children("LIN"), original.invoice.lines, strict=True):
        own, despatch = (rff.trigger for rff in group.children("RFF"))
        tax = group.children("TAX")[0].trigger
        carried: dict[str, Any] = {
            "line_id": group.trigger.value(1),
            "item": _item(group),
            "quantity": _quantity(group, "47", line.quantity.unit),
            "price": Decimal(group.children("PRI")[0].trigger.value(1, 2)),
            "net": Decimal(group.children("MOA")[0].trigger.value(1, 2)),
            "order_line": own.value(1, 3),
            "despatch_number": despatch.value(1, 2),
            "tax_rate": Decimal(tax.value(5, 4)),
            "tax_category": tax.value(6),
        }
        lines.append(line.model_copy(update=carried))
    sums = {group.trigger.value(1): Decimal(group.trigger.value(1, 2)) for group in tree.children("MOA")}
    reading = _reading()
    days = {dtm.value(1): reading.day(dtm) for dtm in tree.all("DTM")}
    pat = tree.children("PAT")[0]
    terms = pat.trigger.value(3, 4)
    head = _head(tree, {"ON", "VN", "DQ"})
    numbers = {name: head.pop(name) for name in ("buyers_number", "order_number")}
    carried = head | {
        "kind": tree.segments[1].value(1),
        "number": tree.segments[1].value(2),
        "issued": days["137"],
        "delivered": days.get("35"),
        "due": reading.day(pat.segments[1]) if len(pat.segments) > 1 else None,
        "payment_terms_days": int(terms) if terms else None,
        "lines": tuple(lines),
        "taxes": tuple(_subtotal(group) for group in tree.children("TAX")),
        "line_total": sums["79"],
        "net_total": sums["125"],
        "tax_total": sums["176"],
        "gross_total": sums["77"],
        "prepaid": sums.get("113", Decimal(0)),
        "rounding": sums.get("165", Decimal(0)),
        "payable": sums["9"],
    }
    return original.model_copy(update=numbers | {"invoice": original.invoice.model_copy(update=carried)})


def _head(tree: Group, written_here: set[str]) -> dict[str, Any]:
    """Return parties, references, numbers, currency and terms, which all documents state alike."""
    parties: dict[str, Any] = dict.fromkeys(_ROLES.values())
    for group in tree.children("NAD"):
        parties[_ROLES[group.trigger.value(1)]] = read_party(group, _reading(), Extensions(), "")
    references = stated.read_references(tree.children("RFF"), _reading(), Extensions())
    numbers = {each.kind: each.number for each in references}
    found = parties | {
        "references": tuple(each for each in references if each.kind not in written_here),
        "buyers_number": numbers["ON"],
        "order_number": numbers["VN"],
    }
    if tree.children("CUX"):
        found["currency"] = tree.children("CUX")[0].trigger.value(1, 2)
    else:
        del found["invoicee"]
    return found


def _subtotal(group: Group) -> TaxSubtotal:
    sums = {moa.value(1): Decimal(moa.value(1, 2)) for moa in group.all("MOA")}
    tax = group.trigger
    return TaxSubtotal(category=tax.value(6), rate=Decimal(tax.value(5, 4)), base=sums["125"], tax=sums["124"])


def _quantity(group: Group, qualifier: str, unit: str) -> Quantity | None:
    found = next((qty for qty in group.all("QTY") if qty.value(1) == qualifier), None)
    if found is None:
        return None
    assert found.value(1, 3) == ("" if unit == "C62" else unit)
    return Quantity(value=Decimal(found.value(1, 2)), unit=unit)


def _item(group: Group) -> Any:
    own = {tag: group.all(tag) for tag in ("PIA", "IMD")}
    return items.read_item(group.trigger, own, _reading(), Extensions())


def _sscc(group: Group) -> str:
    return group.children("PAC")[0].children("PCI")[0].children("GIN")[0].trigger.value(2)


def _instant(tree: Group, qualifier: str) -> datetime | None:
    found = next((dtm for dtm in tree.all("DTM") if dtm.value(1) == qualifier), None)
    return datetime.strptime(found.value(1, 2), "%Y%m%d%H%M").replace(tzinfo=UTC) if found else None


def _reading() -> Reading:
    return Reading(agreement(), "sender", Location())
