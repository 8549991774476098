"""A till's POSLog becomes receipts, one transaction at a time, in two dialects."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.sale import Sale
from hub.domain.tie_out import differences
from hub.errors import LimitExceeded, PartnerError, UnreadableInput, Unusable
from hub.translators.pos import poslog
from hub.translators.pos.receipt import Receipt

SAMPLE = (Path(__file__).parents[2] / "samples" / "pos" / "poslog.xml").read_bytes()
SIGN_ON, NCR, STANDARD, RETURN, BROKEN, TRAINING, POST_VOID = range(7)


def read(data: Any = SAMPLE, **changes: Any) -> list[Receipt]:
    store: dict[str, Any] = {"time_zone": "Europe/Berlin", "currency": "EUR"}
    return list(poslog.read(data, **(store | changes)))


def sale(ordinal: int) -> Sale:
    receipt = read()[ordinal]
    assert receipt.sale is not None, receipt.findings
    return receipt.sale


def journal(*transactions: str) -> bytes:
    return f'<POSLog xmlns="urn:arts">{"".join(transactions)}</POSLog>'.encode()


def transaction(content: str, number: str = "1") -> str:
    return (
        "<Transaction><RetailStoreID>12</RetailStoreID><WorkstationID>3</WorkstationID>"
        f"<SequenceNumber>{number}</SequenceNumber><BusinessDayDate>2026-11-24</BusinessDayDate>"
        f"<RetailTransaction>{content}</RetailTransaction></Transaction>"
    )


def line(number: int, content: str, flag: str = "") -> str:
    return f"<LineItem {flag}><SequenceNumber>{number}</SequenceNumber>{content}</LineItem>"


def goods(amount: str, quantity: str = "1", item: str = "TEA") -> str:
    return (
        f"<Sale><ItemID>{item}</ItemID><ExtendedAmount>{amount}</ExtendedAmount><Quantity>{quantity}</Quantity></Sale>"
    )


def test_every_transaction_is_a_receipt_of_its_own() -> None:
    receipts = read()
    assert [receipt.ordinal for receipt in receipts] == list(range(7))
    assert [receipt.sale.kind if receipt.sale else None for receipt in receipts] == [
        "control",
        "sale",
        "sale",
        "return",
        None,
        "control",
        "void",
    ]


def test_every_readable_receipt_ties_out() -> None:
    assert [differences(receipt.sale) for receipt in read() if receipt.sale] == [()] * 6


def test_business_date_is_the_tills_and_times_without_zone_are_the_stores() -> None:
    receipt = sale(NCR)
    assert receipt.receipt_key == "12:3:20261123:501"
    assert receipt.business_date == date(2026, 11, 23)
    assert receipt.ended == datetime(2026, 11, 24, 0, 5, 31, tzinfo=UTC)
    assert sale(STANDARD).began == datetime(2026, 11, 24, 9, tzinfo=UTC), "a stated zone counts"
    assert sale(SIGN_ON).ended == datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "the first 2:30 of the night with two"


def test_line_keeps_item_quantity_price_and_what_has_no_place() -> None:
    marker = sale(NCR).lines[0]
    assert (marker.item.gtin, marker.item.name) == ("04006381333931", "MARKER SET")
    assert (marker.quantity.value, marker.unit_price) == (Decimal(2), Decimal("5.64"))
    assert marker.extensions["acs:OperatorSequence"] == ("1",)
    apples = sale(NCR).lines[1]
    assert (apples.item.gtin, apples.item.sellers) == (None, "00000000004711"), "no check digit, no GTIN"


def test_detailed_reward_lowers_its_line_and_the_sum_counts_no_second_time() -> None:
    marker = sale(NCR).lines[0]
    assert marker.amount == Decimal("9.28")
    assert [(change.charge, change.amount, change.reason) for change in marker.allowances] == [
        (False, Decimal("2.00"), "promotion 5123")
    ]
    assert sale(NCR).extensions["LoyaltyReward/acs:ExtendedRewardAmount"] == ("-2.00",)


def test_void_by_a_second_line_voids_both() -> None:
    assert [receipt_line.voided for receipt_line in sale(NCR).lines] == [False, True, True]


def test_void_on_the_line_itself_voids_it() -> None:
    assert [receipt_line.voided for receipt_line in sale(STANDARD).lines] == [False, True, False, False]


def test_void_of_a_line_that_is_not_there_counts_and_warns() -> None:
    content = line(1, goods("5.00")) + line(2, goods("-4.00", "-1"), 'VoidFlag="true"')
    (receipt,) = read(journal(transaction(content + '<Total TotalType="TransactionGrandAmount">1.00</Total>')))
    assert receipt.sale is not None
    assert [receipt_line.voided for receipt_line in receipt.sale.lines] == [False, False]
    assert [(finding.code, finding.level) for finding in receipt.findings] == [("void_without_line", "warning")]


def test_each_void_takes_back_one_line_of_two_alike() -> None:
    content = line(1, goods("5.00")) + line(2, goods("5.00")) + line(3, goods("-5.00", "-1"), 'VoidFlag="true"')
    (receipt,) = read(journal(transaction(content + '<Total TotalType="TransactionGrandAmount">5.00</Total>')))
    assert receipt.sale is not None
    assert [receipt_line.voided for receipt_line in receipt.sale.lines] == [False, True, True]


def test_change_is_a_negative_tender_however_it_is_written() -> None:
    assert [(tender.tender_id, tender.amount) for tender in sale(NCR).tenders] == [
        ("5", Decimal("20.00")),
        ("6", Decimal("-9.78")),
    ]
    assert [(tender.tender_id, tender.means, tender.amount) for tender in sale(STANDARD).tenders] == [
        ("7", "cash", Decimal("50.00")),
        ("7.change", "cash", Decimal("-18.85")),
    ]


def test_voided_tender_pays_nothing_and_is_kept() -> None:
    assert sale(STANDARD).extensions["Tender/voided"] == ("6 31.14",)


def test_prices_are_net_or_gross_as_the_receipt_shows() -> None:
    assert not sale(NCR).tax_included, "lines + tax = total"
    assert sale(STANDARD).tax_included, "stated"
    tax = line(2, "<Tax><Amount>0.80</Amount><Percent>19</Percent></Tax>")
    total = '<Total TotalType="TransactionGrandAmount">5.00</Total>'
    for default in (True, False):
        (receipt,) = read(journal(transaction(line(1, goods("5.00")) + tax + total)), tax_included=default)
        assert receipt.sale is not None
        assert receipt.sale.tax_included, "the lines alone make the total"
        (untaxed,) = read(journal(transaction(line(1, goods("5.00")) + total)), tax_included=default)
        assert untaxed.sale is not None
        assert untaxed.sale.tax_included is default, "the store knows"


def test_taxes_are_the_receipts_or_else_those_of_its_lines() -> None:
    assert [(tax.rate, tax.base, tax.amount) for tax in sale(NCR).taxes] == [
        (Decimal("10.129"), Decimal("9.28"), Decimal("0.94"))
    ]
    assert [(tax.rate, tax.amount) for tax in sale(STANDARD).taxes] == [(Decimal(19), Decimal("1.14"))]


def test_gift_card_discount_and_rounding_keep_their_kinds() -> None:
    receipt = sale(STANDARD)
    assert [(one.kind, one.amount) for one in receipt.lines if one.kind != "item"] == [
        ("gift_card", Decimal("25.00")),
        ("fee", Decimal("-1.00")),
    ]
    assert receipt.rounding == Decimal("0.01")
    assert receipt.lines[0].unit_price == Decimal("3.57"), "the price that was charged"
    assert [change.reason for change in receipt.lines[0].allowances] == ["TEA-WEEK"]


def test_return_is_negative_and_names_the_receipt_it_comes_from() -> None:
    receipt = sale(RETURN)
    assert (receipt.lines[0].quantity.value, receipt.lines[0].amount) == (Decimal(-1), Decimal("-3.57"))
    assert receipt.lines[0].original_receipt == "12:4:20261124:17"
    assert [(tender.amount, tender.means, tender.reference) for tender in receipt.tenders] == [
        (Decimal("-3.57"), "card", "316324")
    ]


def test_post_void_names_the_receipt_it_reverses() -> None:
    assert sale(POST_VOID).voids == "12:4:20261124:18"
    assert [finding.code for finding in read()[POST_VOID].findings] == ["missing"], "its total is what was paid"
    assert sale(POST_VOID).total == Decimal("3.57")


def test_broken_transaction_is_a_finding_of_its_own() -> None:
    broken = read()[BROKEN]
    assert broken.sale is None
    assert {finding.location.path for finding in broken.findings} >= {
        "/POSLog/Transaction[5]/BusinessDayDate",
        "/POSLog/Transaction[5]/RetailTransaction[1]/LineItem[1]/Sale[1]/ExtendedAmount",
    }
    assert all(finding.location.line for finding in broken.findings if finding.code != "date_type")


@pytest.mark.parametrize(
    "attribute",
    ['TrainingModeFlag="true"', 'CancelFlag="true"', 'TrainingModeFlag="1"'],
    ids=["training", "cancel", "1"],
)
def test_what_was_practised_or_broken_off_moves_neither_goods_nor_money(attribute: str) -> None:
    content = journal(transaction(line(1, goods("5.00"))).replace("<Transaction>", f"<Transaction {attribute}>"))
    (receipt,) = read(content)
    assert receipt.sale is not None
    assert (receipt.sale.kind, receipt.sale.total, receipt.sale.lines) == ("control", 0, ())
    assert any(name.startswith("@") for name in receipt.sale.extensions)


def test_suspended_receipt_moves_nothing_until_it_is_resumed() -> None:
    suspended = transaction(line(1, goods("5.00"))).replace(
        "<RetailTransaction>", '<RetailTransaction TransactionStatus="Suspended">'
    )
    (receipt,) = read(journal(suspended))
    assert receipt.sale is not None
    assert receipt.sale.kind == "control"
    assert sale(NCR).extensions["TransactionLink"] == ("Resume 12:3:20261123:499",)


def test_control_transaction_keeps_its_content() -> None:
    extensions = sale(SIGN_ON).extensions
    assert extensions["transaction"] == ("ControlTransaction",)
    assert extensions["ReasonCode"] == ("Valid SignOn",)


def test_vendor_extensions_are_kept() -> None:
    extensions = sale(NCR).extensions
    assert extensions["acs:LoyaltyMembership/acs:LoyaltyID"] == ("66677",)
    assert extensions["Total/acs:GrossPositive"] == ("12.22",)
    assert extensions["acs:ItemCount"] == ("2",)


def test_currency_of_the_store_stands_in_where_none_is_stated() -> None:
    assert (sale(NCR).currency, sale(STANDARD).currency) == ("USD", "EUR")
    assert read(currency=None)[STANDARD].sale is None


def test_any_namespace_of_the_vocabulary_will_do() -> None:
    plain = SAMPLE.replace(b'xmlns="http://www.nrf-arts.org/IXRetail/namespace/"', b"")
    assert [receipt.sale for receipt in read(plain)] == [receipt.sale for receipt in read()]


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_any_split_of_the_bytes_gives_the_same_receipts(size: int) -> None:
    chunks = (SAMPLE[start : start + size] for start in range(0, len(SAMPLE), size))
    assert read(chunks) == read()


def test_reading_forgets_what_it_has_read() -> None:
    one = transaction(line(1, goods("5.00")))
    chunks = [b'<POSLog xmlns="urn:arts">', *[one.encode()] * 50, b"</POSLog>"]
    fed: list[int] = []

    def feeding() -> Any:
        for number, chunk in enumerate(chunks):
            fed.append(number)
            yield chunk

    receipts = poslog.read(feeding(), time_zone="UTC", currency="EUR")
    next(receipts)
    assert fed[-1] < 5, "the first receipt came before the file was read"
    assert len(list(receipts)) == 49


def test_receipts_before_a_fault_are_read() -> None:
    cut = SAMPLE[: SAMPLE.index(b"<SequenceNumber>17<")]
    receipts = poslog.read(cut, time_zone="Europe/Berlin")
    assert [next(receipts).key, next(receipts).key] == ["12:3:20261024:500", "12:3:20261123:501"]
    with pytest.raises(UnreadableInput) as raised:
        next(receipts)
    assert raised.value.context["line"] > 60


ENTITIES = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 12))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   ",
        b"{}",
        b"<POSLog>",
        b"<POSLog/><POSLog/>",
        b"<Journal/>",
        b"<!DOCTYPE POSLog><POSLog/>",
        b'<!DOCTYPE POSLog SYSTEM "http://127.0.0.1:9/x.dtd"><POSLog/>',
        b'<!DOCTYPE POSLog [<!ENTITY x SYSTEM "file:///etc/hostname">]><POSLog>&x;</POSLog>',
        f'<!DOCTYPE POSLog [<!ENTITY e0 "ha">{ENTITIES}]><POSLog a="&e11;">&e11;</POSLog>'.encode(),
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE POSLog><POSLog/>'.encode("utf-16"),
        b"<POSLog>&unknown;</POSLog>",
        b"<POSLog>" + b"<a>" * 300 + b"</a>" * 300 + b"</POSLog>",
        b"<POSLog>\x00</POSLog>",
        b"<POSLog>\xff</POSLog>",
        b"<POSLog a='1' a='2'/>",
        b"<!--" + b"x" * 200_000 + b"--><POSLog/>",
    ],
    ids=range(17),
)
def test_hostile_xml_is_refused(data: bytes) -> None:
    with pytest.raises(PartnerError):
        read(data)


def test_a_transaction_without_end_is_given_up_before_it_fills_the_memory() -> None:
    before = SAMPLE[: SAMPLE.index(b"</Transaction>") + 14]
    endless = before + b"<Transaction><RetailTransaction>" + b"<LineItem><Sale/></LineItem>" * 80_000
    receipts: list[Receipt] = []
    with pytest.raises(LimitExceeded, match="without the end of a Transaction"):
        receipts.extend(poslog.read(endless, time_zone="UTC", currency="EUR"))
    assert len(receipts) == 1


def test_size_is_limited_by_the_door() -> None:
    with pytest.raises(LimitExceeded):
        read(max_bytes=len(SAMPLE) - 1)
    assert len(read(max_bytes=len(SAMPLE))) == 7


@pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "/etc/localtime", "Europe\x00"])
def test_unknown_time_zone_is_a_fault_of_the_installation(zone: str) -> None:
    with pytest.raises(Unusable):
        read(time_zone=zone)


def test_journal_without_transactions_has_no_receipts() -> None:
    assert read(b"<POSLog/>") == []


def test_transaction_without_content_is_a_finding() -> None:
    (receipt,) = read(b"<POSLog><Transaction/></POSLog>")
    assert receipt.sale is None
    assert receipt.findings


def test_a_prefix_that_nobody_declared_makes_the_journal_unreadable() -> None:
    data = journal(transaction(line(1, goods("2.00"), flag='acs:VoidFlag="true"')))
    with pytest.raises(UnreadableInput, match="prefix acs for VoidFlag on LineItem is not defined, line 1"):
        read(data)
