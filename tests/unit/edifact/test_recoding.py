"""A partner's own codes: read as the standard's, written as the partner's."""

import pytest

from hub.translators.edifact import invoic
from hub.translators.edifact.interchange import check
from hub.translators.edifact.layers import mistakes
from hub.translators.edifact.leaving import refusal
from hub.translators.edifact.recoding import read_as_ours
from hub.translators.edifact.run import Run
from hub.translators.edifact.syntax import ServiceCharacters
from tests.desk import message as enveloped
from tests.edifact_documents import ENVELOPE, invoice, lines_of
from tests.edifact_documents import agreement as terms
from tests.edifact_inputs import HEAD, LINE, agreement, interchange, message

CODES = {"7143": {"ZA": "SA"}, "3035": {"KD": "BY"}, "1153": {"VTR": "CT"}}


def test_their_codes_are_read_as_ours_and_nothing_is_wrong_with_them() -> None:
    segments = (*HEAD[:2], "RFF+VTR:C-1", "NAD+KD+5412345000013::9", *LINE[:1], "PIA+1+A?+1:ZA", *LINE[1:], "UNS+S")
    data = interchange(message(*segments))
    (without,) = check(data, agreement()).messages
    assert without.order is None
    (read,) = check(data, agreement(codes=CODES)).messages
    assert read.verdict.findings == ()
    assert read.order is not None
    order = read.order.order
    assert order.buyer.gln == "5412345000013"
    assert [(one.kind, one.number) for one in order.references] == [("CT", "C-1")]
    assert order.lines[0].item.sellers == "A+1"


def test_a_finding_stands_where_the_partner_has_it() -> None:
    segments = (*HEAD[:2], "NAD+KD+5412345000013::9", LINE[0], "PIA+1+A1:ZA", "QTY+21:many", "UNS+S")
    data = interchange(message(*segments))
    (read,) = check(data, agreement(codes=CODES)).messages
    (finding,) = read.verdict.findings
    assert data[finding.location.offset or 0 :].startswith(b"QTY+21:many")
    assert (read.offset, read.length) == (data.index(b"UNH"), data.index(b"UNZ") - data.index(b"UNH"))


def test_each_repetition_of_syntax_4_is_read_and_what_is_released_stays_so() -> None:
    chars = ServiceCharacters(repetition="*")
    run = Run(["COM+1?*2:TF*345:FX", "UNT+TF", "QQQ+TF"], [0, 0, 0], chars, 0, 1)
    recoded = read_as_ours(run, {"3155": {"TF": "TE"}}, "D.01B", 4)
    assert recoded.texts == ["COM+1?*2:TE*345:FX", "UNT+TF", "QQQ+TF"]
    assert (recoded.starts, recoded.position) == (run.starts, run.position)


def test_our_codes_are_written_as_theirs() -> None:
    codes = {"3035": {"KD": "BY", "KU": "BY"}, "5305": {"N": "S"}}
    agreed = terms(codes=codes)
    data = invoic.write(enveloped(invoice()), agreed, **ENVELOPE)
    assert lines_of(data, "NAD")[0].startswith("NAD+KD+")
    assert all(text.endswith("+N") for text in lines_of(data, "TAX"))
    assert refusal(data, agreed) is None


@pytest.mark.parametrize("element", ["9999", "0085"])
def test_an_element_that_is_none_is_a_mistake_in_the_agreement(element: str) -> None:
    edi = agreement(codes={element: {"A": "B"}}).edi
    assert edi is not None
    assert [path for path, _ in mistakes(edi)] == [("codes", element)]
