"""Items, prices, VAT and stores: what a company sells, and where. Commands of the master data service."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from hub.canonical.envelope import Payload
from hub.canonical.party import Party
from hub.canonical.values import Amount, Currency, Gtin, Identifier, Name, Rate, UnitCode, Value


class ItemIdentification(Value):
    """How a document names an item (BT-155, BT-156, BT-157). At least one identifier, or a name."""

    gtin: Gtin | None = None
    sellers: Identifier | None = None
    buyers: Identifier | None = None
    manufacturers: Identifier | None = None
    name: str | None = None
    description: str | None = None


class Price(Value):
    """A net unit price (BT-146) per `base_quantity` units (BT-149) of `unit` (BT-150)."""

    amount: Amount
    base_quantity: Amount = Decimal(1)
    unit: UnitCode | None = None
    qualifier: str | None = None


class AllowanceCharge(Value):
    """An allowance (deduction) or charge (BG-20, BG-21, BG-27, BG-28). `amount` is always positive."""

    charge: bool
    amount: Amount | None = None
    percentage: Rate | None = None
    base: Amount | None = None
    reason_code: str | None = None
    reason: str | None = None
    sequence: int | None = None
    tax_rate: Rate | None = None


class Item(Value):
    """An item that is sold, known by our own number `sku`."""

    sku: Identifier
    gtin: Gtin | None = None
    name: Name
    unit: UnitCode = "C62"
    vat_code: Identifier = "standard"
    stocked: bool = True


class ListPrice(Value):
    """The list price of an item, net of VAT, from a day on."""

    sku: Identifier
    currency: Currency
    amount: Amount
    valid_from: date


class VatRate(Value):
    """A VAT code of our own with its EN 16931 category (S, Z, E, AE, K, G, O) and rate from a day on."""

    code: Identifier
    category: Identifier
    rate: Rate
    valid_from: date


class Store(Value):
    """A store with tills: its time zone (IANA), currency, and the hour at which its business day ends."""

    store: Identifier
    name: Name
    time_zone: Identifier = "UTC"
    currency: Currency = "EUR"
    day_cut_hour: int = 0


class MasterParty(Value):
    """A party known to us: our own company, a customer, or a delivery point. `party_id` is our number for it."""

    party_id: Identifier
    role: Identifier
    party: Party


class RegisterItems(Payload):
    """Create or replace items."""

    TYPE: ClassVar[str] = "items.register.v1"
    items: tuple[Item, ...]

    @property
    def business_key(self) -> str:
        return "items"


class RegisterPrices(Payload):
    """Create or replace list prices."""

    TYPE: ClassVar[str] = "prices.register.v1"
    prices: tuple[ListPrice, ...]

    @property
    def business_key(self) -> str:
        return "prices"


class RegisterVatRates(Payload):
    """Create or replace VAT rates."""

    TYPE: ClassVar[str] = "vat_rates.register.v1"
    vat_rates: tuple[VatRate, ...]

    @property
    def business_key(self) -> str:
        return "vat"


class RegisterStores(Payload):
    """Create or replace stores."""

    TYPE: ClassVar[str] = "stores.register.v1"
    stores: tuple[Store, ...]

    @property
    def business_key(self) -> str:
        return "stores"


class RegisterParties(Payload):
    """Create or replace parties."""

    TYPE: ClassVar[str] = "parties.register.v1"
    parties: tuple[MasterParty, ...]

    @property
    def business_key(self) -> str:
        return "parties"
