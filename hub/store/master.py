"""The records of master data: items, prices, VAT, stores, parties, agreements, tokens; others read without locks."""

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from hub.canonical.agreement import Agreement
from hub.canonical.party import Party
from hub.store.records import table


@table("item", indexes=[("gtin",)])
class ItemRow(NamedTuple):
    """An item that is sold."""

    sku: str
    gtin: str | None
    name: str
    unit: str
    vat_code: str
    stocked: bool
    version: int = 0


@table("item_code", key=2)
class ItemCode(NamedTuple):
    """By which other code an item is known: `scheme` is gtin (14 digits), or `buyer:<partner>`, by the agreement."""

    scheme: str
    code: str
    sku: str
    version: int = 0


def buyers_scheme(partner: str) -> str:
    """Return the scheme of the numbers by which a partner calls our items."""
    return f"buyer:{partner}"


@table("list_price", key=3, group=1)
class PriceRow(NamedTuple):
    """A list price, net of VAT, from a day on."""

    sku: str
    currency: str
    valid_from: date
    amount: Decimal
    version: int = 0


HOME = "home"
"""The tax area of our own country, the only one whose rates are kept."""


@table("vat_rate", key=3, group=1)
class VatRow(NamedTuple):
    """A VAT code of ours with its EN 16931 category and rate, from a day on. An area's rates are read together."""

    area: str
    code: str
    valid_from: date
    category: str
    rate: Decimal
    version: int = 0


@table("store")
class StoreRow(NamedTuple):
    """A store with tills."""

    store: str
    name: str
    time_zone: str
    currency: str
    day_cut_hour: int
    version: int = 0


@table("party", key=1, indexes=[("role",)])
class PartyRow(NamedTuple):
    """A party known to us; the one with the id `company` is ourselves."""

    party_id: str
    role: str
    party: Party
    version: int = 0


COMPANY = "company"
"""The party id of the company that this hub works for: the seller on every document, owner of the GS1 prefix."""


@table("agreement")
class AgreementRow(NamedTuple):
    """What is agreed with a partner, as imported last; `sha256` is that of the file."""

    partner: str
    agreement: Agreement
    sha256: str
    imported_at: datetime
    version: int = 0


@table("identity", key=2, indexes=[("partner",)])
class Identity(NamedTuple):
    """Which partner an identity belongs to: `kind` is edi (`5412345000013:14`), gln, shop (`shopify/acme`) or store."""

    kind: str
    value: str
    partner: str


@table("token", indexes=[("label",)])
class Token(NamedTuple):
    """A credential: the SHA-256 of its secret, what it may do, and until when."""

    key_id: str
    sha256: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


@table("quarantine", indexes=[("at",)])
class Quarantine(NamedTuple):
    """Input of a known credential in the name of somebody it may not speak for: kept apart, without an answer."""

    id: UUID
    at: datetime
    credential: str
    claimed: str
    endpoint: str
    archive_id: UUID
