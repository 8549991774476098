"""Line by line: what is accepted, at what price and VAT, and what is refused for which reason."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.agreement import Agreement, Tolerances
from hub.canonical.catalogue import AllowanceCharge, Price
from hub.canonical.order import Order, OrderLine
from hub.domain.acceptance import Item, Judged, Policy, Vat, judge, policy_of
from hub.errors import NeedsDecision

STANDARD = Vat("standard", "S", Decimal(19))
PEN = Item("PEN", "C62", stocked=True, vat=STANDARD, price=Decimal("1.20"))
POLICY = Policy(service_vat=STANDARD)
SHOP = Policy(service_vat=STANDARD, already_sold=True)
ACCEPTING = Policy(service_vat=STANDARD, tolerances=Tolerances(on_difference="accept"))
REJECTING = Policy(service_vat=STANDARD, tolerances=Tolerances(on_difference="reject"))


def line(line_id: str = "1", quantity: str = "5", price: str | None = "1.20", **fields: Any) -> OrderLine:
    return OrderLine.model_validate(
        {
            "line_id": line_id,
            "item": {"sellers": "PEN"},
            "quantity": {"value": quantity, "unit": fields.pop("unit", "C62")},
            "price": None if price is None else {"amount": price},
        }
        | fields
    )


def an_order(*lines: OrderLine, **fields: Any) -> Order:
    head = {"number": "PO-7", "issued": date(2026, 11, 20), "currency": "EUR", "buyer": {"name": "Retail SA"}}
    return Order.model_validate(head | {"lines": lines} | fields)


def judged(one: OrderLine, policy: Policy = POLICY, item: Item | None = PEN, **fields: Any) -> Judged:
    items = {} if item is None else {one.line_id: item}
    (result,) = judge(an_order(one, **fields), items, policy)
    return result


@pytest.mark.parametrize(
    ("one", "item", "reason"),
    [
        (line(), None, "item.unknown: PEN is not in our catalogue"),
        (line(quantity="0"), PEN, "quantity.not_positive: 0 ordered"),
        (line(quantity="-1"), PEN, "quantity.not_positive: -1 ordered"),
        (line(unit="KGM"), PEN, "unit.unknown: KGM ordered, sold by C62"),
        (line(price=None), PEN._replace(price=None), "price.missing: no price is agreed"),
    ],
)
def test_a_line_is_refused_whole_and_says_why(one: OrderLine, item: Item | None, reason: str) -> None:
    result = judged(one, item=item)
    assert result.terms.reasons == (reason,)
    assert result.quantities.rejected == result.quantities.ordered == one.quantity.value


@pytest.mark.parametrize("unit", ["PCE", "EA", "H87"])
def test_codes_that_count_pieces_are_one_unit(unit: str) -> None:
    assert judged(line(unit=unit)).quantities.rejected == 0


def test_a_unit_code_that_is_agreed_is_understood() -> None:
    agreement = Agreement.model_validate({"partner": "retail", "party": {}, "unit_codes": {"ST": "C62"}})
    policy = policy_of(agreement, already_sold=False, service_vat=None)
    assert judged(line(unit="ST"), policy).quantities.rejected == 0
    assert judged(line(unit="ST")).quantities.rejected == 5


def test_an_accepted_line_waits_for_its_goods() -> None:
    result = judged(line())
    assert (result.sku, result.quantities.wanted, result.quantities.reserved) == ("PEN", 5, 0)


def test_a_price_per_hundred_is_a_price_per_piece() -> None:
    result = judged(
        line(price=None).model_copy(update={"price": Price(amount=Decimal(120), base_quantity=Decimal(100))})
    )
    assert (result.terms.price, result.terms.amount) == (Decimal("1.2"), Decimal("6.00"))


def test_the_amount_is_what_the_buyer_stated_after_discounts() -> None:
    result = judged(line(quantity="3", price="3.50", stated_amount="10.00"), SHOP)
    assert (result.terms.amount, result.terms.price) == (Decimal("10.00"), Decimal("3.3333333333"))


def test_a_line_allowance_lowers_the_price_that_is_shown() -> None:
    off = [AllowanceCharge(charge=False, percentage=Decimal(10))]
    result = judged(line(allowances=off), SHOP)
    assert (result.terms.amount, result.terms.price) == (Decimal("5.40"), Decimal("1.08"))


def test_prices_with_vat_are_held_against_the_list_price_with_vat() -> None:
    assert judged(line(price="1.43"), tax_included=True).terms.reasons == ()
    assert judged(line(price="1.20"), tax_included=True).terms.price == Decimal("1.43")


def test_the_vat_is_ours_and_another_rate_is_remarked() -> None:
    result = judged(line(tax_rate="7"))
    assert (result.terms.tax_rate, result.terms.vat_code) == (19, "standard")
    assert result.remarks == ("line 1: VAT 7 % stated, ours is 19 %",)


def test_the_vat_that_a_shop_has_charged_stands() -> None:
    result = judged(line(tax_rate="7", tax_amount="0.42"), SHOP)
    assert (result.terms.tax_rate, result.terms.tax_amount, result.terms.vat_code) == (7, Decimal("0.42"), None)
    assert result.remarks == ("line 1: VAT 7 % charged, ours is 19 %",)


def test_a_shop_that_charged_no_vat_sold_at_zero() -> None:
    result = judged(line(tax_amount="0"), SHOP)
    assert (result.terms.tax_rate, result.terms.tax_category) == (0, "Z")


def test_a_line_without_any_vat_rate_needs_a_person() -> None:
    with pytest.raises(NeedsDecision, match="no VAT rate"):
        judged(line(), item=PEN._replace(vat=None))


def test_two_lines_of_one_number_need_a_person() -> None:
    with pytest.raises(NeedsDecision, match="more than once: 1"):
        judge(an_order(line(), line()), {"1": PEN}, POLICY)


def test_the_share_of_a_refused_line_in_a_discount_is_not_given_to_the_others() -> None:
    order = an_order(line("1"), line("2"), allowances=[AllowanceCharge(charge=False, amount=Decimal(2))])
    first, second = judge(order, {"1": PEN}, ACCEPTING)
    assert first.terms.amount == Decimal("5.00")
    assert second.quantities.rejected == 5


def test_shipping_bears_no_share_of_a_discount_on_goods() -> None:
    shipping = line("2", "1", "4.90", kind="shipping")
    order = an_order(line("1"), shipping, allowances=[AllowanceCharge(charge=False, amount=Decimal(1))])
    assert [one.terms.amount for one in judge(order, {"1": PEN}, SHOP)] == [Decimal("5.00"), Decimal("4.90")]


TAKEN_OFF = {
    "a line amount of its own": {"stated_amount": "0.06"},
    "a discount on the line": {"allowances": [AllowanceCharge(charge=False, percentage=Decimal(99))]},
}


@pytest.mark.parametrize("fields", TAKEN_OFF.values(), ids=TAKEN_OFF)
def test_what_a_buyer_takes_off_by_himself_ends_as_the_agreement_says_of_prices(fields: dict[str, Any]) -> None:
    one = line(**fields)
    amended, accepted, refused = judged(one), judged(one, ACCEPTING), judged(one, REJECTING)
    assert (amended.terms.amount, amended.terms.price) == (Decimal("6.00"), Decimal("1.20"))
    assert amended.terms.reasons == ("amount.amended: 0.06 stated, 6.00 is agreed",)
    assert (accepted.terms.amount, accepted.remarks) == (
        Decimal("0.06"),
        ("line 1: amount 0.06 stated, 6.00 by price and quantity",),
    )
    assert refused.quantities.rejected == 5
    assert refused.terms.reasons == ("amount.refused: 0.06 stated, 6.00 is agreed",)


def test_a_discount_on_the_whole_order_that_nobody_agreed_is_not_given() -> None:
    order = an_order(line("1"), line("2"), allowances=[AllowanceCharge(charge=False, percentage=Decimal(90))])
    items = {"1": PEN, "2": PEN}
    amended = judge(order, items, POLICY)
    assert [one.terms.amount for one in amended] == [Decimal("6.00"), Decimal("6.00")]
    assert {one.terms.reasons for one in amended} == {("amount.amended: 1.20 stated, 12.00 is agreed",)}
    assert [one.terms.amount for one in judge(order, items, ACCEPTING)] == [Decimal("0.60"), Decimal("0.60")]
    assert [one.quantities.rejected for one in judge(order, items, REJECTING)] == [5, 5]


@pytest.mark.parametrize("policy", ["POLICY", "ACCEPTING", "REJECTING"])
def test_no_discount_makes_an_order_cost_less_than_nothing(policy: str) -> None:
    order = an_order(line("1"), allowances=[AllowanceCharge(charge=False, amount=Decimal(5000))])
    (one,) = judge(order, {"1": PEN}, globals()[policy])
    assert one.terms.amount == Decimal("6.00")
    assert one.terms.reasons


def test_charges_that_a_buyer_states_are_charged() -> None:
    order = an_order(
        line("1", allowances=[AllowanceCharge(charge=True, amount=Decimal("0.50"))]),
        allowances=[AllowanceCharge(charge=True, amount=Decimal("1.50"))],
    )
    (one,) = judge(order, {"1": PEN}, POLICY)
    assert (one.terms.amount, one.terms.reasons) == (Decimal("8.00"), ())


def test_an_amount_that_the_buyer_has_rounded_otherwise_stands() -> None:
    result = judged(line(stated_amount="6.01"))
    assert (result.terms.amount, result.terms.reasons) == (Decimal("6.01"), ())


def test_an_amount_finer_than_a_cent_is_a_cent() -> None:
    assert judged(line(stated_amount="6.0049")).terms.amount == Decimal("6.00")


@pytest.mark.parametrize("item", [PEN, PEN._replace(price=None)])
def test_nobody_is_paid_for_taking_goods(item: Item) -> None:
    assert judged(line(price="-1.20"), ACCEPTING, item).quantities.rejected == 5


def test_amounts_of_a_shop_finer_than_a_cent_still_sum_to_what_was_paid() -> None:
    lines = [line(n, "1", "0.333333", stated_amount="0.333333", tax_amount="0.063333") for n in "123"]
    items = dict.fromkeys("123", PEN)
    judgement = judge(an_order(*lines), items, SHOP)
    assert [one.terms.amount for one in judgement] == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert sum(one.terms.amount + (one.terms.tax_amount or 0) for one in judgement) == Decimal("1.19")


def test_shipping_is_refused_with_the_last_of_the_goods() -> None:
    shipping = line("2", "1", "4.90", kind="shipping")
    goods, beside = judge(an_order(line("1"), shipping), {}, POLICY)
    assert goods.quantities.rejected == 5
    assert beside.quantities.rejected == 1
    assert beside.terms.reasons == ("goods.none: nothing is delivered",)


def test_shipping_is_due_as_long_as_some_goods_are() -> None:
    order = an_order(line("1"), line("2"), line("3", "1", "4.90", kind="shipping"))
    judged_ = judge(order, {"2": PEN}, POLICY)
    assert [one.quantities.wanted for one in judged_] == [0, 5, 1]


def test_services_alone_are_no_less_an_order() -> None:
    (only,) = judge(an_order(line("1", "1", "4.90", kind="shipping")), {}, POLICY)
    assert only.quantities.wanted == 1
