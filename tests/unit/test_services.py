"""Which services an installation has, and which of them a process runs."""

import pytest

from hub.app import services
from hub.canonical.order import OrderAccepted
from hub.errors import Unusable
from hub.handlers.service import subscriptions
from hub.settings import Settings

ALL = {"master", "intake", "order", "stock", "delivery", "invoice", "payment", "status"}


def names(found: tuple[services.Service, ...]) -> set[str]:
    return {service.name for service in found}


def test_the_warehouse_without_people_is_there_only_if_it_is_wanted() -> None:
    assert names(services.installed(Settings())) == ALL
    assert names(services.installed(Settings(auto_warehouse=True))) == ALL | {"warehouse"}


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_service_can_be_switched_off(name: str) -> None:
    installed = services.installed(Settings(switched_off=(name,)))
    assert names(installed) == ALL - {name}
    takers = {one.service for found in subscriptions(installed).values() for one in found}
    assert name not in takers


def test_what_a_service_that_is_off_would_take_goes_to_the_others_all_the_same() -> None:
    takers = subscriptions(services.installed(Settings(switched_off=("delivery", "invoice"))))
    assert {one.service for one in takers[OrderAccepted.TYPE]} == {"payment", "status"}


def test_a_process_runs_what_is_named_of_what_is_installed() -> None:
    settings = Settings(services=("order", "stock", "payment"), switched_off=("payment",))
    assert names(services.run_here(settings)) == {"order", "stock"}


@pytest.mark.parametrize("variable", ["services", "switched_off"])
def test_a_name_that_is_no_service_is_told_with_those_that_are(variable: str) -> None:
    settings = Settings(**{variable: ("orders",)})
    with pytest.raises(Unusable, match=rf"HUB_{variable.upper()}: there is no service orders; the services are master"):
        services.run_here(settings)
