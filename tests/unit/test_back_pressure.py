"""When the doors close: too much is accepted and not settled, measured by the best rate seen."""

import pytest

from hub.connectors.back_pressure import LEAST_RATE, WINDOW_SECONDS, Load, Observation


def load(*observations: tuple[float, int, int], down: frozenset[float] = frozenset()) -> Load:
    """Return a load of 20 s that has seen these (time, unsettled, settled)."""
    seen = Load(20)
    for at, unsettled, settled in observations:
        seen.observe(Observation(at, unsettled, settled), broker_up=at not in down)
    return seen


def test_nothing_seen_means_open() -> None:
    assert load().excess_seconds < 0


def test_a_hub_that_has_settled_nothing_yet_may_take_twenty_seconds_at_the_least_rate() -> None:
    assert load((0, int(20 * LEAST_RATE), 0)).excess_seconds == 0
    assert load((0, int(20 * LEAST_RATE) + 50, 0)).excess_seconds == pytest.approx(1)


def test_the_best_rate_of_the_last_five_minutes_counts() -> None:
    busy = [(float(second), 5_000, 500 * second) for second in range(12)]
    assert load(*busy).rate == pytest.approx(500)
    slow = [(12.0 + second, 5_000, 5_500) for second in range(10)]
    assert load(*busy, *slow).rate == pytest.approx(500)
    late = WINDOW_SECONDS + 40
    assert load(*busy, *slow, (late, 5_000, 5_500), (late + 6, 5_000, 5_500)).rate == LEAST_RATE


def test_what_piled_up_while_the_broker_was_away_does_not_count() -> None:
    away = frozenset(float(second) for second in range(1, 60))
    piled = [(float(second), 100 * second, 0) for second in range(60)]
    assert load(*piled).excess_seconds > 0
    assert load(*piled, (60, 6_000, 0), down=away).excess_seconds < 0
    assert load(*piled, (60, 8_000, 0), down=away).excess_seconds > 0


def test_what_was_forgiven_is_forgotten_as_it_settles() -> None:
    away = frozenset({1.0})
    seen = [(0.0, 0, 0), (1.0, 10_000, 0), (2.0, 0, 10_000), (3.0, 6_000, 10_000)]
    assert load(*seen, down=away).excess_seconds > 0
