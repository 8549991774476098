"""What a despatch advice says of packages and their content."""

from decimal import Decimal
from typing import Any

from hub.translators.edifact import desadv
from tests.desk import message
from tests.edifact_documents import (
    ENVELOPE,
    agreement,
    despatched_line,
    lines_of,
    segments,
    shipment,
    sscc,
    unit,
)


def written(**changes: Any) -> bytes:
    return desadv.write(message(shipment(**changes)), agreement(), **ENVELOPE)


def test_each_package_is_a_node_that_names_what_it_stands_on() -> None:
    units = (unit(1, package_type="201"), unit(2, 1), unit(3, 1), unit(4))
    assert lines_of(written(units=units), "CPS") == ["CPS+1", "CPS+2+1", "CPS+3+2", "CPS+4+2", "CPS+5+1"]


def test_a_package_may_be_told_before_the_one_that_carries_it() -> None:
    assert lines_of(written(units=(unit(2, 1), unit(1))), "CPS") == ["CPS+1", "CPS+2+3", "CPS+3+1"]


def test_the_shipment_counts_the_packages_that_stand_on_nothing() -> None:
    units = (unit(1, package_type="201"), unit(2, package_type="201"), unit(3, 1), unit(4))
    assert lines_of(written(units=units), "PAC")[:2] == ["PAC+2++201::9", "PAC+1++CT"]


def test_every_package_carries_its_sscc_and_its_weight() -> None:
    found = segments(written(units=(unit(1, gross_weight_kg=Decimal("12.50")),)))
    at = found.index("CPS+2+1")
    assert found[at : at + 5] == [
        "CPS+2+1",
        "PAC+1++CT",
        "MEA+PD+AAB+KGM:12.5",
        "PCI+33E",
        f"GIN+BJ+{sscc(1)}",
    ]


def test_a_line_in_two_packages_is_two_lines() -> None:
    units = (unit(1, holds={"D1": Decimal(6)}), unit(2, holds={"D1": Decimal(4)}))
    data = written(units=units)
    assert lines_of(data, "LIN") == ["LIN+1++4006381333931:EN", "LIN+2++4006381333931:EN"]
    assert lines_of(data, "QTY") == ["QTY+12:6", "QTY+12:4"]
    assert lines_of(data, "CNT") == ["CNT+2:2"]


def test_what_lies_in_no_package_stands_below_the_shipment() -> None:
    found = segments(written(units=(unit(1, holds={"D1": Decimal(6)}),)))
    assert found.index("QTY+12:4") < found.index("CPS+2+1") < found.index("QTY+12:6")


def test_every_line_names_the_buyers_order_line() -> None:
    assert "RFF+ON:128576:7" in segments(written(lines=(despatched_line(line_id="7"),)))


def test_carrier_and_vehicle_are_told() -> None:
    found = written(carrier="Swift Freight", vehicle="K-AB 123", tracking="T-9")
    assert lines_of(found, "TDT") == ["TDT+20++30++:::Swift Freight+++:::K-AB 123"]
    assert "RFF+AAS:T-9" in segments(found)
