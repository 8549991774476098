"""Invoices that somebody owes, and money that comes in."""

from datetime import date
from decimal import Decimal
from typing import Any

from hub.canonical.invoice import Invoice, InvoiceIssued, InvoiceLine, TaxSubtotal
from hub.canonical.payment import RecordPayment
from hub.canonical.values import Money, Quantity
from tests.unit.handlers.answers import BUYER, COMPANY, ORDER, line


def invoice(number: str, gross: str, *, prepaid: str = "0", issued: date = date(2026, 11, 25)) -> InvoiceIssued:
    """Return an invoice without VAT over this sum."""
    amount, advance = Decimal(gross), Decimal(prepaid)
    one = InvoiceLine(
        line_id="1",
        order_line="1",
        item=line("1", "SKU", "1", gross).item,
        quantity=Quantity(value=Decimal(1)),
        price=amount,
        net=amount,
        tax_category="Z",
        tax_rate=Decimal(0),
    )
    document = Invoice(
        number=number,
        issued=issued,
        currency="EUR",
        buyer=BUYER,
        seller=COMPANY.party,
        lines=(one,),
        taxes=(TaxSubtotal(category="Z", rate=Decimal(0), base=amount, tax=Decimal(0)),),
        line_total=amount,
        net_total=amount,
        tax_total=Decimal(0),
        gross_total=amount,
        prepaid=advance,
        payable=amount - advance,
    )
    return InvoiceIssued(**ORDER, invoice=document)


def money(amount: str, *invoices: str, reference: str = "B-1", **fields: Any) -> RecordPayment:
    currency = fields.pop("currency", "EUR")
    return RecordPayment(
        reference=reference,
        money=Money(amount=Decimal(amount), currency=currency),
        value_date=date(2026, 11, 26),
        invoices=invoices,
        **fields,
    )
