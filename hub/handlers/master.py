"""Master data: items, prices, VAT, stores and parties, created or replaced as commands come."""

from collections.abc import Iterable

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
from hub.canonical.envelope import Message
from hub.canonical.values import gtin14
from hub.handlers.service import Service
from hub.store.master import HOME, ItemCode, ItemRow, PartyRow, PriceRow, StoreRow, VatRow
from hub.store.work import Need, Work, lock

service = Service("master")


def _put(row: ItemRow | ItemCode | PriceRow | VatRow | StoreRow | PartyRow, work: Work, *key: object) -> None:
    """Create or replace a row; one that says the same is left alone."""
    known = work.get(type(row), *key)
    if known is None:
        work.save(row)
    elif known[:-1] != row[:-1]:
        work.save(row._replace(version=known.version))


def _items(message: Message[RegisterItems]) -> Iterable[Need]:
    for item in message.data.items:
        yield lock(ItemRow, item.sku)
        if item.gtin:
            yield lock(ItemCode, "gtin", gtin14(item.gtin))


@service.on(RegisterItems, needs=_items)
def register_items(message: Message[RegisterItems], work: Work) -> None:
    """Create or replace items. A GTIN names one item: the one registered last, and a person sees that it moved."""
    for item in message.data.items:
        _put(_item(item), work, item.sku)
        if item.gtin:
            _name(item.gtin, item.sku, work)


def _item(item: Item) -> ItemRow:
    return ItemRow(item.sku, item.gtin, item.name, item.unit, item.vat_code, item.stocked)


def _name(gtin: str, sku: str, work: Work) -> None:
    code = ItemCode("gtin", gtin14(gtin), sku)
    known = work.get(ItemCode, code.scheme, code.code)
    if known is not None and known.sku != sku:
        work.task("gtin_moved", gtin, f"GTIN {gtin} named {known.sku} and names {sku} now")
    _put(code, work, code.scheme, code.code)


@service.on(
    RegisterPrices, needs=lambda m: [lock(PriceRow, one.sku, one.currency, one.valid_from) for one in m.data.prices]
)
def register_prices(message: Message[RegisterPrices], work: Work) -> None:
    """Create or replace list prices; one of an earlier day stays as it was."""
    for price in message.data.prices:
        _put(_price(price), work, price.sku, price.currency, price.valid_from)


def _price(price: ListPrice) -> PriceRow:
    return PriceRow(price.sku, price.currency, price.valid_from, price.amount)


@service.on(
    RegisterVatRates, needs=lambda m: [lock(VatRow, HOME, one.code, one.valid_from) for one in m.data.vat_rates]
)
def register_vat_rates(message: Message[RegisterVatRates], work: Work) -> None:
    """Create or replace VAT rates of our own country."""
    for rate in message.data.vat_rates:
        _put(_rate(rate), work, HOME, rate.code, rate.valid_from)


def _rate(rate: VatRate) -> VatRow:
    return VatRow(HOME, rate.code, rate.valid_from, rate.category, rate.rate)


@service.on(RegisterStores, needs=lambda m: [lock(StoreRow, one.store) for one in m.data.stores])
def register_stores(message: Message[RegisterStores], work: Work) -> None:
    """Create or replace stores."""
    for store in message.data.stores:
        _put(_store(store), work, store.store)


def _store(store: Store) -> StoreRow:
    return StoreRow(store.store, store.name, store.time_zone, store.currency, store.day_cut_hour)


@service.on(RegisterParties, needs=lambda m: [lock(PartyRow, one.party_id) for one in m.data.parties])
def register_parties(message: Message[RegisterParties], work: Work) -> None:
    """Create or replace parties; `company` is ourselves."""
    for party in message.data.parties:
        _put(_party(party), work, party.party_id)


def _party(party: MasterParty) -> PartyRow:
    return PartyRow(party.party_id, party.role, party.party)
