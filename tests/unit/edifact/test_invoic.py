"""What an invoice says, and that it computes nothing."""

from datetime import date
from decimal import Decimal
from typing import Any

from hub.canonical.document import Reference
from hub.canonical.invoice import TaxSubtotal
from hub.translators.edifact import invoic
from tests.desk import message
from tests.edifact_documents import ENVELOPE, agreement, invoice, invoice_line, lines_of, segments


def written(**changes: Any) -> bytes:
    return invoic.write(message(invoice(**changes)), agreement(), **ENVELOPE)


def test_the_sums_are_those_of_the_invoice_and_stand_after_the_count() -> None:
    found = segments(written())
    assert found[found.index("UNS+S") : -2] == [
        "UNS+S",
        "CNT+2:1",
        "MOA+79:99.5",
        "MOA+125:99.5",
        "MOA+176:18.91",
        "MOA+77:118.41",
        "MOA+9:118.41",
        "TAX+7+VAT+++:::19+S",
        "MOA+124:18.91",
        "MOA+125:99.5",
    ]


def test_each_rate_has_its_base_and_tax() -> None:
    taxes = (
        TaxSubtotal(category="S", rate=Decimal(19), base=Decimal(50), tax=Decimal("9.50")),
        TaxSubtotal(category="Z", rate=Decimal(0), base=Decimal("49.50"), tax=Decimal(0)),
    )
    assert segments(written(taxes=taxes))[-5:-2] == ["TAX+7+VAT+++:::0+Z", "MOA+124:0", "MOA+125:49.5"]


def test_what_was_paid_before_is_told() -> None:
    assert "MOA+113:100" in segments(written(prepaid=Decimal(100)))


def test_a_line_names_quantity_amount_price_order_line_and_rate() -> None:
    found = segments(written())
    at = found.index("LIN+1++4006381333931:EN")
    assert found[at + 1 : at + 9] == [
        "PIA+1+PEN-1:SA+B-77:IN",
        "IMD+F++:::Pen, blue",
        "QTY+47:10",
        "MOA+203:99.5",
        "PRI+AAA:9.95",
        "RFF+ON:128576:10",
        "RFF+AAK:DN-1",
        "TAX+7+VAT+++:::19+S",
    ]


def test_the_head_names_the_despatch_only_if_there_is_one() -> None:
    assert "RFF+DQ:DN-1" in segments(written())
    two = (invoice_line(), invoice_line(line_id="2", despatch_number="DN-2"))
    assert not lines_of(written(lines=two), "RFF+DQ")


def test_parties_carry_their_vat_numbers() -> None:
    found = segments(written())
    assert found[found.index("RFF+VA:ATU13585627") - 1].startswith("NAD+SU+5412345000013::9")
    assert found[found.index("RFF+VA:DE136695976") - 1].startswith("NAD+BY+5412345000020::9")


def test_terms_name_the_days_and_the_day() -> None:
    found = segments(written())
    at = found.index("CUX+2:EUR:4")
    assert found[at + 1 : at + 3] == ["PAT+1++5:3:D:30", "DTM+13:20261225:102"]
    assert lines_of(written(payment_terms_days=None), "PAT") == ["PAT+3"]


def test_a_credit_note_keeps_its_kind_and_names_its_invoice() -> None:
    credited = Reference(kind="IV", number="R-1", issued=date(2026, 11, 1))
    found = segments(written(kind="381", references=(credited,)))
    assert found[2] == "BGM+381+R-2026-00001+9"
    assert found[found.index("RFF+IV:R-1") + 1] == "DTM+171:20261101:102"
