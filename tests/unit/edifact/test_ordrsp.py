"""What our answer to an order says."""

from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.agreement import Agreement
from hub.canonical.order import OrderAccepted, OrderAnswer, OrderChanged, OrderPartlyAccepted, OrderRejected
from hub.translators.edifact import ordrsp
from tests.desk import message
from tests.edifact_documents import ENVELOPE, PEN, agreed_line, agreement, answer, lines_of, segments


def written(terms: Agreement | None = None, **changes: Any) -> bytes:
    return ordrsp.write(message(answer(**changes)), terms or agreement(), **ENVELOPE)


@pytest.mark.parametrize(
    ("type_", "code"), [(OrderAccepted, "29"), (OrderPartlyAccepted, "4"), (OrderRejected, "27"), (OrderChanged, "4")]
)
def test_the_head_says_what_became_of_the_whole_order(type_: type[OrderAnswer], code: str) -> None:
    assert f"BGM+231+SO-1-1+{code}" in segments(written(type_=type_))


def test_each_answer_to_an_order_has_a_number_of_its_own() -> None:
    assert "BGM+231+SO-1-3+4" in segments(written(revision=3))


def test_the_buyers_number_and_line_numbers_are_given_back_unchanged() -> None:
    found = segments(written(buyers_number="000128576", lines=(agreed_line(line_id="000010"),)))
    assert "RFF+ON:000128576" in found
    assert "LIN+000010+5+4006381333931:EN" in found
    assert "RFF+ON:000128576:000010" in found


def test_an_accepted_line_repeats_the_ordered_quantity_alone() -> None:
    assert lines_of(written(), "QTY") == ["QTY+21:10"]


def test_a_short_line_says_what_comes_now_and_what_follows() -> None:
    line = agreed_line(status="changed", confirmed=Decimal(6), backordered=Decimal(4))
    data = written(lines=(line,))
    assert lines_of(data, "LIN") == ["LIN+1+3+4006381333931:EN"]
    assert lines_of(data, "QTY") == ["QTY+21:10", "QTY+113:6", "QTY+83:4"]
    assert lines_of(data, "QVR") == ["QVR+-4:21+BP"]


def test_a_rest_that_will_never_come_is_said_to_be_off() -> None:
    line = agreed_line(status="changed", confirmed=Decimal(6), rejected=Decimal(4))
    assert lines_of(written(lines=(line,)), "QVR") == ["QVR+-4:21+CP"]


def test_a_rejected_line_says_why() -> None:
    line = agreed_line(
        status="rejected", confirmed=Decimal(0), rejected=Decimal(10), sku=None, reasons=("unknown_item: no such item",)
    )
    data = written(type_=OrderRejected, lines=(line,))
    assert lines_of(data, "LIN") == ["LIN+1+7+4006381333931:EN"]
    assert lines_of(data, "FTX") == ["FTX+AAI+++unknown_item: no such item".replace(":", "?:")]


def test_d01b_names_gtins_in_its_own_way() -> None:
    data = written(agreement(directory="D.01B"))
    assert lines_of(data, "LIN") == ["LIN+1+5+4006381333931:SRV"]
    assert lines_of(data, "UNH") == ["UNH+1+ORDRSP:D:01B:UN:EAN005"]


def test_an_item_without_gtin_is_named_by_its_other_numbers() -> None:
    data = written(lines=(agreed_line(item=PEN.model_copy(update={"gtin": None})),))
    assert lines_of(data, "LIN") == ["LIN+1+5"]
    assert lines_of(data, "PIA") == ["PIA+5+PEN-1:SA+B-77:IN"]


def test_a_unit_is_named_in_the_partners_code_and_pieces_not_at_all() -> None:
    terms = agreement().model_copy(update={"unit_codes": {"KG": "KGM"}})
    line = agreed_line(ordered={"value": Decimal("2.5"), "unit": "KGM"}, confirmed=Decimal("2.5"))
    assert lines_of(written(terms, lines=(line,)), "QTY") == ["QTY+21:2.5:KG"]


def test_a_line_says_why_in_the_partners_own_words_where_they_are_agreed() -> None:
    terms = agreement(language="de", texts={"item.unknown": "Artikel nicht im Sortiment"})
    reasons = ("item.unknown: 4006381333931 is not in our catalogue", "price.missing: no price is agreed")
    line = agreed_line(status="rejected", confirmed=Decimal(0), rejected=Decimal(10), reasons=reasons)
    assert lines_of(written(terms, lines=(line,)), "FTX") == [
        "FTX+AAI+++Artikel nicht im Sortiment+DE",
        "FTX+AAI+++price.missing?: no price is agreed",
    ]


def test_an_item_has_the_partners_number_too_where_the_agreement_knows_it() -> None:
    terms = agreement().model_copy(update={"item_numbers": {"R-4711": "PEN-1"}})
    bare = agreed_line(item=PEN.model_copy(update={"buyers": None}))
    assert lines_of(written(terms, lines=(bare,)), "PIA") == ["PIA+1+PEN-1:SA+R-4711:IN"]
    assert lines_of(written(terms), "PIA") == ["PIA+1+PEN-1:SA+B-77:IN"]
