"""What the pages say: events in words, numbers and times as people read them, schemas in one word."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from hub.web.catalogue import QueueMessage, operations, queues
from hub.web.telling import headline, telling
from hub.web.templating import clock, duration, instant, moment, money, number

LINE = {"quantity": {"value": "4"}, "ordered": {"value": "10"}, "confirmed": "8", "backordered": "2", "rejected": "0"}


def test_an_event_is_named_as_people_say_it() -> None:
    assert headline("order.partly_accepted.v1") == "Order partly accepted"


@pytest.mark.parametrize(
    ("type_", "data", "told"),
    [
        ("order.received.v1", {"order": {"number": "7", "lines": [LINE, LINE]}}, "No. 7, 2 lines, 8 pieces"),
        ("order.partly_accepted.v1", {"lines": [LINE]}, "8 of 10 confirmed, 2 backordered"),
        ("stock.short.v1", {"lines": [{"wanted": "10.0", "allocated": "8.5"}]}, "8.5 of 10 pieces reserved"),
        (
            "shipment.despatched.v1",
            {"despatch_number": "DA-1", "lines": [LINE], "units": [1]},
            "DA-1: 4 pieces in 1 package",
        ),
        ("delivery.planned.v1", {"delivery_number": "D-1"}, "Delivery D-1"),
        ("order.completed.v1", {}, ""),
        ("something.new.v1", {}, ""),
    ],
)
def test_an_event_says_what_counts_in_it(type_: str, data: dict[str, Any], told: str) -> None:
    assert telling(type_, data) == told


def test_numbers_are_read_in_groups_without_empty_decimals() -> None:
    assert number(1234567) == "1\u202f234\u202f567"
    assert number(Decimal("1200.500")) == "1\u202f200.5"
    assert money(Decimal("1234.5"), "EUR") == "1\u202f234.50 EUR"
    assert money(Decimal("0.125"), "EUR") == "0.125 EUR"


def test_times_are_utc_and_durations_in_their_largest_unit() -> None:
    at = datetime(2026, 11, 25, 9, 5, 7, 123456, tzinfo=UTC)
    assert (clock(at), moment(at), instant(at)) == ("09:05:07", "09:05:07.123", "2026-11-25 09:05:07 UTC")
    assert [duration(one) for one in (-1, 5, 90, 7_200, 200_000)] == ["0 s", "5 s", "2 min", "2 h", "2 d"]


def test_operations_are_grouped_and_told_in_words() -> None:
    document = {
        "paths": {
            "/orders": {
                "get": {
                    "tags": ["orders"],
                    "summary": "All",
                    "parameters": [
                        {"name": "limit", "in": "query", "schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}
                    ],
                    "responses": {
                        "200": {
                            "content": {
                                "application/json": {
                                    "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}}
                                }
                            }
                        }
                    },
                }
            }
        }
    }
    (operation,) = operations(document)["orders"]
    assert operation.parameters == (("limit", "query", "integer", False, ""),)
    assert (operation.method, operation.answer) == ("GET", "list of Order")


def test_queues_are_told_by_the_messages_that_they_take() -> None:
    reference = "#/components/schemas/"
    document = {
        "channels": {"hub.stock.0": {"address": "hub.stock.0"}},
        "components": {
            "schemas": {
                "hub.stock.0:Message:Payload": {"oneOf": [{"$ref": f"{reference}AdjustStockMessage"}]},
                "AdjustStockMessage": {
                    "properties": {"type": {"const": "stock.adjust.v1"}, "data": {"$ref": f"{reference}AdjustStock"}}
                },
                "AdjustStock": {"description": "Move stock.\n\nMore."},
            }
        },
    }
    assert queues(document) == {"hub.stock.0": [QueueMessage("stock.adjust.v1", "AdjustStock", "Move stock.")]}
    assert queues({}) == {}
