"""Whatever arrives from shops and tills is read, or refused by name; money is neither made nor lost on the way."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.canonical import strict_json
from hub.canonical.agreement import Agreement, ShopAgreement
from hub.canonical.party import Party
from hub.canonical.sale import Sale, SaleLine, SaleTax, Tender
from hub.canonical.values import Quantity
from hub.domain.tie_out import differences
from hub.errors import PartnerError
from hub.translators.pos import poslog, sales
from hub.translators.pos.receipt import Receipt, content_hash
from hub.translators.webshop import shopify, woocommerce
from hub.translators.webshop.result import Result
from hub.translators.webshop.signatures import SCHEMES, sign, verify

SAMPLES = Path(__file__).parents[1] / "samples"
SHOP = Agreement(partner="p", party=Party(name="P"), shop=ShopAgreement(platform="shopify", shop="acme"))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def read_shopify(body: bytes) -> Result:
    return shopify.read(body, SHOP, "orders/create")


def read_woocommerce(body: bytes) -> Result:
    return woocommerce.read(body, SHOP, "order.created")


def read_poslog(body: bytes) -> tuple[Receipt, ...]:
    return tuple(poslog.read(body, time_zone="Europe/Berlin", currency="EUR"))


SHOPS = {"shopify-order.json": read_shopify, "woocommerce-order.json": read_woocommerce}
READERS = [read_shopify, read_woocommerce, read_poslog, sales.read, strict_json.parse]

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["1e30", "-0", "0.00", "9999999999999999", "NaN", "Infinity", "1_0", "0001-01-01T00:00:00+14:00"])
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def refused_or_read(reader: Any, body: bytes) -> Any:
    """Return what the reader gives; a PartnerError is an answer, anything else escapes and fails the test."""
    try:
        return reader(body)
    except PartnerError:
        return None


@pytest.mark.parametrize("reader", READERS)
@given(body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode) | values.map(json.dumps).map(str.encode))
def test_arbitrary_bytes_never_escape_as_an_unplanned_error(reader: Any, body: bytes) -> None:
    refused_or_read(reader, body)
    woocommerce.is_ping(body)
    assert shopify.source_key({}, body)
    assert woocommerce.source_key({}, body)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything inside `value`."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for name, member in members for place in [(*path, name), *places(member, (*path, name))]]


def with_changes(document: Any, changes: list[tuple[tuple[Any, ...], Any]]) -> Any:
    """Return the document with other values at some places; a place that is gone by then stays away."""
    document = json.loads(json.dumps(document))
    for path, value in changes:
        holder = document
        for name in path[:-1]:
            holder = holder[name] if _holds(holder, name) else None
        if _holds(holder, path[-1]):
            holder[path[-1]] = value
    return document


def _holds(holder: Any, name: Any) -> bool:
    if isinstance(holder, list):
        return isinstance(name, int) and name < len(holder)
    return isinstance(holder, dict) and name in holder


@pytest.mark.parametrize("sample", sorted(SHOPS))
@given(data=st.data())
def test_order_with_anything_in_any_place_is_read_or_refused(sample: str, data: st.DataObject) -> None:
    document = json.loads((SAMPLES / "webshop" / sample).read_bytes())
    change = st.tuples(st.sampled_from(places(document)), values)
    body = json.dumps(with_changes(document, data.draw(st.lists(change, min_size=1, max_size=4)))).encode()
    result = refused_or_read(SHOPS[sample], body)
    if result is not None:
        assert result.order or result.deleted or result.not_handled or result.findings
        if result.order:
            differences(result.order.order)
            assert type(result.order).model_validate_json(result.order.model_dump_json()) == result.order


@given(data=st.data())
def test_sale_with_anything_in_any_place_is_read_or_refused(data: st.DataObject) -> None:
    document = json.loads((SAMPLES / "pos" / "sales.json").read_bytes())
    change = st.tuples(st.sampled_from(places(document)), values)
    body = json.dumps(with_changes(document, data.draw(st.lists(change, min_size=1, max_size=4)))).encode()
    for receipt in refused_or_read(sales.read, body) or ():
        assert (receipt.sale is None) == any(finding.level == "error" for finding in receipt.findings)
        if receipt.sale:
            assert receipt.sha256
            differences(receipt.sale)


@given(
    start=st.integers(0, 8000),
    length=st.integers(0, 400),
    insert=st.binary(max_size=20)
    | st.sampled_from([b"<Sale>", b"</Sale>", b"&lt;", b"-1", b"9" * 50, b"1e9", b'VoidFlag="true"']),
)
def test_damaged_journal_is_read_or_refused(start: int, length: int, insert: bytes) -> None:
    journal = (SAMPLES / "pos" / "poslog.xml").read_bytes()
    for receipt in refused_or_read(read_poslog, journal[:start] + insert + journal[start + length :]) or ():
        assert receipt.sale or receipt.findings
        if receipt.sale:
            assert receipt.sha256
            differences(receipt.sale)


cents = st.integers(0, 10_000_00).map(lambda number: Decimal(number).scaleb(-2))


@st.composite
def goods(draw: st.DrawFn) -> tuple[Decimal, int, Decimal, Decimal]:
    """Draw price, quantity, discount and tax of a line."""
    price, quantity = draw(cents), draw(st.integers(1, 50))
    discount = draw(st.integers(0, int(price * quantity * 100))) if price else 0
    return price, quantity, Decimal(discount).scaleb(-2), draw(cents)


orders = st.lists(goods(), min_size=1, max_size=6)


@given(lines=orders, shipping=cents, tip=cents, included=st.booleans())
def test_shopify_order_is_worth_what_its_shop_says(
    lines: list[tuple[Decimal, int, Decimal, Decimal]], shipping: Decimal, tip: Decimal, *, included: bool
) -> None:
    subtotal = sum((price * quantity - discount for price, quantity, discount, _ in lines), Decimal(0))
    tax = sum((amount for *_, amount in lines), Decimal(0))
    document = {
        "id": 1,
        "created_at": "2026-11-24T00:00:00Z",
        "currency": "EUR",
        "taxes_included": included,
        "subtotal_price": str(subtotal),
        "total_tax": str(tax),
        "total_tip_received": str(tip),
        "total_discounts": str(sum((line[2] for line in lines), Decimal(0))),
        "total_price": str(subtotal + shipping + tip + (0 if included else tax)),
        "shipping_lines": [{"price": str(shipping), "tax_lines": []}],
        "line_items": [
            {
                "id": number,
                "quantity": quantity,
                "price": str(price),
                "discount_allocations": [{"amount": str(discount)}],
                "tax_lines": [{"price": str(tax), "rate": 0.19}],
            }
            for number, (price, quantity, discount, tax) in enumerate(lines)
        ],
    }
    result = read_shopify(json.dumps(document).encode())
    assert result.order is not None
    assert differences(result.order.order) == ()


@given(lines=orders, shipping=cents, gift_card=cents)
def test_woocommerce_order_is_worth_what_its_shop_says(
    lines: list[tuple[Decimal, int, Decimal, Decimal]], shipping: Decimal, gift_card: Decimal
) -> None:
    tax = sum((amount for *_, amount in lines), Decimal(0))
    net = sum((price * quantity - discount for price, quantity, discount, _ in lines), Decimal(0))
    document = {
        "id": 1,
        "status": "processing",
        "currency": "EUR",
        "date_created": "2026-11-24T00:00:00",
        "total": str(net + shipping + tax - gift_card),
        "total_tax": str(tax),
        "gift_cards": [{"id": 1, "amount": str(gift_card)}],
        "shipping_lines": [{"id": 1000, "total": str(shipping), "total_tax": "0"}],
        "line_items": [
            {
                "id": number,
                "quantity": quantity,
                "subtotal": str(price * quantity),
                "total": str(price * quantity - discount),
                "total_tax": str(tax),
            }
            for number, (price, quantity, discount, tax) in enumerate(lines)
        ],
    }
    result = read_woocommerce(json.dumps(document).encode())
    assert result.order is not None
    order = result.order.order
    assert differences(order) == ()
    for line in order.lines:
        if line.price is not None and line.stated_amount is not None:
            gross = line.price.amount * line.quantity.value / line.price.base_quantity
            changes = sum((one.amount or 0) * (1 if one.charge else -1) for one in line.allowances)
            assert gross + changes == line.stated_amount, "the unit price is exact"


names = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=12)
amounts = st.decimals(-(10**9), 10**9, places=4)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.none() | st.datetimes(timezones=zones)
sale_lines = st.builds(
    SaleLine,
    line_id=names,
    item=st.fixed_dictionaries({"name": names}),
    quantity=st.builds(Quantity, value=amounts),
    unit_price=amounts,
    amount=amounts,
    tax_rate=st.none() | st.decimals(0, 100, places=2),
    voided=st.booleans(),
    extensions=st.dictionaries(names, st.lists(names, max_size=2).map(tuple), max_size=2),
)
receipts = st.builds(
    Sale,
    store=names,
    terminal=names,
    business_date=st.dates(date(2000, 1, 1)),
    number=names,
    sequence=st.none() | st.integers(0, 10**9),
    kind=st.sampled_from(["sale", "return", "void", "control"]),
    began=instants,
    ended=instants,
    operator=st.none() | names,
    currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    tax_included=st.booleans(),
    lines=st.lists(sale_lines, max_size=3).map(tuple),
    taxes=st.lists(st.builds(SaleTax, rate=st.decimals(0, 100, places=2), amount=amounts), max_size=2).map(tuple),
    tenders=st.lists(st.builds(Tender, tender_id=names, means=names, amount=amounts), max_size=2).map(tuple),
    total=amounts,
    rounding=amounts,
)


@given(batch=st.lists(receipts, max_size=4))
def test_what_a_till_writes_is_read_back_as_it_was(batch: list[Sale]) -> None:
    back = list(sales.read(sales.write(batch)))
    assert [receipt.sale for receipt in back] == batch
    assert [receipt.sha256 for receipt in back] == [content_hash(sale) for sale in batch]


def respelled(value: Any) -> Any:
    """Return the same JSON written differently: members in another order, numbers with more zeros, nulls added."""
    if isinstance(value, dict):
        return {name: respelled(member) for name, member in reversed(value.items())}
    if isinstance(value, list):
        return [respelled(member) for member in value]
    return value


@given(sale=receipts, zeros=st.integers(0, 5))
def test_respelled_receipt_keeps_its_hash(sale: Sale, zeros: int) -> None:
    document = respelled(sale.model_dump(mode="json"))
    document["total"] = f"{sale.total:f}" + ("0" * zeros if "." in f"{sale.total:f}" else "")
    (receipt,) = sales.read(json.dumps(document, indent=zeros).encode())
    assert receipt.sha256 == content_hash(sale)


@given(
    scheme=st.sampled_from(sorted(name for name, one in SCHEMES.items() if one.headers)),
    body=st.binary(max_size=64),
    other=st.binary(max_size=64),
    nonsense=st.text(max_size=40),
)
def test_signature_verifies_exactly_the_signed_bytes(scheme: str, body: bytes, other: bytes, nonsense: str) -> None:
    secret = {"text": "s", "hex": "ab" * 32, "whsec": "whsec_qqqq", "entities": "a&amp;b"}[SCHEMES[scheme].key]
    sent = sign(scheme, body, secret, now=NOW, identifier="id", url="https://hub.example")
    headers = {name.lower(): value for name, value in sent.items()}
    checks = {"secrets": [secret], "now": NOW, "url": "https://hub.example"}
    assert verify(scheme, headers, body, **checks).ok
    assert verify(scheme, headers, other, **checks).ok == (other == body)
    assert not verify(scheme, headers | {SCHEMES[scheme].headers[0].lower(): nonsense}, body, **checks).ok
