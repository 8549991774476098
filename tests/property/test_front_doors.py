"""Whatever bytes arrive as a table, an agreement or a credential: an answer, never an unplanned error."""

import csv
import io
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hub.canonical.stock import AdjustStock
from hub.errors import PartnerError
from hub.store import agreements, tokens
from hub.translators import tables

KINDS = st.sampled_from(list(tables.KINDS))
TABLE_LIKE = st.lists(
    st.lists(
        st.sampled_from(["sku", "name", "quantity", "location", "1", "-2.5", "", '"', "'", "\x00", "x" * 600, "NaN"])
    ),
    max_size=5,
).map(lambda rows: "\n".join(",".join(row) for row in rows).encode())


def read_or_told(read: Callable[[], Any]) -> Any:
    """Return what was read, or what the sender is told."""
    try:
        return read()
    except PartnerError as error:
        return str(error)


@given(KINDS, st.binary(max_size=200) | TABLE_LIKE)
def test_any_bytes_are_a_table_or_told_what_is_wrong(kind: str, data: bytes) -> None:
    assert read_or_told(lambda: tables.read(kind, data))


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"partner = '{text}'\n[party]".encode()))
def test_any_bytes_are_an_agreement_or_told_what_is_wrong(data: bytes) -> None:
    assert read_or_told(lambda: agreements.read(data))


@given(st.text(max_size=80))
def test_any_text_is_a_credential_or_is_not(text: str) -> None:
    found = tokens.split(text)
    assert found is None or text == f"hub_{found[0]}_{found[1]}"


CELL = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)


@given(st.dictionaries(CELL.map(str.strip).filter(bool), st.decimals("-1e6", "1e6", places=3), min_size=1, max_size=20))
def test_what_a_table_says_is_what_its_commands_say(stock: dict[str, object]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["sku", "location", "quantity"])
    writer.writerows([sku, "main", quantity] for sku, quantity in stock.items())
    (command,) = tables.read("stock", text.getvalue().encode())
    assert isinstance(command, AdjustStock)
    assert {line.sku: line.quantity for line in command.movements} == stock
