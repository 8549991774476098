"""Our own sale JSON: every receipt of a batch stands for itself."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hub.domain.tie_out import differences
from hub.errors import LimitExceeded, UnreadableInput
from hub.translators.pos import sales

SAMPLE = (Path(__file__).parents[2] / "samples" / "pos" / "sales.json").read_bytes()


@pytest.fixture
def batch() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(SAMPLE)
    return document


def read(document: Any) -> tuple[sales.Receipt, ...]:
    return tuple(sales.read(json.dumps(document).encode()))


def test_batch_is_read_receipt_by_receipt() -> None:
    first, second = sales.read(SAMPLE)
    assert [receipt.ordinal for receipt in (first, second)] == [0, 1]
    assert [receipt.key for receipt in (first, second)] == ["12:3:20261123:4711", "12:3:20261124:4712"]
    assert first.sale is not None
    assert first.sale.lines[0].unit_price == Decimal("2.49"), "a JSON number never passes through float"
    assert first.sale.ended == datetime(2026, 11, 23, 23, 59, 40, tzinfo=UTC)
    assert first.sale.lines[2].voided
    assert second.sale is not None
    assert second.sale.lines[0].original_receipt == first.key
    assert differences(first.sale) == differences(second.sale) == ()


def test_single_sale_needs_no_list(batch: dict[str, Any]) -> None:
    (receipt,) = read(batch["sales"][0])
    assert receipt == next(sales.read(SAMPLE))


def test_one_unreadable_receipt_spoils_no_other(batch: dict[str, Any]) -> None:
    batch["sales"][0]["lines"][1]["quantity"]["value"] = "some"
    batch["sales"][0]["colour"] = "green"
    del batch["sales"][0]["total"]
    broken, good = read(batch)
    assert broken.sale is None
    assert broken.key is None
    assert {finding.location.path for finding in broken.findings} == {
        "$.sales[0].lines[1].quantity.value",
        "$.sales[0].colour",
        "$.sales[0].total",
    }
    assert all(finding.level == "error" for finding in broken.findings)
    assert good.sale is not None


@pytest.mark.parametrize("value", [None, 1, "x", []])
def test_receipt_that_is_no_object_is_a_finding(batch: dict[str, Any], value: Any) -> None:
    batch["sales"].append(value)
    *good, bad = read(batch)
    assert all(receipt.sale for receipt in good)
    assert [finding.location.path for finding in bad.findings] == ["$.sales[2]"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"business_date": "24.11.2026"}, "$.business_date"),
        ({"ended": "2026-11-24T09:15:00"}, "$.ended"),
        ({"currency": "EURO"}, "$.currency"),
        ({"number": 4711}, "$.number"),
        ({"total": "NaN"}, "$.total"),
        ({"total": True}, "$.total"),
        ({"store": ""}, "$.store"),
        ({"kind": "gift"}, "$.kind"),
    ],
)
def test_wrong_field_says_where(batch: dict[str, Any], change: dict[str, Any], path: str) -> None:
    (receipt,) = read(batch["sales"][0] | change)
    assert receipt.sale is None
    assert [finding.location.path for finding in receipt.findings] == [path]


def test_id_used_twice_is_a_warning_since_the_sale_has_happened(batch: dict[str, Any]) -> None:
    batch["sales"][0]["lines"][1]["line_id"] = "1"
    batch["sales"][0]["tenders"][1]["tender_id"] = "1"
    receipt = read(batch)[0]
    assert receipt.sale is not None
    assert [(finding.level, finding.location.path) for finding in receipt.findings] == [
        ("warning", "$.sales[0].lines[1]"),
        ("warning", "$.sales[0].tenders[1]"),
    ]


def test_same_content_in_another_spelling_has_the_same_hash(batch: dict[str, Any]) -> None:
    original = next(sales.read(SAMPLE))
    receipt = batch["sales"][0]
    receipt |= {"total": "7.980", "rounding": 0.02, "kind": "sale", "voids": None, "ended": "2026-11-23T23:59:40.000Z"}
    receipt["lines"][0]["quantity"] = {"unit": "C62", "value": "3.0"}
    respelled = json.dumps(dict(reversed(receipt.items())), indent=4).encode()
    assert next(sales.read(respelled)).sha256 == original.sha256
    assert next(sales.read(sales.write([original.sale] if original.sale else []))).sha256 == original.sha256


@pytest.mark.parametrize(
    "change",
    [
        {"total": "7.99"},
        {"operator": "95"},
        {"tenders": []},
        {"extensions": {}},
        {"ended": "2026-11-24T01:00:00+01:00"},
    ],
)
def test_other_content_has_another_hash(batch: dict[str, Any], change: dict[str, Any]) -> None:
    (changed,) = read(batch["sales"][0] | change)
    assert changed.sha256 != next(sales.read(SAMPLE)).sha256


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"sales": {}}',
        b'{"sales": [], "store": "12"}',
        b'{"sales": [{"total": NaN}]}',
        b'{"sales": [], "sales": []}',
        SAMPLE[:-10],
    ],
)
def test_body_of_another_shape_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableInput):
        sales.read(body)


def test_size_is_limited_by_the_door() -> None:
    with pytest.raises(LimitExceeded):
        sales.read(SAMPLE, max_bytes=100)


def test_empty_batch_has_no_receipts() -> None:
    assert list(sales.read(b'{"sales": []}')) == []


def test_published_schema_takes_what_is_read_and_refuses_what_is_not(batch: dict[str, Any]) -> None:
    schema = sales.schema()
    jsonschema.validate(batch, schema)
    jsonschema.validate(batch["sales"][1], schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"sales": [{"store": "12"}]}, schema)


def test_a_receipt_of_endless_lines_has_one_finding(batch: dict[str, Any]) -> None:
    (receipt,) = read(batch["sales"][0] | {"lines": [{}] * (sales.MOST_LINES + 1)})
    assert [(finding.code, finding.location.path) for finding in receipt.findings] == [("too_long", "$")]
