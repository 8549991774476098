"""Money that has come in, and what it was put against."""

from decimal import Decimal

from hub.store.payment import AllocationRow, PaymentRow
from hub.store.queries.view import Selection, select
from hub.store.statements import Job


def payments(
    *, reference: str | None = None, payer: str | None = None, unallocated: bool = False, limit: int = 100
) -> Job[list[tuple[PaymentRow, list[AllocationRow]]]]:
    """Return payments with their allocations, the newest first; `unallocated`: those that have something left."""
    selection = Selection().equal(reference=reference, payer=payer)
    if unallocated:
        selection.also("unallocated > :nothing", nothing=Decimal(0))
    found = yield from select(PaymentRow, selection, order="booked_at desc, source, reference", limit=limit)
    if not found:
        return []
    references = sorted({row.reference for row in found})
    selection = Selection().also("reference in :references", references=references)
    allocations = yield from select(AllocationRow, selection, order="source, reference, n")
    return [
        (row, [one for one in allocations if (one.source, one.reference) == (row.source, row.reference)])
        for row in found
    ]
