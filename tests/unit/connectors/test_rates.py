"""How often one sender may ask, on a clock of our own."""

import pytest

from hub.canonical.problem import Rejected
from hub.connectors import rates
from hub.connectors.rates import Rates
from hub.seams import Seams


class Clock:
    now = 1_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two_a_second(clock: Clock) -> Rates:
    return Rates(Seams(monotonic=lambda: clock.now), per_second=2, burst_seconds=5)


def test_a_bucket_holds_what_may_come_at_once_and_fills_steadily(two_a_second: Rates, clock: Clock) -> None:
    for _ in range(10):
        two_a_second.take("till")
    with pytest.raises(Rejected) as caught:
        two_a_second.take("till")
    assert caught.value.problem.status == 429
    assert caught.value.headers["Retry-After"] == "1"
    clock.now += 0.5
    two_a_second.take("till")
    with pytest.raises(Rejected):
        two_a_second.take("till")


def test_who_is_refused_pays_nothing_for_asking(two_a_second: Rates, clock: Clock) -> None:
    for _ in range(10):
        two_a_second.take("till")
    for _ in range(100):
        with pytest.raises(Rejected):
            two_a_second.take("till")
    clock.now += 0.5
    two_a_second.take("till")


def test_one_senders_bucket_is_nobody_elses(two_a_second: Rates) -> None:
    for _ in range(10):
        two_a_second.take("till")
    two_a_second.take("shop")


def test_a_long_rest_saves_no_more_than_the_bucket_holds(two_a_second: Rates, clock: Clock) -> None:
    two_a_second.take("till")
    clock.now += 3_600
    for _ in range(10):
        two_a_second.take("till")
    with pytest.raises(Rejected):
        two_a_second.take("till")


def test_names_whose_bucket_is_full_again_are_forgotten_when_there_are_many(
    two_a_second: Rates, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "MOST_NAMES", 3)
    for name in ("a", "b", "c"):
        two_a_second.take(name)
    clock.now += 1
    for _ in range(10):
        two_a_second.take("d")
    assert set(two_a_second._paid_until) == {"d"}
    with pytest.raises(Rejected):
        two_a_second.take("d")
