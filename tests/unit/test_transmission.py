from datetime import timedelta

import pytest

from hub.domain.transmission import TRANSMISSION, UNSENT, WAITING, retry_delay
from hub.errors import IllegalTransition


def test_a_document_goes_from_queued_to_acknowledged() -> None:
    state = TRANSMISSION.start
    for move in ("send", "deliver", "acknowledge"):
        state = TRANSMISSION.step(state, move).state
    assert state == "acknowledged"


@pytest.mark.parametrize("late", ["send", "deliver", "park"])
@pytest.mark.parametrize("state", ["acknowledged", "refused", "dropped"])
def test_what_is_recorded_late_does_not_take_an_answer_back(state: str, late: str) -> None:
    assert TRANSMISSION.step(state, late).state == state


def test_an_acknowledgement_may_come_before_the_sending_was_recorded() -> None:
    assert TRANSMISSION.step("queued", "acknowledge").state == "acknowledged"


def test_a_partner_may_refuse_what_it_had_acknowledged_but_not_the_other_way_round() -> None:
    assert TRANSMISSION.step("acknowledged", "refuse").state == "refused"
    assert TRANSMISSION.step("refused", "acknowledge").state == "refused"


@pytest.mark.parametrize("state", ["queued", "sent", "delivered", "acknowledged", "refused", "dropped"])
def test_only_what_is_parked_is_queued_again(state: str) -> None:
    if state == "queued":
        assert not TRANSMISSION.step(state, "queue").made
    else:
        with pytest.raises(IllegalTransition):
            TRANSMISSION.step(state, "queue")
    assert TRANSMISSION.step("parked", "queue").state == "queued"


def test_what_holds_back_its_successors_is_exactly_what_may_still_leave() -> None:
    may_leave = {origin for (origin, move), target in TRANSMISSION.moves.items() if move == "send" and target == "sent"}
    assert may_leave | {WAITING} == set(UNSENT)


def test_a_webhook_is_tried_ten_times_over_three_days() -> None:
    delays = [retry_delay("webhook", attempts, 0.5) for attempts in range(1, 11)]
    assert delays[:3] == [timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)]
    assert delays[9] is None
    assert timedelta(hours=75) < sum((delay for delay in delays if delay), timedelta()) < timedelta(hours=77)


def test_a_document_is_tried_at_doubling_distances_of_at_most_an_hour() -> None:
    delays = [delay for attempts in range(1, 14) if (delay := retry_delay("http", attempts, 0.5))]
    assert delays[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert max(delays) == timedelta(hours=1)
    assert retry_delay("http", len(delays) + 1, 0.5) is None


def test_jitter_spreads_a_delay_by_a_fifth() -> None:
    assert retry_delay("http", 1, 0.0) == timedelta(seconds=24)
    assert retry_delay("http", 1, 1.0) == timedelta(seconds=36)
