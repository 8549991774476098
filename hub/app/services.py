"""Which services an installation has, and which of them one process runs."""

from collections.abc import Sequence

from hub.errors import Unusable
from hub.handlers import delivery, intake, invoice, master, order, payment, status, stock, warehouse
from hub.handlers.service import Service
from hub.settings import Settings

WAREHOUSE = warehouse.service
STATUS = status.service
ALL: tuple[Service, ...] = (
    master.service,
    intake.service,
    order.service,
    stock.service,
    delivery.service,
    WAREHOUSE,
    invoice.service,
    payment.service,
    STATUS,
)


def installed(settings: Settings) -> tuple[Service, ...]:
    """Return the services of this installation: all that are not switched off.

    Messages to a service that is switched off stay in the event log; somebody else
    reads them there (`GET /events` shows those that partners may see) and answers.
    Raises Unusable for a name that is no service.
    """
    _known(settings.switched_off, "HUB_SWITCHED_OFF")
    off = {*settings.switched_off, *(() if settings.auto_warehouse else (WAREHOUSE.name,))}
    return tuple(service for service in ALL if service.name not in off)


def run_here(settings: Settings) -> tuple[Service, ...]:
    """Return the services that this process runs: all that are installed, or those that are named."""
    _known(settings.services, "HUB_SERVICES")
    chosen = settings.services or tuple(service.name for service in ALL)
    return tuple(service for service in installed(settings) if service.name in chosen)


def _known(names: Sequence[str], variable: str) -> None:
    unknown = sorted(set(names) - {service.name for service in ALL})
    if unknown:
        there = ", ".join(service.name for service in ALL)
        raise Unusable(f"{variable}: there is no service {', '.join(unknown)}; the services are {there}")
