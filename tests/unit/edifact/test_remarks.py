"""What a partner says about documents and goods of ours, in words for a person."""

import pytest

from hub.translators.edifact.directory import DIRECTORIES
from hub.translators.edifact.remarks import REMARKS, Remark
from hub.translators.edifact.sampling import sample
from tests.edifact_inputs import agreement, interchange, message, read_one

RECEIVES = ("ORDERS", "REMADV", "RECADV", "COMDIS")
HEAD = ("BGM+12E::9+4711+9", "DTM+137:20261002:102")
PAID = ("BGM+481+PAY-1+9", "DTM+137:20261002:102", "RFF+PQ:TRF-9", "NAD+PR+5412345000013::9")
GOODS = ("BGM+632+GR-1+9", "DTM+137:20261002:102", "RFF+AAK:D-1", "NAD+BY+5412345000013::9", "CPS+1")


def remark(type_: str, *segments: str, directory: str = "D.96A") -> Remark:
    identifier = f"{type_}:{directory.replace('.', ':')}:UN"
    terms = agreement(receives=RECEIVES, directory=directory)
    (only,) = read_one(*segments, identifier=identifier, terms=terms).messages
    assert only.remark is not None, only.verdict.findings
    assert only.order is None
    assert only.acknowledgement is None
    return only.remark


def test_errors_of_an_application_are_told_with_code_text_and_line() -> None:
    found = remark(
        "APERAK", *HEAD, "RFF+IV:2026-000001", "NAD+BY+5412345000013::9",
        "ERC+P01::91", "FTX+AAO+++price differs:from contract", "RFF+ON:PO-1:3",
        "ERC+Q7", "FTX+AAO+++unknown article",
    )  # fmt: skip
    assert found == Remark(
        "aperak",
        "their application refuses invoice 2026-000001: "
        "error P01: price differs from contract (order PO-1, line 3); error Q7: unknown article",
        asks=True,
    )


def test_an_application_without_an_error_accepts_and_asks_nobody() -> None:
    found = remark("APERAK", *HEAD, "RFF+IV:2026-000001")
    assert found == Remark("aperak", "their application accepts invoice 2026-000001", asks=False)
    assert remark("APERAK", *HEAD).said == "their application accepts a document that is not named"


@pytest.mark.parametrize("bgm", ["BGM+12E::9+4711+27", "BGM+12E::9+4711+9+RE"])
def test_not_accepted_needs_no_error_code(bgm: str) -> None:
    found = remark("APERAK", bgm, HEAD[1], "FTX+AAO+++we are closed", "RFF+AAK:D-1")
    assert found.said == "their application refuses despatch advice D-1: we are closed"
    without = remark("APERAK", bgm, HEAD[1], "RFF+AAK:D-1")
    assert without.said == "their application refuses despatch advice D-1: no reason given"


def test_the_newer_directory_has_its_errors_in_another_group() -> None:
    segments = ("BGM+305+4711+9", HEAD[1], "RFF+ON:PO-1", "ERC+P01", "FTX+AAO+++no")
    found = remark("APERAK", *segments, directory="D.01B")
    assert found.said == "their application refuses order PO-1: error P01: no"


def test_a_remittance_names_its_invoices_and_what_was_taken_off() -> None:
    found = remark(
        "REMADV", *PAID, "CUX+2:EUR:11",
        "DOC+380+2026-000001", "MOA+9:335.98:EUR", "MOA+12:330.00:EUR",
        "AJT+4", "MOA+165:5.98:EUR", "FTX+AAO+++two missing",
        "DOC+381+2026-000007", "MOA+12:20.00:EUR",
        "UNS+S", "MOA+12:310.00:EUR",
    )  # fmt: skip
    assert found == Remark(
        "remittance",
        "they pay EUR 310.00 by payment TRF-9: "
        "invoice 2026-000001 payable EUR 335.98, remitted EUR 330.00, short delivery adjustment EUR 5.98 two missing; "
        "credit note 2026-000007 remitted EUR 20.00",
        asks=True,
    )


def test_goods_that_came_as_advised_ask_nobody() -> None:
    found = remark("RECADV", *GOODS, "LIN+1++4012345001013:EN", "QTY+194:40")
    assert found == Remark("receipt_differs", "they have received despatch advice D-1", asks=False)


def test_goods_that_came_otherwise_are_told_line_by_line() -> None:
    less = ("LIN+1++4012345001013:EN", "QTY+12:40", "QTY+194:38", "QVR+-2:21+AF")
    found = remark("RECADV", *GOODS, *less, "LIN+2++4012345001037:EN", "QTY+194:1")
    said = "line 1 (4012345001013): despatched 40, received and accepted 38, -2 damaged"
    assert found == Remark("receipt_differs", f"they have received despatch advice D-1, but {said}", asks=True)


def test_a_dispute_names_the_invoice_its_lines_and_why() -> None:
    found = remark(
        "COMDIS", "BGM+456+DIS-1+9", "RFF+ACE:1", "DTM+137:20261002:102", "NAD+BY+5412345000013::9",
        "DOC+380+2026-000001", "MOA+9:335.98:EUR", "AJT+5", "FTX+AAO+++contract says 3.20",
        "DLI+1+2", "AJT+3",
    )  # fmt: skip
    assert found == Remark(
        "dispute",
        "they dispute invoice 2026-000001 payable EUR 335.98, price contract says 3.20, line 2 damaged",
        asks=True,
    )


def test_a_sentence_has_room_for_so_many() -> None:
    documents = [segment for n in range(30) for segment in (f"DOC+380+I-{n}", "MOA+12:1:EUR")]
    said = remark("REMADV", *PAID, *documents, "UNS+S", "MOA+12:30:EUR").said
    assert said.endswith("invoice I-19 remitted EUR 1; and 10 more")


@pytest.mark.parametrize("name", DIRECTORIES)
@pytest.mark.parametrize("type_", REMARKS)
@pytest.mark.parametrize("full", [False, True], ids=["least", "full"])
def test_every_sample_is_told(type_: str, name: str, *, full: bool) -> None:
    body = sample(type_, name, full=full).decode().split("'")[2:-3]
    assert remark(type_, *body, directory=name).said


def test_what_is_not_agreed_is_not_told() -> None:
    data = interchange(message(*PAID, "UNS+S", "MOA+12:1:EUR", identifier="REMADV:D:96A:UN"))
    assert b"REMADV" in data
    checked = read_one(*PAID, "UNS+S", "MOA+12:1:EUR", identifier="REMADV:D:96A:UN")
    assert [one.code for one in checked.messages[0].verdict.findings] == ["17"]
