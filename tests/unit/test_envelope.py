"""Ids are derived, bytes are read in one pass."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from asyncpg.pgproto import pgproto
from pydantic import ValidationError

from hub.canonical.catalogue import ItemIdentification
from hub.canonical.envelope import derive_id, id_time, message_model, named_id, new_id, reader
from hub.canonical.order import Order, OrderLine, OrderReceived
from hub.canonical.party import Party
from hub.canonical.stock import AdjustStock
from hub.canonical.values import Quantity

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def received() -> OrderReceived:
    line = OrderLine(
        line_id="1", item=ItemIdentification(gtin="4012345000016"), quantity=Quantity.model_validate({"value": "2"})
    )
    order = Order(number="4711", issued=date(2026, 11, 24), currency="EUR", buyer=Party(name="Acme"), lines=(line,))
    return OrderReceived(buyer_key="acme", order=order)


def test_handling_a_message_twice_yields_the_same_ids() -> None:
    cause = new_id(NOON, bytes(range(10)))
    first = derive_id(cause, "order", "stock.allocate.v1")
    assert first == derive_id(cause, "order", "stock.allocate.v1")
    others = {
        derive_id(cause, "stock", "stock.allocate.v1"),
        derive_id(cause, "order", "order.accepted.v1"),
        derive_id(cause, "order", "stock.allocate.v1", ordinal=1),
        derive_id(cause, "order", "stock.allocate.v1", revision=1),
    }
    assert first not in others
    assert len(others) == 4


def test_a_derived_id_keeps_the_time_of_its_cause_in_the_uuid7_layout() -> None:
    derived = derive_id(new_id(NOON, bytes(10)), "order", "x.v1")
    assert id_time(derived) == NOON
    assert derived.version == 7
    assert named_id("acme", "4711").version == 8


def test_the_parts_of_a_named_id_do_not_run_into_each_other() -> None:
    assert named_id("ab", "c") != named_id("a", "bc")


def test_a_message_survives_its_wire_form() -> None:
    data = received()
    message = message_model(OrderReceived)(
        id=UUID(int=1),
        type=data.TYPE,
        source="edi:5412345000013",
        subject=data.business_key,
        time=NOON,
        correlationid=UUID(int=1),
        data=data,
    )
    adapter = reader([OrderReceived, AdjustStock])
    assert adapter.validate_json(message.to_json()) == message


def test_ids_of_the_postgresql_driver_are_written_as_ours_are() -> None:
    identifier = new_id(NOON, bytes(range(10)))
    ours = message_model(OrderReceived).trusted(
        id=identifier, type=OrderReceived.TYPE, source="edi:1", subject="acme/4711", time=NOON,
        correlationid=identifier, data=received(),
    )  # fmt: skip
    theirs = ours.changed(correlationid=pgproto.UUID(str(identifier)))
    assert theirs.to_json() == ours.to_json()


def test_a_type_that_the_reader_does_not_know_is_refused() -> None:
    with pytest.raises(ValidationError, match="nonsense"):
        reader([OrderReceived, AdjustStock]).validate_json(b'{"type": "nonsense.v1"}')
