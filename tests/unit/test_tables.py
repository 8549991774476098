"""Tables of master data: what is read, and how each problem is told."""

from datetime import date
from decimal import Decimal

import pytest

from hub.canonical.catalogue import RegisterItems, RegisterParties, RegisterPrices, RegisterVatRates
from hub.canonical.stock import AdjustStock
from hub.errors import PartnerError
from hub.translators.tables import KINDS, ROWS_PER_MESSAGE, read

ITEMS = "sku,gtin,name,vat_code\nPEN,4006381333931,Pen,standard\nCUP,,Cup,reduced\n"


def problems(kind: str, text: str | bytes) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(PartnerError) as raised:
        read(kind, text.encode() if isinstance(text, str) else text)
    found = raised.value.context.get("findings", ())
    return [(one.location.line, one.location.path, one.code) for one in found]


@pytest.mark.parametrize("text", [ITEMS, "\ufeff" + ITEMS, ITEMS.replace(",", ";"), ITEMS.replace(",", "\t")])
def test_a_table_is_read_whatever_separates_its_cells(text: str) -> None:
    (command,) = read("items", text.encode())
    assert isinstance(command, RegisterItems)
    assert [(item.sku, item.gtin, item.vat_code) for item in command.items] == [
        ("PEN", "4006381333931", "standard"),
        ("CUP", None, "reduced"),
    ]


def test_quoted_cells_may_hold_separators_and_lines() -> None:
    (command,) = read("items", b'sku,name\nPEN,"Pen, blue\n12 pieces"\n')
    assert isinstance(command, RegisterItems)
    assert command.items[0].name == "Pen, blue\n12 pieces"


def test_amounts_and_days_are_exact() -> None:
    (prices,) = read("prices", b"sku,currency,amount,valid_from\nPEN,EUR,9.950,2026-01-01\n")
    assert isinstance(prices, RegisterPrices)
    assert (prices.prices[0].amount, prices.prices[0].valid_from) == (Decimal("9.950"), date(2026, 1, 1))
    (rates,) = read("vat", b"code,category,rate,valid_from\nstandard,S,19,2026-01-01\n")
    assert isinstance(rates, RegisterVatRates)
    (stock,) = read("stock", b"sku,location,quantity\nPEN,main,12.5\n")
    assert isinstance(stock, AdjustStock)
    assert stock.movements[0].quantity == Decimal("12.5")


def test_a_partys_columns_lie_flat() -> None:
    (command,) = read("parties", b"party_id,role,gln,name,street,city,country\ncompany,seller,,We,Way 1,Wien,AT\n")
    assert isinstance(command, RegisterParties)
    party = command.parties[0].party
    assert party.address is not None
    assert (party.name, party.address.city, party.gln) == ("We", "Wien", None)


def test_every_problem_is_told_by_line_and_column_and_nothing_is_taken() -> None:
    text = "sku,gtin,name\nA,4006381333932,Pen\n\nB,,\nA,,Again\nC,,Cup,more\n"
    assert problems("items", text) == [
        (2, "gtin", "value_error"),
        (4, "name", "missing"),
        (5, "sku", "duplicate_row"),
        (6, "4", "too_many_cells"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sku,name,colour\nA,B,red\n", (1, "colour", "unknown_column")),
        ("sku,name,sku\nA,B,C\n", (1, "sku", "duplicate_column")),
        ("name\nA\n", (1, "sku", "missing_column")),
        ("sku,name\n", (1, "-", "no_rows")),
        ('sku,name\nA,"B"x\n', (2, "-", "not_csv")),
    ],
)
def test_a_table_of_another_shape_says_what_it_lacks(text: str, expected: tuple[int, str, str]) -> None:
    assert expected in problems("items", text)


def test_what_is_no_text_or_of_no_kind_is_refused() -> None:
    assert problems("items", b"sku,name\nA,\xff\n") == []
    assert problems("colours", "x\n") == []


def test_a_long_table_becomes_several_commands() -> None:
    rows = "".join(f"S{number},main,1\n" for number in range(ROWS_PER_MESSAGE + 1))
    commands = read("stock", f"sku,location,quantity\n{rows}".encode())
    assert [len(command.movements) for command in commands if isinstance(command, AdjustStock)] == [ROWS_PER_MESSAGE, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_names_its_key_among_its_columns(kind: str) -> None:
    assert set(KINDS[kind].key) <= set(KINDS[kind].columns)
