"""The corpus run: a verdict for every file, and none passes by being left out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from corpus.__main__ import main
from corpus.mutating import damage
from corpus.outcome import Tally
from corpus.run import READERS, Row, rows
from corpus.table import summary, table
from hub.translators.edifact import ordrsp
from hub.translators.edifact.sampling import sample
from hub.translators.webshop.signatures import sign
from tests.desk import message
from tests.edifact_documents import ENVELOPE, agreement, answer

SAMPLES = Path(__file__).parents[1] / "samples"
ORDER = (
    "UNB+UNOC:3+5412345000020:14+5412345000013:14+261125:0900+1'"
    "UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+4711+9'DTM+137:20261125:102'NAD+BY+5412345000020::9'NAD+SU+5412345000013::9'"
    "LIN+1++4006381333931:EN'QTY+21:10'MOA+203:20'PRI+AAA:2'UNS+S'MOA+79:20'CNT+2:1'UNT+13+1'UNZ+1+1'"
)


def result(folder: Path, name: str, content: str | bytes) -> Any:
    """Write one file, run the corpus over its folder, and return what came of it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (row,) = rows(folder)
    assert row.path == name
    return row.outcome


def test_a_sound_order_is_read_tied_out_and_written_back(tmp_path: Path) -> None:
    outcome = result(tmp_path, "order.edi", ORDER)
    assert (outcome.verdict, outcome.format, outcome.messages, outcome.documents) == ("read", "edifact", 1, 1)
    assert outcome.tie_out == outcome.round_trip == Tally(1, 1)


def test_totals_that_do_not_add_up_are_told_and_not_mended(tmp_path: Path) -> None:
    outcome = result(tmp_path, "order.edi", ORDER.replace("MOA+79:20", "MOA+79:21"))
    assert outcome.tie_out == Tally(0, 1)
    assert outcome.differences == ("lines: stated 21, computed 20, difference 1",)


INVOICE = (
    "UNB+UNOC:3+5412345000020:14+5412345000013:14+261125:0900+1'UNH+1+INVOIC:D:96A:UN:EAN008'BGM+380+R1+9'"
    "DTM+137:20261125:102'NAD+BY+5412345000020::9'RFF+IA:77'LIN+1++4006381333931:EN'QTY+47:10'MOA+203:20'"
    "LIN+2++4006381333931:EN'QTY+47:5'MOA+203:10'UNS+S'CNT+1:15'CNT+2:2'MOA+79:30'UNT+16+1'UNZ+1+1'"
)


def test_a_document_is_tied_out_by_its_lines_and_what_has_no_field_is_counted(tmp_path: Path) -> None:
    outcome = result(tmp_path, "invoice.edi", INVOICE)
    assert (outcome.tie_out, outcome.round_trip, outcome.unmapped) == (Tally(1, 1), Tally(1, 1), ("NAD+BY/RFF+IA",))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("CNT+1:15", "CNT+1:16", "quantities: stated 16, 15 in the lines"),
        ("CNT+2:2", "CNT+2:3", "lines: stated 3, 2 in the lines"),
        ("MOA+79:30", "MOA+79:31", "amounts: stated 31, 30 in the lines"),
    ],
)
def test_a_planted_total_turns_its_row(tmp_path: Path, old: str, new: str, told: str) -> None:
    outcome = result(tmp_path, "invoice.edi", INVOICE.replace(old, new))
    assert (outcome.tie_out, outcome.differences) == (Tally(0, 1), (told,))


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (("UNT+13", "UNT+12"), "29"),
        (("QTY+21", "QTY+12"), "13"),
        (("UNZ+1+1'", ""), "13"),
        (("DTM+137", "DTM+1370"), "39"),
    ],
)
def test_a_broken_file_is_answered_with_what_is_wrong(tmp_path: Path, damage: tuple[str, str], code: str) -> None:
    outcome = result(tmp_path, "order.edi", ORDER.replace(*damage))
    assert outcome.verdict == "answered"
    assert outcome.errors
    assert outcome.reason.startswith(code)


def test_a_document_that_is_no_order_comes_back_as_it_was_too(tmp_path: Path) -> None:
    data = ordrsp.write(message(answer()), agreement(directory="D.01B"), **ENVELOPE)
    outcome = result(tmp_path, "ordrsp.edi", data)
    assert (outcome.verdict, outcome.messages, outcome.documents) == ("read", 1, 1)
    assert (outcome.round_trip.passed, outcome.round_trip.of) == (1, 1)


def test_a_message_that_is_only_checked_is_read_too(tmp_path: Path) -> None:
    outcome = result(tmp_path, "aperak.edi", sample("APERAK", "D.96A"))
    assert (outcome.verdict, outcome.messages, outcome.documents) == ("read", 1, 0)


def test_a_message_without_a_table_is_refused_by_its_name(tmp_path: Path) -> None:
    outcome = result(tmp_path, "order.edi", ORDER.replace("ORDERS:D:96A", "ORDERS:D:93A"))
    assert (outcome.verdict, outcome.errors) == ("refused by name", 0)
    assert outcome.reason == "no table for ORDERS:D:93A:UN:EAN008"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("ISA*00*          *00*", "X12"),
        ("STX=ANA:1+", "TRADACOMS"),
        ('<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>', "UBL"),
        ('<?xml version="1.0"?><rsm:CrossIndustryInvoice xmlns:rsm="urn:un"/>', "UN/CEFACT CII"),
        ('{"live":"false","notificationItems":[]}', "Adyen"),
    ],
)
def test_a_format_that_is_not_ours_is_refused_by_its_name(tmp_path: Path, content: str, kind: str) -> None:
    outcome = result(tmp_path, "file", content)
    assert (outcome.verdict, outcome.format) == ("refused by name", kind)


@pytest.mark.parametrize("content", ["", "hello", '{"a":1}', "<a/>", "{", "[1]"])
def test_what_nobody_can_name_is_unknown(tmp_path: Path, content: str) -> None:
    assert result(tmp_path, "file", content).verdict == "unknown"


def test_a_folder_tells_what_the_content_does_not(tmp_path: Path) -> None:
    assert result(tmp_path, "edifact/scrap.txt", "LIN+1'").verdict == "answered"


def test_orders_of_both_shops_are_read(tmp_path: Path) -> None:
    shopify = result(tmp_path / "a", "order.json", (SAMPLES / "webshop/shopify-order.json").read_bytes())
    woocommerce = result(tmp_path / "b", "order.json", (SAMPLES / "webshop/woocommerce-order.json").read_bytes())
    for outcome, kind in ((shopify, "shopify"), (woocommerce, "woocommerce")):
        assert (outcome.format, outcome.verdict, outcome.documents) == (kind, "read", 1)
        assert outcome.round_trip == Tally(1, 1)


def test_another_resource_of_a_shop_is_refused_by_its_name(tmp_path: Path) -> None:
    outcome = result(tmp_path, "product.json", '{"product":{"id":1}}')
    assert (outcome.format, outcome.verdict) == ("shopify", "refused by name")


def test_a_tills_receipts_are_read_one_by_one(tmp_path: Path) -> None:
    sale = (
        '{"store":"S1","terminal":"T1","business_date":"2026-11-25","number":"1","currency":"EUR","total":"2",'
        '"lines":[{"line_id":"1","item":{"name":"Pen"},"quantity":{"value":"1"},"unit_price":"2","amount":"2"}],'
        '"tenders":[{"tender_id":"1","means":"cash","amount":"2"}]}'
    )
    outcome = result(tmp_path, "batch.json", f'{{"sales":[{sale},{{"store":"S1"}}]}}')
    assert (outcome.format, outcome.verdict, outcome.messages, outcome.documents) == ("sale", "answered", 2, 1)


def test_a_journal_that_breaks_off_is_answered(tmp_path: Path) -> None:
    outcome = result(tmp_path, "journal.xml", "<POSLog><Transaction>")
    assert (outcome.format, outcome.verdict) == ("poslog", "answered")


def test_signatures_are_verified_and_a_false_one_is_told(tmp_path: Path) -> None:
    body = '{"id":1}'
    headers = sign("stripe", body.encode(), "hush", now=datetime(2026, 11, 25, tzinfo=UTC))
    stamp, signature = (part.split("=")[1] for part in headers["Stripe-Signature"].split(","))
    good = {
        "scheme": "stripe",
        "secret": "hush",
        "body": body,
        "header": "Stripe-Signature: t=<ts>,v1=<sig>",
        "signature": signature,
        "timestamp": int(stamp),
    }
    assert result(tmp_path / "a", "vectors.json", json.dumps([good])).verdict == "read"
    outcome = result(tmp_path / "b", "vectors.json", json.dumps([good, good | {"body": "{}"}]))
    assert (outcome.verdict, outcome.reason) == ("answered", "does not verify: stripe")


def test_every_file_has_a_row_and_what_is_no_message_is_counted_apart(tmp_path: Path) -> None:
    for name in ("INDEX.tsv", "LICENSE", "a/README.md", "a/order.edi", "a/b/.hidden", "a/b/link"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to("nowhere") if path.name == "link" else path.write_text(ORDER)
    found = list(rows(tmp_path))
    assert [row.path for row in found] == [
        "INDEX.tsv",
        "LICENSE",
        "a/README.md",
        "a/b/.hidden",
        "a/b/link",
        "a/order.edi",
    ]
    assert (
        summary(found)
        == "read 2 · answered 0 · refused by name 0 · unknown 1 · not a message 3 · files 6 · unmapped 0 · failed 1"
    )


def test_a_fault_of_ours_is_a_verdict_and_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "gone.edi").symlink_to(tmp_path / "nowhere")
    (row,) = rows(tmp_path)
    assert row.outcome is not None
    assert (row.outcome.verdict, row.outcome.failed) == ("unknown", True)
    assert row.outcome.reason.startswith("FileNotFoundError")
    assert main([str(tmp_path)]) == 1


def test_a_table_line_holds_no_control_characters(tmp_path: Path) -> None:
    outcome = result(tmp_path, "order.edi", ORDER.replace("BGM+220", "BGM+22\x1b0"))
    assert all(line.isprintable() for line in table([Row("order.edi", outcome)]))


def test_rows_and_counts_are_one_json_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "order.edi").write_text(ORDER)
    (tmp_path / "README").write_text("about")
    assert main([str(tmp_path), "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [row["verdict"] for row in document["rows"]] == ["not a message", "read"]
    assert document["rows"][1]["round_trip"] == {"passed": 1, "of": 1}
    assert document["counts"]["files"] == 2


def test_an_unknown_file_fails_the_run(tmp_path: Path) -> None:
    (tmp_path / "what").write_text("?")
    assert main([str(tmp_path)]) == 1
    with pytest.raises(SystemExit):
        main([str(tmp_path / "what")])


def test_damaged_files_are_borne_and_the_same_damage_can_be_had_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "order.edi").write_text(ORDER)
    (tmp_path / "invoice.edi").write_text(INVOICE)
    assert main([str(tmp_path), "--mutate", "300"]) == 0
    assert capsys.readouterr().out == "300 damaged files, 0 failed\n"
    once, again = (damage(ORDER.encode(), Random(7)) for _ in range(2))
    assert once == again != ORDER.encode()


def test_a_damage_that_is_not_borne_is_told_with_its_number(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: bytes) -> Any:
        raise LookupError("no way")

    monkeypatch.setitem(READERS, "edifact", broken)
    path = tmp_path / "order.edi"
    path.write_text(ORDER)
    assert main([str(tmp_path), "--mutate", "1", "--first", "41"]) == 1
    assert capsys.readouterr().out == f"damage 41 of {path}: LookupError: no way\n1 damaged files, 1 failed\n"
