"""What partners are owed, and what their acknowledgements do."""

from datetime import timedelta
from typing import Any

import pytest

from hub.canonical.agreement import Agreement, WebhookAgreement
from hub.canonical.finding import Finding, Location
from hub.canonical.guide import MessageGuide
from hub.canonical.intake import AcknowledgementReceived, InterchangeChecked, MessageVerdict, RepeatAnswer
from hub.canonical.order import OrderAccepted, OrderCancelled, OrderCompleted
from hub.errors import NeedsDecision
from hub.handlers.status import answer_id, service, transmission_id
from hub.store.master import AgreementRow
from hub.store.messages import Archive, NumberSeries, Task
from hub.store.status import Collected, FeedEntry, Transmission
from hub.translators.edifact.collecting import collected as together
from tests.desk import NOW, Desk, identifier
from tests.edifact_documents import agreement, answer, invoice, shipment

EDI = {"partner": "mueller", "channel": "edi"}


def desk(terms: Agreement | None = None) -> Desk:
    return Desk(service).put(AgreementRow("mueller", terms or agreement(), "0" * 64, NOW, 1))


def shop() -> Agreement:
    hook = WebhookAgreement(url="https://shop.example/hook", secret="whsec_" + "A" * 32)
    return Agreement(partner="mueller", party=agreement().party, webhook=hook)


def checked(**changes: Any) -> InterchangeChecked:
    stated = {
        "reference": "4711",
        "sender": "5412345000020:14",
        "recipient": "5412345000013:14",
        "syntax_identifier": "UNOC",
        "syntax_version": 3,
        "accepted": True,
        "messages": (MessageVerdict(reference="1", identifier="ORDERS:D:96A:UN:EAN008", accepted=True),),
        "requested": True,
    }
    return InterchangeChecked.model_validate(stated | changes)


def bytes_of(office: Desk, sent: Transmission) -> bytes:
    return next(row.body for row in office.all(Archive) if row.id == sent.archive_id)


def sent(office: Desk) -> list[Transmission]:
    return sorted(office.all(Transmission), key=lambda row: row.position)


def test_an_answered_order_is_told_by_an_order_response_with_a_frozen_reference() -> None:
    office = desk()
    work = office.handle(answer(OrderAccepted), **EDI)
    (row,) = sent(office)
    assert (row.kind, row.transport, row.state, row.position, row.reference) == ("ORDRSP", "folder", "queued", 1, "1")
    assert row.order_id == "0198"
    assert b"UNB+UNOC:3+5412345000013:14+5412345000020:14" in bytes_of(office, row)
    assert b"+1'" in bytes_of(office, row)
    assert row.event_id == work.message.id


@pytest.mark.parametrize(("event", "kind"), [(shipment(), "DESADV"), (invoice(), "INVOIC")])
def test_each_event_has_its_document(event: Any, kind: str) -> None:
    office = desk()
    office.handle(event, **EDI)
    assert [row.kind for row in sent(office)] == [kind]


def test_what_the_agreement_does_not_owe_is_in_the_feed_all_the_same() -> None:
    office = desk(agreement(owed=["INVOIC"]))
    office.handle(answer(OrderAccepted), **EDI)
    assert sent(office) == []
    assert [(entry.position, entry.type) for entry in office.all(FeedEntry)] == [(1, "order.accepted.v1")]


def test_an_event_without_a_partner_is_in_the_feed_of_the_company() -> None:
    office = Desk(service)
    office.handle(answer(OrderAccepted))
    assert [entry.partner for entry in office.all(FeedEntry)] == [""]


def test_feed_and_control_references_count_on_without_gaps() -> None:
    office = desk()
    for number in range(3):
        office.handle(answer(OrderAccepted, order_number=f"SO-{number}"), **EDI)
    assert [row.reference for row in sent(office)] == ["1", "2", "3"]
    assert [entry.position for entry in office.all(FeedEntry)] == [1, 2, 3]


def test_test_documents_have_references_of_their_own_and_the_flag() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI, testindicator=True)
    office.handle(answer(OrderAccepted), **EDI)
    test, real = sent(office)
    assert (test.reference, real.reference) == ("T1", "1")
    assert test.test
    assert bytes_of(office, test).split(b"'")[1].endswith(b"+1")


def test_a_shop_gets_every_partner_facing_event_as_it_stands_in_the_log() -> None:
    office = desk(shop())
    work = office.handle(answer(OrderAccepted), partner="mueller", channel="webshop")
    office.handle(OrderCompleted(**reference_of()), partner="mueller", channel="webshop")
    first, second = sent(office)
    assert [row.kind for row in (first, second)] == ["event", "event"]
    assert [row.transport for row in (first, second)] == ["webhook", "webhook"]
    assert bytes_of(office, first) == work.message.to_json()
    assert (first.event_id, second.event_type) == (work.message.id, "order.completed.v1")


def test_a_webhook_gets_only_the_events_that_its_agreement_names() -> None:
    terms = shop()
    hook = WebhookAgreement(url="https://shop.example/", secret="whsec_AAAA", events=("order.completed.v1",))
    office = desk(terms.model_copy(update={"webhook": hook}))
    office.handle(answer(OrderAccepted), partner="mueller", channel="webshop")
    office.handle(OrderCompleted(**reference_of()), partner="mueller", channel="webshop")
    assert [row.event_type for row in sent(office)] == ["order.completed.v1"]


def test_what_came_from_a_shop_is_not_told_by_edi_even_to_a_partner_that_has_both() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), partner="mueller", channel="webshop")
    assert sent(office) == []


def test_what_a_person_does_for_an_edi_order_is_told_by_edi() -> None:
    office = desk()
    office.handle(shipment(), partner="mueller", channel="api")
    assert [row.kind for row in sent(office)] == ["DESADV"]


def test_an_event_without_a_document_of_its_own_writes_none() -> None:
    office = desk()
    office.handle(OrderCompleted(**reference_of()), **EDI)
    assert sent(office) == []
    assert len(office.all(FeedEntry)) == 1


def test_that_an_order_is_off_is_accepted_without_lines_under_the_next_number() -> None:
    office = desk(agreement(edition="EANCOM.1997"))
    parties = {"buyer": answer(OrderAccepted).buyer, "seller": answer(OrderAccepted).seller}
    off = OrderCancelled(**reference_of(), **parties, reason="cancelled by the buyer", revision=2)
    office.handle(off, **EDI)
    (row,) = sent(office)
    assert (row.kind, row.held) == ("ORDRSP", None)
    segments = bytes_of(office, row).decode("iso8859-1").split("'")
    assert "BGM+231+SO-1-2+29" in segments
    assert "FTX+AAI+++cancelled by the buyer" in segments
    assert "RFF+ON:128576" in segments
    assert not any(segment.startswith("LIN") for segment in segments)


@pytest.mark.parametrize(
    ("contrl", "changes", "owed"),
    [
        ("on_request", {}, True),
        ("on_request", {"requested": False}, False),
        ("always", {"requested": False}, True),
        ("never", {}, False),
        ("errors_only", {}, False),
        ("errors_only", {"accepted": False, "findings": (Finding(code="29", message="count"),)}, True),
        ("always", {"only_acknowledgements": True}, False),
    ],
)
def test_a_contrl_is_sent_when_the_agreement_or_the_interchange_asks_for_it(
    contrl: str, changes: dict[str, Any], owed: bool
) -> None:
    office = desk(agreement(contrl=contrl))
    office.handle(checked(**changes), **EDI)
    assert [row.kind for row in sent(office)] == (["CONTRL"] if owed else [])


def test_a_contrl_waits_for_no_acknowledgement_but_a_document_does() -> None:
    office = desk(agreement(contrl="always", ack_deadline_minutes=30))
    office.handle(checked(), **EDI)
    office.handle(answer(OrderAccepted), **EDI)
    contrl, ordrsp = sent(office)
    assert contrl.ack_due is None
    assert ordrsp.ack_due == NOW + timedelta(minutes=30)


def unusable(reference: str) -> MessageVerdict:
    reason = Finding(code="13", message="The buyer (NAD+BY) is missing", application=True)
    identified = {"reference": reference, "identifier": "ORDERS:D:96A:UN", "document": f"PO-{reference}"}
    return MessageVerdict(**identified, accepted=False, findings=(reason,))


def test_by_agreement_each_message_of_no_use_is_refused_by_an_aperak_of_its_own() -> None:
    office = desk(agreement(contrl="always", owed=("ORDRSP", "APERAK")))
    office.handle(checked(messages=(unusable("1"), unusable("2"))), **EDI)
    contrl, *aperaks = sent(office)
    assert [one.kind for one in (contrl, *aperaks)] == ["CONTRL", "APERAK", "APERAK"]
    assert len({one.archive_id for one in (contrl, *aperaks)}) == 3
    assert [one.ack_due for one in aperaks] == [None, None]
    assert [one.held for one in aperaks] == [None, None]
    assert b"RFF+ON:PO-2'" in bytes_of(office, aperaks[1])
    assert b"UCM" not in bytes_of(office, contrl)


def test_messages_of_one_reference_in_two_groups_are_refused_one_by_one() -> None:
    office = desk(agreement(contrl="never", owed=("APERAK",)))
    groups = [unusable("1").model_copy(update={"group": group}) for group in ("A", "B")]
    office.handle(checked(messages=tuple(groups)), **EDI)
    assert [one.kind for one in sent(office)] == ["APERAK", "APERAK"]
    assert len({one.archive_id for one in sent(office)}) == 2


def test_a_repeated_interchange_gets_its_aperaks_again_but_for_those_that_wait_for_a_person() -> None:
    office = desk(agreement(contrl="never", owed=("APERAK",)))
    first = office.handle(checked(messages=(unusable("1"), unusable("2"))), **EDI).message
    one, two = sent(office)
    office.put(two._replace(held="a person looks at it"))
    office.handle(RepeatAnswer(source_key="key"), **EDI, correlationid=first.correlationid)
    again = [row for row in sent(office) if row.id not in {one.id, two.id}]
    assert [(row.kind, row.archive_id, row.reference) for row in again] == [("APERAK", one.archive_id, one.reference)]


def test_a_repeated_interchange_gets_contrl_and_aperak_the_same_bytes() -> None:
    office = desk(agreement(contrl="always", owed=("APERAK",)))
    first = office.handle(checked(messages=(unusable("1"),)), **EDI).message
    before = [(row.kind, row.archive_id) for row in sent(office)]
    office.handle(RepeatAnswer(source_key="key"), **EDI, correlationid=first.correlationid)
    assert [(row.kind, row.archive_id) for row in sent(office)] == [*before, *before]


def test_without_aperak_contrl_refuses_what_is_of_no_use() -> None:
    office = desk(agreement(contrl="always"))
    office.handle(checked(messages=(unusable("1"),)), **EDI)
    (contrl,) = sent(office)
    assert b"UCM+1+ORDERS:D:96A:UN+4" in bytes_of(office, contrl)


def test_a_repeated_interchange_gets_the_very_same_contrl_again() -> None:
    office = desk(agreement(contrl="always"))
    first = office.handle(checked(), **EDI).message
    again = RepeatAnswer(source_key="key")
    office.handle(again, **EDI, correlationid=first.correlationid)
    one, two = sent(office)
    assert one.archive_id == two.archive_id == answer_id(first.correlationid)
    assert one.reference == two.reference
    assert (one.position, two.position) == (1, 2)


def test_a_conflict_that_is_replayed_gets_its_own_answer_beside_the_rejection() -> None:
    office = desk(agreement(contrl="always"))
    taken = Finding(code="26", message="this control reference was used before")
    office.handle(checked(accepted=False, findings=(taken,), messages=()), **EDI, correlationid=identifier(9))
    office.handle(checked(), **EDI, correlationid=identifier(9))
    one, two = sent(office)
    assert one.archive_id != two.archive_id == answer_id(identifier(9))


def test_a_repetition_before_the_first_answer_is_there_is_answered_by_that_one() -> None:
    office = desk(agreement(contrl="always"))
    office.handle(RepeatAnswer(source_key="key"), **EDI, correlationid=identifier(9))
    assert sent(office) == []


@pytest.mark.parametrize("state", ["queued", "sent", "delivered", "parked"])
def test_an_acknowledgement_finds_its_document_in_whatever_state_it_is(state: str) -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    office.put(sent(office)[0]._replace(state=state))
    office.handle(AcknowledgementReceived(reference="1", action="accepted"), **EDI)
    (row,) = sent(office)
    assert (row.state, row.acknowledged, row.ack_due) == ("acknowledged", "accepted", None)


def test_a_refused_document_is_a_task_with_the_partners_reason() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    reason = Finding(code="12", message="DTM cannot be")
    office.handle(AcknowledgementReceived(reference="1", action="rejected", findings=(reason,)), **EDI)
    (row,) = sent(office)
    assert (row.state, row.last_error) == ("refused", "DTM cannot be")
    assert [(task.kind, task.order_id) for task in office.all(Task)] == [("document_refused", "0198")]


def test_a_refusal_shows_our_own_bytes_at_the_place_that_it_names() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    (row,) = sent(office)
    (archive,) = [one for one in office.all(Archive) if one.id == row.archive_id]
    segments = archive.body.decode("latin-1").replace("\r\n", "").split("'")
    quantity = next(one for one in segments if one.startswith("QTY"))
    position = segments.index(quantity) - segments.index(next(one for one in segments if one.startswith("UNH"))) + 1
    place = Location(message="1", segment=position, element=2, component=2)
    wrong = Finding(code="12", message="error 12", location=place)
    many = (wrong, *(Finding(code="18", message=f"error 18 no {n}") for n in range(9)))
    office.handle(AcknowledgementReceived(reference="1", action="rejected", findings=many), **EDI)
    told = sent(office)[0].last_error or ""
    assert f"segment {position} QTY, element 1, component 2: {quantity.split(':')[1]} in {quantity}'" in told
    assert told.endswith("error 18 no 3; and 5 more")


def test_a_message_rejected_inside_an_accepted_interchange_is_refused_too() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    office.handle(AcknowledgementReceived(reference="1", action="accepted", rejected_messages=("1",)), **EDI)
    assert sent(office)[0].state == "refused"


def test_duplicate_in_answer_to_our_own_second_sending_means_that_it_arrived() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    office.put(sent(office)[0]._replace(attempts=2))
    known = Finding(code="26", message="known")
    office.handle(AcknowledgementReceived(reference="1", action="rejected", findings=(known,)), **EDI)
    assert sent(office)[0].state == "acknowledged"


def test_duplicate_in_answer_to_our_first_sending_is_a_refusal() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    office.put(sent(office)[0]._replace(attempts=1))
    known = Finding(code="26", message="known")
    office.handle(AcknowledgementReceived(reference="1", action="rejected", findings=(known,)), **EDI)
    assert sent(office)[0].state == "refused"


def test_received_stops_no_clock_of_the_answer_to_come() -> None:
    office = desk()
    office.handle(answer(OrderAccepted), **EDI)
    office.handle(AcknowledgementReceived(reference="1", action="received"), **EDI)
    assert (sent(office)[0].state, sent(office)[0].acknowledged) == ("queued", "received")


def test_an_acknowledgement_of_what_we_did_not_send_is_for_a_person() -> None:
    with pytest.raises(NeedsDecision, match="did not send"):
        desk().handle(AcknowledgementReceived(reference="99", action="accepted"), **EDI)


def reference_of() -> dict[str, str]:
    return {"order_id": "0198", "order_number": "SO-1", "buyer_key": "5412345000020", "buyers_number": "128576"}


def test_the_first_documents_of_an_agreement_are_read_back_and_of_a_changed_one_again() -> None:
    office = desk(agreement(read_back=2))
    for number in range(4):
        office.handle(answer(OrderAccepted, order_number=f"SO-{number}"), **EDI)
    office.put(AgreementRow("mueller", agreement(read_back=2), "1" * 64, NOW, 2))
    office.handle(answer(OrderAccepted), **EDI)
    counted = {row.series: row.last for row in office.all(NumberSeries) if row.series.startswith("read_back/")}
    assert counted == {f"read_back/mueller/{'0' * 16}": 2, f"read_back/mueller/{'1' * 16}": 1}
    assert all(row.held is None for row in sent(office))


def test_what_the_partners_guide_refuses_waits_for_a_person_with_the_rule() -> None:
    guide = MessageGuide(required=("RFF+CT",))
    office = desk(agreement(guides={"ORDRSP": (guide,)}))
    office.handle(answer(OrderAccepted), **EDI)
    (row,) = sent(office)
    reason = "the partner would refuse it: RFF segment 1: RFF+CT is missing, the guide of mueller requires it"
    assert row.held == reason
    (task,) = office.all(Task)
    assert (task.kind, task.reason) == ("document_held", reason)


def test_what_the_partners_guide_wants_leaves() -> None:
    guide = MessageGuide(required=("RFF+ON",), fixed={"BGM 1001": "231"})
    office = desk(agreement(guides={"ORDRSP": (guide,)}, edition="EANCOM.1997"))
    office.handle(answer(OrderAccepted), **EDI)
    (row,) = sent(office)
    assert row.held is None
    assert b"ORDRSP:D:96A:UN:EAN005" in bytes_of(office, row)


def test_a_contrl_that_repeats_what_is_wrong_leaves() -> None:
    office = desk(agreement(contrl="always"))
    office.handle(checked(reference="1234567890123456789", accepted=False), **EDI)
    (row,) = sent(office)
    assert (row.kind, row.held) == ("CONTRL", None)
    assert b"UCI+1234567890123456789+" in bytes_of(office, row)


def collected_office(*orders: str) -> tuple[Desk, Transmission, list[Transmission]]:
    """Return an office that has sent these answers in the interchange 17, that interchange, and its documents."""
    office = desk(agreement(collects={"ORDRSP": {"minutes": 15}}))
    for number in orders:
        office.handle(answer(OrderAccepted, order_number=number), **EDI)
    documents = sent(office)
    bodies = [bytes_of(office, row) for row in documents]
    archive = next(iter(office.all(Archive)))._replace(
        id=identifier(99), body=together(bodies, reference="17", now=NOW)
    )
    whole = documents[0]._replace(
        id=transmission_id("mueller", "17"), kind="interchange", reference="17", state="sent", archive_id=archive.id
    )
    office.put(archive, whole._replace(order_id=None, transport="folder"))
    for number, row in enumerate(documents, 1):
        office.put(Collected(whole.id, number, row.id), row._replace(state="sent", reference=f"17/{number}"))
    return office, whole, documents


def states(office: Desk, *rows: Transmission) -> list[str]:
    return [next(one.state for one in office.all(Transmission) if one.id == row.id) for row in rows]


def test_a_document_that_is_to_be_collected_waits_without_a_control_reference() -> None:
    office = desk(agreement(collects={"ORDRSP": {"minutes": 15}}))
    office.handle(answer(OrderAccepted), **EDI)
    office.handle(invoice(), **EDI)
    response, bill = sent(office)
    assert (response.state, response.reference, response.transport) == ("waiting", "", "interchange")
    assert (response.next_at, response.ack_due) == (NOW + timedelta(minutes=15), None)
    assert (bill.state, bill.reference) == ("queued", "1")


def test_a_positive_contrl_acknowledges_all_documents_of_an_interchange() -> None:
    office, whole, documents = collected_office("SO-1", "SO-2")
    office.handle(AcknowledgementReceived(reference="17", action="accepted"), **EDI)
    assert states(office, whole, *documents) == ["acknowledged"] * 3
    assert office.all(Task) == []


def test_a_contrl_that_refuses_one_message_refuses_its_document_alone() -> None:
    office, whole, documents = collected_office("SO-1", "SO-2", "SO-3")
    at = Location(interchange="17", message="2", segment=2, tag="BGM", element=2)
    finding = Finding(code="39", level="error", location=at, message="Too long")
    refusal = AcknowledgementReceived(reference="17", action="accepted", findings=(finding,), rejected_messages=("2",))
    office.handle(refusal, **EDI)
    assert states(office, whole, *documents) == ["acknowledged", "acknowledged", "refused", "acknowledged"]
    (task,) = office.all(Task)
    assert (task.kind, task.subject, task.order_id) == ("document_refused", "mueller ORDRSP 17/2", "0198")
    assert "BGM" in task.reason
    assert "Too long" in task.reason


def test_a_contrl_that_refuses_the_interchange_refuses_all_with_one_task() -> None:
    office, whole, documents = collected_office("SO-1", "SO-2")
    at = Location(interchange="17", tag="UNB", element=3, component=1)
    finding = Finding(code="23", level="error", location=at, message="Unknown sender")
    office.handle(AcknowledgementReceived(reference="17", action="rejected", findings=(finding,)), **EDI)
    assert states(office, whole, *documents) == ["refused"] * 3
    assert [task.subject for task in office.all(Task)] == ["mueller interchange 17"]
