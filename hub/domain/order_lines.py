"""What an order line is agreed to be, how much of it has happened, and what that makes of the order.

Quantities are kept as they happened and compared net. The state of the order is
derived from them and is never a truth of its own. Returns at a till are negative.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.order import AgreedLine, LineKind
from hub.canonical.values import Quantity, Sparse

NONE: Final = Decimal(0)

RECEIVED: Final = "received"
REJECTED: Final = "rejected"
CANCELLED: Final = "cancelled"
CONFIRMED: Final = "confirmed"
PART_CONFIRMED: Final = "part_confirmed"
PART_SHIPPED: Final = "part_shipped"
SHIPPED: Final = "shipped"
COMPLETED: Final = "completed"


class LineTerms(Sparse):
    """What was agreed on a line; the fields mean what they mean in `AgreedLine`.

    `unit` is that of all quantities. Every value was checked when the order was read.
    """

    kind: LineKind = "item"
    item: ItemIdentification
    unit: str
    stocked: bool
    location: str
    price: Decimal
    amount: Decimal
    vat_code: str | None = None
    tax_category: str = "S"
    tax_rate: Decimal
    tax_amount: Decimal | None = None
    reasons: tuple[str, ...] = ()


class LineQuantities(Sparse):
    """How much of a line has been ordered, promised, moved and settled: sums over everything that happened.

    `reserved` is all that stock has ever kept for the line (a service needs none and has
    all). `picked` and `packed` are known once they have left. `invoiced_amount` and
    `paid_amount` are money with VAT.
    """

    ordered: Decimal
    confirmed: Decimal = NONE
    backordered: Decimal = NONE
    rejected: Decimal = NONE
    cancelled: Decimal = NONE
    reserved: Decimal = NONE
    picked: Decimal = NONE
    packed: Decimal = NONE
    shipped: Decimal = NONE
    delivered: Decimal = NONE
    returned: Decimal = NONE
    invoiced: Decimal = NONE
    credited: Decimal = NONE
    invoiced_amount: Decimal = NONE
    paid_amount: Decimal = NONE

    @property
    def wanted(self) -> Decimal:
        """What is ordered and not refused."""
        return self.ordered - self.rejected

    @property
    def net_ordered(self) -> Decimal:
        """What is still to be, or has been, delivered."""
        return self.ordered - self.rejected - self.cancelled

    @property
    def undecided(self) -> Decimal:
        """What has not been answered yet."""
        return self.ordered - self.confirmed - self.backordered - self.rejected

    @property
    def is_shipped(self) -> bool:
        """Tell whether everything still ordered has left."""
        return _covers(self.shipped, self.net_ordered)

    @property
    def is_complete(self) -> bool:
        """Tell whether everything still ordered has left, is invoiced, and its invoices are paid."""
        is_invoiced = _covers(self.invoiced - self.credited, self.net_ordered)
        return self.is_shipped and is_invoiced and _covers(self.paid_amount, self.invoiced_amount)


def _covers(done: Decimal, due: Decimal) -> bool:
    return done >= due if due >= 0 else done <= due


def promise(lines: Sequence[LineQuantities], *, partial: bool) -> tuple[LineQuantities, ...]:
    """Promise what is reserved, and the rest for later.

    Where the buyer takes no part deliveries (`partial` is False), nothing is promised
    before everything is reserved: then the whole order stands in backorder, and keeps
    what it has reserved.
    """
    ready = partial or all(line.reserved >= line.wanted for line in lines)
    return tuple(_promised(line, line.reserved if ready else NONE) for line in lines)


def _promised(line: LineQuantities, confirmed: Decimal) -> LineQuantities:
    return line.changed(confirmed=confirmed, backordered=line.wanted - confirmed)


def cancelled(line: LineQuantities) -> LineQuantities:
    """Cancel everything of a line that was not refused; what was not answered yet is answered with that."""
    return line.changed(backordered=line.backordered + line.undecided, cancelled=line.wanted)


def shipped(line: LineQuantities, quantity: Decimal) -> LineQuantities:
    """Add what has left; it has been picked and packed, too."""
    return line.changed(picked=line.picked + quantity, packed=line.packed + quantity, shipped=line.shipped + quantity)


def invoiced(line: LineQuantities, quantity: Decimal, amount: Decimal) -> LineQuantities:
    """Add what an invoice bills, and what it comes to with VAT."""
    return line.changed(invoiced=line.invoiced + quantity, invoiced_amount=line.invoiced_amount + amount)


def paid(line: LineQuantities, amount: Decimal) -> LineQuantities:
    """Add money that was put against the line's invoices."""
    return line.changed(paid_amount=line.paid_amount + amount)


def order_state(lines: Sequence[LineQuantities]) -> str:
    """Return what the lines make of the order."""
    if any(line.undecided for line in lines):
        return RECEIVED
    open_ = [line for line in lines if line.net_ordered]
    if not open_:
        return CANCELLED if any(line.cancelled for line in lines) else REJECTED
    if all(line.is_complete for line in open_):
        return COMPLETED
    if all(line.is_shipped for line in open_):
        return SHIPPED
    if any(line.shipped for line in open_):
        return PART_SHIPPED
    return PART_CONFIRMED if any(line.backordered or line.rejected for line in lines) else CONFIRMED


def agreed_line(line_id: str, sku: str | None, terms: LineTerms, quantities: LineQuantities) -> AgreedLine:
    """Return the line as our answer states it."""
    agreed = dict(terms)
    unit = agreed.pop("unit")
    reasons = terms.reasons
    if quantities.backordered:
        reasons = (*reasons, f"stock.backordered: {quantities.backordered} follow when goods arrive")
    status = "changed" if reasons or quantities.rejected else "accepted"
    if quantities.rejected == quantities.ordered:
        status = "rejected"
    return AgreedLine.model_validate(
        agreed
        | {
            "line_id": line_id,
            "sku": sku,
            "ordered": Quantity(value=quantities.ordered, unit=unit),
            "confirmed": quantities.confirmed,
            "backordered": quantities.backordered,
            "rejected": quantities.rejected,
            "status": status,
            "reasons": reasons,
        }
    )
