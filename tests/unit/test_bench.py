"""The bench's arithmetic and its table; what it measures is measured by running it."""

import json
import os

import pytest

from bench import __main__ as command
from bench.meter import Meter, resident_bytes
from bench.table import Gate, Row, against, as_json, as_text, number, paired_ratio, plain, turns


def test_a_ratio_is_the_median_over_rounds_so_that_one_disturbed_round_counts_nothing() -> None:
    assert paired_ratio([100, 10, 90], [200, 200, 200]) == 0.45


def test_a_ratio_compares_runs_of_the_same_round() -> None:
    assert paired_ratio([100, 50], [200, 100]) == 0.5


def test_every_other_round_goes_backwards() -> None:
    assert turns(["a", "b", "c"], 3) == [["a", "b", "c"], ["c", "b", "a"], ["a", "b", "c"]]


@pytest.mark.parametrize(
    ("gate", "ratio", "holds"),
    [(Gate(0.55), 0.55, True), (Gate(0.55), 0.54, False), (Gate(1.6, "<="), 1.6, True), (Gate(1.6, "<="), 1.7, False)],
)
def test_a_gate_bounds_the_ratio(gate: Gate, ratio: float, holds: bool) -> None:
    assert gate.holds(ratio) is holds


def test_the_table_tells_value_baseline_ratio_and_whether_the_gate_holds() -> None:
    rows = [
        against("hop", [2000, 2200, 2100], "hops/s", [4000, 4000, 4000], Gate(0.55)),
        plain("batch", [97.5], "messages"),
    ]
    assert as_text(rows).splitlines() == [
        "name   value  unit      baseline  ratio     gate",
        "hop    2,100  hops/s       4,000   0.53  >= 0.55  MISSED",
        "batch   97.5  messages",
    ]


def test_a_row_without_a_gate_has_no_verdict() -> None:
    assert Row("p50", 1.0, "ms").verdict == ""


def test_the_json_holds_the_machine_and_the_rows() -> None:
    told = json.loads(as_json([against("hop", [3.0], "hops/s", [4.0], Gate(0.55))], {"cores": 2}))
    assert told["machine"] == {"cores": 2}
    assert told["rows"][0] | {"ratio": 0.75, "gate": ">= 0.55", "verdict": "ok"} == told["rows"][0]


@pytest.mark.parametrize(("value", "text"), [(12345.6, "12,346"), (12.34, "12.3"), (0.126, "0.13")])
def test_numbers_have_as_many_digits_as_mean_something(value: float, text: str) -> None:
    assert number(value) == text


def test_the_meter_counts_this_process_and_the_tree_of_a_server() -> None:
    meter = Meter({"me": os.getpid()})
    meter.start()
    sum(range(1_000_000))
    cost = meter.stop()
    assert cost["wall"] > 0
    assert cost["client"] > 0
    assert cost["me"] >= 0
    assert resident_bytes(os.getpid()) > 1_000_000


def test_the_command_says_what_it_can_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.main(["--help"])
    assert ended.value.code == 0
    assert "--quick" in capsys.readouterr().out
