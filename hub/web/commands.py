"""The API's commands: each becomes a message, answered 202 with its id, or with its outcome if one waits for it."""

from functools import partial

from fastapi import APIRouter
from pydantic import AwareDatetime

from hub.canonical.delivery import (
    CancelDelivery,
    ConfirmPick,
    DespatchShipment,
    PackDelivery,
    PackedUnit,
    PickedLine,
    ReleaseDelivery,
    ReplanDelivery,
)
from hub.canonical.payment import AllocatePayment, RecordPayment
from hub.canonical.problem import rejected
from hub.canonical.stock import AdjustStock
from hub.canonical.values import Name, Value
from hub.store.queries.stock import unknown_items
from hub.web.bounds import BoundedRoute
from hub.web.commanding import CommandAnswer, Gives

router = APIRouter(route_class=BoundedRoute)


class Pick(Value):
    """What was picked; no lines: everything as asked."""

    lines: tuple[PickedLine, ...] = ()


class Pack(Value):
    """How it was packed; no units: one carton on one pallet."""

    units: tuple[PackedUnit, ...] = ()


class Ship(Value):
    """How it leaves."""

    carrier: str | None = None
    vehicle: str | None = None
    tracking: str | None = None
    estimated_arrival: AwareDatetime | None = None


class Reason(Value):
    """Why."""

    reason: Name


@router.post("/deliveries/{number}/release", tags=["deliveries"], status_code=202, summary="Let the warehouse pick")
async def release(gives: Gives, number: str) -> CommandAnswer:
    """Release a planned delivery order."""
    return await gives.give(ReleaseDelivery(delivery_number=number))


@router.post("/deliveries/{number}/pick", tags=["deliveries"], status_code=202, summary="Say what was picked")
async def pick(gives: Gives, number: str, body: Pick | None = None) -> CommandAnswer:
    """Confirm the pick of a released delivery order; a shortage goes back to its order."""
    return await gives.give(ConfirmPick(delivery_number=number, lines=body.lines if body else ()))


@router.post("/deliveries/{number}/pack", tags=["deliveries"], status_code=202, summary="Say how it was packed")
async def pack(gives: Gives, number: str, body: Pack | None = None) -> CommandAnswer:
    """Pack what was picked into labelled packages."""
    return await gives.give(PackDelivery(delivery_number=number, units=body.units if body else ()))


@router.post("/deliveries/{number}/ship", tags=["deliveries"], status_code=202, summary="Say that it has left")
async def ship(gives: Gives, number: str, body: Ship | None = None) -> CommandAnswer:
    """Despatch a packed delivery order: the partner gets its despatch advice, the invoice follows."""
    return await gives.give(DespatchShipment(delivery_number=number, **dict(body or Ship())))


@router.post(
    "/deliveries/{number}/cancel", tags=["deliveries"], status_code=202, summary="Take it off before it leaves"
)
async def cancel(gives: Gives, number: str, body: Reason) -> CommandAnswer:
    """Cancel a delivery order that has not left; what it held is open again."""
    return await gives.give(CancelDelivery(delivery_number=number, reason=body.reason), reason=body.reason)


@router.post("/deliveries/{number}/replan", tags=["deliveries"], status_code=202, summary="Plan what is open again")
async def replan(gives: Gives, number: str) -> CommandAnswer:
    """Put what is open again of the delivery's order (not found, or cancelled) into a further delivery order."""
    return await gives.give(ReplanDelivery(delivery_number=number))


@router.post("/payments", tags=["payments"], status_code=202, summary="Record money that has come in")
async def pay(gives: Gives, body: RecordPayment) -> CommandAnswer:
    """Book a payment and allocate it; the same reference is the same money."""
    return await gives.give(body)


@router.post("/payments/allocate", tags=["payments"], status_code=202, summary="Say what money was for")
async def allocate(gives: Gives, body: AllocatePayment) -> CommandAnswer:
    """Put what is unallocated of a payment against invoices."""
    return await gives.give(body)


@router.post("/stock/adjust", tags=["stock"], status_code=202, summary="Move stock in or out")
async def adjust(gives: Gives, body: AdjustStock) -> CommandAnswer:
    """Write movements of stock; what was short may become available for waiting orders."""
    skus = {one.sku for one in body.movements}
    unknown = await gives.backend.database.read(partial(unknown_items, skus))
    if unknown:
        raise rejected(422, f"there is no item {', '.join(unknown)}", "Look for its number, or import it first.")
    return await gives.give(body, reason=body.reason)
