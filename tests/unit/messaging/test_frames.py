"""A publication's frames are byte for byte those of pamqp, which can encode every frame there is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from hub.messaging.channel import Publication
from hub.messaging.frames import CONTENT_TYPE, PERSISTENT, event_id, frames, wire_id

LIMIT = 16
short = st.text(max_size=40)
exchanges = st.sampled_from(["", "hub", "hub.dead"])


def marshalled(one: Publication, channel: int, exchange: str) -> bytes:
    properties = Basic.Properties(
        content_type=CONTENT_TYPE,
        delivery_mode=PERSISTENT,
        message_id=f"{one.message_id}/{one.queue}",
        message_type=one.type,
    )
    whole = [
        Basic.Publish(exchange=exchange, routing_key=one.queue, mandatory=True),
        ContentHeader(body_size=len(one.body), properties=properties),
        *(ContentBody(one.body[start : start + LIMIT]) for start in range(0, len(one.body), LIMIT)),
    ]
    return b"".join(frame.marshal(part, channel) for part in whole)


@given(short, st.binary(max_size=5 * LIMIT), short, short.filter(bool), st.integers(1, 2047), exchanges)
def test_the_frames_are_those_of_pamqp(queue: str, body: bytes, ident: str, kind: str, channel: int, to: str) -> None:
    one = Publication(queue, body, ident, kind)
    assert b"".join(frames(one, channel, to, LIMIT)) == marshalled(one, channel, to)


@pytest.mark.parametrize("size", [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT])
def test_a_body_at_the_edge_of_a_frame_is_that_of_pamqp(size: int) -> None:
    one = Publication("stock.3", b"x" * size, "m1", "order.received.v1")
    assert b"".join(frames(one, 1, "hub", LIMIT)) == marshalled(one, 1, "hub")


@pytest.mark.parametrize(
    "one",
    [
        Publication("q" * 256, b"", "m", "t"),
        Publication("q", b"", "m" * 254, "t"),
        Publication("q", b"", "m", "ä" * 128),
    ],
)
def test_a_name_that_no_short_string_holds_is_an_error(one: Publication) -> None:
    with pytest.raises(ValueError, match="range"):
        b"".join(frames(one, 1, "hub", LIMIT))


def test_a_copys_id_names_its_queue_and_tells_its_event() -> None:
    sent = wire_id(Publication("stock.3", b"", "01890a5d-ac96", "order.received.v1"))
    assert (sent, event_id(sent)) == ("01890a5d-ac96/stock.3", "01890a5d-ac96")
