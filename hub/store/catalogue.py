"""What master data knows of an item that a document names: found by its numbers, read without locks.

Finding takes two stages: the needs of `codes` are known from the document, those of
`facts` only once the codes are loaded. Master data change in no batch of those who ask,
so what one message of a batch has found holds for all of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.values import gtin14
from hub.domain.acceptance import Item, Vat
from hub.store.master import HOME, ItemCode, ItemRow, PriceRow, VatRow, buyers_scheme
from hub.store.work import Need, Work, group, peek

JUST_SEEN = 10_000
"""Names of items whose needs are kept at hand."""
_VAT_RATES = group(VatRow, HOME)

Number = str | None


def codes(items: Iterable[ItemIdentification], partner: str | None) -> Iterator[Need]:
    """Yield what must be loaded to find these items; `partner` is who may have named them by numbers of its own."""
    return chain.from_iterable([_codes(item.gtin, item.sellers, item.buyers, partner) for item in items])


@lru_cache(JUST_SEEN)
def _codes(gtin: Number, sellers: Number, buyers: Number, partner: str | None) -> tuple[Need, ...]:
    needs: list[Need] = []
    if gtin:
        needs.append(peek(ItemCode, "gtin", gtin14(gtin)))
    if sellers:
        needs.append(peek(ItemRow, sellers))
    if buyers and partner:
        needs.append(peek(ItemCode, buyers_scheme(partner), buyers))
    return tuple(needs)


def sku_of(work: Work, item: ItemIdentification, partner: str | None) -> str | None:
    """Return our number of an item: by GTIN, which all understand alike, else by our number, else by the buyer's."""
    return work.shared(_sku_of, item.gtin, item.sellers, item.buyers, partner)


def _sku_of(work: Work, gtin: Number, sellers: Number, buyers: Number, partner: str | None) -> str | None:
    if gtin and (code := work.get(ItemCode, "gtin", gtin14(gtin))):
        return code.sku
    if sellers and work.get(ItemRow, sellers):
        return sellers
    if buyers and partner and (code := work.get(ItemCode, buyers_scheme(partner), buyers)):
        return code.sku
    return None


def vat_rates() -> Need:
    """Want all VAT rates of our own country."""
    return _VAT_RATES


def facts(work: Work, items: Iterable[ItemIdentification], partner: str | None) -> Iterator[Need]:
    """Yield what must be loaded to judge the items that were found."""
    return chain.from_iterable([_facts(sku) for item in items if (sku := sku_of(work, item, partner))])


@lru_cache(JUST_SEEN)
def _facts(sku: str) -> tuple[Need, ...]:
    return peek(ItemRow, sku), group(PriceRow, sku)


def items_on(
    work: Work, named: Iterable[tuple[str, ItemIdentification]], partner: str | None, day: date, currency: str
) -> dict[str, Item]:
    """Return, by line, what is known of the items that lines name: those that were found, as they are on this day."""
    items: dict[str, Item] = {}
    for line_id, name in named:
        item = work.shared(_item_on, name.gtin, name.sellers, name.buyers, partner, day, currency)
        if item is not None:
            items[line_id] = item
    return items


def _item_on(
    work: Work, gtin: Number, sellers: Number, buyers: Number, partner: str | None, day: date, currency: str
) -> Item | None:
    sku = _sku_of(work, gtin, sellers, buyers, partner)
    row = work.get(ItemRow, sku) if sku else None
    if row is None:
        return None
    vat = vat_on(work, day).get(row.vat_code)
    return Item(row.sku, row.unit, row.stocked, vat, _price_on(work, row.sku, day, currency))


def vat_on(work: Work, day: date) -> Mapping[str, Vat]:
    """Return what our VAT codes mean on a day: of each, the rate that began last."""
    return work.shared(_vat_on, day)


def _vat_on(work: Work, day: date) -> Mapping[str, Vat]:
    begun = (row for row in work.group(VatRow, HOME) if row.valid_from <= day)
    return {row.code: Vat(row.code, row.category, row.rate) for row in begun}


def _price_on(work: Work, sku: str, day: date, currency: str) -> Decimal | None:
    price = None
    for row in work.group(PriceRow, sku):  # the one that began last comes last
        if row.currency == currency and row.valid_from <= day:
            price = row.amount
    return price
