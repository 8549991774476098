"""What has left the house is billed, once, as agreed."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.delivery import DespatchedLine, ShipmentDespatched
from hub.canonical.invoice import Invoice, InvoiceIssued
from hub.canonical.order import OrderChanged, OrderPartlyAccepted, PaymentMade
from hub.canonical.values import Quantity
from hub.errors import MustWait, NeedsDecision
from hub.handlers.invoice import service
from hub.store.invoice import BillingLine, BillingOrder, InvoiceRow, RevenueEntry
from hub.store.messages import NumberSeries, Task
from hub.store.work import Work
from tests.desk import Desk, identifier, payloads
from tests.unit.handlers.answers import BUYER, COMPANY, ORDER, answer, line
from tests.unit.handlers.receipts import receipt, sold

DESPATCHED = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    return Desk(service).put(COMPANY)


def shipment(*quantities: tuple[str, str], number: str = "DA-00000001") -> ShipmentDespatched:
    """Return a shipment of these quantities by order line."""
    lines = tuple(
        DespatchedLine(
            delivery_line=str(position),
            line_id=line_id,
            sku="SKU",
            item=line(line_id, "SKU", "1", "1").item,
            quantity=Quantity(value=Decimal(quantity)),
            ordered=Decimal(quantity),
            location="main",
        )
        for position, (line_id, quantity) in enumerate(quantities, 1)
    )
    delivery = number.replace("DA", "D")
    return ShipmentDespatched(
        **ORDER,
        despatch_number=number,
        delivery_number=delivery,
        despatched_at=DESPATCHED,
        buyer=BUYER,
        lines=lines,
    )


def issued(work: Work) -> Invoice:
    (event,) = payloads(work)
    assert isinstance(event, InvoiceIssued)
    return event.invoice


def sums(invoice: Invoice) -> tuple[Decimal, ...]:
    """Return net, tax, gross, prepaid, rounding and payable."""
    return (
        invoice.net_total,
        invoice.tax_total,
        invoice.gross_total,
        invoice.prepaid,
        invoice.rounding,
        invoice.payable,
    )


def amounts(*texts: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(text) for text in texts)


def paid(amount: str) -> tuple[PaymentMade, ...]:
    return (PaymentMade(reference="T-1", means="card", amount=Decimal(amount)),)


def test_a_shipment_is_billed_for_what_it_holds(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "5", "50.00"), line("20", "SKU-B", "3", "30.00", tax_rate="7")]))
    work = desk.handle(shipment(("10", "5"), ("20", "3")))
    invoice = issued(work)
    assert (invoice.number, invoice.issued, invoice.due) == ("2026-000001", date(2026, 11, 25), date(2026, 12, 25))
    assert (invoice.delivered, invoice.seller, invoice.buyer) == (date(2026, 11, 24), COMPANY.party, BUYER)
    assert [(one.order_line, one.quantity.value, one.price, one.net) for one in invoice.lines] == [
        ("10", 5, 10, 50),
        ("20", 3, 10, 30),
    ]
    assert {one.despatch_number for one in invoice.lines} == {"DA-00000001"}
    assert [(tax.category, tax.rate, tax.base, tax.tax) for tax in invoice.taxes] == [
        ("S", 19, 50, Decimal("9.50")),
        ("S", 7, 30, Decimal("2.10")),
    ]
    assert sums(invoice) == amounts("80.00", "11.60", "91.60", "0", "0", "91.60")
    assert [row.invoice for row in desk.all(InvoiceRow)] == [invoice]


def test_tax_is_rounded_once_per_rate_and_not_per_line(desk: Desk) -> None:
    desk.handle(answer([line(str(n), "SKU-A", "1", "1.03") for n in range(1, 8)]))
    invoice = issued(desk.handle(shipment(*((str(n), "1") for n in range(1, 8)))))
    assert invoice.tax_total == Decimal("1.37")


def test_the_invoice_goes_to_the_partner_of_the_order_whoever_shipped(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "1", "9.00")]), partner="retail", correlationid=identifier(7))
    (event,) = desk.handle(shipment(("10", "1")), partner=None).published
    assert (event.partner, event.correlationid) == ("retail", identifier(7))


def test_shipping_costs_come_with_the_first_invoice_only(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "2", "20.00"), line("90", None, "1", "4.90", kind="shipping")]))
    first = issued(desk.handle(shipment(("10", "1"))))
    second = issued(desk.handle(shipment(("10", "1"), number="DA-00000002")))
    assert [(one.order_line, one.net, one.despatch_number) for one in first.lines] == [
        ("10", 10, "DA-00000001"),
        ("90", Decimal("4.90"), None),
    ]
    assert [(one.order_line, one.net) for one in second.lines] == [("10", 10)]
    assert second.number == "2026-000002"


def test_parts_of_a_line_cost_what_the_whole_line_was_agreed_for(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "3", "10.00")]))
    nets = [issued(desk.handle(shipment(("10", "1"), number=f"DA-{n}"))).line_total for n in range(3)]
    assert nets == list(amounts("3.33", "3.34", "3.33"))
    (row,) = desk.all(BillingLine)
    assert (row.shipped, row.invoiced, row.billed) == (3, 3, 10)


def test_the_price_on_a_line_gives_its_amount(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "3", "10.00", price="3.3333333333")]))
    (one,) = issued(desk.handle(shipment(("10", "2")))).lines
    assert (one.price, one.net) == (Decimal("3.3333333333"), Decimal("6.67"))
    (rest,) = issued(desk.handle(shipment(("10", "1"), number="DA-2"))).lines
    assert (rest.price, rest.net) == (Decimal("3.3333333333"), Decimal("3.33"))


def test_prices_with_vat_end_at_what_the_customer_paid(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "3", "29.97")], tax_included=True, payments=paid("29.97")))
    invoice = issued(desk.handle(shipment(("1", "3"))))
    assert sums(invoice) == amounts("25.18", "4.78", "29.96", "29.97", "0.01", "0.00")


def test_the_named_rounding_may_be_negative(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "8.90", tax_rate="21")], tax_included=True))
    invoice = issued(desk.handle(shipment(("1", "2"))))
    assert sums(invoice) == amounts("7.36", "1.55", "8.91", "0", "-0.01", "8.90")


def test_partial_shipments_of_a_paid_order_sum_to_what_was_paid(desk: Desk) -> None:
    lines = [
        line("1", "SKU-A", "3", "10.00"),
        line("2", "SKU-B", "7", "9.99", tax_rate="7"),
        line("9", None, "1", "3.95", kind="shipping"),
    ]
    desk.handle(answer(lines, tax_included=True, payments=paid("23.94")))
    shipments = [[("1", "1"), ("2", "2")], [("1", "1"), ("2", "4")], [("1", "1"), ("2", "1")]]
    invoices = [issued(desk.handle(shipment(*parts, number=f"DA-{n}"))) for n, parts in enumerate(shipments)]
    assert sum(invoice.gross_total + invoice.rounding for invoice in invoices) == Decimal("23.94")
    assert sum(invoice.prepaid for invoice in invoices) == Decimal("23.94")
    assert {invoice.payable for invoice in invoices} == {Decimal(0)}


def test_tax_that_a_shop_rounded_per_line_is_paid_as_the_shop_charged_it(desk: Desk) -> None:
    lines = [line(str(n), "SKU-A", "1", "1.03", tax_amount=Decimal("0.20")) for n in range(1, 8)]
    desk.handle(answer(lines, payments=paid("8.61")))
    invoice = issued(desk.handle(shipment(*((str(n), "1") for n in range(1, 8)))))
    assert sums(invoice) == amounts("7.21", "1.37", "8.58", "8.61", "0.03", "0.00")


def test_a_difference_that_is_no_rounding_is_computed_and_shown_to_a_person(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "1", "100.00", tax_amount=Decimal(7))]))
    invoice = issued(desk.handle(shipment(("1", "1"))))
    assert sums(invoice) == amounts("100.00", "19.00", "119.00", "0", "0", "119.00")
    (task,) = desk.all(Task)
    assert (task.kind, task.subject) == ("invoice_differs", invoice.number)


def test_money_paid_before_is_shown_on_the_first_invoices_until_it_is_used_up(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "100.00", tax_rate="0")], payments=paid("70")))
    prepaid = [
        (invoice.prepaid, invoice.payable)
        for n in range(2)
        for invoice in [issued(desk.handle(shipment(("1", "1"), number=f"DA-{n}")))]
    ]
    assert prepaid == [(50, 0), (20, 30)]


def test_money_paid_for_nothing_is_shown_to_a_person_once_all_is_billed(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "100.00", tax_rate="0")], payments=paid("120")))
    desk.handle(shipment(("1", "1")))
    assert desk.all(Task) == []
    desk.handle(shipment(("1", "1"), number="DA-2"))
    (task,) = desk.all(Task)
    assert (task.kind, task.reason) == ("refund_due", "EUR 20.00 of 120 was paid for nothing")


def test_what_is_taken_off_has_a_negative_quantity_and_never_a_negative_price(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "1", "20.00"), line("9", None, "1", "-5.00", kind="fee", price="-5.00")]))
    discount = issued(desk.handle(shipment(("1", "1")))).lines[1]
    assert (discount.quantity.value, discount.price, discount.net) == (-1, 5, -5)


def test_a_category_without_vat_says_why(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "1", "20.00", tax_rate="0", tax_category="K")]))
    (tax,) = issued(desk.handle(shipment(("1", "1")))).taxes
    assert (tax.category, tax.tax, tax.exemption) == ("K", 0, "VATEX-EU-IC")


def test_an_order_without_goods_is_billed_when_it_is_accepted(desk: Desk) -> None:
    work = desk.handle(answer([line("1", None, "1", "50.00", kind="gift_card", tax_rate="0")], payments=paid("50")))
    assert sums(issued(work)) == amounts("50.00", "0.00", "50.00", "50", "0.00", "0.00")


def test_goods_that_may_still_come_hold_the_services_back(desk: Desk) -> None:
    lines = [line("1", "SKU-A", "1", "20.00", confirmed="0"), line("9", None, "1", "4.90", kind="shipping")]
    assert not payloads(desk.handle(answer(lines, OrderPartlyAccepted)))


def test_what_is_charged_after_the_last_shipment_is_billed_at_once(desk: Desk) -> None:
    goods = line("1", "SKU-A", "1", "20.00")
    desk.handle(answer([goods]))
    desk.handle(shipment(("1", "1")))
    work = desk.handle(answer([goods, line("9", None, "1", "4.90", kind="fee")], OrderChanged, revision=2))
    assert [(one.order_line, one.net) for one in issued(work).lines] == [("9", Decimal("4.90"))]


def test_goods_that_were_confirmed_later_are_billed_from_the_later_answer(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "20.00", confirmed="1")], OrderPartlyAccepted))
    desk.handle(shipment(("1", "1")))
    desk.handle(answer([line("1", "SKU-A", "2", "20.00")], OrderChanged, revision=2))
    assert issued(desk.handle(shipment(("1", "1"), number="DA-2"))).line_total == 10


def test_a_repeated_answer_changes_nothing(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "20.00")]))
    before = {record: dict(rows) for record, rows in desk.rows.items()}
    desk.handle(answer([line("1", "SKU-A", "2", "20.00")], repeated=True))
    assert desk.rows == before


def test_a_shipment_that_overtakes_the_answer_waits_for_it(desk: Desk) -> None:
    with pytest.raises(MustWait) as waiting:
        desk.handle(shipment(("1", "1")))
    work = desk.handle(answer([line("1", "SKU-A", "1", "20.00")]))
    assert waiting.value.awaits == "invoice/order/order-7"
    assert work.arrived == ["invoice/order/order-7"]
    assert issued(desk.handle(shipment(("1", "1")))).number == "2026-000001"


def test_more_shipped_than_is_known_to_be_confirmed_waits_and_takes_no_number(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "20.00", confirmed="1")], OrderPartlyAccepted))
    with pytest.raises(MustWait, match="beyond what is known to be confirmed"):
        desk.handle(shipment(("1", "2")))
    assert NumberSeries not in desk.rows


def test_one_shipment_is_billed_once(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "20.00")]))
    desk.handle(shipment(("1", "1")))
    work = desk.handle(shipment(("1", "1")))
    assert (work.ended, payloads(work), len(desk.all(InvoiceRow))) == ("duplicate", [], 1)


def test_without_a_seller_no_invoice_is_written_and_a_person_is_asked() -> None:
    desk = Desk(service)
    desk.handle(answer([line("1", "SKU-A", "1", "20.00")]))
    with pytest.raises(NeedsDecision, match="register our own company"):
        desk.handle(shipment(("1", "1")))
    assert NumberSeries not in desk.rows


def test_the_series_begins_anew_with_the_year(desk: Desk) -> None:
    desk.handle(answer([line("1", "SKU-A", "2", "20.00")]))
    desk.handle(shipment(("1", "1")))
    desk.now = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
    assert issued(desk.handle(shipment(("1", "1"), number="DA-2"))).number == "2027-000001"


def test_an_invoice_keeps_the_order_of_the_lines(desk: Desk) -> None:
    desk.handle(answer([line("10", "SKU-A", "1", "1.00"), line("9", "SKU-B", "1", "2.00")]))
    invoice = issued(desk.handle(shipment(("9", "1"), ("10", "1"))))
    assert [one.order_line for one in invoice.lines] == ["10", "9"]


def test_a_receipt_is_revenue_per_rate_without_an_invoice(desk: Desk) -> None:
    work = desk.handle(receipt([sold("1", "2", "11.90", "19"), sold("2", "1", "5.35", "7")]))
    entries = [(row.rate, row.net, row.tax) for row in desk.all(RevenueEntry)]
    assert entries == [(19, 10, Decimal("1.90")), (7, 5, Decimal("0.35"))]
    assert (payloads(work), desk.all(BillingOrder)) == ([], [])


def test_a_receipt_that_comes_again_is_revenue_once(desk: Desk) -> None:
    sale: Any = receipt([sold("1", "2", "11.90", "19")])
    desk.handle(sale)
    assert desk.handle(sale).ended == "duplicate"
    assert len(desk.all(RevenueEntry)) == 1
