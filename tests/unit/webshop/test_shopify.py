"""A Shopify notification becomes the order as the shop states it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.order import Order
from hub.canonical.party import Party
from hub.domain.tie_out import differences
from hub.errors import UnreadableInput, Unusable
from hub.translators.webshop import shopify
from hub.translators.webshop.result import Result


@pytest.fixture
def read(shopify_agreement: Agreement) -> Any:
    def reading(document: Any, topic: str = "orders/create") -> Result:
        return shopify.read(json.dumps(document).encode(), shopify_agreement, topic)

    return reading


def order_of(result: Result) -> Order:
    assert result.order is not None, result.findings
    assert not result.findings
    return result.order.order


def test_order_keeps_what_the_shop_states(read: Any, shopify_order: dict[str, Any]) -> None:
    result = read(shopify_order)
    order = order_of(result)
    assert result.order.business_key == "shop:shopify:acme/5981234567890"
    assert order.issued == date(2026, 11, 23), "the day at the shop, not in UTC"
    assert order.version == datetime(2026, 11, 24, 7, 2, 45, tzinfo=UTC)
    assert (order.currency, order.tax_included, order.cancelled) == ("EUR", True, False)
    assert order.buyer.identifier == "7700112233"
    assert order.buyer.contact is not None
    assert order.buyer.contact.email == "mara@example.org"
    assert order.delivery is not None
    assert order.delivery.name == "Sander Werkzeuge"
    assert order.invoicee is not None
    assert order.invoicee.address is not None
    assert order.invoicee.address.street == "Hafenstr. 7\nc/o Sander"
    assert [reference.number for reference in order.references] == ["PO-77"]
    assert [note.text for note in order.notes] == ["Please ring twice."]
    assert order.extensions["name"] == ("#2041",)
    assert order.extensions["discount_codes"] == ("WELCOME10",)
    assert order.extensions["note_attributes"] == ("gift wrap=yes",)


def test_every_charge_is_a_line_of_its_kind(read: Any, shopify_order: dict[str, Any]) -> None:
    order = order_of(read(shopify_order))
    assert [(line.line_id, line.kind) for line in order.lines] == [
        ("14100000000001", "item"),
        ("14100000000002", "gift_card"),
        ("shipping-610001", "shipping"),
        ("tip", "tip"),
    ]
    lamp = order.lines[0]
    assert lamp.item.sellers == "LAMP-2"
    assert lamp.price is not None
    assert (lamp.price.amount, lamp.quantity.value) == (Decimal("50.00"), Decimal(2))
    assert (lamp.tax_rate, lamp.tax_amount) == (Decimal(19), Decimal("14.37"))
    assert [(share.charge, share.amount, share.reason) for share in lamp.allowances] == [
        (False, Decimal("10.00"), "WELCOME10")
    ]
    assert lamp.extensions["properties"] == ("engraving=M.L.",)


def test_order_ties_out_to_the_cent(read: Any, shopify_order: dict[str, Any]) -> None:
    assert differences(order_of(read(shopify_order))) == ()
    shopify_order["total_price"] = "122.91"
    assert [finding.code for finding in differences(order_of(read(shopify_order)))] == ["payable_differ"]


@pytest.mark.parametrize(
    ("status", "amounts"),
    [
        ("paid", [Decimal("122.90")]),
        ("partially_refunded", [Decimal("122.90")]),
        ("partially_paid", [Decimal("22.90")]),
        ("authorized", []),
        ("pending", []),
        (None, []),
    ],
)
def test_only_money_that_came_in_is_a_payment(
    read: Any, shopify_order: dict[str, Any], status: str | None, amounts: list[Decimal]
) -> None:
    shopify_order |= {"financial_status": status, "total_outstanding": "100.00"}
    payments = order_of(read(shopify_order)).payments
    assert [payment.amount for payment in payments] == amounts
    assert all(payment.means == "shopify_payments+gift_card" for payment in payments)
    assert all(payment.reference == "shopify_payments+gift_card:5981234567890" for payment in payments)


def test_cancelled_order_keeps_its_lines(read: Any, shopify_order: dict[str, Any]) -> None:
    shopify_order["cancelled_at"] = "2026-11-24T09:00:00+01:00"
    shopify_order["refunds"] = [{"refund_line_items": [cancelled(14100000000001, 2)]}]
    order = order_of(read(shopify_order, "orders/cancelled"))
    assert order.cancelled
    assert order.lines[0].quantity.value == 2


def test_pieces_taken_off_before_they_left_are_no_longer_ordered(read: Any, shopify_order: dict[str, Any]) -> None:
    shopify_order |= {
        "refunds": [{"refund_line_items": [cancelled(14100000000001, 1), cancelled(14100000000002, 1, "return")]}],
        "current_subtotal_price": "70.00",
        "current_total_discounts": "5.00",
        "current_total_tax": "7.97",
        "current_total_price": "77.90",
    }
    order = order_of(read(shopify_order))
    lamp, gift_card, *_ = order.lines
    assert lamp.quantity.value == 1
    assert lamp.allowances[0].amount == Decimal("5.00"), "the discount leaves with its piece"
    assert lamp.tax_amount == Decimal("7.19")
    assert gift_card.quantity.value == 1, "a return is a refund's business"
    assert [finding.code for finding in differences(order)] == [], "the current totals count"


def test_order_without_any_piece_left_is_cancelled(read: Any, shopify_order: dict[str, Any]) -> None:
    taken_off = [cancelled(14100000000001, 2), cancelled(14100000000002, 1)]
    shopify_order["refunds"] = [{"refund_line_items": taken_off}]
    order = order_of(read(shopify_order))
    assert order.cancelled
    assert [line.quantity.value for line in order.lines[:2]] == [2, 1]


def cancelled(line_id: int, quantity: int, kind: str = "cancel") -> dict[str, Any]:
    return {"line_item_id": line_id, "quantity": quantity, "restock_type": kind}


def test_guest_without_addresses_is_known_by_e_mail(read: Any, shopify_order: dict[str, Any]) -> None:
    shopify_order |= {"customer": None, "billing_address": None, "shipping_address": None}
    order = order_of(read(shopify_order))
    assert order.buyer.identifier is None
    assert order.buyer.contact is not None
    assert order.buyer.contact.email == "mara@example.org"
    assert order.delivery is None


def test_amounts_may_stand_in_the_set_form_alone(read: Any, shopify_order: dict[str, Any]) -> None:
    del shopify_order["total_price"]
    line = shopify_order["line_items"][0]
    line["price_set"] = {"shop_money": {"amount": line.pop("price"), "currency_code": "EUR"}}
    order = order_of(read(shopify_order))
    assert order.stated.payable == Decimal("122.90")
    assert order.lines[0].price is not None
    assert order.lines[0].price.amount == Decimal("50.00")


def test_discount_that_no_line_carries_belongs_to_the_document(read: Any, shopify_order: dict[str, Any]) -> None:
    del shopify_order["line_items"][0]["discount_allocations"]
    order = order_of(read(shopify_order))
    assert [(change.charge, change.amount) for change in order.allowances] == [(False, Decimal("10.00"))]


def test_discount_of_an_old_line_is_its_allowance(read: Any, shopify_order: dict[str, Any]) -> None:
    line = shopify_order["line_items"][0]
    del line["discount_allocations"]
    line["total_discount"] = "10.00"
    order = order_of(read(shopify_order))
    assert [change.amount for change in order.lines[0].allowances] == [Decimal("10.00")]
    assert order.allowances == ()


def test_tip_with_a_line_of_its_own_is_not_counted_twice(read: Any, shopify_order: dict[str, Any]) -> None:
    tip = {"id": 3, "name": "Tip", "quantity": 1, "price": "3.00", "tip": {"payment_gateway": "x"}, "tax_lines": []}
    shopify_order["line_items"].append(tip)
    order = order_of(read(shopify_order))
    assert [line.line_id for line in order.lines if line.kind == "tip"] == ["3"]


def test_duties_are_a_fee(read: Any, shopify_order: dict[str, Any]) -> None:
    shopify_order["original_total_duties_set"] = {"shop_money": {"amount": "7.10", "currency_code": "EUR"}}
    order = order_of(read(shopify_order))
    fees = [(line.line_id, line.price.amount) for line in order.lines if line.kind == "fee" and line.price]
    assert fees == [("duties", Decimal("7.10"))]


def test_tax_that_the_channel_owes_is_marked(read: Any, shopify_order: dict[str, Any]) -> None:
    shopify_order["line_items"][0]["tax_lines"][0]["channel_liable"] = True
    assert order_of(read(shopify_order)).lines[0].extensions["channel_liable"] == ("true",)


def test_test_order_is_marked(read: Any, shopify_order: dict[str, Any]) -> None:
    assert not read(shopify_order).test
    assert read(shopify_order | {"test": True}).test


def test_answer_of_the_api_is_opened(read: Any, shopify_order: dict[str, Any]) -> None:
    assert read({"order": shopify_order}) == read(shopify_order)


@pytest.mark.parametrize("topic", ["products/update", "orders/edited", "refunds/create", ""])
def test_other_topics_are_kept_without_effect(read: Any, topic: str) -> None:
    result = read({"id": 1}, topic)
    assert result.order is None
    assert result.not_handled
    assert not result.findings


def test_deleted_order_is_named_by_its_id(read: Any) -> None:
    assert read({"id": 5981234567890}, "orders/delete").deleted == "5981234567890"
    assert [finding.location.path for finding in read({}, "orders/delete").findings] == ["$.id"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": None}, "$.id"),
        ({"created_at": None}, "$.created_at"),
        ({"created_at": "yesterday"}, "$.created_at"),
        ({"line_items": [], "shipping_lines": [], "total_tip_received": None}, "$.line_items"),
        ({"line_items": "none"}, "$.line_items"),
        ({"line_items": ["lamp"]}, "$.line_items[0]"),
        ({"line_items": [{"id": 1, "quantity": "two", "price": "1"}]}, "$.line_items[0].quantity"),
        ({"line_items": [{"id": 1, "quantity": 2}]}, "$.line_items[0].price"),
        ({"line_items": [{"quantity": 2, "price": "1"}]}, "$.line_items[0].id"),
        ({"line_items": 2 * [{"id": 1, "quantity": 2, "price": "1"}]}, "$.line_items"),
        ({"currency": "EURO"}, "$.order.currency"),
        ({"total_price": "1e99"}, "$.total_price"),
    ],
)
def test_what_cannot_be_an_order_says_where(
    read: Any, shopify_order: dict[str, Any], change: dict[str, Any], path: str
) -> None:
    result = read(shopify_order | change)
    assert result.order is None
    assert path in [finding.location.path for finding in result.findings if finding.level == "error"]


def test_odd_but_harmless_fields_are_warnings(read: Any, shopify_order: dict[str, Any]) -> None:
    shopify_order["billing_address"]["country_code"] = "Germany"
    shopify_order["updated_at"] = "2026-11-24T08:02:45"
    result = read(shopify_order)
    assert result.order is not None
    assert {finding.level for finding in result.findings} == {"warning"}
    assert {finding.location.path for finding in result.findings} == {"$.billing_address.country_code", "$.updated_at"}


def test_body_that_is_no_object_is_unreadable(shopify_agreement: Agreement) -> None:
    for body in (b"", b"[]", b"null", b"{"):
        with pytest.raises(UnreadableInput):
            shopify.read(body, shopify_agreement, "orders/create")


def test_agreement_without_a_shop_is_a_fault_of_ours() -> None:
    with pytest.raises(Unusable):
        shopify.read(b"{}", Agreement(partner="x", party=Party(name="X")), "orders/create")


def test_source_key_is_shop_topic_and_webhook_id_under_either_header_form() -> None:
    old = {
        "x-shopify-shop-domain": "acme.example",
        "x-shopify-topic": "orders/create",
        "x-shopify-webhook-id": "b54557e4",
        "x-shopify-event-id": "98880550",
    }
    new = {name.removeprefix("x-"): value for name, value in old.items()}
    assert shopify.source_key(old, b"{}") == "shopify:acme.example:orders/create:b54557e4"
    assert shopify.source_key(new, b"{ }") == shopify.source_key(old, b"{}")


def test_without_a_webhook_id_the_content_is_the_key() -> None:
    headers = {"x-shopify-shop-domain": "acme.example", "x-shopify-topic": "orders/create"}
    assert shopify.source_key(headers, b"1") == shopify.source_key(headers, b"1")
    assert shopify.source_key(headers, b"1") != shopify.source_key(headers, b"2")
