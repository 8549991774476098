"""What intake makes of the bytes of an input, and what becomes of each document in it."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub.canonical.agreement import Agreement, ShopAgreement
from hub.canonical.intake import AcknowledgementReceived, ContinueInput, InputReceived, InterchangeChecked
from hub.canonical.order import OrderReceived
from hub.canonical.party import Party
from hub.canonical.received import InvoiceReceived, RemittanceReceived
from hub.errors import MustWait, NeedsDecision, UnreadableInput
from hub.handlers.intake import reading, service
from hub.store.archive import archived
from hub.store.master import AgreementRow
from hub.store.messages import Document, NumberSeries, Progress, Task
from hub.store.work import Work
from tests.desk import NOW, Desk, identifier, payloads
from tests.edifact_documents import agreement

SAMPLES = Path(__file__).parents[2] / "samples" / "webshop"
EDI = {"partner": "mueller", "channel": "edi", "source": "edi:5412345000020:14"}


def orders(reference: str, number: str, *, quantity: str = "10") -> str:
    segments = (
        f"UNH+{reference}+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+{number}+9",
        "DTM+137:20261124:102",
        "NAD+BY+5412345000020::9",
        "NAD+SU+5412345000013::9",
        "LIN+1++4006381333931:EN",
        f"QTY+21:{quantity}",
        "PRI+AAA:9.95",
        "UNS+S",
    )
    return "".join(f"{segment}'" for segment in segments) + f"UNT+{len(segments) + 1}+{reference}'"


def contrl(answered: str) -> str:
    return f"UNH+1+CONTRL:D:3:UN'UCI+{answered}+5412345000013:14+5412345000020:14+7'UNT+3+1'"


def interchange(*messages: str, count: int | None = None, test: bool = False) -> bytes:
    unb = "UNB+UNOC:3+5412345000020:14+5412345000013:14+261124:1200+4711" + ("++++++1" if test else "")
    return f"{unb}'{''.join(messages)}UNZ+{len(messages) if count is None else count}+4711'".encode()


def take_in(
    body: bytes, terms: Agreement | None = None, format_: str = "edifact", topic: str | None = None, **envelope: Any
) -> tuple[Desk, Work]:
    archive_id = identifier(77)
    kept = archived(body, id=archive_id, at=NOW, direction="in", channel="edi", endpoint="/edi")
    desk = Desk(service).put(AgreementRow("mueller", terms or agreement(), "0" * 64, NOW, 1), *kept)
    payload = InputReceived(
        archive_id=archive_id,
        format=format_,
        endpoint="/edi",
        source_key="key",
        sha256=hashlib.sha256(body).hexdigest(),
        length=len(body),
        topic=topic,
    )
    return desk, desk.handle(payload, **(EDI | envelope))


def documents(desk: Desk) -> list[tuple[str, str | None, str | None]]:
    return [(row.kind, row.source_key, row.ended) for row in sorted(desk.all(Document), key=lambda row: row.source_key)]


def checked(work: Work) -> InterchangeChecked:
    (one,) = (payload for payload in payloads(work) if isinstance(payload, InterchangeChecked))
    return one


def test_each_order_of_an_interchange_is_a_document_known_by_the_message_published_for_it() -> None:
    desk, work = take_in(interchange(orders("1", "A"), orders("2", "B")))
    published = [one for one in work.published if isinstance(one.data, OrderReceived)]
    assert [one.subject.rpartition("/")[2] for one in published] == ["A", "B"]
    assert documents(desk) == [("ORDERS", "key/1", None), ("ORDERS", "key/2", None)]
    assert {row.id for row in desk.all(Document)} == {one.id for one in published}
    assert (work.ended, work.reason) == ("split", "2 documents")
    assert checked(work).accepted
    assert [verdict.accepted for verdict in checked(work).messages] == [True, True]


def test_several_orders_are_conversations_of_their_own_a_single_one_is_the_inputs() -> None:
    _, many = take_in(interchange(orders("1", "A"), orders("2", "B")))
    correlations = {one.correlationid for one in many.published if isinstance(one.data, OrderReceived)}
    assert correlations == {one.id for one in many.published if isinstance(one.data, OrderReceived)}
    _, single = take_in(interchange(orders("1", "A")))
    assert {one.correlationid for one in single.published} == {single.message.correlationid}


def test_an_order_with_errors_is_refused_and_the_others_go_on() -> None:
    desk, work = take_in(interchange(orders("1", "A"), orders("2", "B", quantity="many")))
    assert documents(desk) == [("ORDERS", "key/1", None), ("ORDERS", "key/2", "refused")]
    refused = next(row for row in desk.all(Document) if row.ended)
    assert refused.reason.startswith("QTY segment 7")
    assert [verdict.accepted for verdict in checked(work).messages] == [True, False]
    assert len([one for one in payloads(work) if isinstance(one, OrderReceived)]) == 1


def test_all_or_nothing_refuses_the_sound_ones_too() -> None:
    body = interchange(orders("1", "A"), orders("2", "B", quantity="many"))
    desk, work = take_in(body, agreement(all_or_nothing=True))
    assert [ended for *_, ended in documents(desk)] == ["refused", "refused"]
    assert [type(one) for one in payloads(work)] == [InterchangeChecked]
    assert not checked(work).accepted


def test_an_interchange_whose_counts_do_not_agree_is_refused_as_one_and_answered() -> None:
    desk, work = take_in(interchange(orders("1", "A"), count=2))
    assert documents(desk) == []
    assert work.ended == "refused"
    assert [type(one) for one in payloads(work)] == [InterchangeChecked]
    assert {finding.code for finding in checked(work).findings} == {"29"}


def test_what_is_no_edifact_is_refused_with_a_task_since_nobody_can_be_answered() -> None:
    desk, work = take_in(b"ISA*00*          *")
    assert work.ended == "refused"
    assert payloads(work) == []
    assert [task.kind for task in desk.all(Task)] == ["unreadable_interchange"]


def test_messages_that_are_not_agreed_are_refused_by_name() -> None:
    body = interchange(orders("1", "A").replace("ORDERS:D", "PRICAT:D"))
    desk, work = take_in(body)
    assert documents(desk) == [("PRICAT", "key/1", "refused")]
    assert [finding.code for finding in checked(work).messages[0].findings][:1] == ["17"]


def test_a_partners_acknowledgement_is_published_and_itself_not_acknowledged() -> None:
    desk, work = take_in(interchange(contrl("88")))
    (answer,) = (one for one in payloads(work) if isinstance(one, AcknowledgementReceived))
    assert (answer.reference, answer.action) == ("88", "accepted")
    assert documents(desk) == [("CONTRL", "key/1", None)]
    assert checked(work).only_acknowledgements


def aperak(*errors: str) -> str:
    segments = ("UNH+1+APERAK:D:96A:UN", "BGM+12E::9+4711+9", "RFF+IV:2026-000001", *errors)
    return "".join(f"{segment}'" for segment in segments) + f"UNT+{len(segments) + 1}+1'"


def test_what_a_partners_application_refuses_is_a_task_that_says_why() -> None:
    desk, work = take_in(interchange(aperak("ERC+P01", "FTX+AAO+++price differs")))
    assert documents(desk) == [("APERAK", "key/1", "applied")]
    assert [(task.kind, task.reason) for task in desk.all(Task)] == [
        ("aperak", "their application refuses invoice 2026-000001: error P01: price differs")
    ]
    assert checked(work).only_acknowledgements


def test_what_is_said_as_a_test_is_told_as_a_test() -> None:
    desk, _ = take_in(interchange(aperak("ERC+P01"), test=True), testindicator=True)
    assert [task.reason for task in desk.all(Task)] == [
        "as a test, their application refuses invoice 2026-000001: error P01"
    ]


def test_what_a_partners_application_accepts_asks_nobody() -> None:
    desk, _ = take_in(interchange(aperak()))
    (document,) = desk.all(Document)
    assert document.reason == "their application accepts invoice 2026-000001"
    assert desk.all(Task) == []


@pytest.mark.parametrize("all_or_nothing", [False, True])
def test_of_a_hundred_messages_three_bad_ones_spoil_themselves_or_by_agreement_all(*, all_or_nothing: bool) -> None:
    bad = {7, 50, 93}
    body = interchange(*(orders(str(n), f"PO-{n}", quantity="many" if n in bad else "1") for n in range(1, 101)))
    desk, work = take_in(body, agreement(all_or_nothing=all_or_nothing))
    taken = [one.order.number for one in payloads(work) if isinstance(one, OrderReceived)]
    assert taken == ([] if all_or_nothing else [f"PO-{n}" for n in range(1, 101) if n not in bad])
    ended = [document.ended for document in desk.all(Document)]
    assert ended.count("refused") == (100 if all_or_nothing else 3)
    verdicts = checked(work).messages
    faulty = [verdict.reference for verdict in verdicts if any(one.code == "37" for one in verdict.findings)]
    assert faulty == [str(n) for n in sorted(bad)]
    assert checked(work).accepted is not all_or_nothing


def test_an_acknowledgement_among_orders_is_acknowledged_as_if_it_were_not_there() -> None:
    desk, work = take_in(
        interchange(orders("1", "A"), contrl("88").replace("UNT+3+1", "UNT+3+2").replace("UNH+1+", "UNH+2+"))
    )
    assert [verdict.reference for verdict in checked(work).messages] == ["1"]
    assert documents(desk) == [("ORDERS", "key/1", None), ("CONTRL", "key/2", None)]


def test_an_acknowledgement_with_errors_is_for_a_person_and_spoils_nothing() -> None:
    broken = contrl("88").replace("UNT+3+1", "UNT+3+2").replace("UNH+1+", "UNH+2+").replace("UCI+88+", "UCI++")
    desk, work = take_in(interchange(orders("1", "A"), broken), agreement(all_or_nothing=True))
    assert documents(desk) == [("ORDERS", "key/1", None), ("CONTRL", "key/2", "refused")]
    assert [task.kind for task in desk.all(Task)] == ["unreadable_acknowledgement"]
    assert checked(work).accepted


def test_a_broken_interchange_of_acknowledgements_is_answered_by_nobody_and_shown_to_a_person() -> None:
    desk, work = take_in(interchange(contrl("88"), count=2))
    assert payloads(work) == []
    assert work.ended == "refused"
    assert [task.kind for task in desk.all(Task)] == ["unreadable_interchange"]


def test_what_an_interchange_with_the_test_flag_says_is_a_test() -> None:
    desk, work = take_in(interchange(orders("1", "A"), test=True), testindicator=True)
    assert all(one.testindicator for one in work.published)
    assert [row.test for row in desk.all(Document)] == [True]


def test_without_an_agreement_a_person_must_decide() -> None:
    with pytest.raises(NeedsDecision, match="no agreement"):
        take_in(interchange(orders("1", "A")), partner=None)


def test_only_the_chunks_that_hold_an_interchange_are_read() -> None:
    body = interchange(orders("1", "A"))
    large = b" " * 1_999_990 + body + b" " * 1_500_000
    kept = archived(large, id=identifier(77), at=NOW, direction="in", channel="edi", endpoint="/edi")
    needed = [row for row in kept if getattr(row, "n", 1) in {1, 2}]
    desk = Desk(service).put(AgreementRow("mueller", agreement(), "0" * 64, NOW, 1), *needed)
    payload = InputReceived(
        archive_id=identifier(77),
        format="edifact",
        endpoint="/edi",
        source_key="key",
        sha256="",
        offset=1_999_990,
        length=len(body),
    )
    assert desk.handle(payload, **EDI).ended == "split"


@pytest.fixture(autouse=True, params=["at its turn", "beforehand"])
def _when_it_is_read(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "beforehand":
        monkeypatch.setattr(reading, "LONG", 0)


def test_what_was_read_under_an_agreement_that_has_changed_is_read_again() -> None:
    desk, work = take_in(interchange(orders("1", "PO-1")))
    row = desk.all(AgreementRow)[0]
    changed = row._replace(version=row.version + 1)
    body = interchange(orders("1", "PO-1"))
    stale = reading.reading_of(body, row)._replace(messages=())
    again = reading.read_beforehand(replace(work, beforehand=stale), changed)
    assert again is not None
    assert len(again.messages) == 1
    assert reading.read_beforehand(replace(work, beforehand=stale), row) is stale


def large(monkeypatch: pytest.MonkeyPatch, *messages: str) -> tuple[Desk, Work, list[Any]]:
    """Take in an interchange two messages at a time, and return all that is published on the way."""
    monkeypatch.setattr(reading, "MESSAGES_AT_ONCE", 2)
    desk, work = take_in(interchange(*messages))
    published = list(work.published)
    for one in published:
        if isinstance(one.data, ContinueInput):
            published += desk.handle(one).published
    return desk, work, published


def test_a_large_interchange_is_taken_in_span_by_span_and_answered_once_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk, work, published = large(monkeypatch, *(orders(str(n), f"PO-{n}") for n in range(1, 6)))
    kinds = [type(one.data) for one in published]
    assert kinds == [
        ContinueInput,
        *[OrderReceived] * 2,
        ContinueInput,
        *[OrderReceived] * 2,
        ContinueInput,
        OrderReceived,
        InterchangeChecked,
    ]
    numbers = [one.data.order.number for one in published if isinstance(one.data, OrderReceived)]
    assert numbers == ["PO-1", "PO-2", "PO-3", "PO-4", "PO-5"]
    assert published[-1].correlationid == work.message.correlationid
    assert len(published[-1].data.messages) == 5
    assert sorted(row.source_key for row in desk.all(Document)) == [f"key/{n}" for n in range(1, 6)]


def test_in_a_large_interchange_too_a_wrong_message_is_refused_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [orders(str(n), f"PO-{n}", quantity="many" if n == 4 else "1") for n in range(1, 6)]
    desk, _, published = large(monkeypatch, *messages)
    ended = {row.source_key: row.ended for row in desk.all(Document)}
    assert ended == {"key/1": None, "key/2": None, "key/3": None, "key/4": "refused", "key/5": None}
    assert [verdict.accepted for verdict in published[-1].data.messages] == [True, True, True, False, True]


def test_a_reference_used_again_in_a_later_span_is_refused_as_it_was_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    desk, _, published = large(monkeypatch, *(orders(str(n), f"PO-{n}") for n in (1, 2, 3, 1)))
    assert [verdict.accepted for verdict in published[-1].data.messages] == [True, True, True, False]
    assert len([one for one in published if isinstance(one.data, OrderReceived)]) == 3
    assert [row.ended for row in desk.all(Document)].count("refused") == 1


def test_nothing_of_a_large_interchange_counts_if_its_end_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MESSAGES_AT_ONCE", 2)
    _, work = take_in(interchange(*(orders(str(n), f"PO-{n}") for n in range(1, 6)), count=9))
    assert [type(one) for one in payloads(work)] == [InterchangeChecked]
    assert work.ended == "refused"


def test_the_senders_next_interchange_waits_for_the_last_span(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MESSAGES_AT_ONCE", 2)
    desk, work = take_in(interchange(*(orders(str(n), f"PO-{n}") for n in range(1, 4))))
    following = work.message.model_copy(update={"id": identifier(88), "correlationid": identifier(88)})
    with pytest.raises(MustWait) as raised:
        desk.handle(following)
    assert raised.value.blocks
    step = work.published[-1]
    woken: list[str] = []
    while isinstance(step.data, ContinueInput):
        done = desk.handle(step)
        woken += done.arrived
        step = done.published[-1]
    assert woken == [raised.value.awaits]
    assert {row.state for row in desk.all(Progress) if row.done} == {b""}


def shop(platform: str) -> Agreement:
    terms = ShopAgreement(platform=platform, shop="acme")
    return Agreement(partner="mueller", party=Party(name="Acme"), shop=terms)


def notify(platform: str, body: bytes, topic: str) -> tuple[Desk, Work]:
    return take_in(body, shop(platform), platform, topic, channel="webshop", source=f"shop:{platform}:acme")


@pytest.mark.parametrize(("platform", "topic"), [("shopify", "orders/create"), ("woocommerce", "order.created")])
def test_a_shops_order_becomes_one_document(platform: str, topic: str) -> None:
    desk, work = notify(platform, (SAMPLES / f"{platform}-order.json").read_bytes(), topic)
    (order,) = work.published
    assert isinstance(order.data, OrderReceived)
    assert order.correlationid == work.message.correlationid
    (document,) = desk.all(Document)
    assert (document.id, document.kind, document.business_key) == (order.id, topic, order.subject)
    assert work.ended == "split"


def test_a_topic_without_effect_is_applied_with_the_reason() -> None:
    _, work = notify("shopify", b'{"id": 1}', "products/update")
    assert payloads(work) == []
    assert (work.ended, work.reason) == ("applied", "topic products/update has no effect here")


def test_an_order_that_the_shop_deleted_is_kept_and_shown_to_a_person() -> None:
    desk, work = notify("shopify", b'{"id": 4711}', "orders/delete")
    assert work.ended == "applied"
    assert [task.kind for task in desk.all(Task)] == ["order_deleted_by_shop"]


def test_an_order_that_lacks_what_an_order_needs_is_refused_with_its_place() -> None:
    desk, work = notify(
        "shopify", b'{"id": 4711, "created_at": "2026-11-24T10:00:00Z", "currency": "EUR"}', "orders/create"
    )
    assert work.ended == "refused"
    assert work.reason is not None
    assert work.reason.startswith("$.")
    assert [task.kind for task in desk.all(Task)] == ["notification_refused"]


def test_a_notification_that_is_no_json_is_the_shops_error() -> None:
    with pytest.raises(UnreadableInput):
        notify("shopify", b"<html>", "orders/create")


def counted(*references: str, in_sequence: bool = True, test: bool = False) -> tuple[Desk, list[str]]:
    """Take in interchanges with these references; return the desk and what tasks say."""
    desk = Desk(service).put(AgreementRow("mueller", agreement(in_sequence=in_sequence), "0" * 64, NOW, 1))
    for number, reference in enumerate(references, 1):
        body = interchange(orders("1", f"PO-{number}"), test=test).replace(b"4711", reference.encode())
        archive_id = identifier(700 + number)
        desk.put(*archived(body, id=archive_id, at=NOW, direction="in", channel="edi", endpoint="/edi"))
        payload = InputReceived(
            archive_id=archive_id,
            format="edifact",
            endpoint="/edi",
            source_key=f"key-{number}",
            sha256=hashlib.sha256(body).hexdigest(),
            length=len(body),
        )
        work = desk.handle(payload, **EDI)
        assert [type(one) for one in payloads(work) if isinstance(one, OrderReceived)] == [OrderReceived]
    return desk, [task.reason for task in desk.all(Task)]


@pytest.mark.parametrize(
    ("references", "told"),
    [
        (("7",), []),
        (("7", "8", "9"), []),
        (("7", "9"), ["after 7 came 9: 8 is missing"]),
        (("7", "11", "12"), ["after 7 came 11: 8 to 10 are missing"]),
        (("7", "9", "8", "10"), [
            "after 7 came 9: 8 is missing",
            "after 9 came 8: it is late, or their counter began anew",
        ]),
        (("99999", "1", "2"), []),
        (("A0007", "A0008"), []),
        (("7", "ABC", "8"), ["ABC is no number, and they are to be counted"]),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_and_all_is_taken_in(references: tuple[str, ...], told: list[str]) -> None:
    assert sorted(counted(*references)[1]) == sorted(told)


def test_nothing_is_counted_that_is_not_agreed_or_only_a_test() -> None:
    for desk, told in (counted("7", "9", in_sequence=False), counted("7", "9", test=True)):
        assert told == []
        assert [row for row in desk.all(NumberSeries) if row.series == "received/mueller"] == []


def document(reference: str, type_: str, *segments: str) -> str:
    inside = (f"UNH+{reference}+{type_}:D:96A:UN", *segments)
    return "'".join([*inside, f"UNT+{len(inside) + 1}+{reference}", ""])


def test_a_document_that_nobody_acts_on_is_published_and_ends_here() -> None:
    invoice = ("BGM+380+INV-1+9", "DTM+137:20261124:102", "UNS+S", "MOA+77:428.4")
    desk, work = take_in(interchange(document("1", "INVOIC", *invoice)), agreement(receives=("INVOIC",)))
    (published,) = (one for one in work.published if isinstance(one.data, InvoiceReceived))
    assert published.subject == "5412345000020/INV-1"
    assert published.correlationid == work.message.correlationid
    (row,) = desk.all(Document)
    assert (row.id, row.business_key, row.ended) == (published.id, published.subject, "applied")
    assert row.reason == "published; no service acts on it"
    assert desk.all(Task) == []
    assert checked(work).messages[0].accepted


def test_what_is_paid_is_published_and_told_to_a_person() -> None:
    paid = (
        *("BGM+481+Z-1+9", "DTM+137:20261124:102", "NAD+PR+5412345000020::9", "DOC+380+INV-1", "MOA+12:90"),
        *("UNS+S", "MOA+12:90"),
    )
    desk, work = take_in(interchange(document("1", "REMADV", *paid)), agreement(receives=("REMADV",)))
    (published,) = (one for one in work.published if isinstance(one.data, RemittanceReceived))
    assert published.data.document.totals[0].amount == 90
    (task,) = desk.all(Task)
    assert (task.kind, task.subject) == ("remittance", "mueller 1")
    (row,) = desk.all(Document)
    assert row.reason == task.reason


def test_a_document_that_says_too_little_is_refused_by_its_place() -> None:
    invoice = ("BGM+380", "DTM+137:20261124:102", "UNS+S", "MOA+77:428.4")
    desk, work = take_in(interchange(document("1", "INVOIC", *invoice)), agreement(receives=("INVOIC",)))
    (row,) = desk.all(Document)
    assert (row.ended, row.reason) == ("refused", "BGM segment 2 element 3: The document has no number")
    assert [type(one) for one in payloads(work)] == [InterchangeChecked]
