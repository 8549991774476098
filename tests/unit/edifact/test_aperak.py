"""APERAK: what a partner's application says about a document of ours, in words."""

import pytest

from hub.translators.edifact.aperak import Remark
from hub.translators.edifact.sampling import sample
from tests.edifact_inputs import agreement, read_one

D96A, D01B = "APERAK:D:96A:UN:EAN001", "APERAK:D:01B:UN:EAN003"
HEAD = ("BGM+12E::9+4711+9", "DTM+137:20261002:102")


def remark(*segments: str, identifier: str = D96A, **edi: str) -> Remark:
    (only,) = read_one(*segments, identifier=identifier, terms=agreement(**edi)).messages
    assert only.remark is not None, only.verdict.findings
    assert only.order is None
    assert only.acknowledgement is None
    return only.remark


def test_errors_are_told_with_code_text_and_line() -> None:
    found = remark(
        *HEAD, "RFF+IV:2026-000001", "NAD+BY+5412345000013::9",
        "ERC+P01::91", "FTX+AAO+++price differs:from contract", "RFF+ON:PO-1:3",
        "ERC+Q7", "FTX+AAO+++unknown article",
    )  # fmt: skip
    assert found == Remark(
        ("invoice 2026-000001",),
        False,
        ("error P01: price differs from contract (order PO-1, line 3)", "error Q7: unknown article"),
    )
    assert found.in_words() == (
        "their application refuses invoice 2026-000001: "
        "error P01: price differs from contract (order PO-1, line 3); error Q7: unknown article"
    )


def test_without_an_error_it_accepts() -> None:
    found = remark(*HEAD, "RFF+IV:2026-000001")
    assert found == Remark(("invoice 2026-000001",), True, ())
    assert found.in_words() == "their application accepts invoice 2026-000001"


@pytest.mark.parametrize("bgm", ["BGM+12E::9+4711+27", "BGM+12E::9+4711+9+RE"])
def test_not_accepted_needs_no_error_code(bgm: str) -> None:
    found = remark(bgm, HEAD[1], "FTX+AAO+++we are closed", "RFF+AAK:D-1")
    assert found == Remark(("despatch advice D-1",), False, ("we are closed",))
    assert remark(bgm, HEAD[1], "RFF+AAK:D-1").in_words().endswith("refuses despatch advice D-1: no reason given")


def test_the_newer_directory_has_its_errors_in_another_group() -> None:
    segments = ("BGM+305+4711+9", HEAD[1], "RFF+ON:PO-1", "ERC+P01", "FTX+AAO+++no")
    found = remark(*segments, identifier=D01B, directory="D.01B")
    assert found == Remark(("order PO-1",), False, ("error P01: no",))


def test_a_document_that_is_not_named_is_said_to_be_not() -> None:
    assert remark(*HEAD).in_words() == "their application accepts a document that is not named"


@pytest.mark.parametrize("name", ["D.96A", "D.01B"])
def test_every_sample_is_read(name: str) -> None:
    body = sample("APERAK", name, full=True).decode().split("'")[2:-3]
    version = {"D.96A": D96A, "D.01B": D01B}[name]
    found = remark(*body, identifier=version, directory=name)
    assert len(found.errors) == 1
