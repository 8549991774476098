"""What the process was about to do when it died is known to the next one."""

from pathlib import Path
from uuid import UUID

import pytest

from hub.messaging.suspects import Start, Underway, begin

IDS = [UUID(int=n) for n in (1, 2, 3)]


def test_the_batch_under_way_is_known_to_the_next_process(tmp_path: Path) -> None:
    file = Underway(tmp_path / "underway" / "order")
    file.name(IDS)
    file.name(IDS[:2])
    file.close()
    after = Underway(tmp_path / "underway" / "order")
    assert after.left == set(IDS[:2])
    after.close()


def test_a_batch_that_is_over_is_forgotten(tmp_path: Path) -> None:
    file = Underway(tmp_path / "order")
    file.name(IDS)
    file.name(())
    file.close()
    after = Underway(tmp_path / "order")
    assert after.left == set()
    after.close()


def test_half_a_name_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "order").write_bytes(IDS[0].bytes + b"half")
    file = Underway(tmp_path / "order")
    assert file.left == {IDS[0]}
    file.close()


def begun(starts: int) -> Start:
    """Return what becomes of a suspect that is begun for the `starts`-th time."""
    job = begin("order", IDS[0])
    next(job)
    job.send([])
    with pytest.raises(StopIteration) as ended:
        job.send([(starts,)])
    start: Start = ended.value.value
    return start


def test_a_suspect_is_poison_at_its_third_start() -> None:
    assert [begun(starts).poison for starts in (1, 2, 3)] == [False, False, True]


def test_a_suspect_that_was_settled_is_not_counted() -> None:
    job = begin("order", IDS[0])
    next(job)
    with pytest.raises(StopIteration) as ended:
        job.send([object()])
    assert ended.value.value == Start((IDS[0],))
