"""What master data knows of an item that a document names: found by its numbers, read without locks.

Finding takes two stages: the needs of `codes` are known from the document, those of
`facts` only once the codes are loaded.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.values import gtin14
from hub.domain.acceptance import Item, Vat
from hub.domain.pricing import valid_on
from hub.store.master import HOME, ItemCode, ItemRow, PriceRow, VatRow
from hub.store.work import Need, Work, group, peek


def codes(items: Iterable[ItemIdentification], partner: str | None) -> Iterator[Need]:
    """Yield what must be loaded to find these items; `partner` is who may have named them by numbers of its own."""
    for item in items:
        if item.gtin:
            yield peek(ItemCode, "gtin", gtin14(item.gtin))
        if item.sellers:
            yield peek(ItemRow, item.sellers)
        if item.buyers and partner:
            yield peek(ItemCode, f"buyer:{partner}", item.buyers)


def sku_of(work: Work, item: ItemIdentification, partner: str | None) -> str | None:
    """Return our number of an item: by GTIN, which all understand alike, else by our number, else by the buyer's."""
    if item.gtin and (code := work.get(ItemCode, "gtin", gtin14(item.gtin))):
        return code.sku
    if item.sellers and work.get(ItemRow, item.sellers):
        return item.sellers
    if item.buyers and partner and (code := work.get(ItemCode, f"buyer:{partner}", item.buyers)):
        return code.sku
    return None


def vat_rates() -> Need:
    """Want all VAT rates of our own country."""
    return group(VatRow, HOME)


def facts(work: Work, items: Iterable[ItemIdentification], partner: str | None) -> Iterator[Need]:
    """Yield what must be loaded to judge the items that were found."""
    for item in items:
        sku = sku_of(work, item, partner)
        if sku is not None:
            yield peek(ItemRow, sku)
            yield group(PriceRow, sku)


def item_on(work: Work, sku: str, day: date, currency: str) -> Item | None:
    """Return what is known of an item on a day: its VAT, and its list price in this currency."""
    row = work.get(ItemRow, sku)
    if row is None:
        return None
    prices = ((one.valid_from, one.amount) for one in work.group(PriceRow, sku) if one.currency == currency)
    return Item(sku, row.unit, row.stocked, vat_on(work, row.vat_code, day), valid_on(prices, day))


def vat_on(work: Work, code: str, day: date) -> Vat | None:
    """Return what a VAT code of ours means on a day."""
    rates = ((one.valid_from, one) for one in work.group(VatRow, HOME) if one.code == code)
    rate = valid_on(rates, day)
    return None if rate is None else Vat(code, rate.category, rate.rate)
