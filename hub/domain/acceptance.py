"""Which lines of an order are accepted, on which terms, and why not: the rules, one after the other.

What is wrong with one line never stops the others. A shop's order is sold already: its
prices and taxes stand, and what we would have said otherwise is a remark for a person.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from hub.canonical.agreement import Agreement, Tolerances
from hub.canonical.catalogue import Price
from hub.canonical.order import Order, OrderLine
from hub.canonical.values import round_amount
from hub.domain.order_lines import NONE, LineQuantities, LineTerms
from hub.domain.pricing import CheckedPrice, check_amount, check_price, unit_price, with_vat
from hub.domain.splitting import split
from hub.domain.tie_out import BESIDE_THE_GOODS, amount_at, balance, line_amount
from hub.domain.whole_units import in_whole_units
from hub.errors import NeedsDecision

PIECES = frozenset({"C62", "EA", "H87", "PCE"})
"""Codes that all count single pieces: one, each, piece (Rec 20), and piece as older EDIFACT partners write it."""


class Vat(NamedTuple):
    """A VAT rate of ours as it holds on the order's day, or (without `code`) as the buyer stated it."""

    code: str | None
    category: str
    rate: Decimal


class Item(NamedTuple):
    """What master data knows of an ordered item on the order's day; no `vat` or `price`: none is registered."""

    sku: str
    unit: str
    stocked: bool
    vat: Vat | None
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Policy:
    """How the orders of a partner are judged. `service_vat` is the rate of what is no goods (shipping, fees)."""

    location: str = "main"
    tolerances: Tolerances = field(default_factory=Tolerances)
    unit_codes: Mapping[str, str] = field(default_factory=dict)
    already_sold: bool = False
    service_vat: Vat | None = None


class Judged(NamedTuple):
    """A line after judgement: its terms and first quantities. `remarks` are for a person of ours."""

    line_id: str
    sku: str | None
    terms: LineTerms
    quantities: LineQuantities
    remarks: tuple[str, ...] = ()


def policy_of(agreement: Agreement | None, *, already_sold: bool, service_vat: Vat | None) -> Policy:
    """Return the policy that an agreement means; without one, the defaults hold."""
    if agreement is None:
        return Policy(already_sold=already_sold, service_vat=service_vat)
    return Policy(agreement.location, agreement.tolerances, agreement.unit_codes, already_sold, service_vat)


def judge(order: Order, items: Mapping[str, Item], policy: Policy) -> tuple[Judged, ...]:
    """Judge every line of an order; `items` are those that master data knows, by line.

    Where no goods are accepted, what stands beside them (shipping, fees) is refused with them.

    Raises NeedsDecision where the order as a whole cannot be judged: two lines of one
    number (no later document could name one of them), or a line without a VAT rate.
    """
    if policy.already_sold:
        order = in_whole_units(order)
    _check_numbers([line.line_id for line in order.lines])
    judged = tuple([_judge_line(order, line, items.get(line.line_id), policy) for line in order.lines])
    if _no_goods_are_left(judged):
        return tuple(
            _taken_back(one, "goods.none: nothing is delivered") if one.quantities.wanted else one for one in judged
        )
    return _with_document_allowances(order, judged, policy) if order.allowances else judged


def _check_numbers(numbers: Sequence[str]) -> None:
    if len(set(numbers)) < len(numbers):
        twice = ", ".join(number for number, times in Counter(numbers).items() if times > 1)
        raise NeedsDecision(f"line numbers that stand there more than once: {twice}")


def _no_goods_are_left(judged: Sequence[Judged]) -> bool:
    """Tell whether an order wants goods and all of them are refused."""
    ordered = False
    for one in judged:
        if one.terms.kind not in BESIDE_THE_GOODS:
            if one.quantities.wanted:
                return False
            ordered = True
    return ordered


def _judge_line(order: Order, line: OrderLine, item: Item | None, policy: Policy) -> Judged:
    reason = _refusal(line, item, policy)
    if reason is not None:
        return _refused(order, line, item, policy, (reason,))
    vat, vat_remark = _vat(order, line, item.vat if item else policy.service_vat, policy)
    stated = _stated_price(line)
    price = _price(order, stated, item, vat, policy)
    if price.price is None:
        return _refused(order, line, item, policy, (price.reason or "",))
    checked, shown = _charged(order, line, stated, price.price, policy)
    if checked.price is None:
        return _refused(order, line, item, policy, (checked.reason or "",))
    amount, ordered = checked.price, line.quantity.value
    tax_amount = line.tax_amount if policy.already_sold else None
    reasons = tuple(filter(None, (price.reason, checked.reason)))
    terms = _terms(line, item, policy, vat, shown, amount, tax_amount, reasons)
    remarks = tuple(filter(None, (vat_remark, price.remark, checked.remark)))
    return Judged(
        line.line_id,
        item.sku if item else None,
        terms,
        LineQuantities.trusted(ordered=ordered, reserved=NONE if terms.stocked else ordered),
        tuple(f"line {line.line_id}: {remark}" for remark in remarks) if remarks else (),
    )


def _refusal(line: OrderLine, item: Item | None, policy: Policy) -> str | None:
    """Return why the line is refused whatever its price."""
    if line.kind == "item" and item is None:
        return f"item.unknown: {_spoken(line)} is not in our catalogue"
    if line.quantity.value <= 0:
        return f"quantity.not_positive: {line.quantity.value} ordered"
    unit = policy.unit_codes.get(line.quantity.unit, line.quantity.unit)
    if item is not None and unit != item.unit and not {unit, item.unit} <= PIECES:
        return f"unit.unknown: {line.quantity.unit} ordered, sold by {item.unit}"
    return None


def _spoken(line: OrderLine) -> str:
    item = line.item
    return item.gtin or item.sellers or item.buyers or item.manufacturers or item.name or "an item without a number"


def _vat(order: Order, line: OrderLine, ours: Vat | None, policy: Policy) -> tuple[Vat, str | None]:
    """Return the rate that will be invoiced: ours, but what a shop has charged stands."""
    stated = line.tax_rate
    if stated is None and line.tax_amount == 0 and line_amount(line, order.currency):
        stated = NONE
    if ours is not None and (stated is None or stated == ours.rate):
        return ours, None
    if ours is not None and not policy.already_sold:
        return ours, f"VAT {stated} % stated, ours is {ours.rate} %"
    if stated is None:
        raise NeedsDecision(f"no VAT rate is registered for line {line.line_id}, {_spoken(line)}")
    remark = f"VAT {stated} % charged, ours is {f'{ours.rate} %' if ours else 'not registered'}"
    return Vat(None, "S" if stated else "Z", stated), remark


def _stated_price(line: OrderLine) -> Decimal | None:
    """Return the price of one unit as the buyer stated it, before allowances."""
    if line.price is not None and line.price.base_quantity > 0:
        return unit_price(line.price.amount, line.price.base_quantity)
    if line.stated_amount is not None and line.quantity.value:
        return unit_price(line.stated_amount, line.quantity.value)
    return None


def _price(order: Order, stated: Decimal | None, item: Item | None, vat: Vat, policy: Policy) -> CheckedPrice:
    if item is None:
        return CheckedPrice(NONE if stated is None else stated)
    listed = item.price
    if listed is not None and order.tax_included:
        listed = with_vat(listed, vat.rate, order.currency)
    return check_price(stated, listed, policy.tolerances, already_sold=policy.already_sold)


def _charged(
    order: Order, line: OrderLine, stated: Decimal | None, price: Decimal, policy: Policy
) -> tuple[CheckedPrice, Decimal]:
    """Return what the line costs at this unit price, and the unit price to be shown for that."""
    if not line.allowances and line.stated_amount is None and (line.price is None or line.price.base_quantity == 1):
        return CheckedPrice(amount_at(price, line.quantity.value, order.currency)), price
    checked = _amount(order, line, stated, price, policy)
    if checked.price is None:
        return checked, price
    return checked, _shown(price, checked.price, line.quantity.value, order.currency)


def _amount(order: Order, line: OrderLine, stated: Decimal | None, price: Decimal, policy: Policy) -> CheckedPrice:
    """Return what the line costs at this unit price; what a buyer takes off, or states instead, is checked."""
    if price != stated:
        line = line.changed(price=Price(amount=price), stated_amount=None)
    amount = line_amount(line, order.currency)
    if policy.already_sold or (line.stated_amount is None and not line.allowances):
        return CheckedPrice(amount)
    charges = tuple(change for change in line.allowances if change.charge)
    plain = line.changed(price=line.price or Price(amount=price), stated_amount=None, allowances=charges)
    return check_amount(amount, line_amount(plain, order.currency), order.currency, policy.tolerances)


def _shown(price: Decimal, amount: Decimal, quantity: Decimal, currency: str) -> Decimal:
    return price if round_amount(price * quantity, currency) == amount else unit_price(amount, quantity)


def _terms(
    line: OrderLine, item: Item | None, policy: Policy, vat: Vat,
    price: Decimal, amount: Decimal, tax_amount: Decimal | None, reasons: tuple[str, ...],
) -> LineTerms:  # fmt: skip
    return LineTerms.trusted(
        kind=line.kind,
        item=line.item,
        unit=line.quantity.unit,
        stocked=item is not None and item.stocked,
        location=policy.location,
        price=price,
        amount=amount,
        vat_code=vat.code,
        tax_category=vat.category,
        tax_rate=vat.rate,
        tax_amount=tax_amount,
        reasons=reasons,
    )


def _refused(order: Order, line: OrderLine, item: Item | None, policy: Policy, reasons: tuple[str, ...]) -> Judged:
    """Return the line with everything rejected; its price and amount are those that the buyer stated."""
    known = item.vat if item else None
    vat = known or Vat(None, "S", NONE if line.tax_rate is None else line.tax_rate)
    price = _stated_price(line) or NONE
    terms = _terms(line, item, policy, vat, price, line_amount(line, order.currency), None, reasons)
    quantities = LineQuantities(ordered=line.quantity.value, rejected=line.quantity.value)
    remarks = tuple(f"line {line.line_id}: {reason}" for reason in reasons) if policy.already_sold else ()
    return Judged(line.line_id, item.sku if item else None, terms, quantities, remarks)


def _with_document_allowances(order: Order, judged: Sequence[Judged], policy: Policy) -> tuple[Judged, ...]:
    """Share the document's allowances and charges out to the goods; the share of a refused line goes with it."""
    goods = [one for one in judged if one.terms.kind not in BESIDE_THE_GOODS]
    amounts = [one.terms.amount for one in goods]
    whole = sum(amounts, NONE)
    checked = _document_amount(order, whole, policy)
    if checked.price is None:
        refused = {one.line_id for one in goods if one.quantities.wanted}
        return tuple(_taken_back(one, checked.reason or "") if one.line_id in refused else one for one in judged)
    shares = dict(
        zip((one.line_id for one in goods), split(checked.price - whole, amounts, order.currency), strict=True)
    )
    return tuple(_with_share(one, shares.get(one.line_id), checked, order.currency) for one in judged)


def _document_amount(order: Order, whole: Decimal, policy: Policy) -> CheckedPrice:
    """Return what goods of `whole` come to with the document's allowances and charges; a buyer's are checked."""
    stated = whole + round_amount(balance(order.allowances, whole), order.currency)
    if policy.already_sold:
        return CheckedPrice(stated)
    charges = balance((change for change in order.allowances if change.charge), whole)
    return check_amount(stated, whole + round_amount(charges, order.currency), order.currency, policy.tolerances)


def _taken_back(one: Judged, reason: str) -> Judged:
    """Return an accepted line as a refused one."""
    ordered = one.quantities.ordered
    terms = one.terms.changed(reasons=(*one.terms.reasons, reason))
    return one._replace(terms=terms, quantities=LineQuantities(ordered=ordered, rejected=ordered))


def _with_share(one: Judged, change: Decimal | None, checked: CheckedPrice, currency: str) -> Judged:
    """Return a line of goods with its share; the first word about the whole order stands on each of them."""
    if change is None or not one.quantities.wanted:
        return one
    amount = one.terms.amount + change
    price = _shown(one.terms.price, amount, one.quantities.ordered, currency)
    reasons = (*one.terms.reasons, checked.reason) if checked.reason else one.terms.reasons
    remarks = (*one.remarks, f"line {one.line_id}: order: {checked.remark}") if checked.remark else one.remarks
    return one._replace(terms=one.terms.changed(amount=amount, price=price, reasons=reasons), remarks=remarks)
