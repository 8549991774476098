"""The class of an error decides what becomes of its message."""

from datetime import timedelta
from uuid import UUID

import pytest

from hub.errors import (
    BusinessRefusal,
    DatabaseAway,
    IllegalTransition,
    MustWait,
    NeedsDecision,
    PartnerError,
    TemporaryError,
    UnreadableInput,
)
from hub.messaging.outcomes import Fate, Taken, Unreadable, backoff, fate_of, parked_row, waiting_row
from hub.store.messages import WaitingRow
from hub.store.waiting import NEVER
from tests.desk import NOW

ID = UUID(int=1)


def waited(attempts: int, *, deadline_hours: float | None = None) -> WaitingRow:
    deadline = None if deadline_hours is None else NOW + timedelta(hours=deadline_hours)
    return WaitingRow("s", ID, "key", 1, True, NOW, deadline, None, attempts, "")


def fate(error: Exception, earlier: WaitingRow | None = None, *, holds: bool = True) -> Fate:
    return fate_of(error, Taken(ID, b"", okey="key", holds=holds, earlier=earlier), NOW, lambda: 0.5)


@pytest.mark.parametrize("error", [PartnerError("no"), UnreadableInput("no"), BusinessRefusal("no")])
def test_a_fault_of_the_partner_and_a_no_of_the_business_are_refused(error: Exception) -> None:
    assert (fate(error).outcome, fate(error).reason) == ("refused", "no")


def test_an_illegal_transition_is_a_refusal() -> None:
    assert fate(IllegalTransition("order", "shipped", "cancel")).outcome == "refused"


def test_what_needs_a_decision_is_parked_and_holds_its_key_where_the_service_says_so() -> None:
    assert (fate(NeedsDecision("?")).outcome, fate(NeedsDecision("?")).blocks) == ("parked", True)
    assert not fate(NeedsDecision("?"), holds=False).blocks


@pytest.mark.parametrize(("runs", "outcome"), [(0, "waiting"), (6, "waiting"), (7, "parked")])
def test_the_eighth_temporary_failure_parks(runs: int, outcome: str) -> None:
    assert fate(TemporaryError("not now"), waited(runs)).outcome == outcome
    assert fate(DatabaseAway("not now"), waited(runs)).outcome == outcome


@pytest.mark.parametrize(("runs", "outcome"), [(0, "waiting"), (1, "waiting"), (2, "parked")])
def test_the_third_run_into_a_bug_parks(runs: int, outcome: str) -> None:
    assert fate(KeyError("bug"), waited(runs)).outcome == outcome


def test_back_off_doubles_up_to_a_quarter_of_an_hour_and_is_spread_by_half() -> None:
    assert [backoff(n, 0.5).total_seconds() for n in range(1, 4)] == [4, 8, 16]
    assert backoff(20, 0.5) == timedelta(minutes=15)
    assert (backoff(1, 0.0), backoff(1, 1.0)) == (timedelta(seconds=2), timedelta(seconds=6))


def test_who_awaits_somebody_sleeps_until_the_deadline_and_blocks_nobody() -> None:
    found = fate(MustWait("no order yet", awaits="s/order/1", within=timedelta(hours=5)))
    assert found == Fate("waiting", "no order yet", NOW + timedelta(hours=5), NOW + timedelta(hours=5), "s/order/1")


def test_the_deadline_stays_that_of_the_first_wait() -> None:
    found = fate(MustWait("no order yet", awaits="s/order/1"), waited(0, deadline_hours=1))
    assert found.until == NOW + timedelta(hours=1)
    assert fate(MustWait("no order yet", awaits="s/order/1"), waited(0, deadline_hours=0)).outcome == "parked"


def test_who_must_keep_its_turn_looks_again_with_back_off() -> None:
    found = fate(MustWait("not its turn", blocks=True))
    assert (found.until, found.blocks, found.attempts) == (NOW + timedelta(seconds=4), True, 1)


def test_a_parked_message_that_holds_its_key_is_never_due() -> None:
    assert waiting_row("s", Taken(ID, b"", okey="key"), fate(NeedsDecision("?")), 3).until == NEVER


def test_the_body_is_kept_only_where_the_event_log_may_not_have_it() -> None:
    unreadable, bug = fate(Unreadable("no JSON")), fate(ValueError("bug"), waited(2))
    assert parked_row("s", Taken(ID, b"bytes"), unreadable, NOW, 0).body == b"bytes"
    assert parked_row("s", Taken(ID, b"bytes"), bug, NOW, 0).body == b""


def test_only_what_nobody_planned_shows_a_traceback() -> None:
    assert parked_row("s", Taken(ID, b""), fate(NeedsDecision("?")), NOW, 0).traceback is None
    assert "ValueError: bug" in (
        parked_row("s", Taken(ID, b""), fate(ValueError("bug"), waited(2)), NOW, 0).traceback or ""
    )


def test_a_reason_is_what_every_database_takes() -> None:
    told = fate(PartnerError("a\0b" + "x" * 5_000)).reason or ""
    assert "\0" not in told
    assert len(told) == 2_000
