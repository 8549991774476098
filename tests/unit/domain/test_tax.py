"""VAT by the arithmetic of EN 16931, and the way back from prices that include it."""

from decimal import Decimal

import pytest

from hub.domain.tax import Taxable, net_of, nets_of, subtotals


def taxable(net: str, rate: str, category: str = "S") -> Taxable:
    return Taxable(category, Decimal(rate), Decimal(net))


def test_bases_and_taxes_of_a_document_with_two_rates_and_a_shared_allowance() -> None:
    goods = [("56.97", "19"), ("44.90", "7"), ("100.00", "19")]
    allowance = [("-3.14", "19"), ("-0.90", "7")]
    freight = [("9.90", "19")]
    found = subtotals([taxable(net, rate) for net, rate in goods + allowance + freight], "EUR")
    assert [(tax.rate, tax.base, tax.tax) for tax in found] == [
        (19, Decimal("163.73"), Decimal("31.11")),
        (7, Decimal("44.00"), Decimal("3.08")),
    ]


def test_tax_is_rounded_once_per_rate() -> None:
    (tax,) = subtotals([taxable("1.03", "19")] * 7, "EUR")
    assert tax.tax == Decimal("1.37")


def test_categories_of_one_rate_are_kept_apart() -> None:
    found = subtotals([taxable("10", "0", "Z"), taxable("20", "0", "AE")], "EUR")
    assert [(tax.category, tax.base, tax.exemption) for tax in found] == [("Z", 10, None), ("AE", 20, "VATEX-EU-AE")]


def test_a_currency_without_cents_is_rounded_to_its_own_unit() -> None:
    (tax,) = subtotals([taxable("1005", "10")], "JPY")
    assert tax.tax == 101


@pytest.mark.parametrize(
    ("gross", "rate", "net"), [("29.97", "19", "25.18"), ("8.90", "21", "7.36"), ("-8.90", "21", "-7.36")]
)
def test_the_net_amount_in_a_gross_one(gross: str, rate: str, net: str) -> None:
    assert net_of(Decimal(gross), Decimal(rate), "EUR") == Decimal(net)


def test_net_amounts_of_one_rate_are_together_the_net_of_their_sum() -> None:
    grosses = [Decimal("0.99")] * 10
    assert sum(nets_of(grosses, Decimal(19), "EUR")) == net_of(Decimal("9.90"), Decimal(19), "EUR") == Decimal("8.32")


def test_what_is_added_and_taken_off_again_is_nothing() -> None:
    assert nets_of([Decimal(10), Decimal(-10)], Decimal(19), "EUR") == (Decimal("8.40"), Decimal("-8.40"))
