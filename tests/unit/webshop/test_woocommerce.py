"""A WooCommerce notification becomes the order as the shop states it: net, whatever its prices look like."""

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
from hub.translators.webshop import woocommerce
from hub.translators.webshop.result import Result


@pytest.fixture
def read(woo_agreement: Agreement) -> Any:
    def reading(document: Any, topic: str = "order.updated") -> Result:
        return woocommerce.read(json.dumps(document).encode(), woo_agreement, topic)

    return reading


def order_of(result: Result) -> Order:
    assert result.order is not None, result.findings
    assert not result.findings
    return result.order.order


def test_order_keeps_what_the_shop_states(read: Any, woo_order: dict[str, Any]) -> None:
    result = read(woo_order)
    order = order_of(result)
    assert result.order.business_key == "shop:woocommerce:garden/727"
    assert order.issued == date(2026, 11, 24), "the day at the shop, not in UTC"
    assert order.version == datetime(2026, 11, 23, 23, 31, 2, tzinfo=UTC)
    assert (order.currency, order.tax_included, order.cancelled) == ("EUR", False, False)
    assert order.buyer.identifier == "26"
    assert order.buyer.contact is not None
    assert order.buyer.contact.email == "ida@example.org"
    assert order.delivery is None, "an address of blanks is none"
    assert [note.text for note in order.notes] == ["Leave it at the gate."]
    assert order.extensions["number"] == ("G-727",)
    assert order.extensions["coupons"] == ("spade6",)
    assert order.extensions["refunds"] == ("730=-8.10",)


def test_lines_are_net_and_keep_their_kinds(read: Any, woo_order: dict[str, Any]) -> None:
    lines = order_of(read(woo_order)).lines
    assert [(line.line_id, line.kind, line.parent_line, line.stated_amount, line.tax_rate) for line in lines] == [
        ("315", "item", None, Decimal("54.00"), Decimal(19)),
        ("316", "bundle_parent", None, Decimal("40.00"), Decimal(19)),
        ("317", "item", "316", Decimal("0.00"), None),
        ("319", "shipping", None, Decimal("5.00"), Decimal(19)),
        ("320", "fee", None, Decimal("-3.85"), Decimal(19)),
    ]
    assert [line.item.sellers for line in lines] == ["SPADE", "SEED-SET", "4711", "flat_rate", None]


def test_line_price_is_never_used(read: Any, woo_order: dict[str, Any]) -> None:
    spade, seeds, *_ = order_of(read(woo_order)).lines
    assert spade.price is not None
    assert (spade.price.amount, spade.price.base_quantity) == (Decimal(30), Decimal(1))
    assert seeds.price is not None
    assert (seeds.price.amount, seeds.price.base_quantity) == (Decimal("40.00"), Decimal(3)), "40 / 3 is never even"


def test_coupon_is_the_allowance_of_the_lines_it_lowers(read: Any, woo_order: dict[str, Any]) -> None:
    spade, seeds, *_ = order_of(read(woo_order)).lines
    assert [(change.charge, change.amount, change.reason) for change in spade.allowances] == [
        (False, Decimal("6.00"), "spade6")
    ]
    assert seeds.allowances == ()


def test_order_ties_out_to_the_cent(read: Any, woo_order: dict[str, Any]) -> None:
    assert differences(order_of(read(woo_order))) == ()
    woo_order["total"] = "106.16"
    assert [finding.code for finding in differences(order_of(read(woo_order)))] == ["payable_differ"]


def test_gift_card_is_a_payment_and_its_code_stays_secret(read: Any, woo_order: dict[str, Any]) -> None:
    order = order_of(read(woo_order))
    assert order.stated.payable == Decimal("113.23")
    assert [(payment.reference, payment.means, payment.amount) for payment in order.payments] == [
        ("pi_3PqK", "stripe", Decimal("106.15")),
        ("gift_card:2", "gift_card", Decimal("7.08")),
    ]
    assert "SECRET-CODE" not in order.model_dump_json()


def test_unpaid_order_carries_no_payment(read: Any, woo_order: dict[str, Any]) -> None:
    woo_order |= {"status": "on-hold", "date_paid": None, "date_paid_gmt": None, "gift_cards": []}
    assert order_of(read(woo_order)).payments == ()


@pytest.mark.parametrize(("status", "cancelled"), [("cancelled", True), ("trash", True), ("completed", False)])
def test_cancelled_order_is_marked(read: Any, woo_order: dict[str, Any], status: str, *, cancelled: bool) -> None:
    assert order_of(read(woo_order | {"status": status})).cancelled is cancelled


@pytest.mark.parametrize("status", sorted(woocommerce.NOT_YET_ORDERED))
def test_basket_that_nobody_committed_to_has_no_effect(read: Any, woo_order: dict[str, Any], status: str) -> None:
    result = read(woo_order | {"status": status})
    assert result.order is None
    assert status in result.not_handled


def test_draft_without_anything_gives_findings(read: Any) -> None:
    draft = {"id": 85, "status": "draft", "currency": "GBP", "date_created": None, "line_items": [], "billing": {}}
    result = read(draft)
    assert {finding.location.path for finding in result.findings} == {"$.date_created", "$.line_items"}


def test_compound_or_unknown_rates_leave_the_rate_open(read: Any, woo_order: dict[str, Any]) -> None:
    woo_order["tax_lines"][0]["compound"] = True
    assert order_of(read(woo_order)).lines[0].tax_rate is None
    woo_order["tax_lines"] = []
    line = order_of(read(woo_order)).lines[0]
    assert (line.tax_rate, line.tax_amount) == (None, Decimal("10.26"))


def test_guest_is_known_by_the_billing_address(read: Any, woo_order: dict[str, Any]) -> None:
    buyer = order_of(read(woo_order | {"customer_id": 0})).buyer
    assert (buyer.identifier, buyer.scheme, buyer.name) == (None, None, "Ida Brandt")


def test_bundle_child_without_its_parent_stands_alone(read: Any, woo_order: dict[str, Any]) -> None:
    del woo_order["line_items"][1]
    assert order_of(read(woo_order)).lines[1].parent_line is None


def test_answer_of_the_api_is_opened(read: Any, woo_order: dict[str, Any]) -> None:
    assert read({"data": woo_order}) == read(woo_order)


def test_deletion_names_only_the_id(read: Any) -> None:
    assert read({"id": 727}, "order.deleted").deleted == "727"
    assert [finding.location.path for finding in read({}, "order.deleted").findings] == ["$.id"]


@pytest.mark.parametrize("topic", ["product.updated", "customer.created", "coupon.deleted", ""])
def test_other_topics_are_kept_without_effect(read: Any, topic: str) -> None:
    result = read({"id": 1}, topic)
    assert result.not_handled
    assert (result.order, result.findings) == (None, ())


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"id": None}, "$.id"),
        ({"date_created": None, "date_created_gmt": None}, "$.date_created"),
        ({"line_items": [], "shipping_lines": [], "fee_lines": []}, "$.line_items"),
        ({"line_items": [{"id": 1, "quantity": 1}]}, "$.line_items[0].total"),
        ({"line_items": [{"id": 1, "total": "1.00"}]}, "$.line_items[0].quantity"),
        ({"line_items": [{"quantity": 1, "total": "1.00"}]}, "$.line_items[0].id"),
        ({"fee_lines": [{"id": 9, "total": "free"}]}, "$.fee_lines[0].total"),
        ({"currency": ""}, "$.order.currency"),
    ],
)
def test_what_cannot_be_an_order_says_where(
    read: Any, woo_order: dict[str, Any], change: dict[str, Any], path: str
) -> None:
    result = read(woo_order | change)
    assert result.order is None
    assert path in [finding.location.path for finding in result.findings if finding.level == "error"]


def test_line_of_quantity_zero_has_no_unit_price(read: Any, woo_order: dict[str, Any]) -> None:
    woo_order["line_items"][0]["quantity"] = 0
    assert order_of(read(woo_order)).lines[0].price is None


def test_body_that_is_no_object_is_unreadable(woo_agreement: Agreement) -> None:
    for body in (b"", b"[]", b"webhook_id=7"):
        with pytest.raises(UnreadableInput):
            woocommerce.read(body, woo_agreement, "order.created")


def test_agreement_without_a_shop_is_a_fault_of_ours() -> None:
    with pytest.raises(Unusable):
        woocommerce.read(b"{}", Agreement(partner="x", party=Party(name="X")), "order.created")


@pytest.mark.parametrize(
    ("body", "ping"),
    [
        (b"webhook_id=7", True),
        (b"webhook_id=123456\n", True),
        (b"webhook_id=", False),
        (b"webhook_id=7&x=1", False),
        (b'{"webhook_id": 7}', False),
        (b"webhook_id=" + 100 * b"9", False),
    ],
)
def test_ping_is_told_from_a_delivery(body: bytes, *, ping: bool) -> None:
    assert woocommerce.is_ping(body) is ping


def test_two_orders_of_one_second_have_two_source_keys() -> None:
    headers = {
        "x-wc-webhook-source": "https://garden.example/",
        "x-wc-webhook-topic": "order.created",
        "x-wc-webhook-delivery-id": "the same",
    }
    first, second = (woocommerce.source_key(headers, body) for body in (b'{"id": 1}', b'{"id": 2}'))
    assert first.startswith("woocommerce:https://garden.example:order.created:1:")
    assert second.startswith("woocommerce:https://garden.example:order.created:2:")
    again = headers | {"x-wc-webhook-delivery-id": "another"}
    assert woocommerce.source_key(again, b'{"id": 1}') == first, "a repetition is known by its content"


def test_unreadable_body_still_has_a_source_key() -> None:
    assert woocommerce.source_key({}, b"{") != woocommerce.source_key({}, b"[")
