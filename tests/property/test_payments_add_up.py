"""Whatever is owed, whatever comes in, and whatever a person puts against what: every cent stands somewhere, once."""

from collections import Counter
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.envelope import Payload
from hub.canonical.payment import AllocatePayment, InvoicePaid, PaymentAllocated
from hub.errors import HubError
from hub.handlers.payment import service
from hub.store.payment import AllocationRow, PayerAccount, PaymentRow, ReceivableRow
from tests.desk import Desk, payloads
from tests.unit.handlers.owed import invoice, money

BUYERS = ("4012345000016", "4012345000023")
numbers = st.integers(1, 6).map(lambda n: f"2026-{n:06d}")
references = st.integers(1, 4).map(lambda n: f"B-{n}")
amounts = st.integers(0, 5_000).map(lambda cents: str(Decimal(cents) / 100))
currencies = st.sampled_from(["EUR", "EUR", "EUR", "CHF"])
named = st.lists(numbers, max_size=3).map(tuple)


def _owed(number: str, gross: str, buyer: str) -> Payload:
    return invoice(number, gross).model_copy(update={"buyer_key": buyer})


def _money(amount: str, invoices: tuple[str, ...], reference: str, payer: str | None, currency: str) -> Payload:
    return money(amount, *invoices, reference=reference, payer=payer, currency=currency)


acts = st.one_of(
    st.builds(_owed, numbers, amounts, st.sampled_from(BUYERS)),
    st.builds(_money, amounts, named, references, st.sampled_from([None, *BUYERS]), currencies),
    st.builds(AllocatePayment, reference=references, invoices=named.filter(bool)),
)


@given(st.lists(acts, max_size=25))
def test_every_cent_stands_somewhere_once(todo: list[Payload]) -> None:
    desk = Desk(service)
    told: list[Any] = []
    for one in todo:
        before = _books(desk)
        try:
            told += payloads(desk.handle(one))
        except HubError:
            assert _books(desk) == before
        _add_up(desk)
    receivables = desk.all(ReceivableRow)
    settled = Counter(one.invoice_number for one in told if isinstance(one, InvoicePaid))
    assert settled == {row.invoice_number: 1 for row in receivables if not row.open}
    parts = [(one.reference, one.invoice_number, one.money.amount) for one in told if isinstance(one, PaymentAllocated)]
    assert Counter(parts) == Counter((row.reference, row.invoice_number, row.amount) for row in desk.all(AllocationRow))


@given(amounts.filter(lambda amount: amount != "0"), st.lists(numbers, min_size=1, max_size=6, unique=True))
def test_money_that_a_person_puts_against_invoices_settles_what_it_would_have_settled_by_name(
    amount: str, invoices: list[str]
) -> None:
    at_once, later = Desk(service), Desk(service)
    for desk in (at_once, later):
        for number in invoices:
            desk.handle(invoice(number, "7.50"))
    at_once.handle(money(amount, *invoices))
    later.handle(money(amount))
    later.handle(AllocatePayment(reference="B-1", invoices=tuple(invoices)))
    assert _books(at_once)[0] == _books(later)[0]
    _add_up(later)


def _books(desk: Desk) -> tuple[dict[str, Decimal], dict[str, Decimal], int]:
    """Return what is open of each invoice, what is left of each payment, and how many allocations there are."""
    return (
        {row.invoice_number: row.open for row in desk.all(ReceivableRow)},
        {row.reference: row.unallocated for row in desk.all(PaymentRow)},
        len(desk.all(AllocationRow)),
    )


def _add_up(desk: Desk) -> None:
    against: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for row in desk.all(AllocationRow):
        assert row.amount > 0
        against[row.invoice_number] += row.amount
        used[row.reference] += row.amount
    for owed in desk.all(ReceivableRow):
        assert owed.open == owed.amount - against[owed.invoice_number] >= 0
    for payment in desk.all(PaymentRow):
        assert payment.amount == payment.unallocated + used[payment.reference]
        assert payment.unallocated >= 0
    open_ = Counter((row.payer, row.currency, row.chunk) for row in desk.all(ReceivableRow) if row.open)
    counted = {(one.payer, one.currency, chunk): n for one in desk.all(PayerAccount) for chunk, n in one.open.items()}
    assert open_ == counted
