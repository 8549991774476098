"""Stated totals are compared with what the document's own lines give; a difference is named, never mended."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.order import Order
from hub.canonical.sale import Sale
from hub.domain.tie_out import differences, line_amount


def line(line_id: str, amount: str, **changes: Any) -> dict[str, Any]:
    base = {"line_id": line_id, "item": {"name": "x"}, "quantity": {"value": "1"}, "price": {"amount": amount}}
    return base | changes


def order(*lines: dict[str, Any], **changes: Any) -> Order:
    base = {"number": "1", "issued": "2026-11-24", "currency": "EUR", "buyer": {"name": "A"}, "lines": lines}
    return Order.model_validate(base | changes)


def sale(**changes: Any) -> Sale:
    base = {
        "store": "12",
        "terminal": "3",
        "business_date": date(2026, 11, 24),
        "number": "77",
        "currency": "EUR",
        "lines": [
            {
                "line_id": "1",
                "item": {"name": "Tea"},
                "quantity": {"value": "2"},
                "unit_price": "2.99",
                "amount": "5.98",
            }
        ],
        "tenders": [
            {"tender_id": "1", "means": "cash", "amount": "10.00"},
            {"tender_id": "2", "means": "cash", "amount": "-4.02"},
        ],
        "total": "5.98",
    }
    return Sale.model_validate(base | changes)


def codes(document: Order | Sale) -> list[str]:
    return [finding.code for finding in differences(document)]


def test_line_comes_to_price_times_quantity_with_its_allowances_and_charges() -> None:
    changes = [{"charge": False, "percentage": "10"}, {"charge": True, "amount": "0.50"}]
    priced = line("1", "12.50", quantity={"value": "3"}, allowances=changes)
    assert line_amount(order(priced).lines[0], "EUR") == Decimal("34.25")
    per_hundred = line("1", "1.99", quantity={"value": "250"}, price={"amount": "1.99", "base_quantity": "100"})
    assert line_amount(order(per_hundred).lines[0], "EUR") == Decimal("4.98")
    stated = line("1", "12.50", stated_amount="12.49")
    assert line_amount(order(stated).lines[0], "EUR") == Decimal("12.49"), "what is stated counts"
    unpriced = line("1", "1", price=None)
    assert line_amount(order(unpriced).lines[0], "EUR") == 0


def test_net_order_adds_its_tax() -> None:
    lines = (
        line("1", "100.00", tax_amount="19.00"),
        line("2", "5.00", kind="shipping", tax_amount="0.95"),
        line("3", "2.00", kind="tip", tax_amount="0"),
    )
    allowances = [{"charge": False, "amount": "10.00"}, {"charge": True, "amount": "1.00"}]
    stated = {"lines": "100", "charges": "8.00", "allowances": "10.00", "tax": "19.95", "payable": "117.95"}
    assert codes(order(*lines, allowances=allowances, stated=stated | {"line_count": 3})) == []
    for name, amount in stated.items():
        wrong = stated | {name: Decimal(amount) + Decimal("0.01")}
        expected = ["tax_differ", "payable_differ"] if name == "tax" else [f"{name}_differ"]
        assert codes(order(*lines, allowances=allowances, stated=wrong)) == expected
    assert codes(order(*lines, stated={"line_count": 4})) == ["line_count_differ"]


def test_gross_order_holds_its_tax_already() -> None:
    gross = order(line("1", "119.00"), tax_included=True, stated={"tax": "19.00", "payable": "119.00"})
    assert codes(gross) == []


def test_totals_that_nobody_stated_are_not_compared() -> None:
    assert codes(order(line("1", "5"))) == []


def test_tax_is_compared_only_where_every_line_states_its_own() -> None:
    lines = (line("1", "100.00", tax_amount="19.00"), line("2", "100.00"))
    assert codes(order(*lines, stated={"tax": "38.00", "payable": "238.00"})) == []


def test_difference_is_a_warning_that_names_both_amounts() -> None:
    (finding,) = differences(order(line("1", "5.00"), stated={"payable": "6.00"}))
    assert finding.level == "warning"
    assert finding.location.path == "$.stated.payable"
    assert finding.message == "payable: stated 6.00, computed 5.00, difference 1.00"


def test_tenders_pay_the_total_of_a_receipt() -> None:
    assert codes(sale()) == []
    assert codes(sale(tenders=[])) == ["tenders_differ"]
    assert codes(sale(total="6.00", tenders=[{"tender_id": "1", "means": "card", "amount": "6.00"}])) == [
        "lines_differ"
    ]


def test_cash_rounding_is_the_only_gap_between_total_and_tenders() -> None:
    tenders = [{"tender_id": "1", "means": "cash", "amount": "6.00"}]
    assert codes(sale(tenders=tenders, rounding="0.02")) == []
    assert codes(sale(tenders=tenders, rounding="0.03")) == ["tenders_differ"]


@pytest.mark.parametrize(("tax_included", "expected"), [(True, []), (False, ["lines_differ"])])
def test_tax_of_a_receipt_is_added_where_prices_are_net(*, tax_included: bool, expected: list[str]) -> None:
    taxes = [{"rate": "19", "amount": "0.95"}]
    assert codes(sale(tax_included=tax_included, taxes=taxes)) == expected


def test_voided_lines_do_not_count() -> None:
    gone = {
        "line_id": "2",
        "item": {"name": "Cup"},
        "quantity": {"value": "1"},
        "unit_price": "9",
        "amount": "9",
        "voided": True,
    }
    assert codes(sale(lines=[*sale().model_dump()["lines"], gone])) == []


def test_control_transaction_has_no_money_to_compare() -> None:
    assert codes(sale(kind="control", total="1")) == []


def test_largest_amounts_are_compared_exactly() -> None:
    huge = "9" * 38
    lines = [line(str(number), huge, quantity={"value": huge}) for number in range(3)]
    assert codes(order(*lines, stated={"payable": huge})) == ["payable_differ"]
