"""Partitions are shared fairly, and every worker computes the same sharing."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from hub.messaging.leases import share
from hub.messaging.topology import partition_of

SERVICES = ["delivery", "intake", "invoice", "order", "payment", "status", "stock"]
workers = st.dictionaries(st.text("abc", min_size=1, max_size=3), st.frozensets(st.sampled_from(SERVICES), min_size=1))


def test_the_first_worker_does_not_get_every_partition() -> None:
    shared = share(
        [(service, 0) for service in SERVICES], {"first": frozenset(SERVICES), "second": frozenset(SERVICES)}
    )
    assert sorted(Counter(shared.values()).values()) == [3, 4]


@given(workers, st.randoms())
def test_everybody_computes_the_same_and_each_partition_goes_to_one_who_runs_its_service(
    alive: dict[str, frozenset[str]], random: object
) -> None:
    partitions = [(service, n) for service in SERVICES for n in range(2)]
    shared = share(partitions, alive)
    backwards = dict(reversed(alive.items()))
    assert share(list(reversed(partitions)), backwards) == shared
    assert all(service in alive[who] for (service, _), who in shared.items())
    assert {one for one in partitions if any(one[0] in services for services in alive.values())} == shared.keys()


def test_a_key_has_the_same_partition_for_ever() -> None:
    assert [partition_of(key, 4) for key in ("a", "b", "order 17", "ä")] == [3, 1, 3, 3]
    assert partition_of("anything", 1) == 0
