"""What an event of an order says, in a few words for the timeline."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

Data = Mapping[str, Any]


def headline(type_: str) -> str:
    """Return the name of an event as people say it: `order.partly_accepted.v1` becomes `Order partly accepted`."""
    return type_.rpartition(".v")[0].replace(".", " ").replace("_", " ").capitalize()


def telling(type_: str, data: Data) -> str:
    """Return what an event says, empty where its name says all."""
    tell = _TOLD.get(type_.rpartition(".v")[0])
    return tell(data) if tell else ""


def _sum(lines: Any, field: str) -> Decimal:
    return sum((Decimal(str(line.get(field) or 0)) for line in lines), Decimal(0))


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _pieces(lines: Any) -> Decimal:
    return sum((Decimal(str(line["quantity"]["value"])) for line in lines), Decimal(0))


def _received(data: Data) -> str:
    order = data["order"]
    return f"No. {order['number']}, {_lines(len(order['lines']))}, {_plain(_pieces(order['lines']))} pieces"


def _sale(data: Data) -> str:
    sale = data["sale"]
    return f"Receipt {sale['number']}, {_lines(len(sale.get('lines', ())))}, {sale['total']} {sale['currency']}"


def _input(data: Data) -> str:
    return f"{data['length']} bytes of {data['format']}"


def _checked(data: Data) -> str:
    verdict = "accepted" if data["accepted"] else "rejected"
    return f"Interchange {data['reference']} {verdict}, {len(data.get('messages', ()))} message(s)"


def _wanted(data: Data) -> str:
    return f"{_plain(_sum(data['lines'], 'quantity'))} pieces wanted"


def _allocated(data: Data) -> str:
    lines = data["lines"]
    return f"{_plain(_sum(lines, 'allocated'))} of {_plain(_sum(lines, 'wanted'))} pieces reserved"


def _answered(data: Data) -> str:
    lines = data["lines"]
    ordered = sum((Decimal(str(line["ordered"]["value"])) for line in lines), Decimal(0))
    parts = [f"{_plain(_sum(lines, 'confirmed'))} of {_plain(ordered)} confirmed"]
    parts += [f"{_plain(total)} {name}" for name in ("backordered", "rejected") if (total := _sum(lines, name))]
    return ", ".join(parts)


def _delivery(data: Data) -> str:
    return f"Delivery {data['delivery_number']}"


def _despatched(data: Data) -> str:
    units = len(data.get("units", ()))
    packages = f"{units} package" if units == 1 else f"{units} packages"
    return f"{data['despatch_number']}: {_plain(_pieces(data['lines']))} pieces in {packages}"


def _invoiced(data: Data) -> str:
    invoice = data["invoice"]
    return f"Invoice {invoice['number']}, {invoice['payable']} {invoice['currency']} to pay"


def _paid(data: Data) -> str:
    return f"{data['money']['amount']} {data['money']['currency']} for invoice {data['invoice_number']}"


_TOLD: Mapping[str, Callable[[Data], str]] = MappingProxyType(
    {
        "input.received": _input,
        "interchange.checked": _checked,
        "order.received": _received,
        "sale.recorded": _sale,
        "stock.allocate": _wanted,
        "stock.allocated": _allocated,
        "stock.short": _allocated,
        "order.accepted": _answered,
        "order.partly_accepted": _answered,
        "order.rejected": _answered,
        "order.changed": _answered,
        "delivery.planned": _delivery,
        "delivery.release": _delivery,
        "delivery.released": _delivery,
        "delivery.pick": _delivery,
        "delivery.picked": _delivery,
        "delivery.pack": _delivery,
        "delivery.packed": _delivery,
        "delivery.ship": _delivery,
        "shipment.despatched": _despatched,
        "invoice.issued": _invoiced,
        "payment.allocated": _paid,
        "invoice.paid": _paid,
    }
)
