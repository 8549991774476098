"""Master data is what was registered last."""

from datetime import date
from decimal import Decimal

import pytest

from hub.canonical.catalogue import (
    Item,
    ListPrice,
    MasterParty,
    RegisterItems,
    RegisterParties,
    RegisterPrices,
    RegisterStores,
    RegisterVatRates,
    Store,
    VatRate,
)
from hub.canonical.party import Party
from hub.handlers.master import service
from hub.store.master import HOME, ItemCode, ItemRow, PartyRow, PriceRow, StoreRow, VatRow
from hub.store.messages import Task
from tests.desk import Desk

GTIN = "4006381333931"
DAY = date(2026, 1, 1)


@pytest.fixture
def desk() -> Desk:
    return Desk(service)


def item(sku: str = "PEN", name: str = "Pen", gtin: str | None = GTIN) -> RegisterItems:
    return RegisterItems(items=(Item(sku=sku, name=name, gtin=gtin),))


def test_an_item_is_known_by_its_own_number_and_by_its_gtin(desk: Desk) -> None:
    desk.handle(item())
    assert desk.all(ItemRow) == [ItemRow("PEN", GTIN, "Pen", "C62", "standard", stocked=True, version=1)]
    assert desk.all(ItemCode) == [ItemCode("gtin", f"0{GTIN}", "PEN", 1)]


def test_an_item_registered_again_is_replaced(desk: Desk) -> None:
    desk.handle(item())
    desk.handle(item(name="Red pen"))
    assert [(row.name, row.version) for row in desk.all(ItemRow)] == [("Red pen", 2)]


def test_the_same_again_writes_nothing(desk: Desk) -> None:
    desk.handle(item())
    assert desk.handle(item()).saved == {}


def test_a_gtin_that_moves_to_another_item_is_shown_to_a_person(desk: Desk) -> None:
    desk.handle(item())
    desk.handle(item(sku="PEN-2"))
    assert [code.sku for code in desk.all(ItemCode)] == ["PEN-2"]
    assert [task.reason for task in desk.all(Task)] == [f"GTIN {GTIN} named PEN and names PEN-2 now"]


def test_a_new_price_leaves_that_of_earlier_days(desk: Desk) -> None:
    for day, amount in ((DAY, "1.20"), (date(2026, 6, 1), "1.30"), (DAY, "1.25")):
        price = ListPrice(sku="PEN", currency="EUR", amount=Decimal(amount), valid_from=day)
        desk.handle(RegisterPrices(prices=(price,)))
    assert desk.all(PriceRow) == [
        PriceRow("PEN", "EUR", DAY, Decimal("1.25"), 2),
        PriceRow("PEN", "EUR", date(2026, 6, 1), Decimal("1.30"), 1),
    ]


def test_rates_stores_and_parties_are_kept(desk: Desk) -> None:
    rate = VatRate(code="standard", category="S", rate=Decimal(19), valid_from=DAY)
    desk.handle(RegisterVatRates(vat_rates=(rate,)))
    desk.handle(RegisterStores(stores=(Store(store="s1", name="Store 1", time_zone="Europe/Brussels"),)))
    desk.handle(RegisterParties(parties=(MasterParty(party_id="company", role="company", party=Party(name="Us")),)))
    assert desk.all(VatRow) == [VatRow(HOME, "standard", DAY, "S", Decimal(19), 1)]
    assert desk.all(StoreRow) == [StoreRow("s1", "Store 1", "Europe/Brussels", "EUR", 0, 1)]
    assert desk.all(PartyRow) == [PartyRow("company", "company", Party(name="Us"), 1)]
