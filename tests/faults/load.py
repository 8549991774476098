"""What partners send in a fault test: a few of every kind, or many, each told by its number."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from demo import retailer, shop, tills
from demo.catalogue import SCARCE, Article, articles
from demo.retailer import Owed, Wanted
from tests.faults.history import Sending

OPERATOR, RETAILER = "operator", "nordmarkt"
TILLS = ("1", "2")
WHEN = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
"""The date on all documents, so that what is sent again is the same."""
GOODS = [one for one in articles() if one.sku != SCARCE]
JSON = {"Content-Type": "application/json"}


def till(number: str) -> str:
    """Return the name of a till's credential."""
    return f"till {number}"


def lines(seed: str, most: int) -> list[tuple[Article, int]]:
    random = Random(seed)
    return [(article, random.randint(1, most)) for article in random.sample(GOODS, random.randint(1, 3))]


def orders_by_edi(reference: str, count: int = 1, *, folder: bool) -> Sending:
    """Orders in one interchange."""
    wanted = [Wanted(f"{reference}-{n}", lines(f"{reference}-{n}", 8)) for n in range(1, count + 1)]
    return _interchange(reference, retailer.interchange(reference, wanted, WHEN), folder=folder)


def damaged_interchange(reference: str, *, folder: bool) -> Sending:
    """An interchange whose message miscounts its segments."""
    wanted = Wanted(f"{reference}-1", lines(reference, 8))
    body = retailer.interchange(reference, [wanted], WHEN).replace(b"UNT+", b"UNT+9", 1)
    return replace(_interchange(reference, body, folder=folder), expected="refused")


def other_content(sending: Sending) -> Sending:
    """Other content under the key of an interchange."""
    reference = sending.key.removeprefix("edi/")
    wanted = [Wanted(f"{reference}-other", lines(f"{reference}-other", 8))]
    body = retailer.interchange(reference, wanted, WHEN)
    return replace(sending, body=body, expected="conflict", path=sending.path.replace(".edi", "-other.edi"))


def _interchange(reference: str, body: bytes, *, folder: bool) -> Sending:
    path = f"{reference}.edi" if folder else "/edi"
    headers = {"Content-Type": "application/edifact"}
    return Sending(f"edi/{reference}", "edi", "folder" if folder else "http", path, body, "applied", headers, RETAILER)


def shop_order(number: int) -> Sending:
    """A paid order of the web shop."""
    delivered = shop.delivery(shop.order(number, lines(f"shop {number}", 3), WHEN), f"webhook-{number}")
    return Sending(f"shop/{number}", "webshop", "http", shop.PATH, delivered.body, "applied", delivered.headers)


def receipts(terminal: str, numbers: Sequence[int]) -> Sending:
    """A till's push of receipts."""
    made = [tills.receipt(terminal, number, lines(f"till {terminal} {number}", 2), WHEN.date()) for number in numbers]
    key = f"pos/{terminal}/{numbers[0]}-{numbers[-1]}"
    return Sending(key, "pos", "http", tills.PATH, tills.batch(made), "applied", JSON, till(terminal))


def goods_in(number: int) -> Sending:
    """Goods that came in, told with a key of the operator's own."""
    article, quantity = lines(f"goods {number}", 9)[0]
    movement = {"sku": article.sku, "location": "main", "quantity": str(quantity)}
    body = json.dumps({"reason": f"goods in {number}", "movements": [movement]}).encode()
    headers = JSON | {"Idempotency-Key": f"goods-{number}"}
    return Sending(f"stock/{number}", "api", "http", "/stock/adjust", body, "applied", headers, OPERATOR)


def payment(owed: Owed) -> Sending:
    """The retailer's transfer for an invoice; its reference alone makes it the same money."""
    body = {
        "reference": f"TRF-{owed.number}",
        "money": {"amount": str(owed.amount), "currency": "EUR"},
        "value_date": WHEN.date().isoformat(),
        "invoices": [owed.number],
    }
    key = f"payment/{owed.number}"
    return Sending(key, "api", "http", "/payments", json.dumps(body).encode(), "applied", JSON, OPERATOR)


def payments(data: Path) -> list[Sending]:
    """What the retailer owes by the invoices in its folder."""
    return [payment(owed) for owed in retailer.invoices(data / "partners" / retailer.PARTNER / "out")]


def of_every_kind(first: int) -> Iterator[Sending]:
    """A few inputs for every door, numbered from `first` on."""
    yield orders_by_edi(f"F{first}", 2, folder=True)
    yield orders_by_edi(f"H{first}", 2, folder=False)
    yield shop_order(first)
    yield receipts("1", [first, first + 1])
    yield goods_in(first)
    yield damaged_interchange(f"D{first}", folder=False)
    yield shop_order(first + 1)
    yield receipts("2", [first])
