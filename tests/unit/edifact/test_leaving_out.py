"""What a partner does not want is left out of our documents, and nothing that it must have."""

from decimal import Decimal
from typing import Any

import pytest

from hub.canonical.order import OrderRejected
from hub.canonical.party import Party
from hub.translators.edifact import desadv, invoic, ordrsp
from hub.translators.edifact.layers import mistakes
from hub.translators.edifact.leaving import refusal
from hub.translators.edifact.second_reader import differences
from tests.desk import message
from tests.edifact_documents import ENVELOPE, agreed_line, agreement, answer, invoice, lines_of, segments, shipment

REASONS = agreed_line(
    status="rejected", confirmed=Decimal(0), rejected=Decimal(10), reasons=("late: it's 5 + 2 days late",)
)


def tags(data: bytes) -> list[str]:
    return [text[:3] for text in segments(data)]


def test_without_wishes_everything_is_written() -> None:
    data = invoic.write(message(invoice()), agreement(), **ENVELOPE)
    assert {"PIA", "IMD"} <= set(tags(data))


@pytest.mark.parametrize("name", ["D.96A", "D.01B"])
def test_a_segment_is_left_out_wherever_it_could_stand(name: Any) -> None:
    terms = agreement(directory=name, leaves_out={"INVOIC": ("LIN/IMD", "LIN/PIA")})
    data = invoic.write(message(invoice()), terms, **ENVELOPE)
    assert not {"IMD", "PIA"} & set(tags(data))
    assert refusal(data, terms) is None
    assert differences(data) == ()


def test_a_group_goes_with_all_that_stands_below_it() -> None:
    buyer = Party(gln="5412345000020", vat_id="DE123456789", name="Mueller")
    terms = agreement(leaves_out={"DESADV": ("NAD+BY", "CPS/PAC/PCI")})
    full = desadv.write(message(shipment(buyer=buyer)), agreement(), **ENVELOPE)
    data = desadv.write(message(shipment(buyer=buyer)), terms, **ENVELOPE)
    assert [text for text in lines_of(full, "NAD") if text not in lines_of(data, "NAD")] == lines_of(full, "NAD")[:1]
    assert "RFF+VA:DE123456789" in segments(full)
    assert "RFF+VA:DE123456789" not in segments(data)
    assert "GIN" in tags(full)
    assert not {"PCI", "GIN"} & set(tags(data))
    assert refusal(data, terms) is None


def test_a_qualifier_leaves_out_that_one_alone_whatever_stands_in_texts() -> None:
    terms = agreement(leaves_out={"ORDRSP": ("LIN/FTX+AAI", "LIN/QTY+83")})
    data = ordrsp.write(message(answer(type_=OrderRejected, lines=(REASONS,))), terms, **ENVELOPE)
    assert "FTX" not in tags(data)
    assert lines_of(data, "QTY")[0] == "QTY+21:10"


@pytest.mark.parametrize(
    ("kind", "place", "wrong"),
    [
        ("INVOIC", "LIN/ABC", "no such segment"),
        ("INVOIC", "BGM", "asks for it"),
        ("DESADV", "LIN", "no such segment"),
        ("ORDRSP", "UNS", "asks for it"),
    ],
)
def test_what_cannot_be_left_out_is_a_mistake_in_the_agreement(kind: Any, place: str, wrong: str) -> None:
    edi = agreement(leaves_out={kind: (place,)}).edi
    assert edi is not None
    ((at, told),) = mistakes(edi)
    assert at == ("leaves_out", kind, 0)
    assert wrong in told


def test_nothing_is_left_out_of_a_contrl() -> None:
    edi = agreement(leaves_out={"CONTRL": ("UCM",)}).edi
    assert edi is not None
    assert [path for path, _ in mistakes(edi)] == [("leaves_out", "CONTRL")]
