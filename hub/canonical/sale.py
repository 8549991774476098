"""A till's receipt: it has happened, it is never refused."""

from datetime import date
from decimal import Decimal
from typing import ClassVar, Literal

from pydantic import AwareDatetime, Field

from hub.canonical.catalogue import AllowanceCharge, ItemIdentification
from hub.canonical.envelope import Payload
from hub.canonical.values import Amount, Currency, Identifier, Quantity, Rate, Value


class SaleLine(Value):
    """One line of a receipt. A return has a negative quantity and amount; `amount` is as stated, after discounts.

    `amount` includes VAT if the sale's `tax_included` says so.
    """

    line_id: Identifier
    kind: Literal["item", "gift_card", "deposit", "fee", "rounding"] = "item"
    item: ItemIdentification
    quantity: Quantity
    unit_price: Amount
    amount: Amount
    tax_rate: Rate | None = None
    tax_amount: Amount | None = None
    allowances: tuple[AllowanceCharge, ...] = ()
    voided: bool = False
    original_receipt: str | None = None
    extensions: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class SaleTax(Value):
    """VAT of a receipt at one rate, as the till states it: `base` net, `amount` the tax."""

    rate: Rate
    base: Amount | None = None
    amount: Amount


class Tender(Value):
    """How the customer paid. Change is a tender with a negative amount."""

    tender_id: Identifier
    means: Identifier
    amount: Amount
    reference: str | None = None


class Sale(Value):
    """A receipt. Its key is store + terminal + business date + transaction number, never the clock."""

    store: Identifier
    terminal: Identifier
    business_date: date
    number: Identifier
    sequence: int | None = None
    kind: Literal["sale", "return", "void", "control"] = "sale"
    began: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    operator: str | None = None
    currency: Currency
    tax_included: bool = True
    lines: tuple[SaleLine, ...] = ()
    taxes: tuple[SaleTax, ...] = ()
    tenders: tuple[Tender, ...] = ()
    total: Amount
    rounding: Amount = Decimal(0)
    voids: str | None = None
    extensions: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def sign(self) -> int:
        """-1 where a void repeats the amounts of the receipt that it takes back: amounts x sign are what happened."""
        return -1 if self.kind == "void" and self.total > 0 else 1

    @property
    def receipt_key(self) -> str:
        """The source key of the receipt: store:terminal:date:number."""
        return f"{self.store}:{self.terminal}:{self.business_date:%Y%m%d}:{self.number}"


class SaleRecorded(Payload):
    """A sale has happened at a till."""

    TYPE: ClassVar[str] = "sale.recorded.v1"
    sale: Sale

    @property
    def business_key(self) -> str:
        return self.sale.receipt_key
