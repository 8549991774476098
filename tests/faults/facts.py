"""What must be true of the hub after all that a client sent: counted anew from the bytes sent, with no code of the hub.

It reads the few forms that our own loads write, and nothing else.
"""

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from demo import retailer, tills
from demo.catalogue import DATA, Article, articles
from tests.faults.history import Sending

CENT = Decimal("0.01")
MAIN = "main"
Place = tuple[str, str]


@dataclass(frozen=True)
class Order:
    """An order as its buyer knows it: pieces by item, and what all of it costs with VAT."""

    channel: str
    pieces: tuple[tuple[str, Decimal], ...]
    gross: Decimal


@dataclass
class Facts:
    """Orders by the buyer's key and number, receipts by key with their totals, the rest as its name says."""

    orders: dict[str, Order] = field(default_factory=dict)
    receipts: dict[str, Decimal] = field(default_factory=dict)
    payments: dict[str, Decimal] = field(default_factory=dict)
    stock: defaultdict[Place, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    movements: int = 0
    verdicts: dict[str, set[str]] = field(default_factory=dict)
    """What the CONTRLs for each interchange reference say: `7`, `7 4` (a message refused), `4 26` (a reused one)."""
    documents: dict[str, Counter[str]] = field(default_factory=dict)
    """How the documents of each key end, repetitions left out."""


def facts(sendings: Iterable[Sending]) -> Facts:
    """Return what follows from what was sent, each input counted once."""
    found = Facts()
    for row in _table("stock"):
        found.stock[row["sku"], row["location"]] += Decimal(row["quantity"])
        found.movements += 1
    for sending in sendings:
        _of_kind(sending, found)
    return found


def _of_kind(sending: Sending, found: Facts) -> None:
    kind = sending.key.partition("/")[0]
    reader = {"edi": _interchange, "shop": _shop_order, "pos": _receipts, "stock": _stock, "payment": _payment}[kind]
    if sending.expected != "unauthenticated":
        reader(sending, found)


def _table(kind: str) -> list[dict[str, str]]:
    with (DATA / f"{kind}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _moved(found: Facts, sku: str, location: str, quantity: Decimal) -> None:
    found.stock[sku, location] += quantity
    found.movements += 1


def _interchange(sending: Sending, found: Facts) -> None:
    reference = sending.key.removeprefix("edi/")
    ends, verdicts = found.documents.setdefault(sending.key, Counter()), found.verdicts.setdefault(reference, set())
    if sending.expected == "conflict":
        ends["parked"] += 1
        verdicts.add("4 26")
        return
    if sending.expected == "refused":
        ends["refused"] += 1
        verdicts.add("7 4")
        return
    verdicts.add("7")
    for number, lines in _orders(sending.body.decode("iso8859-1")):
        ends["applied"] += 1
        net: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
        for article, quantity, price in lines:
            net[article.vat] += price * quantity
            _moved(found, article.sku, MAIN, -quantity)
        gross = sum((amount + _cents(amount * rate / 100) for rate, amount in net.items()), Decimal(0))
        pieces = tuple((article.sku, quantity) for article, quantity, _ in lines)
        found.orders[f"{retailer.WE}/{number}"] = Order("edi", pieces, gross)


def _orders(text: str) -> Iterable[tuple[str, list[tuple[Article, Decimal, Decimal]]]]:
    """Yield the number of each order and its lines: article, pieces, net price."""
    by_gtin = {article.gtin: article for article in articles()}
    for message in text.split("UNH+")[1:]:
        found: dict[str, list[str]] = {}
        for tag, *values in (part.strip().split("+") for part in message.split("'") if "+" in part):
            found.setdefault(tag, []).append(values[-1] if tag == "LIN" else values[1] if tag == "BGM" else values[0])
        goods = [by_gtin[item.partition(":")[0]] for item in found["LIN"]]
        quantities, prices = ([Decimal(one.partition(":")[2]) for one in found[tag]] for tag in ("QTY", "PRI"))
        yield found["BGM"][0], list(zip(goods, quantities, prices, strict=True))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _shop_order(sending: Sending, found: Facts) -> None:
    order = json.loads(sending.body)
    pieces = tuple((item["sku"], Decimal(item["quantity"])) for item in order["line_items"])
    total = Decimal(order["total_price"])
    found.orders[f"shop:shopify:teeladen/{order['id']}"] = Order("webshop", pieces, total)
    found.payments[f"shopify_payments:{order['id']}"] = total
    found.documents.setdefault(sending.key, Counter())["applied"] += 1
    for sku, quantity in pieces:
        _moved(found, sku, MAIN, -quantity)


def _receipts(sending: Sending, found: Facts) -> None:
    for receipt in json.loads(sending.body)["sales"]:
        day = receipt["business_date"].replace("-", "")
        key = f"{receipt['store']}:{receipt['terminal']}:{day}:{receipt['number']}"
        found.receipts[key] = Decimal(receipt["total"])
        found.documents.setdefault(sending.key, Counter())["applied"] += 1
        for line in receipt["lines"]:
            _moved(found, line["item"]["sellers"], tills.STORE, -Decimal(line["quantity"]["value"]))


def _stock(sending: Sending, found: Facts) -> None:
    for movement in json.loads(sending.body)["movements"]:
        _moved(found, movement["sku"], movement["location"], Decimal(movement["quantity"]))


def _payment(sending: Sending, found: Facts) -> None:
    payment = json.loads(sending.body)
    found.payments[payment["reference"]] = Decimal(payment["money"]["amount"])
