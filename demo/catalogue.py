"""What the demo company sells, read from the same CSV files that are imported into the hub."""

import csv
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

DATA = Path(__file__).parent / "data"
AGREEMENTS = Path(__file__).parent / "partners"
KINDS = ("vat", "items", "prices", "stores", "parties", "stock")
"""The imports, in the order in which they build on each other."""
SCARCE = "GRI-01"
"""The item of which there is never enough."""


@dataclass(frozen=True, slots=True)
class Article:
    """An item as its buyers know it; `net` is the list price, `vat` the rate in percent."""

    sku: str
    gtin: str
    name: str
    net: Decimal
    vat: Decimal

    @property
    def gross(self) -> Decimal:
        """The price in the shop and at the till, VAT included."""
        return (self.net * (100 + self.vat) / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _rows(kind: str) -> list[dict[str, str]]:
    with (DATA / f"{kind}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def articles() -> list[Article]:
    """Return everything that is sold."""
    rates = {row["code"]: Decimal(row["rate"]) for row in _rows("vat")}
    prices = {row["sku"]: Decimal(row["amount"]) for row in _rows("prices")}
    return [
        Article(row["sku"], row["gtin"], row["name"], prices[row["sku"]], rates[row["vat_code"]])
        for row in _rows("items")
    ]
