"""From what was billed to an invoice that adds up."""

from decimal import Decimal

import pytest

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.values import Quantity
from hub.domain.invoicing import (
    Portion,
    invoice_lines,
    reduction_due,
    stated_total,
    taxes_of,
    totals,
    unit_price,
)


def portion(amount: str, quantity: str = "1", rate: str = "19", tax: str | None = None) -> Portion:
    return Portion(
        order_line="1",
        item=ItemIdentification(name="Item"),
        quantity=Quantity(value=Decimal(quantity)),
        price=Decimal(amount) / Decimal(quantity),
        amount=Decimal(amount),
        tax=None if tax is None else Decimal(tax),
        category="S",
        rate=Decimal(rate),
    )


def test_a_document_adds_up_as_the_standard_computes_it() -> None:
    portions = [
        portion("56.97", "3"),
        portion("44.90", "10", rate="7"),
        portion("100.00"),
        portion("-3.14"),
        portion("-0.90", rate="7"),
        portion("9.90"),
    ]
    lines = invoice_lines(portions, "EUR", tax_included=False)
    sums = totals(lines, taxes_of(lines, "EUR"), "EUR")
    assert (sums.line_total, sums.tax_total, sums.payable) == (
        Decimal("207.73"),
        Decimal("34.19"),
        Decimal("241.92"),
    )


@pytest.mark.parametrize(
    ("net", "quantity", "price"),
    [("25.18", "3", "8.393"), ("10.00", "3", "3.333"), ("50.00", "5", "10.00"), ("0.01", "3", "0.003")],
)
def test_a_price_has_as_few_decimals_as_give_back_the_amount(net: str, quantity: str, price: str) -> None:
    assert unit_price(Decimal(net), Decimal(quantity), "EUR") == Decimal(price)


def test_a_price_that_was_agreed_stays_where_it_gives_the_amount() -> None:
    assert unit_price(Decimal("10.00"), Decimal(3), "EUR", Decimal("3.3333")) == Decimal("3.3333")
    assert unit_price(Decimal("9.00"), Decimal(3), "EUR", Decimal("3.3333")) == Decimal("3.00")


def test_nothing_is_stated_where_one_line_has_no_stated_tax() -> None:
    stated = [portion("10.00", tax="1.90"), portion("5.00", tax="0.95")]
    assert stated_total(stated, tax_included=False) == Decimal("17.85")
    assert stated_total([*stated, portion("1.00")], tax_included=False) is None
    assert stated_total([portion("10.00"), portion("5.00")], tax_included=True) == 15


def test_a_rounding_of_one_minor_unit_a_line_is_named_and_more_is_a_difference() -> None:
    lines = invoice_lines([portion("10.00"), portion("20.00")], "EUR", tax_included=False)
    taxes = taxes_of(lines, "EUR")
    near = totals(lines, taxes, "EUR", stated=Decimal("35.72"))
    far = totals(lines, taxes, "EUR", stated=Decimal("35.73"))
    assert (near.rounding, near.payable, near.difference) == (Decimal("0.02"), Decimal("35.72"), 0)
    assert (far.rounding, far.payable, far.difference) == (0, Decimal("35.70"), Decimal("0.03"))


def test_no_more_is_prepaid_than_the_invoice_comes_to() -> None:
    lines = invoice_lines([portion("10.00")], "EUR", tax_included=False)
    sums = totals(lines, taxes_of(lines, "EUR"), "EUR", paid_before=Decimal(100))
    assert (sums.prepaid, sums.payable) == (Decimal("11.90"), 0)


def test_of_a_reduction_as_much_is_due_as_is_billed_of_the_whole() -> None:
    one = Decimal(1)
    assert reduction_due(one, Decimal(10), Decimal(100)) == Decimal("0.1")
    assert reduction_due(one, Decimal(1), Decimal(3)) == Decimal("0.333333")
    assert reduction_due(one, Decimal(100), Decimal(100)) == reduction_due(one, Decimal(0), Decimal(0)) == 1
