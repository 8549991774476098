"""What is owed, what came in, and which part of the money settled what."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.order import OrderCancelled, OrderChanged, OrderRejected, PaymentMade
from hub.canonical.payment import AllocatePayment, InvoicePaid, PaymentAllocated, PaymentBooked, RecordPayment
from hub.canonical.sale import Tender
from hub.canonical.values import Money
from hub.errors import BusinessRefusal, MustWait, NeedsDecision
from hub.handlers.payment import service
from hub.store.messages import Task
from hub.store.payment import CHUNK, AllocationRow, PayerAccount, PaymentRow, ReceivableRow, TenderRow
from hub.store.work import Work
from tests.desk import Desk, identifier, payloads
from tests.unit.handlers.answers import ORDER, answer, line
from tests.unit.handlers.owed import invoice, money
from tests.unit.handlers.receipts import receipt, sold


@pytest.fixture
def desk() -> Desk:
    return Desk(service)


def paid(amount: str, reference: str = "T-1") -> PaymentMade:
    return PaymentMade(reference=reference, means="card", amount=Decimal(amount))


def accepted(*payments: PaymentMade, **fields: Any) -> Any:
    return answer([line("1", "SKU-A", "1", "50.00")], payments=payments, **fields)


def euros(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def open_amounts(desk: Desk) -> dict[str, Decimal]:
    return {row.invoice_number: row.open for row in desk.all(ReceivableRow)}


def told(work: Work) -> list[tuple[str, str, Decimal]]:
    """Return the published allocations and settlements: kind, invoice, amount."""
    return [
        (type(one).__name__, one.invoice_number, one.money.amount)
        for one in payloads(work)
        if not isinstance(one, PaymentBooked)
    ]


def test_an_invoice_is_owed_from_its_issue(desk: Desk) -> None:
    work = desk.handle(invoice("2026-000001", "91.60"), partner="retail")
    (row,) = desk.all(ReceivableRow)
    assert (row.payer, row.amount, row.partner, open_amounts(desk)) == (
        "retail",
        Decimal("91.60"),
        "retail",
        {"2026-000001": Decimal("91.60")},
    )
    assert (payloads(work), work.arrived) == ([], ["payment/invoice/2026-000001"])


def test_money_that_names_an_invoice_settles_it(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "91.60"))
    work = desk.handle(money("91.60", "2026-000001"))
    assert payloads(work) == [
        PaymentBooked(reference="B-1", means="transfer", money=euros("91.60"), unallocated=Decimal("0.00")),
        PaymentAllocated(**ORDER, reference="B-1", invoice_number="2026-000001", money=euros("91.60")),
        InvoicePaid(**ORDER, invoice_number="2026-000001", money=euros("91.60")),
    ]
    assert open_amounts(desk) == {"2026-000001": 0}
    assert [account.open for account in desk.all(PayerAccount)] == [{}]


def test_the_order_s_partner_hears_of_it_whoever_recorded_the_money(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "91.60"), partner="retail", correlationid=identifier(7))
    _, *about_the_order = desk.handle(money("91.60", "2026-000001"), partner=None).published
    assert {(one.partner, one.correlationid) for one in about_the_order} == {("retail", identifier(7))}


def test_part_of_the_money_leaves_the_rest_open(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "91.60"))
    work = desk.handle(money("50", "2026-000001"))
    assert told(work) == [("PaymentAllocated", "2026-000001", 50)]
    assert told(desk.handle(money("41.60", "2026-000001", reference="B-2"))) == [
        ("PaymentAllocated", "2026-000001", Decimal("41.60")),
        ("InvoicePaid", "2026-000001", Decimal("91.60")),
    ]


def test_named_invoices_are_settled_in_the_order_named(desk: Desk) -> None:
    for number in ("2026-000001", "2026-000002", "2026-000003"):
        desk.handle(invoice(number, "10"))
    desk.handle(money("15", "2026-000003", "2026-000001"))
    assert open_amounts(desk) == {"2026-000001": 5, "2026-000002": 10, "2026-000003": 0}


def test_money_without_a_name_settles_the_oldest_of_its_payer_first(desk: Desk) -> None:
    desk.handle(invoice("2026-000002", "10", issued=date(2026, 11, 26)))
    desk.handle(invoice("2026-000001", "10", issued=date(2026, 11, 25)))
    work = desk.handle(money("12", payer="retail"))
    assert [amount for kind, _, amount in told(work) if kind == "PaymentAllocated"] == [10, 2]
    assert open_amounts(desk) == {"2026-000001": 0, "2026-000002": 8}
    assert [row.reason for row in desk.all(AllocationRow)] == ["oldest", "oldest"]


def test_the_oldest_come_first_beyond_one_chunk_of_receivables(desk: Desk) -> None:
    numbers = [f"2026-{n:06d}" for n in range(1, CHUNK + 21)]
    for number in numbers:
        desk.handle(invoice(number, "1"))
    desk.handle(money("110", payer="retail"))
    assert [number for number, open_ in open_amounts(desk).items() if open_] == numbers[110:]
    assert [account.open for account in desk.all(PayerAccount)] == [{1: 10}]


def test_too_much_money_stays_unallocated_and_a_person_is_told(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "10"))
    desk.handle(money("12", "2026-000001"))
    (payment,) = desk.all(PaymentRow)
    assert (payment.unallocated, [task.kind for task in desk.all(Task)]) == (2, ["payment_unallocated"])


def test_money_of_nobody_stays_unallocated_and_a_person_is_told(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "10"))
    desk.handle(money("10"))
    assert (open_amounts(desk), [task.kind for task in desk.all(Task)]) == (
        {"2026-000001": 10},
        ["payment_unallocated"],
    )


def test_what_was_left_of_a_payment_is_put_against_an_invoice_later(desk: Desk) -> None:
    desk.handle(money("100.00", payer="retail"))
    desk.handle(invoice("2026-000001", "30.00"))
    desk.handle(invoice("2026-000002", "90.00"), partner="retail")
    work = desk.handle(AllocatePayment(reference="B-1", invoices=("2026-000001", "2026-000002", "2026-000001")))
    assert told(work) == [
        ("PaymentAllocated", "2026-000001", Decimal("30.00")),
        ("InvoicePaid", "2026-000001", Decimal("30.00")),
        ("PaymentAllocated", "2026-000002", Decimal("70.00")),
    ]
    assert open_amounts(desk) == {"2026-000001": 0, "2026-000002": 20}
    (row,) = desk.all(PaymentRow)
    assert (row.unallocated, row.allocations) == (0, 2)
    assert [one.reason for one in desk.all(AllocationRow)] == ["decided", "decided"]
    assert [account.open for account in desk.all(PayerAccount)] == [{0: 1}]


@pytest.mark.parametrize(
    ("reference", "invoices", "reason"),
    [
        ("B-9", ["2026-000001"], "there is no payment B-9"),
        ("B-1", ["2026-000001", "2026-000009"], "there is no invoice 2026-000009"),
        ("B-1", ["2026-000002"], "nothing is open of 2026-000002"),
        ("B-2", ["2026-000001"], "nothing of payment B-2 is unallocated"),
        ("B-3", ["2026-000001"], "payment B-3 is in USD, invoice 2026-000001 in EUR"),
    ],
)
def test_what_cannot_be_allocated_is_refused_whole(
    desk: Desk, reference: str, invoices: list[str], reason: str
) -> None:
    for number in ("2026-000001", "2026-000002"):
        desk.handle(invoice(number, "10.00"))
    desk.handle(money("5.00", payer="nobody"))
    desk.handle(money("10.00", "2026-000002", reference="B-2"))
    desk.handle(money("10.00", reference="B-3", payer="nobody", currency="USD"))
    before = open_amounts(desk)
    with pytest.raises(BusinessRefusal, match=reason):
        desk.handle(AllocatePayment(reference=reference, invoices=tuple(invoices)))
    assert open_amounts(desk) == before


def test_the_same_reference_with_the_same_content_is_the_same_money(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "20"))
    desk.handle(money("10", "2026-000001"))
    work = desk.handle(money("10.00", "2026-000001"))
    assert (work.ended, payloads(work), open_amounts(desk)) == ("duplicate", [], {"2026-000001": 10})


@pytest.mark.parametrize(
    "other", [money("11", "2026-000001"), money("10"), money("10", "2026-000001", means="cash")], ids=str
)
def test_the_same_reference_with_other_content_needs_a_person(desk: Desk, other: RecordPayment) -> None:
    desk.handle(invoice("2026-000001", "20"))
    desk.handle(money("10", "2026-000001"))
    with pytest.raises(NeedsDecision, match="booked before with other content"):
        desk.handle(other)


def test_money_for_an_invoice_that_is_not_there_yet_waits_for_it(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "10"))
    with pytest.raises(MustWait) as waiting:
        desk.handle(money("20", "2026-000001", "2026-000002"))
    assert waiting.value.awaits == "payment/invoice/2026-000002"
    assert desk.all(PaymentRow) == []
    assert waiting.value.awaits in desk.handle(invoice("2026-000002", "10")).arrived
    desk.handle(money("20", "2026-000001", "2026-000002"))
    assert open_amounts(desk) == {"2026-000001": 0, "2026-000002": 0}


def test_money_in_another_currency_needs_a_person(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "10"))
    with pytest.raises(NeedsDecision, match="is in USD, invoice 2026-000001 in EUR"):
        desk.handle(money("10", "2026-000001", currency="USD"))


@pytest.mark.parametrize("amount", ["0", "-5", "0.005"])
def test_an_amount_that_nobody_can_pay_is_refused(desk: Desk, amount: str) -> None:
    with pytest.raises(BusinessRefusal, match="payment B-1"):
        desk.handle(money(amount))


def test_an_invoice_over_nothing_is_paid_at_once(desk: Desk) -> None:
    assert told(desk.handle(invoice("2026-000001", "0"))) == [("InvoicePaid", "2026-000001", 0)]
    assert [account.open for account in desk.all(PayerAccount)] == [{}]


def test_an_invoice_that_comes_again_is_owed_once(desk: Desk) -> None:
    desk.handle(invoice("2026-000001", "10"))
    assert desk.handle(invoice("2026-000001", "10")).ended == "duplicate"


def test_what_was_paid_with_the_order_is_booked_and_settles_its_invoices(desk: Desk) -> None:
    assert payloads(desk.handle(accepted(paid("50.00")))) == [
        PaymentBooked(reference="T-1", means="card", money=euros("50.00"), payer="retail", unallocated=Decimal("50.00"))
    ]
    first = desk.handle(invoice("2026-000001", "30", prepaid="30"))
    second = desk.handle(invoice("2026-000002", "25", prepaid="20"))
    assert told(first) == [("PaymentAllocated", "2026-000001", 30), ("InvoicePaid", "2026-000001", 30)]
    assert told(second) == [("PaymentAllocated", "2026-000002", 20)]
    assert open_amounts(desk) == {"2026-000001": 0, "2026-000002": 5}


def test_an_invoice_that_overtakes_the_answer_is_settled_when_the_answer_comes(desk: Desk) -> None:
    assert told(desk.handle(invoice("2026-000001", "50", prepaid="50"))) == []
    work = desk.handle(accepted(paid("50.00")))
    assert told(work) == [("PaymentAllocated", "2026-000001", 50), ("InvoicePaid", "2026-000001", 50)]


def test_a_repeated_answer_books_nothing_again(desk: Desk) -> None:
    desk.handle(accepted(paid("50.00")))
    assert payloads(desk.handle(accepted(paid("50.00"), repeated=True))) == []


def test_a_payment_that_has_grown_is_one_payment_and_the_money_since_settles_more(desk: Desk) -> None:
    desk.handle(accepted(paid("20")))
    desk.handle(invoice("2026-000001", "50", prepaid="20"))
    work = desk.handle(accepted(paid("50"), kind=OrderChanged, revision=2))
    assert told(work) == [("PaymentAllocated", "2026-000001", 30), ("InvoicePaid", "2026-000001", 50)]
    assert [(row.amount, row.unallocated, row.allocations) for row in desk.all(PaymentRow)] == [(50, 0, 2)]


def test_a_payment_that_has_shrunk_is_shown_to_a_person(desk: Desk) -> None:
    desk.handle(accepted(paid("50")))
    desk.handle(accepted(paid("20"), kind=OrderChanged, revision=2))
    assert [task.kind for task in desk.all(Task)] == ["prepayment_lowered"]


def test_two_shops_may_use_the_same_reference(desk: Desk) -> None:
    desk.handle(accepted(paid("50")))
    desk.handle(accepted(paid("70"), order_id="order-8", buyers_number="PO-8"))
    assert [row.amount for row in desk.all(PaymentRow)] == [50, 70]


def test_what_was_paid_for_a_refused_order_is_booked_and_to_be_given_back(desk: Desk) -> None:
    desk.handle(accepted(paid("50"), kind=OrderRejected))
    assert [row.unallocated for row in desk.all(PaymentRow)] == [50]
    assert [task.kind for task in desk.all(Task)] == ["refund_due"]


def test_what_was_paid_for_a_cancelled_order_is_to_be_given_back(desk: Desk) -> None:
    desk.handle(accepted(paid("50")))
    desk.handle(OrderCancelled(**ORDER, reason="buyer's wish"))
    assert [task.kind for task in desk.all(Task)] == ["refund_due"]


def test_a_receipt_is_settled_by_its_tenders_and_nothing_else(desk: Desk) -> None:
    tenders = (
        Tender(tender_id="1", means="cash", amount=Decimal(20)),
        Tender(tender_id="1.change", means="cash", amount=Decimal("-8.10")),
    )
    work = desk.handle(receipt([sold("1", "1", "11.90", "19")], tenders=tenders))
    assert [(row.means, row.amount, row.settled) for row in desk.all(TenderRow)] == [
        ("cash", 20, True),
        ("cash", Decimal("-8.10"), True),
    ]
    assert (payloads(work), desk.all(Task), desk.all(ReceivableRow)) == ([], [], [])


def test_tenders_that_do_not_make_the_total_are_kept_and_shown_to_a_person(desk: Desk) -> None:
    tenders = (Tender(tender_id="1", means="card", amount=Decimal(11)),)
    desk.handle(receipt([sold("1", "1", "11.90", "19")], tenders=tenders))
    assert [task.kind for task in desk.all(Task)] == ["tenders_differ"]


def test_a_sale_on_account_is_settled_by_nothing(desk: Desk) -> None:
    tenders = (Tender(tender_id="1", means="account", amount=Decimal("11.90")),)
    desk.handle(receipt([sold("1", "1", "11.90", "19")], tenders=tenders))
    assert [row.settled for row in desk.all(TenderRow)] == [False]
    assert [task.kind for task in desk.all(Task)] == ["sale_on_account"]


def test_a_void_gives_back_what_it_takes_back(desk: Desk) -> None:
    desk.handle(receipt([sold("1", "1", "11.90", "19")], kind="void", voids="s1:t1:20261125:16"))
    assert [row.amount for row in desk.all(TenderRow)] == [Decimal("-11.90")]


def test_a_receipt_that_comes_again_is_kept_once(desk: Desk) -> None:
    desk.handle(receipt([sold("1", "1", "11.90", "19")]))
    assert desk.handle(receipt([sold("1", "1", "11.90", "19")])).ended == "duplicate"
    assert len(desk.all(TenderRow)) == 1
