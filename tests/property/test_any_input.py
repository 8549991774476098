"""Whatever bytes come in: intake ends them, counts them, and says the same at every run."""

import hashlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.intake import InputReceived, InterchangeChecked
from hub.canonical.order import OrderReceived
from hub.errors import PartnerError
from hub.handlers.intake import service
from hub.store.archive import archived
from hub.store.master import AgreementRow
from hub.store.messages import Document
from hub.store.work import Work
from tests.desk import NOW, Desk, identifier, message
from tests.edifact_documents import agreement

SOUND = (
    b"UNB+UNOC:3+5412345000020:14+5412345000013:14+261124:1200+4711++++1'"
    b"UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+A+9'DTM+137:20261124:102'NAD+BY+5412345000020::9'"
    b"NAD+SU+5412345000013::9'LIN+1++4006381333931:EN'QTY+21:10'PRI+AAA:9.95'UNS+S'UNT+10+1'"
    b"UNH+2+ORDERS:D:96A:UN:EAN008'BGM+220+B+9'DTM+137:20261124:102'NAD+BY+5412345000020::9'"
    b"NAD+SU+5412345000013::9'LIN+1++4006381333931:EN'QTY+21:10'PRI+AAA:9.95'UNS+S'UNT+10+2'"
    b"UNZ+2+4711'"
)


def take_in(body: bytes) -> tuple[Desk, Work | None]:
    kept = archived(body, id=identifier(77), at=NOW, direction="in", channel="edi", endpoint="/edi")
    desk = Desk(service).put(AgreementRow("mueller", agreement(), "0" * 64, NOW, 1), *kept)
    payload = InputReceived(
        archive_id=identifier(77),
        format="edifact",
        endpoint="/edi",
        source_key="key",
        sha256=hashlib.sha256(body).hexdigest(),
        length=len(body),
    )
    envelope = {"id": identifier(1), "correlationid": identifier(1), "partner": "mueller", "channel": "edi"}
    incoming = message(payload, **envelope, source="edi:mueller")
    try:
        return desk, desk.handle(incoming)
    except PartnerError:
        return desk, None


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return the sound interchange with a few bytes replaced, removed or put in."""
    body = bytearray(SOUND)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body) - 1))
        body[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(body)


def check_ended(desk: Desk, work: Work | None) -> None:
    """What was split has a document for each message and a verdict on it; what was not is ended itself."""
    if work is None:
        return
    documents = desk.all(Document)
    published = {one.id for one in work.published if not isinstance(one.data, InterchangeChecked)}
    assert {row.id for row in documents if row.ended is None} == published
    assert all(row.reason for row in documents if row.ended)
    assert (work.ended == "split") == bool(documents)
    assert work.ended in {"split", "refused"}
    for checked in (one.data for one in work.published if isinstance(one.data, InterchangeChecked)):
        accepted = sum(verdict.accepted for verdict in checked.messages) if checked.accepted else 0
        orders = [one for one in work.published if isinstance(one.data, OrderReceived)]
        assert accepted == len(orders)


@given(damaged())
def test_a_damaged_interchange_is_ended_document_by_document(body: bytes) -> None:
    check_ended(*take_in(body))


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_ended(body: bytes) -> None:
    check_ended(*take_in(body))


@given(damaged())
def test_an_input_handled_twice_says_the_same_twice(body: bytes) -> None:
    first, second = (_said(take_in(body)[1]) for _ in range(2))
    assert first == second


def _said(work: Work | None) -> Any:
    return None if work is None else (work.ended, work.reason, [one.to_json() for one in work.published])
