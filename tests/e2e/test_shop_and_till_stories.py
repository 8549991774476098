"""Web shops and tills: what a customer has paid is what the books say, to the cent."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from hub.store.invoice import RevenueEntry
from hub.store.order import OrderRow
from hub.store.payment import PaymentRow, ReceivableRow, TenderRow
from hub.store.stock import StockItem
from tests.trading_house import House, interchange, receipt


def shopify_order(lines: list[dict[str, Any]], total: str, **fields: Any) -> dict[str, Any]:
    """Return a paid order of the Shopify shop, prices with VAT."""
    return {
        "id": 6001,
        "name": "#1001",
        "created_at": "2026-11-25T08:00:00Z",
        "updated_at": "2026-11-25T08:00:00Z",
        "currency": "EUR",
        "taxes_included": True,
        "financial_status": "paid",
        "payment_gateway_names": ["shopify_payments"],
        "total_price": total,
        "customer": {"id": 7001, "first_name": "Lena", "last_name": "Ahrens"},
        "line_items": lines,
        "shipping_lines": [],
    } | fields


def bought(line_id: int, sku: str, quantity: int, price: str, tax: str, rate: float, **fields: Any) -> dict[str, Any]:
    """Return a line of a Shopify order."""
    taxes = [{"price": tax, "rate": rate}]
    line = {"id": line_id, "sku": sku, "name": sku, "quantity": quantity, "price": price, "tax_lines": taxes}
    return line | {"discount_allocations": []} | fields


def woo_line(line_id: int, sku: str, quantity: int, total: str, tax: str, **fields: Any) -> dict[str, Any]:
    """Return a line of a WooCommerce order, net."""
    taxes = [{"id": 1, "total": tax}]
    line = {"id": line_id, "sku": sku, "name": sku, "quantity": quantity, "subtotal": total, "total": total}
    return line | {"total_tax": tax, "taxes": taxes} | fields


def woo_order(lines: list[dict[str, Any]], total: str, tax: str, **fields: Any) -> dict[str, Any]:
    """Return a paid order of the WooCommerce shop."""
    return {
        "id": 8001,
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-11-25T08:00:00",
        "date_modified_gmt": "2026-11-25T08:00:00",
        "date_paid_gmt": "2026-11-25T08:00:00",
        "payment_method": "paypal",
        "transaction_id": "PP-1",
        "total": total,
        "total_tax": tax,
        "line_items": lines,
        "shipping_lines": [],
        "fee_lines": [],
        "tax_lines": [{"rate_id": 1, "rate_percent": 19}],
    } | fields


async def paid_for(house: House) -> tuple[Decimal, Decimal, Decimal]:
    """Return what was invoiced, what is open of it, and what money is left over."""
    invoices = sum((one.gross_total + one.rounding for one in await house.invoices()), Decimal(0))
    open_ = sum((row.open for row in await house.all(ReceivableRow)), Decimal(0))
    return invoices, open_, sum((row.unallocated for row in await house.all(PaymentRow)), Decimal(0))


async def on_hand(house: House, sku: str, location: str = "main") -> Decimal:
    (row,) = [row for row in await house.all(StockItem) if (row.sku, row.location) == (sku, location)]
    return row.on_hand


async def test_discount_shipping_tip_gift_card_and_two_vat_rates_come_out_to_the_cent_that_was_paid(
    any_house: House,
) -> None:
    house = any_house
    await house.goods(PEN=10, BOOK=10)
    lines = [
        bought(1, "PEN", 3, "9.99", "4.31", 0.19, discount_allocations=[{"amount": "3.00"}]),
        bought(2, "BOOK", 2, "12.35", "1.62", 0.07),
        bought(3, "CARD", 1, "25.00", "0.00", 0.0, gift_card=True, tax_lines=[]),
    ]
    shipping = [
        {"id": 1, "code": "post", "title": "Post", "price": "4.95", "tax_lines": [{"price": "0.79", "rate": 0.19}]}
    ]
    order = shopify_order(
        lines, "84.62", shipping_lines=shipping, total_tip_received="3.00", total_discounts="3.00",
        payment_gateway_names=["gift_card", "shopify_payments"],
    )  # fmt: skip
    await house.shopify(order)
    (invoice,) = await house.invoices()
    assert (invoice.prepaid, invoice.payable) == (Decimal("84.62"), 0)
    assert {(tax.rate, tax.base + tax.tax) for tax in invoice.taxes} >= {(Decimal(7), Decimal("24.70"))}
    assert await paid_for(house) == (Decimal("84.62"), 0, 0)
    assert (await house.order_of("6001")).state == "completed"


async def test_vat_that_rounds_otherwise_than_the_shop_is_a_named_cent(house: House) -> None:
    await house.goods(PEN=10)
    await house.shopify(shopify_order([bought(1, "PEN", 3, "9.99", "4.79", 0.19)], "29.97"))
    (invoice,) = await house.invoices()
    assert (invoice.line_total, invoice.tax_total, invoice.rounding) == (
        Decimal("25.18"),
        Decimal("4.78"),
        Decimal("0.01"),
    )
    assert await paid_for(house) == (Decimal("29.97"), 0, 0)


async def test_a_paid_order_that_leaves_in_two_parts_is_prepaid_on_both_invoices(house: House) -> None:
    await house.goods(PEN=1)
    await house.shopify(shopify_order([bought(1, "PEN", 3, "9.99", "4.79", 0.19)], "29.97"))
    await house.goods(PEN=2)
    assert [invoice.payable for invoice in await house.invoices()] == [0, 0]
    assert await paid_for(house) == (Decimal("29.97"), 0, 0)
    assert (await house.order_of("6001")).state == "completed"


async def test_a_discount_on_the_whole_order_that_leaves_in_parts_never_makes_an_invoice_negative(house: House) -> None:
    await house.goods(PEN=1)
    lines = [woo_line(1, "PEN", 1, "10.00", "1.90"), woo_line(2, "BOOK", 9, "90.00", "17.10")]
    discount = {
        "id": 3,
        "name": "Ten years",
        "total": "-20.00",
        "total_tax": "-3.80",
        "taxes": [{"id": 1, "total": "-3.80"}],
    }
    await house.woocommerce(woo_order(lines, "95.20", "15.20", fee_lines=[discount]))
    await house.goods(BOOK=9)
    assert [invoice.payable for invoice in await house.invoices()] == [0, 0]
    assert [invoice.line_total for invoice in await house.invoices()] == [8, 72]
    assert await paid_for(house) == (Decimal("95.20"), 0, 0)
    assert (await house.order_of("8001")).state == "completed"


async def test_amounts_that_a_shop_states_finer_than_a_cent_are_billed_in_cents(house: House) -> None:
    await house.goods(PEN=10)
    lines = [woo_line(1, "PEN", 3, "25.184874", "4.785126")]
    await house.woocommerce(woo_order(lines, "29.97", "4.79"))
    assert await house.parked() == []
    assert await paid_for(house) == (Decimal("29.97"), 0, 0)


async def test_a_shop_order_cancelled_before_it_leaves_is_never_billed_and_its_money_goes_back(
    manned_house: House,
) -> None:
    house = manned_house
    await house.goods(PEN=5)
    order = shopify_order([bought(1, "PEN", 3, "9.99", "4.79", 0.19)], "29.97")
    await house.shopify(order)
    later = {"cancelled_at": "2026-11-25T09:30:00Z", "updated_at": "2026-11-25T09:30:00Z"}
    await house.shopify(order | later, "orders/cancelled")
    assert (await house.order_of("6001")).state == "cancelled"
    assert await house.invoices() == []
    assert ("refund_due", "EUR 29.97 of payment shopify_payments:6001 was paid for nothing") in await house.tasks()


async def test_a_shop_order_cancelled_after_it_has_left_is_for_a_person(house: House) -> None:
    await house.goods(PEN=5)
    order = shopify_order([bought(1, "PEN", 3, "9.99", "4.79", 0.19)], "29.97")
    await house.shopify(order)
    later = {"cancelled_at": "2026-11-25T09:30:00Z", "updated_at": "2026-11-25T09:30:00Z"}
    await house.shopify(order | later, "orders/cancelled")
    assert (await house.order_of("6001")).state == "completed"
    assert ["goods have left" in reason for reason in await house.parked()] == [True]


async def test_an_order_that_is_paid_later_is_billed_unpaid_and_settled_when_the_money_comes(house: House) -> None:
    await house.goods(PEN=5)
    order = shopify_order([bought(1, "PEN", 3, "9.99", "4.79", 0.19)], "29.97", financial_status="pending")
    await house.shopify(order)
    assert await paid_for(house) == (Decimal("29.97"), Decimal("29.97"), 0)
    await house.shopify(order | {"financial_status": "paid", "updated_at": "2026-11-25T09:30:00Z"}, "orders/paid")
    assert await paid_for(house) == (Decimal("29.97"), 0, 0)
    assert (await house.order_of("6001")).state == "completed"


async def test_a_till_s_sale_return_and_void_leave_what_was_really_taken(house: House) -> None:
    await house.goods(location="store-1", PEN=10, BOOK=5)
    back = receipt(2, "PEN -1 1.43 19", kind="return")
    void = receipt(3, "PEN 3 1.43 19", "BOOK 1 10.70 7", kind="void", voids="1")
    sold = receipt(1, "PEN 3 1.43 19", "BOOK 1 10.70 7")
    assert await house.sell(sold, back, void) == ["stored"] * 3
    assert await house.sell(sold) == ["duplicate"]
    assert await on_hand(house, "PEN", "store-1") == 11
    assert await on_hand(house, "BOOK", "store-1") == 5
    assert sum(row.amount for row in await house.all(TenderRow)) == Decimal("-1.43")
    assert sum(row.net + row.tax for row in await house.all(RevenueEntry)) == Decimal("-1.43")


async def test_cash_is_rounded_and_the_revenue_is_not(house: House) -> None:
    await house.goods(location="store-1", PEN=10)
    await house.sell(receipt(1, "PEN 3 1.43 19", rounding="0.01"))
    assert sum(row.amount for row in await house.all(TenderRow)) == Decimal("4.30")
    assert sum(row.net + row.tax for row in await house.all(RevenueEntry)) == Decimal("4.29")
    assert await house.tasks() == []


async def test_a_till_sells_what_is_not_there_and_a_person_is_told(any_house: House) -> None:
    house = any_house
    await house.goods(location="store-1", PEN=1)
    await house.sell(receipt(1, "PEN 3 1.43 19"))
    assert await on_hand(house, "PEN", "store-1") == -2
    assert [kind for kind, _ in await house.tasks()] == ["stock_negative"]
    await house.goods(location="store-1", PEN=5)
    assert await on_hand(house, "PEN", "store-1") == 3


async def test_a_receipt_of_an_unknown_item_with_a_wrong_total_is_booked_as_it_was_paid(house: House) -> None:
    odd = receipt(1, "NOBODY 1 5.00 19") | {"total": "6.00"}
    assert await house.sell(odd) == ["stored"]
    assert {kind for kind, _ in await house.tasks()} >= {"tenders_differ", "unknown_item"}
    assert sum(row.amount for row in await house.all(TenderRow)) == Decimal("5.00")


async def test_a_shop_and_a_retailer_want_the_last_piece_at_once(any_house: House) -> None:
    house = any_house
    await house.goods(LAMP=1)
    order = shopify_order([bought(1, "LAMP", 1, "59.49", "9.50", 0.19)], "59.49")
    await asyncio.gather(house.shopify(order), house.post("/edi", interchange(801, "PO-1", "LAMP 1"), "partner:retail"))
    await house.rest()
    assert await on_hand(house, "LAMP") == 0
    assert len(await house.invoices()) == 1
    assert {row.state for row in await house.all(OrderRow)} <= {"completed", "shipped", "part_confirmed"}


@pytest.mark.parametrize("status", ["pending", "failed"])
async def test_a_basket_is_no_order(house: House, status: str) -> None:
    await house.goods(PEN=5)
    await house.woocommerce(woo_order([woo_line(1, "PEN", 3, "25.18", "4.79")], "29.97", "4.79", status=status))
    assert (await house.all(OrderRow), await on_hand(house, "PEN")) == ([], 5)
