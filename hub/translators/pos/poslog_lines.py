"""The line items of a POSLog retail transaction: what each kind adds to the receipt."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from hub.canonical.values import has_check_digit
from hub.translators.pos.node import Node

_GTIN_LENGTHS = frozenset({8, 12, 13, 14})
_MEANS = MappingProxyType(
    {
        "Cash": "cash",
        "CreditDebit": "card",
        "Check": "cheque",
        "GiftCard": "gift_card",
        "GiftCertificate": "gift_card",
        "StoredValue": "gift_card",
        "Voucher": "voucher",
        "ManufacturerCoupon": "coupon",
        "CustomerAccount": "account",
    }
)
_KINDS = MappingProxyType(
    {
        "Deposit": "deposit",
        "Fee": "fee",
        "Service": "item",
        "GiftCard": "gift_card",
        "GiftCertificate": "gift_card",
        "StoredValue": "gift_card",
    }
)
_LINE_FIELDS = frozenset(
    {
        "POSIdentity",
        "Description",
        "RegularSalesUnitPrice",
        "ActualSalesUnitPrice",
        "Quantity",
        "Tax",
        "TransactionLink",
        "RetailPriceModifier",
    }
)
_TENDER_FIELDS = frozenset({"TenderID", "Amount", "TenderChange", "Authorization"})


@dataclass(slots=True)
class Journal:
    """What the line items of one receipt add up to, item by item; `settle` when all are in."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    taxes: list[dict[str, Any]] = field(default_factory=list)
    tenders: list[dict[str, Any]] = field(default_factory=list)
    rounding: Decimal = Decimal(0)
    extensions: list[tuple[str, str]] = field(default_factory=list)
    rewards: list[tuple[Node, str]] = field(default_factory=list)
    by_operator_sequence: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def tax(self) -> Decimal:
        """The tax of the whole receipt."""
        return sum((tax["amount"] for tax in self.taxes), Decimal(0))

    def add(self, item: Node, position: str) -> None:
        """Take a LineItem: what it holds decides what it is; what is unknown is kept as it stands."""
        line_id = item.text("SequenceNumber") or position
        for content in item.children():
            reader = _READERS.get(content.name)
            if reader is not None:
                reader(self, content, line_id, item.flag("VoidFlag"))
            elif content.name != "SequenceNumber":
                self.extensions += ((f"{content.name}/{path}", text) for path, text in content.flattened())

    def settle(self) -> None:
        """Put rewards on the lines that they name, and the lines' own taxes together where no others are stated."""
        for reward, line_id in self.rewards:
            self._reward(reward, line_id)
        if self.taxes:
            return
        by_rate: dict[Decimal, Decimal] = {}
        for line in self.lines:
            if line["tax_rate"] is not None and line["tax_amount"] is not None and not line["voided"]:
                by_rate[line["tax_rate"]] = by_rate.get(line["tax_rate"], Decimal(0)) + line["tax_amount"]
        self.taxes = [{"rate": rate, "amount": amount} for rate, amount in by_rate.items()]

    def _reward(self, reward: Node, line_id: str) -> None:
        amount = reward.required_number("acs:ExtendedRewardAmount")
        reason = f"promotion {reward.text('PromotionID') or ''}".strip()
        line = self.by_operator_sequence.get(reward.text("acs:OperatorSequenceReference") or "")
        if line is None:
            self.lines.append(_flat_line(line_id, amount, reason))
            return
        line["amount"] += amount
        line["allowances"].append({"charge": amount > 0, "amount": abs(amount), "reason": reason})


def linked_key(link: Node) -> str:
    """Return the key of the receipt that a TransactionLink names."""
    day = link.day("BusinessDayDate")
    names = (link.text("RetailStoreID"), link.text("WorkstationID"), f"{day:%Y%m%d}" if day else None)
    return ":".join(name or "" for name in (*names, link.text("SequenceNumber")))


def _sale_line(journal: Journal, sale: Node, line_id: str, void: bool) -> None:  # noqa: FBT001 - a reader of the table
    _goods(journal, sale, line_id, void=void, sign=1)


def _return_line(journal: Journal, sale: Node, line_id: str, void: bool) -> None:  # noqa: FBT001 - a reader of the table
    _goods(journal, sale, line_id, void=void, sign=-1)


def _goods(journal: Journal, goods: Node, line_id: str, *, void: bool, sign: int) -> None:
    amount = goods.required_number("ExtendedAmount")
    quantity = goods.number("Quantity")
    quantity = Decimal(1) if quantity is None else quantity
    if sign < 0:
        amount, quantity = -abs(amount), -abs(quantity)
    price = goods.number("ActualSalesUnitPrice", "RegularSalesUnitPrice")
    link = goods.child("TransactionLink")
    extensions: dict[str, tuple[str, ...]] = {}
    for path, text in goods.flattened(_LINE_FIELDS):
        extensions[path] = (*extensions.get(path, ()), text)
    line = {
        "line_id": line_id,
        "kind": _KINDS.get(goods.attribute("ItemType") or "", "item"),
        "item": _item(goods),
        "quantity": {"value": quantity},
        "unit_price": abs(amount) if price is None else price,
        "amount": amount,
        **_line_tax(goods),
        "allowances": [
            {"charge": False, "amount": abs(reduction), "reason": modifier.text("PromotionID")}
            for modifier in goods.children("RetailPriceModifier")
            if (reduction := modifier.number("Amount"))
        ],
        "voided": void and amount >= 0,
        "original_receipt": linked_key(link) if link else None,
        "extensions": extensions,
    }
    if void and amount < 0:
        _void_earlier(journal, line, goods)
    journal.lines.append(line)
    if sequence := goods.text("acs:OperatorSequence"):
        journal.by_operator_sequence[sequence] = line


def _void_earlier(journal: Journal, reversal: dict[str, Any], goods: Node) -> None:
    """Void the line that this one takes back, and this one with it; without such a line it counts as it stands."""
    for line in reversed(journal.lines):
        same = line["item"] == reversal["item"] and line["amount"] == -reversal["amount"]
        if same and not line["voided"] and line["quantity"]["value"] == -reversal["quantity"]["value"]:
            line["voided"] = reversal["voided"] = True
            return
    goods.problem("void_without_line", "", "no earlier line is taken back by this one: it counts", "warning")


def _item(goods: Node) -> dict[str, Any]:
    identity = goods.child("POSIdentity")
    number = goods.text("ItemID") or (identity.text("POSItemID") if identity else None)
    scanned = (identity.text("POSItemID") if identity else None) or number or ""
    is_gtin = len(scanned) in _GTIN_LENGTHS and has_check_digit(scanned) and scanned.strip("0")
    return {"gtin": scanned if is_gtin else None, "sellers": number, "name": goods.text("Description")}


def _line_tax(goods: Node) -> dict[str, Any]:
    taxes = list(goods.children("Tax"))
    if not taxes:
        return {"tax_rate": None, "tax_amount": None}
    return {
        "tax_rate": sum((tax.number("Percent") or Decimal(0)) for tax in taxes),
        "tax_amount": sum((tax.number("Amount") or Decimal(0)) for tax in taxes),
    }


def _flat_line(line_id: str, amount: Decimal, name: str) -> dict[str, Any]:
    """Return a line for money that belongs to the receipt as a whole."""
    return {
        "line_id": line_id,
        "kind": "fee",
        "item": {"name": name},
        "quantity": {"value": 1},
        "unit_price": amount,
        "amount": amount,
        "tax_rate": None,
        "tax_amount": None,
        "allowances": [],
        "voided": False,
        "extensions": {},
    }


def _discount(journal: Journal, discount: Node, line_id: str, void: bool) -> None:  # noqa: FBT001 - a reader of the table
    line = _flat_line(line_id, -abs(discount.required_number("Amount")), discount.text("Reason") or "discount")
    journal.lines.append(line | {"voided": void})


def _tax_line(journal: Journal, tax: Node, line_id: str, void: bool) -> None:  # noqa: ARG001, FBT001 - a reader of the table
    if void:
        return
    amount, base, rate = tax.required_number("Amount"), tax.number("TaxableAmount"), tax.number("Percent")
    if rate is None:
        rate = abs(amount / base * 100).quantize(Decimal("0.001")) if base else Decimal(0)
    journal.taxes.append({"rate": rate, "base": base, "amount": amount})


def _tender(journal: Journal, tender: Node, line_id: str, void: bool) -> None:  # noqa: FBT001 - a reader of the table
    amount = tender.required_number("Amount")
    if tender.attribute("TypeCode") == "Refund":
        amount = -abs(amount)
    if void and amount >= 0:
        journal.extensions.append(("Tender/voided", f"{line_id} {amount}"))
        return
    kind = tender.attribute("TenderType") or "other"
    authorization = tender.child("Authorization")
    reference = authorization.text("ReferenceNumber", "AuthorizationCode") if authorization else None
    means = _MEANS.get(kind, kind.lower())
    journal.tenders.append({"tender_id": line_id, "means": means, "amount": amount, "reference": reference})
    change = tender.child("TenderChange")
    back = change.number("Amount") if change else None
    if back and back != amount:
        journal.tenders.append({"tender_id": f"{line_id}.change", "means": "cash", "amount": -abs(back)})
    journal.extensions += ((f"Tender/{path}", text) for path, text in tender.flattened(_TENDER_FIELDS))


def _loyalty(journal: Journal, reward: Node, line_id: str, void: bool) -> None:  # noqa: FBT001 - a reader of the table
    """Take the detailed rewards in money; sums and points are kept only."""
    if reward.flag("detailedData") and reward.text("acs:RewardCategory") == "Monetary" and not void:
        journal.rewards.append((reward, line_id))
    else:
        journal.extensions += ((f"LoyaltyReward/{path}", text) for path, text in reward.flattened())


def _rounding(journal: Journal, rounding: Node, line_id: str, void: bool) -> None:  # noqa: ARG001, FBT001 - a reader of the table
    amount = rounding.amount()
    if amount and not void:
        down = (rounding.attribute("RoundingDirection") or "").lower() == "down"
        journal.rounding += -abs(amount) if down else amount


_READERS: Mapping[str, Callable[[Journal, Node, str, bool], None]] = MappingProxyType(
    {
        "Sale": _sale_line,
        "Return": _return_line,
        "Discount": _discount,
        "Tax": _tax_line,
        "Tender": _tender,
        "LoyaltyReward": _loyalty,
        "Rounding": _rounding,
    }
)
