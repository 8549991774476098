"""What master data knows of an item that a document names: found by its numbers, read without locks.

Finding takes two stages: the needs of `codes` are known from the document, those of
`facts` only once the codes are loaded.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.values import gtin14
from hub.domain.acceptance import Item, Vat
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


def items_on(
    work: Work,
    named: Iterable[tuple[str, ItemIdentification]],
    partner: str | None,
    day: date,
    currency: str,
    vat: Mapping[str, Vat],
) -> dict[str, Item]:
    """Return, by line, what is known of the items that lines name: those that were found, as they are on this day.

    `vat` are the rates of the day, by our codes.
    """
    items: dict[str, Item] = {}
    for line_id, name in named:
        sku = sku_of(work, name, partner)
        row = work.get(ItemRow, sku) if sku else None
        if row is not None:
            price = _price_on(work, row.sku, day, currency)
            items[line_id] = Item(row.sku, row.unit, row.stocked, vat.get(row.vat_code), price)
    return items


def vat_on(work: Work, day: date) -> dict[str, Vat]:
    """Return what our VAT codes mean on a day: of each, the rate that began last."""
    begun = (row for row in work.group(VatRow, HOME) if row.valid_from <= day)
    return {row.code: Vat(row.code, row.category, row.rate) for row in begun}


def _price_on(work: Work, sku: str, day: date, currency: str) -> Decimal | None:
    price = None
    for row in work.group(PriceRow, sku):  # the one that began last comes last
        if row.currency == currency and row.valid_from <= day:
            price = row.amount
    return price
